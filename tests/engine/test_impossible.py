"""What can never be made: the obstacle is named by its code, and everything else is planned."""

from itertools import pairwise

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json
from planning.engine.verify import violations
from tests.effort import lines_run
from tests.engine.plants import PLANT, built, plant, sold

DUE = "2024-03-01"
NEVER = {"code": "NEVER"}
ORDERS = [sold("DRIVE", (DUE, 2)), sold("SIDE", (DUE, 3), ref="SO-2")]
SIDE = {
    "items": [*PLANT["items"], {"code": "SIDE", "kind": "make"}],
    "work_centres": [*PLANT["work_centres"], {"code": "DESK", "calendar": "DAY"}],
    "calendars": [*PLANT["calendars"], NEVER],
    "skills": [*PLANT["skills"], {"code": "WELD"}],
    "sales_orders": ORDERS,
}


def operation(**keys):
    row = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 2} | keys
    return {"routings": {"DRIVE": [row], "SIDE": [{"seq": 10, "work_centre": "DESK", "run_h": 1}]}}


def centre(**keys):
    return {
        "work_centres": [{"code": "DESK", "calendar": "DAY"}, {"code": "BENCH", "calendar": "DAY"} | keys]
    }


def part(**keys):
    made = [item for item in SIDE["items"] if item["code"] != "PART"]
    return {"items": [*made, {"code": "PART", "kind": "buy", "unit_cost": 10} | keys]}


def source(**keys):
    return {"sources": [{"item": "PART", "supplier": "ACME", "lead_time_days": 5} | keys]}


def drive(**keys):
    others = [item for item in SIDE["items"] if item["code"] != "DRIVE"]
    return {"items": [*others, {"code": "DRIVE", "kind": "make"} | keys]}


NOBODY_HIRED = {"staffing": {"can_hire": False}}

# name -> (what is changed, code and entity of the reason)
CASES = {
    "no stations": (centre(stations=0), "AT_RISK_RESOURCE", "BENCH"),
    "a calendar that never opens": (centre(calendar="NEVER"), "AT_RISK_RESOURCE", "BENCH"),
    "a skill nobody has": (operation(skill="WELD") | NOBODY_HIRED, "AT_RISK_SKILL", "WELD"),
    "a crew larger than there may ever be": (operation(crew=3) | NOBODY_HIRED, "AT_RISK_SKILL", "ASM"),
    "hires in no month": (
        operation(skill="WELD") | {"staffing": {"max_total_hires_per_month": 0}},
        "AT_RISK_SKILL",
        "WELD",
    ),
    "hires after the horizon": (
        operation(skill="WELD") | {"staffing": {"hire_lead_days": 300}},
        "AT_RISK_SKILL",
        "WELD",
    ),
    "a lot longer than all open time": (operation(run_h=90_000), "AT_RISK_RESOURCE", "BENCH"),
    "sources that have ended": (source(to="2023-12-31"), "BROKEN_SUPPLY_PATH", "PART"),
    "a supplier without capacity": (source(capacity_per_week=0), "AT_RISK_SUPPLIER_CAPACITY", "PART"),
    "capacity below the least order": (
        source(capacity_per_week=5, min_order=10),
        "AT_RISK_SUPPLIER_CAPACITY",
        "PART",
    ),
    "no size of order that is allowed": (part(order_multiple=8, max_order=5), "BROKEN_SUPPLY_PATH", "PART"),
    "no size of lot that is allowed": (drive(order_multiple=8, max_order=5), "BROKEN_SUPPLY_PATH", "DRIVE"),
    "a phantom that is sold": (drive(kind="phantom") | {"routings": {}}, "BROKEN_SUPPLY_PATH", "DRIVE"),
    "people who work on no day": (
        operation() | {"skills": [{"code": "ASM", "headcount": 2, "calendar": "NEVER"}]},
        "AT_RISK_SKILL",
        "ASM",
    ),
    "more hours in a row than people ever have": (
        operation(run_h=500, crew=2)
        | centre(calendar="DAY", efficiency=1)
        | {"skills": [{"code": "ASM", "headcount": 2, "hours_per_day": 1}]}
        | NOBODY_HIRED,
        "AT_RISK_SKILL",
        "ASM",
    ),
}


