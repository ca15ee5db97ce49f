"""Cases, as in ``cases``, of what a plan says of itself and of supplies, work orders and reasons."""

from typing import Any

from tests.engine.builders import Row, find, operation, peg
from tests.engine.verify.cases import Change, case, excess, line, op, order, released
from tests.engine.verify.people_cases import CASES

__all__ = ["CASES"]

ref = "references_known"
case(ref, "line of no sales order", decide=lambda p: excess(p).update(line=1))


# --- what is pegged
def _frames_in_stock(factory: Row) -> None:
    factory["stock"].append({"item": "FRAME", "qty": 2})


case(
    "pegging_complete",
    "another item to an instalment",
    factory=_frames_in_stock,
    decide=lambda p: find(p["pegging"], order="D2").update(order="stock", item="FRAME"),
)
case(
    "pegging_not_over_supply",
    "stock of what there is none of",
    decide=lambda p: p["pegging"].append(peg("stock", "FRAME", 1)),
)

# --- released orders
work = "work_orders_kept"


def _firm_frames(plan: Row, ref: str = "F1") -> None:
    order(plan, "F1").update(work_order=ref, firm=True)


def _released_as(**changes: Any) -> Change:
    return lambda factory: (released(factory), factory["work_orders"][0].update(changes))


case(
    work,
    "of another item",
    factory=_released_as(item="DRIVE"),
    decide=_firm_frames,
)
case(work, "under another id", factory=_released_as(ref="WO-2"), decide=lambda p: _firm_frames(p, "WO-2"))


# --- stations
def _subcontracted(factory: Row) -> None:
    factory["routings"]["DRIVE"].append({"seq": 30, "external_days": 3})


def _on_a_station(plan: Row) -> None:
    for code, day in (("D1", 15), ("D2", 16)):
        times = (f"01-{day} 17:30", f"01-{day + 3} 17:30", f"01-{day + 3} 17:30")
        plan["operations"].append(operation(code, 30, None, times))
        order(plan, code).update(due=f"2024-01-{day + 3}")
    op(plan, "D1", 30).update(station=1)


case("station_exists", "of subcontracted work", factory=_subcontracted, decide=_on_a_station)

# --- reasons of lateness
why = "late_rows_explained"


def _wanted_on_the_31st(factory: Row) -> None:
    line(factory)["instalments"][0].update(due="2024-01-31")


def _two_days_late(*days: float) -> Change:
    reasons = [{"code": "AT_RISK_MATERIAL", "entity": "PART", "days": each, "text": ""} for each in days]
    return lambda p: p["promises"][0].update(requested="2024-01-31", days_late=2, reasons=reasons)


case(why, "shortest first", factory=_wanted_on_the_31st, decide=_two_days_late(0.5, 1.5))
case(why, "days below zero", factory=_wanted_on_the_31st, decide=_two_days_late(2, -0.5))
case(why, "days that are no number", factory=_wanted_on_the_31st, decide=_two_days_late(float("nan")))
case(why, "days without end", factory=_wanted_on_the_31st, decide=_two_days_late(float("inf")))


def _never_delivered(plan: Row) -> None:
    # late until 365 days after 2024-03-01, asked for on 02-09
    plan["promises"][1].update(promised=None, deliveries=[], days_late=386)
    plan["pegging"].remove(find(plan["pegging"], order="D2"))


case(why, "never delivered", decide=_never_delivered)

# --- the certificate
case("moments_sound", "made when", tell=lambda p: p.update(created_at="2024-01-10T06:00:00"))
sure = "certificate_consistent"


def stage(name: str, **changes: Any) -> Change:
    """A change of what the plan tells of one stage."""
    return lambda plan: plan["certificate"].update({name: plan["certificate"][name] | changes})


case(sure, "time below zero", tell=stage("material", seconds=-0.1))
case(sure, "time that is no number", tell=stage("material", seconds=float("nan")))
case(sure, "no gap", tell=stage("aggregate", gap=None))
case(sure, "gap without an objective", tell=stage("material", bound=90, gap=0.1))
case(sure, "gap of no objective", tell=stage("aggregate", objective=0, bound=0, gap=0.1))
case(sure, "optimal without a bound", tell=stage("material", status="optimal", objective=100))
case(sure, "optimal without an objective", tell=stage("material", status="optimal"))
case(
    sure,
    "optimal at nothing above its bound",
    tell=stage("aggregate", status="optimal", objective=0, bound=-5, gap=None),
)
case(
    sure,
    "bound of another objective",
    tell=stage("schedule", status="optimal", objective=40000, bound=40000, gap=0),
)
