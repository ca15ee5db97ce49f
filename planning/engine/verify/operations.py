"""Rules about operations: on which station, for how long, in which order."""

import math
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise

from planning.engine.factory import OperationRow, WorkCentreRow
from planning.engine.plan import PlannedOrder
from planning.engine.verify.facts import NOISE, Op, whole_minutes
from planning.engine.verify.learning import factor_sum
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding

_HOURS_OF_DAY = 24
ZERO = Decimal(0)


def order_has_its_operations(ledger: Ledger) -> Iterator[Finding]:
    """Every lot has rows for each operation of its routing that is still to do, and for no other."""
    for order in ledger.makes:
        wanted = {row.seq for row in ledger.routing_of(order)}
        there = set(ledger.ops_of[order.id]) if order.id in ledger.ops_of else set()
        if wanted - there:
            yield order.id, f"lacks operations {sorted(wanted - there)} of {order.item}"
        if there - wanted:
            yield order.id, f"has operations {sorted(there - wanted)}, which are done already"


def operation_quantity(ledger: Ledger) -> Iterator[Finding]:
    """The rows of an operation add up to the quantity of its order."""
    for order_id, steps in ledger.ops_of.items():
        wanted = ledger.orders[order_id].qty
        for seq, rows in steps.items():
            total = sum((op.row.qty for op in rows), ZERO)
            if abs(total - wanted) > NOISE:
                yield f"{order_id}/{seq}", f"makes {total}, the order is for {wanted}"


def operation_as_routed(ledger: Ledger) -> Iterator[Finding]:
    """An operation is of its order's item, on its work centre or an alternate, with the skill and crew of the
    routing.
    """
    for op in ledger.ops:
        row, step = op.row, op.step
        centres = {step.work_centre} | {alternate.work_centre for alternate in step.alternates}
        if row.item != op.order.item:
            yield op.name, f"is said to make {row.item}, its order makes {op.order.item}"
        if row.work_centre not in centres:
            yield op.name, f"stands on {row.work_centre}, the routing allows {sorted(map(str, centres))}"
        if row.skill != step.skill and not (step.work_centre is None and row.skill is None):
            yield op.name, f"is done by {row.skill}, the routing says {step.skill}"
        if row.crew != step.crew and (step.skill is not None or row.crew != 0):
            yield op.name, f"has a crew of {row.crew}, the routing says {step.crew}"


def station_exists(ledger: Ledger) -> Iterator[Finding]:
    """Each row stands on one of its work centre's stations; subcontracted work on none."""
    for op in ledger.ops:
        if op.centre is None:
            if op.row.station is not None:
                yield op.name, f"has station {op.row.station}, but no work centre"
        elif op.row.station is None or not 1 <= op.row.station <= op.centre.stations:
            yield op.name, f"stands on station {op.row.station}, {op.centre.code} has {op.centre.stations}"


def station_free(ledger: Ledger) -> Iterator[Finding]:
    """A station does one thing at a time, from the start until it is free again."""
    for (centre, station), rows in _by_station(ledger).items():
        busy: Op | None = None
        for op in rows:
            if op.free <= op.start:
                continue
            if busy is not None and op.start < busy.free:
                yield op.name, f"starts on {centre} station {station} while {busy.name} is still there"
            if busy is None or op.free > busy.free:
                busy = op


def _by_station(ledger: Ledger) -> dict[tuple[str, int | None], list[Op]]:
    """Operations by work centre and station, in order of start."""
    found: dict[tuple[str, int | None], list[Op]] = defaultdict(list)
    for op in ledger.ops:
        if op.centre is not None:
            found[op.centre.code, op.row.station].append(op)
    return found


def operation_in_open_time(ledger: Ledger) -> Iterator[Finding]:
    """People start work only while their work centre is open, its station not down, and one of their shifts
    runs.
    """
    for op in ledger.ops:
        if op.centre is None or op.end <= op.start:
            continue
        if not ledger.open_for(op).is_open(op.start):
            moment = f"{ledger.local.moment(op.start):%Y-%m-%d %H:%M}"
            yield op.name, f"starts at {moment}, when {op.centre.code} is closed or nobody is on a shift"


def operation_duration(ledger: Ledger) -> Iterator[Finding]:
    """The attended part takes setup and run time, with learning and speed, in open time; a subcontractor his
    days.
    """
    made_before = _made_before(ledger)
    setups = _setup_hours(ledger)

    @cache
    def factors(order_id: str, skill: str | None) -> float:
        learner = ledger.skills.get(skill) if skill else None
        return factor_sum(learner, made_before[order_id], ledger.orders[order_id].qty)

    for op in ledger.ops:
        if op.step.work_centre is None:
            days = op.step.external_days or 0
            if op.end - op.start != whole_minutes(Decimal(days * _HOURS_OF_DAY)):
                yield op.name, f"takes {op.end - op.start} minutes, subcontracting takes {days} days"
            continue
        if op.centre is None:
            continue
        order_qty = op.order.qty
        share = float(op.row.qty / order_qty) if order_qty > 0 else 0.0
        run = float(op.step.run_h) * factors(op.order.id, op.step.skill) * share
        minutes = _attended_minutes(op, op.centre, setups[id(op)] + run)
        open_time = ledger.open_for(op)
        if op.end != open_time.end_of(op.start, minutes):
            took = open_time.open_minutes(op.start, op.end)
            end = f"{ledger.local.moment(op.end):%Y-%m-%d %H:%M}"
            yield op.name, f"ends {end} after {took} open minutes on {op.centre.code}, it takes {minutes}"


