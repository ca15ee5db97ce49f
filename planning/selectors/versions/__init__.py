"""What differs between two plans: key figures, dates, people, purchases, operations, settings and input.

Always from ``before`` to ``after``, whatever their versions; 9 queries at most, however large the plans are.
"""

from dataclasses import dataclass

from planning.errors import PlanNotFound, PlanNotReady
from planning.models import BUILT, PlanRun
from planning.selectors.runs import list_runs
from planning.selectors.versions.dates import DateMove, compare_dates
from planning.selectors.versions.figures import CostPart, Figure, compare_costs, compare_figures
from planning.selectors.versions.inputs import SectionChange, Setting, compare_inputs, compare_settings
from planning.selectors.versions.operations import OperationMoves, compare_operations
from planning.selectors.versions.people import PeopleChange, compare_people
from planning.selectors.versions.purchases import PurchaseChange, compare_purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComparison:
    """``dates`` and ``purchases`` hold what differs, the largest move first; ``same_dates`` and
    ``same_purchases`` count the rest. ``costs`` and ``least_cash`` of ``figures`` are for who sees wages.
    """

    before: PlanRun
    after: PlanRun
    figures: tuple[Figure, ...]
    costs: tuple[CostPart, ...]
    dates: tuple[DateMove, ...]
    same_dates: int
    people: PeopleChange
    purchases: tuple[PurchaseChange, ...]
    same_purchases: int
    operations: OperationMoves
    settings: tuple[Setting, ...]
    inputs: tuple[SectionChange, ...]

    @property
    def is_same_input(self) -> bool:
        """Whether both were built from the same factory."""
        return self.before.input_digest == self.after.input_digest


def compare_plans(before: int, after: int) -> PlanComparison:
    """Both must be built; raises ``PlanNotFound`` or ``PlanNotReady``."""
    one, two = _built_runs(before, after)
    dates, same_dates = compare_dates(before, after)
    purchases, same_purchases = compare_purchases(before, after)
    operations = compare_operations(before, after)
    people = compare_people(one, two)
    return PlanComparison(
        before=one,
        after=two,
        figures=compare_figures(before, after, people=people, operations=operations),
        costs=compare_costs(one, two),
        dates=dates,
        same_dates=same_dates,
        people=people,
        purchases=purchases,
        same_purchases=same_purchases,
        operations=operations,
        settings=compare_settings(one, two),
        inputs=compare_inputs(one, two),
    )


def _built_runs(before: int, after: int) -> tuple[PlanRun, PlanRun]:
    found = {
        run.pk: run for run in list_runs().defer("factory_json", "course").filter(pk__in=[before, after])
    }
    for version in (before, after):
        if version not in found:
            raise PlanNotFound(f"There is no plan {version}.")
        if found[version].status not in BUILT:
            state = found[version].get_status_display().lower()
            raise PlanNotReady(f"Plan {version} is {state}: it has no results.")
    return found[before], found[after]
