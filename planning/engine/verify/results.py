"""Rules about what the plan says of itself: its input, load, cost and certificate."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from planning.engine.factory_codec import canonical_json, digest
from planning.engine.plan import STAGES, StageCertificate
from planning.engine.verify.calendars import monday_of
from planning.engine.verify.cost import recomputed_cost
from planning.engine.verify.ledger import Ledger, differs, next_monday
from planning.engine.verify.references import Finding
from planning.engine.verify.workforce import HOURS_SLACK

_OPTIMAL_GAP = 1e-3
_FIGURE_SLACK = 1e-6
_CENT = 0.01


def plan_names_its_factory(ledger: Ledger) -> Iterator[Finding]:
    """The plan was made for this factory: its name and the digest of its data agree."""
    if ledger.plan.factory != ledger.factory.name:
        yield ledger.plan.factory, f"is not {ledger.factory.name}"
    expected = digest(canonical_json(ledger.factory))
    if ledger.plan.input_digest != expected:
        yield "input_digest", f"is {ledger.plan.input_digest}, this factory has {expected}"


def load_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Each work centre's week tells the hours its stations are open and not down, and those that operations
    take of them.
    """
    weeks = _weeks(ledger)
    rows = Counter(
        (row.work_centre, row.week) for row in ledger.plan.load if row.work_centre in ledger.centres
    )
    for centre in ledger.centres:
        for week in weeks:
            needed = week < ledger.factory.horizon_end or (centre, week) in ledger.load
            times = rows[centre, week]
            if times > 1 or (needed and times == 0):
                yield f"{centre} {week}", f"has {times} rows, expected one"
    for row in ledger.plan.load:
        if row.work_centre not in ledger.centres:
            continue
        name = f"{row.work_centre} {row.week}"
        if row.week not in weeks:
            yield name, "is not a week of the plan"
            continue
        required = ledger.load.get((row.work_centre, row.week), 0.0)
        available = ledger.station_hours(ledger.centres[row.work_centre], row.week)
        if differs(row.required_hours, required, HOURS_SLACK):
            yield name, f"tells {row.required_hours} required hours, operations take {required:.4f}"
        if differs(row.available_hours, available, HOURS_SLACK):
            yield name, f"tells {row.available_hours} available hours, stations give {available:.4f}"


def _weeks(ledger: Ledger) -> dict[date, None]:
    """Mondays from that of the planning date to the last before the horizon or with load."""
    week = monday_of(ledger.as_of)
    last = max([monday for _, monday in ledger.load], default=week)
    found: dict[date, None] = {}
    while week < ledger.factory.horizon_end or week <= last:
        found[week] = None
        week = next_monday(week)
    return found


def cost_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """The cost told, in each of its parts, is the cost of what the plan decides."""
    truth = recomputed_cost(ledger).model_dump()
    for part, told in ledger.plan.cost.model_dump().items():
        if differs(told, truth[part], 0.01 + 1e-6 * abs(truth[part])):
            yield part, f"is told as {told:.2f}, recomputed {truth[part]:.2f}"


def certificate_consistent(ledger: Ledger) -> Iterator[Finding]:
    """No bound lies above its objective, none of the schedule above the plan's cost, which is no more than
    its objective; each gap follows from the two, what is called optimal has a bound that its objective meets,
    and no violation is admitted.
    """
    certificate, cost = ledger.plan.certificate, ledger.plan.cost.total
    # The total is what ``cost_recomputed`` finds, or that rule is broken.
    least, objective = certificate.schedule.bound, certificate.schedule.objective
    slack = _FIGURE_SLACK * max(1.0, abs(cost))
    if least is not None and not least <= cost + slack:
        yield "schedule", f"bound {least} lies above the plan's cost {cost}"
    if least is not None and objective is not None and not objective >= cost - slack - _CENT:
        yield "schedule", f"measures its bound against {objective}, the plan costs {cost}"
    for stage in STAGES:
        yield from _stage(stage, getattr(certificate, stage))
    if certificate.violations:
        yield "violations", f"the plan itself admits {len(certificate.violations)}"


def _stage(name: str, row: StageCertificate) -> Iterator[Finding]:
    if not row.seconds >= 0:
        yield name, f"took {row.seconds} seconds"
    if row.objective is None or row.bound is None:
        if row.gap is not None:
            yield name, f"tells a gap of {row.gap} without objective and bound"
        if row.status == "optimal":
            yield name, "is called optimal without objective and bound"
        return
    difference = row.objective - row.bound
    if not difference >= -_FIGURE_SLACK * max(1.0, abs(row.objective)):
        yield name, f"bound {row.bound} lies above objective {row.objective}"
    gap = difference / abs(row.objective) if row.objective else None
    if (gap is None and row.gap) or (
        gap is not None and (row.gap is None or differs(row.gap, gap, _FIGURE_SLACK))
    ):
        yield name, f"tells a gap of {row.gap}, objective and bound give {gap}"
    if row.status == "optimal" and difference > _OPTIMAL_GAP * max(_FIGURE_SLACK, abs(row.objective)):
        yield name, f"is called optimal {difference:.4f} above its bound"
