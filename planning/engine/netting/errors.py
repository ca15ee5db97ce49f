"""What netting refuses, each with the item it is about and a remedy."""

from planning.engine.errors import EngineError, FactoryIssue


class InvalidNetting(EngineError):
    """The data cannot be netted; ``issues`` lists what is wrong, where, and what to do."""

    code = "invalid_netting"

    def __init__(self, issues: list[FactoryIssue]) -> None:
        self.issues = issues
        shown = "; ".join(str(issue) for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")


def refusal(path: str, message: str) -> InvalidNetting:
    """An error about one thing."""
    return InvalidNetting([FactoryIssue(path=path, message=message)])
