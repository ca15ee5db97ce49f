"""For every rule, changes of the tiny factory or its plan that break this rule and no other.

``factory`` changes what is given, ``decide`` what the plan decides; then all told figures are made to fit, so
that the case is about the decision; ``tell`` changes what the plan tells of itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.engine.builders import Row, find, make_order, moment, operation, peg, promise

Change = Callable[[Row], Any]


def unchanged(_: Row) -> None:
    """Leave it as it is."""


@dataclass(frozen=True, kw_only=True)
class Case:
    rule: str
    what: str
    factory: Change = unchanged
    decide: Change = unchanged
    tell: Change = unchanged

    def __str__(self) -> str:
        return f"{self.rule}-{self.what.replace(' ', '_')}"


CASES: list[Case] = []


def case(rule: str, what: str, **changes: Change) -> None:
    CASES.append(Case(rule=rule, what=what, **changes))


def order(plan: Row, code: str) -> Row:
    return find(plan["planned_orders"], id=code)


def op(plan: Row, code: str, seq: int) -> Row:
    return find(plan["operations"], order=code, seq=seq)


def excess(plan: Row) -> Row:
    """Five parts that nobody needs, because ACME sells ten."""
    return find(plan["pegging"], order="B1", for_order=None)


def month(plan: Row, skill: str, name: str) -> Row:
    return find(plan["staffing"], skill=skill, month=name)


def skill(factory: Row, code: str) -> Row:
    return find(factory["skills"], code=code)


def item(factory: Row, code: str) -> Row:
    return find(factory["items"], code=code)


def line(factory: Row) -> Row:
    return factory["sales_orders"][0]["lines"][0]


def at(row: Row, start: str, end: str, free: str | None = None) -> None:
    row.update(start=moment(start), end=moment(end), free=moment(free or end))


# --- the rows themselves
ref = "references_known"
case(ref, "pegged item", decide=lambda p: p["pegging"].append(peg("stock", "NONE", 1)))
case(ref, "pegged supply", decide=lambda p: p["pegging"].append(peg("X9", "PART", 1)))
case(ref, "pegged supply of another item", decide=lambda p: p["pegging"].append(peg("B1", "FRAME", 1)))
case(ref, "pegged order", decide=lambda p: excess(p).update(for_order="X9"))
case(ref, "pegged instalment", decide=lambda p: excess(p).update(sales_order="SO-1", line=1, instalment=3))
case(
    ref,
    "two purposes",
    decide=lambda p: find(p["pegging"], order="F1", for_order="D1").update(
        sales_order="SO-1", line=1, instalment=1
    ),
)
case(ref, "item", decide=lambda p: p["planned_orders"].append(make_order("X1", "NONE", 1, "01-10", "01-10")))
stray = ("01-12 08:00", "01-12 09:00", "01-12 09:00")
case(ref, "order of an operation", decide=lambda p: p["operations"].append(operation("X9", 10, "SAW", stray)))
case(
    ref, "operation of a purchase", decide=lambda p: p["operations"].append(operation("B1", 10, "SAW", stray))
)
case(
    ref,
    "operation of the routing",
    decide=lambda p: p["operations"].append(operation("F1", 99, "SAW", stray)),
)
case(ref, "skill", decide=lambda p: p["staffing"].append(dict(month(p, "RD", "2024-01"), skill="NONE")))
case(ref, "work centre of load", decide=lambda p: p["load"].append(dict(p["load"][0], work_centre="NONE")))
case("ids_unique", "twice", decide=lambda p: p["planned_orders"].append(dict(order(p, "B1"))))
case(
    "ids_unique",
    "that of a purchase order",
    decide=lambda p: p["planned_orders"].append(dict(order(p, "B1"), id="PO-1", item="WIRE", supplier=None)),
    factory=lambda f: f["items"].append({"code": "WIRE", "kind": "buy"}),
)
case("figures_sound", "zero", decide=lambda p: p["pegging"].append(peg("B1", "PART", 0)))
case("figures_sound", "negative", decide=lambda p: p["pegging"].append(peg("B1", "PART", -1)))
case("moments_sound", "seconds", decide=lambda p: op(p, "F1", 10).update(start="2024-01-11T08:00:30+00:00"))

case("figures_sound", "people", decide=lambda p: month(p, "LEAD", "2024-01").update(layoffs=10**12))
sound = "moments_sound"
case(
    sound,
    "no offset",
    decide=lambda p: p["operations"].append(dict(op(p, "F1", 10), start="2024-01-11T08:00:00")),
)
case(
    sound,
    "day of an order",
    decide=lambda p: p["planned_orders"].append(dict(order(p, "B1"), id="B2", due="9999-12-31")),
)
case(
    sound,
    "day of a delivery",
    decide=lambda p: p["promises"][0]["deliveries"].append({"date": "9999-12-31", "qty": 2}),
)

# --- what is ordered
past = "starts_after_as_of"
case(past, "purchase", decide=lambda p: order(p, "B1").update(release="2024-01-09"))


def _begun_yesterday(plan: Row) -> None:
    at(op(plan, "F1", 10), "01-09 08:00", "01-09 11:00")
    order(plan, "F1").update(work_order="F1", firm=True, release="2024-01-09", due="2024-01-09")


case(past, "operation", factory=lambda f: released(f), decide=_begun_yesterday)
case(
    "order_kind_fits_item",
    "made item bought",
    decide=lambda p: p["planned_orders"].append(make_order("X1", "FRAME", 1, "01-10", "01-10", kind="buy")),
)
case("order_kind_fits_item", "supplier of a lot", decide=lambda p: order(p, "F1").update(supplier="ACME"))
source = "purchase_source_effective"
case(source, "unknown supplier", decide=lambda p: order(p, "B1").update(supplier="OTHER"))
case(source, "no more", factory=lambda f: f["sources"][0].update(to="2024-01-10"))
case(source, "not yet", factory=lambda f: f["sources"][0].update({"from": "2024-01-11"}))
case(source, "supplier of nothing", factory=lambda f: f.update(sources=[]))
lead = "purchase_lead_time"
case(lead, "a day early", decide=lambda p: order(p, "B1").update(due="2024-01-14"))


def _no_source(factory: Row) -> None:
    factory["sources"] = []
    # the fourth open day after Wednesday 01-10 is Tuesday 01-16
    item(factory, "PART").update(lead_time_days=4, lead_time_calendar="DAY")


case(
    lead,
    "of the item in open days",
    factory=_no_source,
    decide=lambda p: order(p, "B1").update(supplier=None),
)


def _five_only(plan: Row) -> None:
    order(plan, "B1").update(qty=5)
    plan["pegging"].remove(peg("B1", "PART", 5))


case("purchase_lot_size", "minimum", decide=_five_only)
case("purchase_lot_size", "multiple", decide=lambda p: order(p, "B1").update(qty=12))
case("purchase_lot_size", "maximum", factory=lambda f: item(f, "PART").update(max_order=9))
# 10 planned and 5 on order are due in the week of 01-15
case("supplier_capacity", "with open orders", factory=lambda f: f["sources"][0].update(capacity_per_week=14))
case("make_lot_size", "minimum", factory=lambda f: item(f, "FRAME").update(min_order=5))
case("make_lot_size", "maximum", factory=lambda f: item(f, "FRAME").update(max_order=3))
case("make_lot_size", "multiple", factory=lambda f: item(f, "FRAME").update(order_multiple=3))


def _without_routing(factory: Row) -> None:
    del factory["routings"]["FRAME"]
    item(factory, "FRAME").update(lead_time_days=3)


def _two_days(plan: Row) -> None:
    plan["operations"].remove(op(plan, "F1", 10))
    order(plan, "F1").update(release="2024-01-10", due="2024-01-12")


case("make_lead_time", "a day early", factory=_without_routing, decide=_two_days)
case("earliest_production", "", factory=lambda f: item(f, "FRAME").update(earliest_production="2024-01-12"))
case("order_dates", "due", decide=lambda p: order(p, "D1").update(due="2024-01-16"))
case("order_dates", "release", decide=lambda p: order(p, "F1").update(release="2024-01-12"))
work = "work_orders_kept"
case(work, "unknown", decide=lambda p: order(p, "F1").update(work_order="WO-9", firm=True))


def released(factory: Row) -> None:
    """F1 is a released order of 5 frames, one of which is done; its parts are still to be taken."""
    factory["work_orders"] = [
        {
            "ref": "F1",
            "item": "FRAME",
            "qty": 5,
            "due": "2024-01-11",
            "done_qty": 1,
            "components_issued": False,
        }
    ]


case(work, "not firm", factory=released, decide=lambda p: order(p, "F1").update(work_order="F1"))
case(
    work,
    "named by an error that does not stop it",
    factory=lambda f: (released(f), f["work_orders"][0].update(ref="WO-2")),
    decide=lambda p: p["exceptions"].append(
        {"code": "UNPLANNED_DEMAND", "severity": "error", "entity": "WO-2", "text": "", "suggestion": ""}
    ),
)
case(
    work,
    "quantity",
    factory=lambda f: (released(f), f["work_orders"][0].update(qty=6)),
    decide=lambda p: order(p, "F1").update(work_order="F1", firm=True),
)


def _all_done(factory: Row) -> None:
    released(factory)
    factory["work_orders"][0].update(components_issued=True, done_through_seq=10)


def _still_due(plan: Row) -> None:
    order(plan, "F1").update(work_order="F1", firm=True)
    plan["operations"].remove(op(plan, "F1", 10))
    plan["pegging"].remove(peg("stock", "PART", 8, for_order="F1"))


case("order_dates", "all operations done", factory=_all_done, decide=_still_due)


def _done_again(plan: Row) -> None:
    order(plan, "F1").update(work_order="F1", firm=True, due="2024-01-10")
    plan["pegging"].remove(peg("stock", "PART", 8, for_order="F1"))


case("order_has_its_operations", "done already", factory=_all_done, decide=_done_again)
case(work, "missing", factory=lambda f: (released(f), f["work_orders"][0].update(ref="WO-2")))

# --- operations
case("order_has_its_operations", "one missing", decide=lambda p: p["operations"].remove(op(p, "D1", 20)))


def _one_baked(plan: Row) -> None:
    op(plan, "D1", 20).update(qty=1, end=moment("01-15 12:15"), free=moment("01-15 16:15"))


case("operation_quantity", "one of two", decide=_one_baked)
case("operation_as_routed", "skill", decide=lambda p: op(p, "D1", 10).update(skill="LEAD"))
case("operation_as_routed", "crew", decide=lambda p: op(p, "D1", 10).update(crew=1))
case(
    "operation_as_routed",
    "crew of nobody",
    factory=lambda f: find(f["routings"]["FRAME"], seq=10).update(skill=None),
    decide=lambda p: op(p, "F1", 10).update(skill=None, crew=7),
)
case("operation_as_routed", "item", decide=lambda p: op(p, "D1", 10).update(item="FRAME"))
case("operation_as_routed", "work centre", decide=lambda p: op(p, "F1", 10).update(work_centre="BENCH"))
case("station_exists", "third of two", decide=lambda p: op(p, "D1", 10).update(station=3))
case("station_exists", "none", decide=lambda p: op(p, "D1", 10).update(station=None))


def _two_in_the_oven(plan: Row) -> None:
    # D1 is in the oven until 16:30, D2 comes at 16:00
    at(op(plan, "D2", 10), "01-15 12:00", "01-15 16:00")
    at(op(plan, "D2", 20), "01-15 16:00", "01-15 16:30", "01-15 20:30")
    order(plan, "D2").update(due="2024-01-15")


case("station_free", "unattended", decide=_two_in_the_oven)
case(
    "operation_in_open_time",
    "an hour early",
    decide=lambda p: at(op(p, "F1", 10), "01-11 07:00", "01-11 11:00"),
)
case("operation_duration", "short", decide=lambda p: at(op(p, "F1", 10), "01-11 08:00", "01-11 10:59"))
case("operation_duration", "long", decide=lambda p: at(op(p, "F1", 10), "01-11 08:00", "01-11 11:01"))
case(
    "operation_duration",
    "without learning",
    factory=lambda f: skill(f, "ASM").update(
        learning_rate=0.8, learning_reference_unit=8, learning_floor_unit=1
    ),
)
case(
    "operation_duration", "without efficiency", factory=lambda f: f["work_centres"][0].update(efficiency=1.2)
)
case("station_held", "short", decide=lambda p: op(p, "D1", 20).update(free=moment("01-15 16:29")))
case(
    "operation_sequence",
    "a minute early",
    decide=lambda p: at(op(p, "D1", 20), "01-15 11:59", "01-15 12:29", "01-15 16:29"),
)
case(
    "operation_sequence",
    "before the queue is over",
    factory=lambda f: f["routings"]["DRIVE"][0].update(queue_h=0.01),
)

# --- material


def _parts_early(factory: Row) -> None:
    find(factory["bom"], parent="DRIVE", component="PART").update(qty=1)
    factory["bom"].append({"parent": "DRIVE", "component": "PART", "qty": 2, "operation": 10})


def _bench_on_friday(plan: Row) -> None:
    # 4 parts are taken on Friday, when 2 are left; the others come on Monday, in time for operation 20 alone
    at(op(plan, "D1", 10), "01-12 08:00", "01-12 12:00")
    order(plan, "D1").update(release="2024-01-12")
    for row in plan["load"]:
        row["required_hours"] = 0


case("material_balance", "taken before it is there", factory=_parts_early, decide=_bench_on_friday)
full = "pegging_complete"
case(full, "component", decide=lambda p: p["pegging"].remove(peg("stock", "PART", 2, for_order="D1")))
case(full, "too much", decide=lambda p: excess(p).update(for_order="D2"))
case(full, "of a purchase", decide=lambda p: excess(p).update(for_order="B1"))
case(full, "scrap", factory=lambda f: f["bom"][0].update(scrap=0.01))
case(full, "instalment", decide=lambda p: find(p["pegging"], order="D2").update(qty=1))


def _po_twice(plan: Row) -> None:
    find(plan["pegging"], order="PO-1", for_order="D2").update(qty=2)
    find(plan["pegging"], order="B1", for_order="D2").update(qty=4)


case("pegging_not_over_supply", "purchase order", decide=_po_twice)


def _stock_for_all(plan: Row) -> None:
    find(plan["pegging"], order="B1", for_order="D2").update(order="stock")


case("pegging_not_over_supply", "stock", decide=_stock_for_all)
case(
    "pegging_in_time",
    "component",
    factory=lambda f: f["stock"][0].update(qty=20),
    decide=lambda p: order(p, "B1").update(due="2024-01-17"),
)


def _delivered_on(day: str) -> Change:
    def change(plan: Row) -> None:
        plan["promises"][0].update(promised=day, deliveries=[{"date": day, "qty": 2}])

    return change


def _drives_in_stock(factory: Row) -> None:
    factory["stock"].append({"item": "DRIVE", "qty": 5})


case("pegging_in_time", "delivery", factory=_drives_in_stock, decide=_delivered_on("2024-01-14"))


def _delivered_yesterday(plan: Row) -> None:
    _delivered_on("2024-01-09")(plan)
    find(plan["pegging"], order="D1").update(order="stock")


case(past, "delivery", factory=_drives_in_stock, decide=_delivered_yesterday)

# --- people
rows = "staffing_rows_complete"
case(rows, "missing", decide=lambda p: p["staffing"].remove(month(p, "LEAD", "2024-01")))
case(rows, "twice", decide=lambda p: p["staffing"].append(dict(month(p, "LEAD", "2024-01"))))
case(rows, "past", decide=lambda p: p["staffing"].append(dict(month(p, "LEAD", "2024-01"), month="2024-03")))
heads = "heads_follow_moves"
case(heads, "headcount", tell=lambda p: month(p, "LEAD", "2024-01").update(headcount=2))
case(heads, "leavers", tell=lambda p: month(p, "OFF", "2024-02").update(leavers=0))
case(heads, "not a number", tell=lambda p: month(p, "LEAD", "2024-01").update(headcount=float("nan")))


def _hired_at_once(plan: Row) -> None:
    month(plan, "LEAD", "2024-01").update(hires=1, requisition_by="2023-12-18")


hires = "hires_possible"
case(hires, "before the lead time", decide=_hired_at_once)
case(
    hires, "requisition late", decide=lambda p: month(p, "RD", "2024-02").update(requisition_by="2024-01-19")
)
case(
    hires,
    "requisition of nobody",
    decide=lambda p: month(p, "ASM", "2024-02").update(requisition_by="2024-01-18"),
)
case(hires, "may not", factory=lambda f: skill(f, "RD").update(can_hire=False))
limits = "hire_limits"
case(limits, "skill", factory=lambda f: skill(f, "RD").update(max_hires_per_month=0))
case(limits, "heads", factory=lambda f: skill(f, "RD").update(max_headcount=1))
case(limits, "plant", factory=lambda f: f["staffing"].update(max_total_hires_per_month=1))
layoff = "layoffs_allowed"
case(layoff, "not allowed", decide=lambda p: month(p, "ASM", "2024-02").update(layoffs=1))
case(
    layoff,
    "more than there are",
    factory=lambda f: skill(f, "ASM").update(can_lay_off=True),
    decide=lambda p: month(p, "ASM", "2024-02").update(layoffs=3),
)
case(
    layoff,
    "in the month of the planning date",
    factory=lambda f: skill(f, "ASM").update(headcount=4, can_lay_off=True),
    decide=lambda p: month(p, "ASM", "2024-01").update(layoffs=2),
)
case("temporary_heads_within_limit", "none", decide=lambda p: month(p, "ASM", "2024-01").update(temp_heads=1))
case("min_headcount_kept", "", factory=lambda f: skill(f, "ASM").update(min_headcount=3))
case(
    "min_headcount_kept",
    "laid off below it",
    factory=lambda f: skill(f, "ASM").update(min_headcount=2, can_hire=False, can_lay_off=True),
    decide=lambda p: month(p, "ASM", "2024-02").update(layoffs=1),
)
case("ratios_kept", "", factory=lambda f: f["staffing"]["ratios"][0].update(per_direct_heads=1))


def _nobody(code: str) -> Change:
    return lambda p: month(p, code, "2024-02").update(hires=0, requisition_by=None)


case("ramps_kept", "fewer", decide=_nobody("RD"))
case("ramps_kept", "more", decide=lambda p: month(p, "RD", "2024-02").update(hires=2))
case("skills_held", "fewer", decide=_nobody("OFF"))
case("skills_held", "more", decide=lambda p: month(p, "OFF", "2024-02").update(hires=2))
hours = "staffing_hours_recomputed"
case(hours, "in minutes", tell=lambda p: month(p, "ASM", "2024-01").update(required_hours=19 * 60))
case(hours, "available", tell=lambda p: month(p, "RD", "2024-02").update(available_hours=336))


def _short_of_hours(share: float) -> Change:
    # ASM: 2 x 16 x 0.5 x 0.9 x 0.8 = 11.52 h in January, operations take 19 h
    return lambda f: skill(f, "ASM").update(hours_per_day=0.5, overtime_max_share=share)


case("overtime_within_cap", "", factory=_short_of_hours(0.6))
case(
    hours,
    "overtime not needed",
    factory=lambda f: skill(f, "ASM").update(overtime_max_share=0.1),
    tell=lambda p: month(p, "ASM", "2024-01").update(overtime_hours=1),
)
case(
    "hours_within_capacity",
    "overtime untold",
    factory=_short_of_hours(0.7),
    tell=lambda p: month(p, "ASM", "2024-01").update(overtime_hours=0),
)
case("crews_within_heads", "", factory=lambda f: skill(f, "ASM").update(headcount=1))
case("staffing_cost_recomputed", "", tell=lambda p: month(p, "ASM", "2024-01").update(cost=5121))

# --- what customers are told
told = "promise_rows_complete"
case(told, "twice", decide=lambda p: p["promises"].append(dict(p["promises"][0])))
case(told, "nothing to deliver", decide=lambda p: p["promises"].append(promise(3, "02-16")))
case(told, "requested", decide=lambda p: p["promises"][0].update(requested="2024-02-01"))
case(told, "quantity", decide=lambda p: p["promises"][0].update(qty=3))
case("promise_matches_deliveries", "date", decide=lambda p: p["promises"][0].update(promised="2024-02-01"))


def _one_more(plan: Row) -> None:
    plan["promises"][0]["deliveries"].append({"date": "2024-02-02", "qty": 1})
    plan["pegging"].append(peg("stock", "DRIVE", 1, sales_order="SO-1", line=1, instalment=1))


case("promise_matches_deliveries", "too many", factory=_drives_in_stock, decide=_one_more)
why = [{"code": "AT_RISK_MATERIAL", "entity": "PART", "days": 1, "text": "waits"}]
case("days_late_recomputed", "", decide=lambda p: p["promises"][0].update(days_late=1, reasons=why))


def _two_lines(factory: Row) -> None:
    two = {"item": "DRIVE", "qty": 2, "due": "2024-02-02"}
    factory["sales_orders"][0].update(
        delivery_policy="all_together", lines=[two | {"line": 1}, two | {"line": 2}]
    )


def _on_two_days(plan: Row) -> None:
    _, second = plan["promises"]
    second.update(
        promise(1, "02-02", line=2, promised="2024-02-01", deliveries=[{"date": "2024-02-01", "qty": 2}])
    )
    find(plan["pegging"], order="D2").update(line=2, instalment=1)


case("delivery_policy_kept", "two days", factory=_two_lines, decide=_on_two_days)


def _wanted_earlier(factory: Row) -> None:
    line(factory)["instalments"][0].update(due="2024-01-31")


def _two_days_late(plan: Row) -> None:
    plan["promises"][0].update(requested="2024-01-31", days_late=2)


case("late_rows_explained", "no reason", factory=_wanted_earlier, decide=_two_days_late)

# --- what the plan says of itself
case("plan_names_its_factory", "digest", tell=lambda p: p.update(input_digest="0" * 64))
case("plan_names_its_factory", "name", tell=lambda p: p.update(factory="Other"))
case(
    "load_recomputed",
    "in minutes",
    tell=lambda p: find(p["load"], required_hours=3).update(required_hours=180),
)
case("load_recomputed", "available", tell=lambda p: p["load"][0].update(available_hours=40))
case("load_recomputed", "missing", tell=lambda p: p["load"].pop())
case("cost_recomputed", "part", tell=lambda p: p["cost"].update(holding=7.2))
case("cost_recomputed", "total", tell=lambda p: p["cost"].update(total=44506))
sure = "certificate_consistent"
case(sure, "gap", tell=lambda p: p["certificate"]["aggregate"].update(gap=0.2))
case(sure, "bound above", tell=lambda p: p["certificate"]["aggregate"].update(bound=110, gap=-0.1))
case(
    sure,
    "bound above the cost",
    tell=lambda p: p["certificate"]["schedule"].update(
        objective=2 * p["cost"]["total"], bound=1.5 * p["cost"]["total"], gap=0.25
    ),
)
case(sure, "gap of nothing", tell=lambda p: p["certificate"]["aggregate"].update(bound=None))
case(sure, "optimal", tell=lambda p: p["certificate"]["aggregate"].update(status="optimal"))
case(sure, "admits", tell=lambda p: p["certificate"].update(violations=[{"rule": "station_free"}]))
