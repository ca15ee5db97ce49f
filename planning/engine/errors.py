"""What the engine refuses, each with a place and a remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryIssue:
    """One thing wrong with a factory: a JSON pointer into factory-1 and what was expected there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message}"


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""

    code = "engine_error"


class InvalidFactory(EngineError):
    """The data must be mended first; ``issues`` lists every problem at once."""

    code = "invalid_factory"

    def __init__(self, issues: list[FactoryIssue]) -> None:
        self.issues = issues
        shown = "; ".join(str(issue) for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")


class InvalidPlan(EngineError):
    """A document is not plan-1."""

    code = "invalid_plan"


class SolverFailed(EngineError):
    """A solver stopped without an answer that may be used; never taken for an empty plan."""

    code = "solver_failed"


class BuildCancelled(EngineError):
    """The caller asked the build to stop."""

    code = "build_cancelled"
