"""Cases, as in ``cases``, of the shop floor: stations that are down, people who are not there, pins."""

from typing import Any

from tests.engine.builders import Row, find, moment
from tests.engine.verify.cases import at, case, month, op
from tests.engine.verify.material_cases import CASES, firm, firm_frames

__all__ = ["CASES"]


def down(centre: str, start: str, end: str, **changes: Any) -> Any:
    """A change of the factory: a work centre, or one of its stations, is down."""
    row = {"work_centre": centre, "from": moment(start), "to": moment(end)} | changes
    return lambda factory: factory.update(downtimes=[*factory.get("downtimes", ()), row])


case(
    "operation_in_open_time",
    "while its station is down",
    factory=down("SAW", "01-11 07:00", "01-11 08:01", station=1),
    decide=lambda p: at(op(p, "F1", 10), "01-11 08:00", "01-11 11:01"),
)
case(
    "operation_duration",
    "not interrupted by a downtime",
    factory=down("SAW", "01-11 09:00", "01-11 10:00"),
)
case(
    "operation_duration",
    "interrupted by the downtime of another station",
    factory=down("BENCH", "01-15 09:00", "01-15 10:00", station=2),
    decide=lambda p: (
        at(op(p, "D1", 10), "01-15 08:00", "01-15 13:00"),
        at(op(p, "D1", 20), "01-15 13:00", "01-15 13:30", "01-15 17:30"),
    ),
)


def _a_week_as_open(plan: Row) -> None:
    find(plan["load"], work_centre="BENCH", week="2024-02-05").update(available_hours=80)


case(
    "load_recomputed",
    "of a station that is down",
    factory=down("BENCH", "02-05 00:00", "02-06 00:00", station=1),
    tell=_a_week_as_open,
)


def away(skill: str, heads: float, start: str, end: str, **changes: Any) -> Any:
    """A change of the factory: so many of a skill are not there."""
    row = {"skill": skill, "heads": heads, "from": f"2024-{start}", "to": f"2024-{end}"} | changes
    return lambda factory: factory.update(absences=[*factory.get("absences", ()), row])


case("crews_within_heads", "of whom one is absent", factory=away("ASM", 0.2, "01-16", "01-17"))
# 2 heads x 16 days x 8 h x 0.9 x 0.8 = 184.32 h, less half a head on 4 of the days
case(
    "staffing_hours_recomputed",
    "of those who are absent",
    factory=away("ASM", 0.5, "01-25", "01-31"),
    tell=lambda p: month(p, "ASM", "2024-01").update(available_hours=184.32),
)
# 19 h are needed, and more are absent than there are
case(
    "hours_within_capacity",
    "too few are there",
    factory=away("ASM", 30, "01-17", "02-01"),
    tell=lambda p: month(p, "ASM", "2024-01").update(overtime_hours=0),
)


def pinned(seq: int, begin: str, **changes: Any) -> Any:
    """A change of the factory: F1 is firm, and its operation pinned."""

    def change(factory: Row) -> None:
        factory["firm_orders"] = [firm_frames()]
        pin = {"order": "F1", "seq": seq, "start": moment(begin)}
        factory["pinned_operations"] = [pin | changes]

    return change


def _saw_or_bench(factory: Row) -> None:
    pinned(10, "01-11 08:00", work_centre="BENCH")(factory)
    factory["routings"]["FRAME"][0]["alternates"] = [{"work_centre": "BENCH"}]


def _on_the_second_bench(factory: Row) -> None:
    pinned(10, "01-11 08:00", station=2)(factory)
    find(factory["work_centres"], code="SAW").update(stations=2)


pin = "pins_kept"
case(pin, "later", factory=pinned(10, "01-11 08:01"), decide=firm("F1"))
case(pin, "on another work centre", factory=_saw_or_bench, decide=firm("F1"))
case(pin, "on another station", factory=_on_the_second_bench, decide=firm("F1"))


def _another_is_named(plan: Row) -> None:
    firm("F1")(plan)
    row = {"code": "PIN_NOT_KEPT", "severity": "warning", "entity": "F1/20", "text": "", "suggestion": ""}
    plan["exceptions"].append(row)


def _is_named(plan: Row) -> None:
    firm("F1")(plan)
    row = {"code": "PIN_NOT_KEPT", "severity": "warning", "entity": "F1/10", "text": "", "suggestion": ""}
    plan["exceptions"].append(row)


case(pin, "of which another is named", factory=pinned(10, "01-12 08:00"), decide=_another_is_named)
case(pin, "kept though named", factory=pinned(10, "01-11 08:00"), decide=_is_named)
case(pin, "named where none is", factory=pinned(10, "01-11 08:00"), decide=_another_is_named)


def _frames_given_up(factory: Row) -> None:
    pinned(10, "01-11 08:00", order="FPO-1")(factory)
    factory["firm_orders"] = [firm_frames(ref="FPO-1")]


def _said_of_the_order(plan: Row) -> None:
    row = {"code": "BROKEN_SUPPLY_PATH", "severity": "error", "entity": "FPO-1", "text": "", "suggestion": ""}
    plan["exceptions"].append(row)


case(pin, "of an order without operations", factory=_frames_given_up, decide=_said_of_the_order)