TRAINED = [*SIDE["skills"], {"code": "TEST", "headcount": 1}]
CASES |= {
    "a station for ever": (operation(unattended_h=10**6), "AT_RISK_RESOURCE", "BENCH"),
    "the station of others for ever": (
        operation(work_centre="DESK", unattended_h=10**6),
        "AT_RISK_RESOURCE",
        "DESK",
    ),
    "a queue without end": (operation(queue_h=10**6), "AT_RISK_RESOURCE", "BENCH"),
    "a setup without end": (operation(setup_h=10**6), "AT_RISK_RESOURCE", "BENCH"),
    "ten years with a subcontractor": (
        operation(work_centre=None, skill=None, run_h=0, external_days=3660),
        "AT_RISK_RESOURCE",
        "DRIVE",
    ),
    "alternates as impossible as the usual centre": (
        operation(work_centre="SHUT", alternates=[{"work_centre": "NONE"}])
        | {
            "work_centres": [
                {"code": "DESK", "calendar": "DAY"},
                {"code": "SHUT", "calendar": "NEVER"},
                {"code": "NONE", "calendar": "DAY", "stations": 0},
            ]
        },
        "AT_RISK_RESOURCE",
        "SHUT",
    ),
    "a crew that not even all hires make up": (
        operation(skill="WELD", crew=4) | {"staffing": {"max_hires_per_month": 1, "hire_lead_days": 30}},
        "AT_RISK_SKILL",
        "WELD",
    ),
    "a crew whose people are absent to the end": (
        operation(skill="TEST")
        | NOBODY_HIRED
        | {"skills": TRAINED}
        | {"absences": [{"skill": "TEST", "heads": 1, "from": "2024-01-01", "to": "2034-01-01"}]},
        "AT_RISK_SKILL",
        "TEST",
    ),
    "a work centre down to the end": (
        operation()
        | {
            "downtimes": [
                {
                    "work_centre": "BENCH",
                    "from": "2024-01-01T00:00:00+00:00",
                    "to": "2099-01-01T00:00:00+00:00",
                }
            ]
        },
        "AT_RISK_RESOURCE",
        "BENCH",
    ),
    "a part that takes a million hours": (
        {
            "items": [*SIDE["items"], {"code": "GEAR", "kind": "make"}],
            "bom": [*PLANT["bom"], {"parent": "DRIVE", "component": "GEAR", "qty": 1}],
            "routings": operation()["routings"]
            | {"GEAR": [{"seq": 10, "work_centre": "DESK", "run_h": 10**6}]},
        },
        "AT_RISK_RESOURCE",
        "DESK",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_obstacle_is_named_and_the_rest_is_planned(name):
    changes, code, entity = CASES[name]
    factory = plant(**SIDE | operation() | changes)

    plan = built(factory)

    assert violations(factory, plan) == []
    drive_row, side_row = sorted(plan.promises, key=lambda row: row.sales_order)
    # the drives: never, with the obstacle as the first reason and among the exceptions
    assert drive_row.promised is None
    assert (drive_row.reasons[0].code, drive_row.reasons[0].entity) == (code, entity)
    errors = {(row.code, row.entity) for row in plan.exceptions if row.severity == "error"}
    assert errors >= {(code, entity), ("UNPLANNED_DEMAND", "SO-1/1/1")}
    assert all(row.text and row.suggestion for row in plan.exceptions)
    # everything else: in time
    assert (side_row.promised.isoformat(), side_row.days_late) == (DUE, 0)
    assert all(row.entity != "SO-2/1/1" for row in plan.exceptions)


def test_impossible_things_together_leave_the_rest_as_it_is():
    # six products that can never be made, each for another reason, around the one that can
    bad = {
        "NEVER-OPEN": {"work_centre": "SHUT", "run_h": 1},
        "LARGE-CREW": {"work_centre": "DESK", "skill": "WELD", "crew": 9, "run_h": 1},
        "LONG": {"work_centre": "DESK", "run_h": 10**6},
        "BLOCKS": {"work_centre": "DESK", "unattended_h": 10**6},
        "WAITS": {"work_centre": "DESK", "run_h": 1, "queue_h": 10**6},
        "AWAY": {"external_days": 3660},
    }
    fine = {
        "items": [*SIDE["items"], *({"code": code, "kind": "make"} for code in bad)],
        "work_centres": [*SIDE["work_centres"], {"code": "SHUT", "calendar": "NEVER"}],
        "routings": {"SIDE": [{"seq": 10, "work_centre": "DESK", "run_h": 1}]},
        "sales_orders": [sold("SIDE", (DUE, 3), ("2024-01-05", 40), ref="SO-2")],
    }
    together = fine | {
        "routings": fine["routings"] | {code: [{"seq": 10} | row] for code, row in bad.items()},
        "sales_orders": [*fine["sales_orders"], *(sold(code, (DUE, 1), ref=code) for code in bad)],
    }

    alone = built(plant(**SIDE | fine | NOBODY_HIRED))
    plan = built(plant(**SIDE | together | NOBODY_HIRED))

    assert plan.certificate.violations == ()
    side = [row for row in plan.promises if row.item == "SIDE"]
    assert [(row.promised, row.days_late) for row in side] == [
        (row.promised, row.days_late) for row in alone.promises
    ]
    assert {row.item for row in plan.promises if row.promised is None} == bad.keys()
    never = {row.entity.split("/")[0] for row in plan.exceptions if row.code == "UNPLANNED_DEMAND"}
    assert never == bad.keys()


@pytest.mark.parametrize("qty", [10**4, 10**9])
def test_of_more_than_stations_ever_make_the_first_are_made(qty):
    # DESK is open for 8 h on 1,115 days: 8,920 of 1 h at most
    orders = [sold("SIDE", (DUE, 3), ref="SO-2"), sold("SIDE", ("2024-03-02", qty), ref="SO-3")]
    plan = built(plant(**SIDE | operation() | {"sales_orders": orders}))

    assert plan.certificate.violations == ()
    first, rest = sorted(plan.promises, key=lambda row: row.sales_order)
    assert (first.promised.isoformat(), rest.promised) == (DUE, None)
    assert "More SIDE is wanted than its work centres can make" in rest.reasons[0].text


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"seq": 10, "work_centre": "BENCH"}],
        [{"seq": 10, "work_centre": "BENCH", "setup_h": 2}],
        [{"seq": 10, "external_days": 0}, {"seq": 20, "external_days": 0}],
        [{"seq": seq, "work_centre": "BENCH", "setup_family": str(seq), "overlap": True} for seq in (10, 20)],
    ],
    ids=["no operations", "no hours", "setup alone", "a subcontractor for no time", "families and overlap"],
)
@pytest.mark.parametrize("qty", [2, 10**6])
def test_a_routing_that_takes_no_time_per_unit_is_planned(rows, qty):
    orders = [sold("DRIVE", (DUE, qty)), ORDERS[1]]
    routings = {"DRIVE": rows, "SIDE": [{"seq": 10, "work_centre": "DESK", "run_h": 1}]}
    plan = built(plant(**SIDE | {"routings": routings, "sales_orders": orders}))

    assert plan.certificate.violations == ()
    assert [row.promised.isoformat() for row in plan.promises] == [DUE, DUE]
    assert len(plan.planned_orders) < 10
    named = [row for row in plan.exceptions if row.entity == "DRIVE" and row.code == "INVALID_DATA"]
    assert [row.text for row in named] == (
        [] if rows else ["DRIVE is made in no time: it has neither a routing nor a lead time."]
    )


