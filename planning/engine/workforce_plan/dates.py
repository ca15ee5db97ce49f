"""When demands are served: the day on which a family's supply has caught up with what was wanted by then."""

import numpy as np

from planning.engine.workforce_plan.course import come_by
from planning.engine.workforce_plan.plan import Decisions
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.sparse import Floats

NEVER_DAYS = 365.0  # after the horizon: what is not delivered in it counts as late until then
_ENOUGH = 1e-6


def days_late(problem: WorkforceProblem, decisions: Decisions) -> list[list[float]]:
    """Days by which each demand of each family is served after it is wanted, the earlier one first."""
    last = problem.periods[-1].end
    ends = np.array([0.0, *(bucket.end for bucket in problem.buckets)])
    stops = np.array([bucket.stop for bucket in problem.buckets])
    found = []
    for number, family in enumerate(problem.families):
        moments = [each.day for each in family.demands] + [day for day, _ in family.receipts]
        known = np.concatenate((ends, ends + family.lead_days, stops + family.lead_days, np.array(moments)))
        # what is started by the end is on its way: it comes within the lead time after
        days: Floats = np.unique(np.clip(known, 0.0, last + family.lead_days))
        have = _supply(problem, decisions, number, days)
        have = np.minimum.accumulate(have[::-1])[::-1]  # what later takers leave is what can go out
        row, wanted = [], 0.0
        for each in family.demands:
            wanted += each.units
            row.append(max(0.0, _reached(days, have, wanted, last + NEVER_DAYS) - each.day))
        found.append(row)
    return found


def _supply(problem: WorkforceProblem, decisions: Decisions, number: int, days: Floats) -> Floats:
    family = problem.families[number]
    begins = np.array([bucket.begin for bucket in problem.buckets])
    stops = np.array([bucket.stop for bucket in problem.buckets])

    def come(amounts: tuple[float, ...], moments: Floats) -> Floats:
        return come_by(np.array(amounts), begins, stops, moments)

    have = come(decisions.started[number], days - family.lead_days)
    have += come(decisions.subcontracted[number], days)
    for day, units in family.receipts:
        have += np.where(days >= day, units, 0.0)
    for taker, other in enumerate(problem.families):
        for part in other.parts:
            if part.family == number:
                have -= come(decisions.started[taker], days - part.offset) * part.per_unit
    return have


def _reached(days: Floats, have: Floats, wanted: float, never: float) -> float:
    """The first moment at which ``have`` is ``wanted``, even between moments."""
    position = int(np.searchsorted(have, wanted - _ENOUGH))
    if position == len(have):
        return never
    if position == 0 or have[position] <= have[position - 1]:
        return float(days[position])
    part = (wanted - have[position - 1]) / (have[position] - have[position - 1])
    return float(days[position - 1] + min(max(part, 0.0), 1.0) * (days[position] - days[position - 1]))
