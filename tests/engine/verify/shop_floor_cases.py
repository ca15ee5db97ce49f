"""Cases, as in ``cases``, of the shop floor: stations that are down, people who are not there."""

from typing import Any

from tests.engine.builders import Row, find, moment
from tests.engine.verify.cases import at, case, month, op
from tests.engine.verify.material_cases import CASES

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