def _attended_minutes(op: Op, centre: WorkCentreRow, hours: float) -> int:
    return whole_minutes(hours / (float(centre.efficiency) * op.speed))


def _made_before(ledger: Ledger) -> dict[str, Decimal]:
    """How many units of its item were made before each order: those of orders whose first operation starts
    earlier.

    A released order with nothing left to do was worked on before all others.
    """
    found: dict[str, Decimal] = {}
    made: dict[str, Decimal] = {code: Decimal(item.units_made) for code, item in ledger.items.items()}

    def turn(order: PlannedOrder) -> tuple[int, str]:
        return ledger.first_start.get(order.id, -1), order.id

    for order in sorted(ledger.makes, key=turn):
        found[order.id] = made[order.item]
        made[order.item] += max(order.qty, ZERO)
    return found


def _setup_hours(ledger: Ledger) -> dict[int, float]:
    """Setup of each operation: by the setup times when family follows family on a station, else the
    routing's.
    """
    changes = {
        (r.work_centre, r.from_family, r.to_family): float(r.hours) for r in ledger.factory.setup_times
    }
    found: dict[int, float] = {}
    for (centre, _), rows in _by_station(ledger).items():
        before: str | None = None
        for op in rows:
            family, otherwise = op.step.setup_family, float(op.step.setup_h)
            if family is not None and family == before:
                otherwise = 0.0
            known = family is not None and before is not None
            found[id(op)] = (
                changes.get((centre, before or "", family or ""), otherwise) if known else otherwise
            )
            before = family
    return found


def station_held(ledger: Ledger) -> Iterator[Finding]:
    """After the attended part the station is taken for its unattended cycles, day and night, and not
    longer.
    """
    for op in ledger.ops:
        held = _unattended_minutes(op)
        if op.free - op.end != held:
            yield op.name, f"is free {op.free - op.end} minutes after its end, expected {held}"


def _unattended_minutes(op: Op) -> int:
    if op.centre is None or op.step.work_centre is None:
        return 0
    cycles = math.ceil(op.row.qty / op.centre.batch)
    return whole_minutes(cycles * op.step.unattended_h)


def operation_sequence(ledger: Ledger) -> Iterator[Finding]:
    """An operation starts when the one before it is free and its queue over: row by row for the same split,
    else all.
    """
    setups = _setup_hours(ledger) if any(op.step.overlap for op in ledger.ops) else {}
    for steps in ledger.ops_of.values():
        sequence = sorted(steps)
        for before, after in pairwise(sequence):
            yield from _follows(ledger, steps[before], steps[after], setups)


def _follows(
    ledger: Ledger, before: list[Op], after: list[Op], setups: dict[int, float]
) -> Iterator[Finding]:
    """Same quantities in both: each row follows one of the rows before it; else all of them."""
    step = before[0].step
    ready_of = {id(op): _ready(ledger, op, step, setups.get(id(op), 0.0)) for op in before}
    split = _by_quantity(before, ready_of)
    starts = _by_quantity(after, {id(op): op.start for op in after})
    same = {qty: len(rows) for qty, rows in split.items()} == {qty: len(rows) for qty, rows in starts.items()}
    for qty, rows in starts.items():
        if same:
            followed = _row_by_row([(ready_of[id(op)], _over(op)) for op in split[qty]], rows)
        else:
            followed = [(max(ready_of.values()), max(map(_over, before)))] * len(rows)
        for op, (ready, over) in zip(rows, followed, strict=True):
            if op.start < ready:
                moment = ledger.local.moment(ready)
                yield op.name, f"starts before operation {step.seq} hands over at {moment:%Y-%m-%d %H:%M}"
            elif op.free < over:
                yield op.name, f"finishes before operation {step.seq}"


def _over(op: Op) -> int:
    """Before this minute the operation after ``op`` must not be finished."""
    return op.free if op.step.overlap else 0


def _row_by_row(before: list[tuple[int, int]], after: list[Op]) -> list[tuple[int, int]]:
    """For each of ``after``, which stand in order of start, the (ready, over) of the row that it follows: of
    those that it may follow the last one over, so that all find one where any assignment lets them.
    """
    left, found = sorted(before), list[tuple[int, int]]()
    for op in after:
        ready = [row for row in left if row[0] <= op.start]
        may = [row for row in ready if row[1] <= op.free]
        found.append(max(may or ready, key=lambda row: row[1], default=left[0]))
        left.remove(found[-1])
    return found


def _by_quantity(rows: list[Op], moment: dict[int, int]) -> dict[Decimal, list[Op]]:
    found: dict[Decimal, list[Op]] = defaultdict(list)
    for op in sorted(rows, key=lambda op: moment[id(op)]):
        found[op.row.qty].append(op)
    return found


def _ready(ledger: Ledger, op: Op, step: OperationRow, setup_hours: float) -> int:
    """When the next operation may start: after the queue, with overlap once a first unit is done."""
    queue = whole_minutes(step.queue_h)
    if not step.overlap or op.centre is None or op.row.qty <= 1:
        return op.free + queue
    if step.unattended_h > 0:
        return min(op.free, op.end + whole_minutes(step.unattended_h)) + queue
    open_time = ledger.open_for(op)
    attended = open_time.open_minutes(op.start, op.end)
    setup = min(attended, _attended_minutes(op, op.centre, setup_hours))
    done = open_time.end_of(op.start, setup + math.ceil((attended - setup) / float(op.row.qty)))
    return (op.end if done is None else done) + queue
