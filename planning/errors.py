"""What planning refuses, each with a stable ``code`` and a sentence for the user."""

from dataclasses import dataclass


class PlanningError(Exception):
    """A rule of planning would be broken."""

    code = "planning_error"


class NoFactory(PlanningError):
    """There is nothing to plan yet."""

    code = "no_factory"


class InvalidPlanRequest(PlanningError):
    """A plan was asked for in a way nobody can build. ``field`` names the argument."""

    code = "invalid_plan_request"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


class PlanNotFound(PlanningError):
    """No plan has this version."""

    code = "plan_not_found"


class NoPublishedPlan(PlanningError):
    """No plan has been published yet."""

    code = "no_published_plan"


class PlanNotCancellable(PlanningError):
    """The run has ended already."""

    code = "plan_not_cancellable"


class PlanNotReady(PlanningError):
    """Only a plan that is built can be shown or published."""

    code = "plan_not_ready"


class PlanSuperseded(PlanningError):
    """A newer plan is published; an older draft must not take its place."""

    code = "plan_superseded"


@dataclass(frozen=True, slots=True)
class OrderIssue:
    """One proposal that cannot be ordered, where it was named, and why not."""

    path: str
    message: str


class NotOrderable(PlanningError):
    """Proposals that cannot be ordered; ``issues`` name each with the reason and the remedy."""

    code = "not_orderable"

    def __init__(self, issues: list[OrderIssue]) -> None:
        self.issues = issues
        shown = " ".join(issue.message for issue in issues[:10])
        more = f" And {len(issues) - 10} more." if len(issues) > 10 else ""
        super().__init__(shown + more)


class AlreadyOrdered(NotOrderable):
    """Proposals that became purchase orders before."""

    code = "already_ordered"


class NothingToOrder(PlanningError):
    """Nothing was chosen, or nothing fits the choice."""

    code = "nothing_to_order"


class BuildFailed(PlanningError):
    """A build ended without a plan that may be kept; ``code`` and the text become the run's failure."""

    def __init__(self, code: str, reason: str, violations: list[dict[str, str]] | None = None) -> None:
        self.code = code
        self.violations = violations or []
        super().__init__(reason)


class LostClaim(PlanningError):
    """This worker's attempt is not the current one any more: whatever it built is dropped."""

    code = "lost_claim"
