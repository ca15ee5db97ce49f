"""What the workforce model refuses, each with the place and a remedy."""

from planning.engine.errors import EngineError, FactoryIssue


class InvalidWorkforceProblem(EngineError):
    """The data cannot be planned with; ``issues`` lists what is wrong, where, and what to do."""

    code = "invalid_workforce_problem"

    def __init__(self, issues: list[FactoryIssue]) -> None:
        self.issues = issues
        shown = "; ".join(str(issue) for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")