def test_a_pin_to_where_nothing_can_be_done_is_told():
    work = [{"ref": "WO-1", "item": "DRIVE", "qty": 2, "due": "2024-02-01"}]
    # 6 January 2024 is a Saturday
    pins = [{"order": "WO-1", "seq": 10, "start": "2024-01-06T03:00:00+00:00"}]
    plan = built(plant(**SIDE | operation() | {"work_orders": work, "pinned_operations": pins}))

    assert plan.certificate.violations == ()
    assert [row.promised.isoformat() for row in plan.promises] == [DUE, DUE]
    (told,) = [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]
    assert told.entity == "WO-1/10"
    assert "it starts 2024-01-08 08:00" in told.text


def test_a_released_order_is_held_up_by_what_is_left_of_it_alone():
    # operation 10 can never be done, but is behind WO-1; of WO-2 nothing is
    rows = [
        {"seq": 10, "work_centre": "BENCH", "run_h": 10**6},
        {"seq": 20, "work_centre": "DESK", "run_h": 1},
    ]
    work = [{"ref": ref, "item": "DRIVE", "qty": 1, "due": "2024-02-01"} for ref in ("WO-1", "WO-2")]
    work[0]["done_through_seq"] = 10
    routings = operation()["routings"] | {"DRIVE": rows}
    plan = built(plant(**SIDE | {"routings": routings, "work_orders": work}))

    assert plan.certificate.violations == ()
    errors = {(row.code, row.entity) for row in plan.exceptions if row.severity == "error"}
    assert ("AT_RISK_RESOURCE", "WO-2") in errors
    assert not any(entity == "WO-1" for _, entity in errors)
    assert {row.order for row in plan.operations if row.item == "DRIVE"} == {"WO-1"}


