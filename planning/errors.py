"""What planning refuses, each with a stable ``code`` and a sentence for the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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


class PlanNotFinishable(PlanningError):
    """Only a build that is running has a best plan to finish with."""

    code = "plan_not_finishable"


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


class ItemNotInPlan(PlanningError):
    """The plan's input has no such item."""

    code = "item_not_in_plan"


class OrderNotInPlan(PlanningError):
    """No order and no delivery of the plan is called so."""

    code = "order_not_in_plan"


class FirmOrderNotFound(PlanningError):
    """There is no firm planned order of this number."""

    code = "firm_order_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmIssue:
    """One planned order that cannot be made firm, by its place in what was asked for."""

    path: str
    message: str


class CannotFirm(PlanningError):
    """Planned orders that cannot be made firm; ``issues`` say which, and why. Nothing was made firm."""

    code = "cannot_firm"

    def __init__(self, issues: Sequence[FirmIssue]) -> None:
        self.issues = tuple(issues)
        more = f" And {len(issues) - 3} more." if len(issues) > 3 else ""
        super().__init__(" ".join(issue.message for issue in issues[:3]) + more)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinIssue:
    """One operation that cannot be pinned, by its place in what was asked for."""

    path: str
    message: str


class CannotPin(PlanningError):
    """Operations that cannot be pinned; ``issues`` say which, and why. Nothing was pinned."""

    code = "cannot_pin"

    def __init__(self, issues: Sequence[PinIssue]) -> None:
        self.issues = tuple(issues)
        more = f" And {len(issues) - 3} more." if len(issues) > 3 else ""
        super().__init__(" ".join(issue.message for issue in issues[:3]) + more)


class SkillNotInPlan(PlanningError):
    """The plan has nobody of this skill in this month."""

    code = "skill_not_in_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryIssue:
    """One value of an entry that does not fit, by its place; an empty ``path`` is the entry as a whole."""

    path: str
    message: str


class DecidedSince(PlanningError):
    """Somebody else has decided since the page was shown."""

    code = "decided_since"


class NoFittedRate(PlanningError):
    """Reported hours tell no learning rate that could be taken over."""

    code = "no_fitted_rate"


class InvalidEntry(PlanningError):
    """A downtime, absence, pin or decision on hires that does not fit; ``issues`` name each value."""

    code = "invalid_entry"

    def __init__(self, issues: Sequence[EntryIssue]) -> None:
        self.issues = tuple(issues)
        super().__init__(" ".join(issue.message for issue in issues))


class EntryNotFound(PlanningError):
    """There is no such downtime, absence, pin or decision on hires."""

    code = "entry_not_found"


class ItemNotFound(PlanningError):
    """No item has this code."""

    code = "item_not_found"


class RevisionNotFound(PlanningError):
    """The item's bill of materials has no such revision."""

    code = "revision_not_found"


class InvalidTable(PlanningError):
    """A table cannot be imported; ``issues`` lists every problem with its place. Nothing was changed."""

    code = "invalid_table"

    def __init__(self, issues: Sequence[Any]) -> None:
        self.issues = issues
        shown = " ".join(str(issue) for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")


class UnknownTable(PlanningError):
    """There is no table of this kind."""

    code = "unknown_table"


class TableNotAllowed(PlanningError):
    """None of the roles of this person may import, or export, a table of this kind."""

    code = "table_not_allowed"


class NothingToCompare(PlanningError):
    """A side of a comparison is neither a revision nor a day."""

    code = "nothing_to_compare"


class NoRequirements(PlanningError):
    """Material requirements have not been worked out yet."""

    code = "no_requirements"


class InvalidRequirements(PlanningError):
    """Rows from which no requirements can be worked out; ``issues`` lists each with its place."""

    code = "invalid_requirements"

    def __init__(self, issues: Sequence[Any]) -> None:
        self.issues = issues
        shown = " ".join(f"{issue}." for issue in issues[:5])
        more = f" (and {len(issues) - 5} more)" if len(issues) > 5 else ""
        super().__init__(f"{shown}{more}")


class ItemNotInRequirements(PlanningError):
    """The current requirements know no such item."""

    code = "item_not_in_requirements"
