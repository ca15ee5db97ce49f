"""Cases, as in ``cases``, of what deepens material planning: firm orders, fences, by-products, chains."""

from typing import Any

from tests.engine.builders import Row, find, peg, promise
from tests.engine.verify.cases import CASES, at, case, excess, item, op, order

__all__ = ["CASES"]


def firm_parts(**changes: Any) -> Row:
    """B1 as a planner fixed it."""
    row = {"ref": "B1", "item": "PART", "kind": "buy", "qty": 10, "due": "2024-01-15", "supplier": "ACME"}
    return row | changes


def firm_frames(**changes: Any) -> Row:
    """F1 as a planner fixed it."""
    return {"ref": "F1", "item": "FRAME", "kind": "make", "qty": 4, "due": "2024-01-12"} | changes


def fixed(*rows: Row) -> Any:
    """A change of the factory: these are its firm orders."""
    return lambda factory: factory.update(firm_orders=list(rows))


def firm(*codes: str) -> Any:
    """A change of the plan: these of its orders are firm."""
    return lambda plan: [order(plan, code).update(firm=True) for code in codes]


kept = "firm_orders_kept"
case(kept, "purchase missing", factory=fixed(firm_parts(ref="FPO-1")))
case(kept, "lot missing", factory=fixed(firm_frames(ref="FPO-1")))
case(kept, "quantity", factory=fixed(firm_parts(qty=15)), decide=firm("B1"))
case(kept, "item", factory=fixed(firm_frames(item="DRIVE")), decide=firm("F1"))
case(kept, "not firm", factory=fixed(firm_parts()))


def _purchase_given_up(plan: Row) -> None:
    row = {"code": "BROKEN_SUPPLY_PATH", "severity": "error", "entity": "FPO-1", "text": "", "suggestion": ""}
    plan["exceptions"].append(row)


case(kept, "purchase given up", factory=fixed(firm_parts(ref="FPO-1")), decide=_purchase_given_up)


def _lot_named_by_another_error(plan: Row) -> None:
    row = {"code": "UNPLANNED_DEMAND", "severity": "error", "entity": "FPO-1", "text": "", "suggestion": ""}
    plan["exceptions"].append(row)


missing = fixed(firm_frames(ref="FPO-1"))
case(kept, "lot named by an error that does not stop it", factory=missing, decide=_lot_named_by_another_error)
case(kept, "nobody fixed it", decide=firm("F1"))


def _second_supplier(factory: Row) -> None:
    factory["suppliers"].append({"code": "BOLTS"})
    factory["sources"].append(factory["sources"][0] | {"supplier": "BOLTS"})
    factory["firm_orders"] = [firm_parts(supplier="BOLTS")]


case(kept, "supplier", factory=_second_supplier, decide=firm("B1"))
dates = "firm_dates_kept"
case(dates, "due early", factory=fixed(firm_parts(due="2024-01-16")), decide=firm("B1"))
case(dates, "not on its release", factory=fixed(firm_parts(release="2024-01-11")), decide=firm("B1"))
case(
    dates,
    "goes out after it is due",
    factory=fixed(firm_parts()),
    decide=lambda p: order(p, "B1").update(firm=True, release="2024-01-16"),
)
case(
    dates,
    "lot before its release",
    factory=fixed(firm_frames(release="2024-01-12")),
    decide=firm("F1"),
)
fence = "fences_kept"
# B1 goes out on 01-10, F1 starts on 01-11 and was released a day earlier
case(fence, "purchase", factory=lambda f: item(f, "PART").update(fence_days=1))
case(
    fence,
    "lot",
    factory=lambda f: item(f, "FRAME").update(fence_days=2),
    decide=lambda p: order(p, "F1").update(release="2024-01-10"),
)


def _no_saw(factory: Row) -> None:
    del factory["routings"]["FRAME"]
    item(factory, "FRAME").update(fence_days=2)


case(
    fence, "lot without operations", factory=_no_saw, decide=lambda p: p["operations"].remove(op(p, "F1", 10))
)

case(
    "purchase_lead_time",
    "of the source in open days",
    # the fourth open day after Wednesday 01-10 is Tuesday 01-16, B1 is due on Monday
    factory=lambda f: f["sources"][0].update(lead_time_days=4, lead_time_calendar="DAY"),
)


def _two_purchases(plan: Row) -> None:
    """B1 of ten parts as one of five, and five that are firm."""
    plan["planned_orders"].append(dict(order(plan, "B1"), id="FPO-1", qty=5, firm=True))
    order(plan, "B1").update(qty=5)
    excess(plan).update(order="FPO-1")