def test_what_stock_covers_is_delivered_all_the_same():
    # one drive in stock, the other can never be made
    stock = [{"item": "DRIVE", "qty": 1}]
    plan = built(plant(**SIDE | operation() | centre(stations=0) | {"stock": stock}))
    row = next(row for row in plan.promises if row.item == "DRIVE")
    assert [(each.date.isoformat(), each.qty) for each in row.deliveries] == [(DUE, 1)]
    assert row.promised is None


def test_what_parts_suffice_for_is_promised_to_the_first_who_need_it():
    # four parts in stock, no more ever: the drives of 1 March are made, those of 15 March are not
    orders = [sold("DRIVE", (DUE, 4), ("2024-03-15", 3))]
    changes = source(to="2023-12-31") | {"stock": [{"item": "PART", "qty": 4}], "sales_orders": orders}
    plan = built(plant(**SIDE | operation() | changes))
    assert [row.promised and row.promised.isoformat() for row in plan.promises] == [DUE, None]
    assert sum(row.qty for row in plan.planned_orders if row.item == "DRIVE") == 4


def test_a_work_order_that_can_never_be_finished_is_an_exception_and_no_supply():
    work = [{"ref": "WO-1", "item": "DRIVE", "qty": 2, "due": "2024-02-01"}]
    factory = plant(**SIDE | operation() | centre(stations=0) | {"work_orders": work})

    plan = built(factory)

    assert violations(factory, plan) == []
    assert all(row.work_order is None for row in plan.planned_orders)
    assert ("AT_RISK_RESOURCE", "WO-1") in {(row.code, row.entity) for row in plan.exceptions}
    assert {row.promised for row in plan.promises if row.item == "DRIVE"} == {None}


def test_obstacles_that_nobody_meets_are_not_told():
    orders = [sold("SIDE", (DUE, 3), ref="SO-2")]
    plan = built(plant(**SIDE | operation() | centre(stations=0) | {"sales_orders": orders}))
    assert [row.code for row in plan.exceptions if row.severity == "error"] == []


def test_what_people_can_do_is_planned_and_only_the_rest_is_never():
    # two hours a month of one person until 2028: about 24 drives of 2 h, 100 are wanted
    skills = [{"code": "ASM", "headcount": 1, "hours_per_day": 0.1}, {"code": "WELD"}]
    orders = [sold("DRIVE", ("2024-02-01", 1), ("2024-03-30", 99))]
    factory = plant(**SIDE | operation() | NOBODY_HIRED | {"skills": skills, "sales_orders": orders})

    plan = built(factory)

    assert violations(factory, plan) == []
    first, rest = sorted(plan.promises, key=lambda row: row.instalment)
    assert first.promised is not None
    assert rest.promised is None
    assert (rest.reasons[0].code, rest.reasons[0].entity) == ("AT_RISK_SKILL", "ASM")


def test_ratios_of_direct_skills_that_no_hire_can_satisfy_are_refused():
    # each ASM wants 1/1.5 WELD and each WELD 1/1.5 ASM, and themselves: 2/1.5 heads for every head
    ratios = [{"skill": code, "per_direct_heads": 1.5} for code in ("ASM", "WELD")]
    issues = check_factory(factory_from_json(PLANT | SIDE | {"staffing": {"ratios": ratios}}))
    assert [issue.path for issue in issues] == [
        "/staffing/ratios/0/per_direct_heads",
        "/staffing/ratios/1/per_direct_heads",
    ]
    one = [{"skill": "WELD", "per_direct_heads": 1.5}]
    assert check_factory(factory_from_json(PLANT | SIDE | {"staffing": {"ratios": one}})) == []


BOUGHT = {"code": "PART", "kind": "buy", "lead_time_days": 5, "uom": "kg"}
MADE = {"code": "DRIVE", "kind": "make", "lead_time_days": 3, "uom": "kg"}


