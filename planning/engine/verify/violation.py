"""What the verifier says: one broken rule, about one row of the plan, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """``rule`` is the name of a function in ``RULES``; ``entity`` the order, skill or work centre it is
    about.
    """

    rule: str
    entity: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """The form in which a certificate keeps it."""
        return {"rule": self.rule, "entity": self.entity, "text": self.text}

    def __str__(self) -> str:
        return f"{self.rule}: {self.entity}: {self.text}"