def _room_for_fourteen(factory: Row) -> None:
    factory["sources"][0].update(min_order=5, capacity_per_week=14)
    factory["firm_orders"] = [firm_parts(ref="FPO-1", qty=5)]


# 5 on order, 5 firm and 5 new in the week of 01-15
case("supplier_capacity", "with firm orders", factory=_room_for_fourteen, decide=_two_purchases)


# --- by-products


def chips(**changes: Any) -> Any:
    """A change of the factory: each frame brings half a kilo of chips, two with F1 on 01-11 at 11:00."""

    def change(factory: Row) -> None:
        factory["items"].append({"code": "CHIPS", "kind": "buy", "uom": "kg", "unit_cost": 3})
        factory["by_products"] = [{"parent": "FRAME", "item": "CHIPS", "qty": 0.5} | changes]

    return change


def sold_chips(**changes: Any) -> Any:
    """A change of the factory: chips, of which two are sold for 01-11."""

    def change(factory: Row) -> None:
        chips(**changes)(factory)
        line = {"line": 1, "item": "CHIPS", "qty": 2, "due": "2024-01-11"}
        factory["sales_orders"].append({"ref": "SO-2", "customer": "C1", "lines": [line]})

    return change


def deliver_chips(plan: Row, qty: float = 2, day: str = "01-11") -> None:
    """The chips of F1 are delivered on ``day``."""
    row = promise(1, "01-11", sales_order="SO-2", item="CHIPS", promised=f"2024-{day}")
    plan["promises"].append(row | {"deliveries": [{"date": f"2024-{day}", "qty": qty}]})
    plan["pegging"].append(peg("F1", "CHIPS", qty, sales_order="SO-2", line=1, instalment=1))


case("references_known", "by-product", decide=lambda p: p["pegging"].append(peg("F1", "PART", 1)))
case(
    "references_known",
    "by-product of another time",
    factory=chips(**{"from": "2024-01-12"}),
    decide=lambda p: p["pegging"].append(peg("F1", "CHIPS", 1)),
)
case(
    "pegging_not_over_supply",
    "by-product",
    factory=chips(),
    decide=lambda p: p["pegging"].append(peg("F1", "CHIPS", 2.1)),
)


def _ready_on_friday(plan: Row) -> None:
    # F1 is sawn until 11:00 on Friday; the chips of the stock are delivered on Thursday, but pegged to F1
    at(op(plan, "F1", 10), "01-12 08:00", "01-12 11:00")
    order(plan, "F1").update(due="2024-01-12")
    deliver_chips(plan)


def _chips_in_stock(factory: Row) -> None:
    sold_chips()(factory)
    factory["stock"].append({"item": "CHIPS", "qty": 2})


case("pegging_in_time", "by-product", factory=_chips_in_stock, decide=_ready_on_friday)


# --- what is told: days of pegging, chains, money
days = "pegging_days_kept"


def told_for(day: str, **row: Any) -> Any:
    """A change of the plan: the pegging row says ``day``."""
    return lambda plan: find(plan["pegging"], **row).update(day=f"2024-{day}")


case(days, "not taken", decide=told_for("01-12", order="F1", for_order="D1"))
case(days, "not delivered", decide=told_for("02-01", order="D1", item="DRIVE"))
case(days, "excess", decide=told_for("01-15", order="B1", for_order=None))


def _parts_at_both(factory: Row) -> None:
    find(factory["bom"], parent="DRIVE", component="PART").update(qty=1)
    factory["bom"].append({"parent": "DRIVE", "component": "PART", "qty": 2, "operation": 10})
    factory["stock"][0]["qty"] = 20


def _oven_on_wednesday(plan: Row) -> None:
    """D2 takes parts on Tuesday and on Wednesday, when B1 comes."""
    at(op(plan, "D2", 20), "01-17 08:00", "01-17 08:30", "01-17 12:30")
    order(plan, "D2").update(due="2024-01-17")
    order(plan, "B1").update(due="2024-01-17")


def _told_for_tuesday(plan: Row) -> None:
    _oven_on_wednesday(plan)
    told_for("01-16", order="B1", for_order="D2")(plan)


case(days, "not there yet", factory=_parts_at_both, decide=_told_for_tuesday)


def _there_too_late(plan: Row) -> None:
    """Part of the first instalment leaves on 01-14 from stock; D1, ready on 01-15, says it was its."""
    deliveries = [{"date": "2024-01-14", "qty": 1}, {"date": "2024-02-02", "qty": 1}]
    plan["promises"][0].update(deliveries=deliveries)
    find(plan["pegging"], order="D1", item="DRIVE").update(qty=1, day="2024-01-14")
    plan["pegging"].append(peg("stock", "DRIVE", 1, sales_order="SO-1", line=1, instalment=1))