def by_lead_times(qty, *orders, **bom):
    """A plan of ``orders`` for DRIVE, which takes ``qty`` PART, without any work."""
    row = {"parent": "DRIVE", "component": "PART", "qty": qty} | bom
    return built(plant(items=[BOUGHT, MADE], bom=[row], routings={}, sales_orders=list(orders)))


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"to": "2023-12-01"}, "counts on or after 2024-01-01."),
        ({"to": "2024-01-01"}, "counts on or after 2024-01-01."),
        ({"from": "2090-01-01"}, "counts on or after 2024-01-01 until "),
    ],
)
def test_nothing_is_made_by_a_bill_of_materials_that_never_counts_again(dates, words):
    plan = by_lead_times(1, sold("DRIVE", ("2024-02-01", 5)), **dates)

    assert plan.certificate.violations == ()
    assert plan.planned_orders == ()
    (found,) = (row for row in plan.exceptions if row.code == "BROKEN_SUPPLY_PATH")
    assert (found.entity, found.severity) == ("DRIVE", "error")
    assert words in found.text


@pytest.mark.parametrize("qty", [10**7, 10**9])
def test_more_than_any_factory_takes_is_named_and_not_planned(qty):
    plan = by_lead_times(qty, sold("DRIVE", ("2024-02-01", 10**9)), sold("DRIVE", ("2024-02-01", 1), ref="B"))

    assert plan.certificate.violations == ()
    assert plan.planned_orders == ()
    (found,) = (row for row in plan.exceptions if row.code == "INVALID_DATA" and row.severity == "error")
    assert found.entity == "PART"
    assert "over 2,000,000,000,000 kg" in found.text


def test_what_exceeds_the_largest_quantity_becomes_several_orders():
    plan = by_lead_times(3, sold("DRIVE", ("2024-02-01", 10**9)))

    assert plan.certificate.violations == ()
    assert [int(row.qty) for row in plan.planned_orders if row.item == "PART"] == [10**9] * 3


def test_a_bill_of_materials_of_a_thousand_levels_is_planned():
    made = [{"code": f"L{number}", "kind": "make"} for number in range(1000)]
    codes = [row["code"] for row in made] + ["PART"]
    bom = [{"parent": a, "component": b, "qty": 1} for a, b in pairwise(codes)]
    orders = [sold("L0", ("2024-02-01", 5))]
    plan = built(plant(items=[*made, BOUGHT], bom=bom, routings={}, sales_orders=orders))

    assert plan.certificate.violations == ()
    assert len(plan.planned_orders) == 1001


def phantoms(codes, rows):
    """A plan of 5 DRIVE, made of the first of ``codes``, phantoms with ``rows``."""
    items = [MADE, *({"code": code, "kind": "phantom"} for code in codes), BOUGHT]
    bom = [{"parent": "DRIVE", "component": codes[0], "qty": 1}]
    bom += [{"parent": above, "component": below, "qty": 1} for above, below in rows]
    factory = plant(items=items, bom=bom, routings={}, sales_orders=[sold("DRIVE", ("2024-02-01", 5))])
    plan = built(factory)
    assert plan.certificate.violations == ()
    return plan


def chained_phantoms(count):
    codes = [f"KIT-{number}" for number in range(count)]
    plan = phantoms(codes, pairwise([*codes, "PART"]))
    assert [int(row.qty) for row in plan.planned_orders if row.item == "PART"] == [5]


def test_a_thousand_phantoms_one_in_another_pass_their_part_on():
    assert lines_run(lambda: chained_phantoms(1000)) < 4.4 * lines_run(lambda: chained_phantoms(250))


def meeting_phantoms(count):
    # each level doubles what the next one is asked for: 2^count ways lead to the one part
    levels = range(count)
    codes = [f"{name}-{level}" for level in levels for name in ("TOP", "LEFT", "RIGHT")]
    rows = [(f"TOP-{level}", f"{name}-{level}") for level in levels for name in ("LEFT", "RIGHT")]
    below = [f"TOP-{level + 1}" for level in levels[:-1]] + ["PART"]
    rows += [(f"{name}-{level}", below[level]) for level in levels for name in ("LEFT", "RIGHT")]
    plan = phantoms(codes, rows)
    assert [int(row.qty) for row in plan.planned_orders if row.item == "PART"] == [5 * 2**count]


def test_phantoms_that_meet_again_eighteen_times_are_added_up():
    # three times as many levels: 2^12 times as many ways, and by far less work than that
    assert lines_run(lambda: meeting_phantoms(18)) < 27 * lines_run(lambda: meeting_phantoms(6))
