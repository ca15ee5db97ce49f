"""What the scheduling solver refuses, each with a place and a remedy."""

from planning.engine.errors import EngineError, FactoryIssue


class InvalidInstance(EngineError):
    """The instance cannot be scheduled; ``issues`` lists what is wrong, where, and what to do."""

    code = "invalid_instance"

    def __init__(self, issues: list[FactoryIssue]) -> None:
        self.issues = issues
        shown = "; ".join(str(issue) for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")


def refusal(path: str, message: str) -> InvalidInstance:
    """An error about one thing."""
    return InvalidInstance([FactoryIssue(path=path, message=message)])