case(
    days,
    "delivered before it is there",
    factory=lambda f: f["stock"].append({"item": "DRIVE", "qty": 5}),
    decide=_there_too_late,
)
case("moments_sound", "day of pegging", decide=lambda p: excess(p).update(for_order=None, day="9999-12-31"))

case(
    "earliest_days_hold",
    "promised before",
    decide=lambda p: p["promises"][0].update(earliest="2024-03-31"),
)

chains = "chains_consistent"
LINKS: list[Row] = [
    {"item": "PART", "order": "B1", "kind": "buy", "start": "2024-01-10", "end": "2024-01-15", "days": 5},
    {"item": "DRIVE", "order": "D1", "kind": "make", "start": "2024-01-15", "end": "2024-01-15", "days": 0},
]
WHY = [{"code": "AT_RISK_MATERIAL", "entity": "PART", "days": 2, "text": "waits"}]


def wanted_earlier(factory: Row) -> None:
    """Both instalments are wanted two days before they are delivered."""
    first, second = factory["sales_orders"][0]["lines"][0]["instalments"]
    first.update(due="2024-01-31")
    second.update(due="2024-02-07")


def both_late(*changes: Row) -> Any:
    """A change of the plan: both promises are two days late and have their chains, links so changed."""

    def change(plan: Row) -> None:
        links = [link | more for link, more in zip(LINKS, changes, strict=True)] if changes else LINKS
        plan["promises"][0].update(requested="2024-01-31", days_late=2, reasons=WHY, chain=links)
        plan["promises"][1].update(requested="2024-02-07", days_late=2, reasons=WHY, chain=LINKS)

    return change


def _second_without(plan: Row) -> None:
    both_late()(plan)
    del plan["promises"][1]["chain"]


case(chains, "one without", factory=wanted_earlier, decide=_second_without)
case(chains, "days", factory=wanted_earlier, decide=both_late({"days": 6}, {}))
case(
    chains, "backward link", factory=wanted_earlier, decide=both_late({"start": "2024-01-16", "days": -1}, {})
)
case(chains, "overlap", factory=wanted_earlier, decide=both_late({}, {"start": "2024-01-14", "days": 1}))
case(
    chains,
    "after the promise",
    factory=wanted_earlier,
    decide=both_late({}, {"end": "2024-02-03", "days": 19}),
)
case("references_known", "item of a chain", factory=wanted_earlier, decide=both_late({}, {"item": "NONE"}))
case("references_known", "order of a chain", factory=wanted_earlier, decide=both_late({"order": "X9"}, {}))
case(
    "moments_sound",
    "day of a chain",
    factory=wanted_earlier,
    decide=both_late({"start": "1960-01-10", "days": 23381}, {}),
)


def exception(**keys: Any) -> Any:
    """A change of the plan: one more exception."""
    row = {"code": "LATE_DEMAND", "severity": "info", "entity": "SO-1/1/1", "text": "", "suggestion": ""}
    return lambda plan: plan["exceptions"].append(row | keys)


case("references_known", "item of an exception", tell=exception(item="NONE"))
money = "money_at_risk_sound"
case(money, "below zero", tell=exception(money_at_risk=-0.01))
case(money, "not a number", tell=exception(money_at_risk=float("nan")))
case(money, "without end", tell=exception(money_at_risk=float("inf")))


def lacking(*months: tuple[str, float], entity: str = "ASM") -> Any:
    """A change of the plan: hours that a skill lacks, by month."""
    rows = [{"month": month, "hours": hours} for month, hours in months]
    return exception(code="AT_RISK_SKILL", entity=entity, shortfall=rows)


short = "shortfalls_sound"
case(short, "of what is no skill", tell=lacking(("2024-01", 8), entity="SO-1/1/1"))
case(short, "before the horizon", tell=lacking(("2023-12", 8)))
case(short, "after the horizon", tell=lacking(("2024-01", 8), ("2030-01", 8)))
case(short, "no month", tell=lacking(("January", 8)))
case(short, "a month twice", tell=lacking(("2024-01", 8), ("2024-01", 9)))
case(short, "out of order", tell=lacking(("2024-02", 8), ("2024-01", 9)))
case(short, "below zero", tell=lacking(("2024-01", -8)))
case(short, "nothing", tell=lacking(("2024-01", 0)))
case(short, "not a number", tell=lacking(("2024-01", float("nan"))))
case(short, "without end", tell=lacking(("2024-01", float("inf"))))
