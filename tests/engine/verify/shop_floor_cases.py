"""Cases, as in ``cases``, of what happens on the shop floor: stations that are down."""

from typing import Any

from tests.engine.builders import Row, find, moment
from tests.engine.verify.cases import at, case, op
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
