"""Every constraint is worth its place: without it the optimum moves, or the verifier names what is broken."""

import inspect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from planning.engine import build, hiring_rules, mrp, shop, skill_changes, sourcing, workforce
from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.errors import SolverFailed
from planning.engine.shopfloor import floor, generator, work
from planning.engine.shopfloor.schedule import Labour
from planning.engine.skill_terms import UNDECIDED
from planning.engine.verify import RULES
from planning.engine.workforce import staff
from tests.engine.plants import ALWAYS, PLANT, Row, built, plant, shop_of, sold

DAY = PLANT["calendars"][0]


def optimum(sections):
    """The optimum of the linear model; its objective afterwards has hires rounded to whole people."""
    bound = plan_aggregate(shop_of(**sections), AggregateOptions()).solved.bound
    assert bound is not None
    return bound


def drives(*dues, **step):
    """DRIVE by a hundred stations and one person who earns 20 an hour; a day late costs 1,000."""
    row = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10} | step
    return {
        "bom": [],
        "routings": {"DRIVE": [row]},
        "skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20}],
        "staffing": {"hire_lead_days": 20, "hire_cost": 2_000},
        "work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 100}],
        "sales_orders": [sold("DRIVE", *dues, late_cost_per_day=1_000, late_cost_fixed=0)],
    }


MANY = drives(("2024-02-20", 60))


def with_items(*rows, **sections):
    return drives(("2024-02-20", 10)) | {"items": [PLANT["items"][0], *rows]} | sections


DRIVE = {"code": "DRIVE", "kind": "make"}
FRAME = {"code": "FRAME", "kind": "make"}
STEP = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}
BOUGHT = with_items(DRIVE, bom=PLANT["bom"])
MADE = with_items(
    DRIVE,
    FRAME,
    bom=[{"parent": "DRIVE", "component": "FRAME", "qty": 4}],
    routings={"DRIVE": [STEP], "FRAME": [STEP]},
)


def lead(days):
    return {"sources": [{"item": "PART", "supplier": "ACME", "lead_time_days": days}]}


def rules(**keys):
    return MANY | {"staffing": {"hire_lead_days": 20, "hire_cost": 2_000} | keys}


def skill(**keys):
    return MANY | {"skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20} | keys]}


LEADER = {"code": "LEAD", "kind": "indirect", "headcount": 0, "wage_per_hour": 30}
LED = MANY | {"skills": [*MANY["skills"], LEADER]}

# what is given, and the same with one datum relaxed: the optimum is strictly better
RELAXED: dict[str, tuple[Row, Row]] = {
    "material balance": (MADE, MADE | {"stock": [{"item": "FRAME", "qty": 40}]}),
    "bought parts": (BOUGHT | lead(70), BOUGHT | lead(1)),
    "demand": (MANY, drives(("2024-03-20", 60))),
    "hours": (MANY, skill(hours_per_day=10, wage_per_hour=16)),
    "stations": (MANY | {"work_centres": [{"code": "BENCH", "calendar": "DAY"}]}, MANY),
    "earliest production": (with_items(DRIVE | {"earliest_production": "2024-03-01"}), with_items(DRIVE)),
    "overtime cap": (rules(can_hire=False), rules(can_hire=False, overtime_max_share=0.5)),
    "hire lead": (rules(hire_lead_days=40), rules(hire_lead_days=20)),
    "may hire": (rules(can_hire=False), rules()),
    "hires of the plant": (rules(max_total_hires_per_month=1), rules(max_total_hires_per_month=5)),
    "hires of a skill": (rules(max_hires_per_month=1), rules(max_hires_per_month=5)),
    "most heads": (rules(max_headcount=1), rules(max_headcount=5)),
    "fewest heads": (rules(min_headcount=9), rules(min_headcount=0)),
    "ratio": (
        LED | {"staffing": rules()["staffing"] | {"ratios": [{"skill": "LEAD", "per_direct_heads": 1}]}},
        LED,
    ),
    "attrition": (rules(can_hire=False, attrition_per_month=0.2), rules(can_hire=False)),
    "absence": (rules(absence_rate=0.2), rules()),
    "training": (rules(training_weeks=8, training_productivity=0), rules(training_weeks=0)),
    "learning": (MANY, rules(learning_rate=0.8)),
}


@pytest.mark.parametrize("name", RELAXED)
def test_the_optimum_is_better_when_a_datum_is_relaxed(name):
    tight, relaxed = RELAXED[name]
    assert optimum(relaxed) < optimum(tight) * (1 - 1e-4)


PEOPLE = {
    "_at_least": lambda: sum(staff(shop_of(**rules(min_headcount=9)), [[100, 50, 50]], [[1, 1, 1]]).hires[0]),
    "_within_limit": lambda: sum(
        staff(shop_of(**rules(max_headcount=2)), [[100, 500, 500]], [[1, 1, 1]]).hires[0]
    ),
    "_weigh_change": lambda: sum(
        staff(
            shop_of(**rules(can_lay_off=True)), [[500, 500, 50]], [[1, 1, 1]], headcount_weight=50_000
        ).layoffs[0]
    ),
    "_cover_hours": lambda: sum(staff(shop_of(**MANY), [[100, 500, 500]], [[1, 1, 1]]).hires[0]),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_optimum_is_another_without_a_rule_for_people(name, monkeypatch):
    before = PEOPLE[name]()
    monkeypatch.setattr(workforce, name, lambda *_: None)
    assert abs(PEOPLE[name]() - before) > 1e-4 * abs(before)


def test_every_rule_for_people_in_the_model_has_a_case():
    found = {
        name
        for name, each in inspect.getmembers(workforce, inspect.isfunction)
        if next(iter(inspect.signature(each).parameters), "") == "model"
        and "add_linear_constraint" in inspect.getsource(each)
    }
    assert found - {"_add_skill"} == set(PEOPLE)


# --- the schedule and the purchases: what the verifier says when the engine forgets one thing ---


@dataclass(frozen=True)
class Forgotten:
    """At least one of ``rules`` is named when what ``name`` says is replaced in ``owner``."""

    rules: tuple[str, ...]
    sections: Row
    owner: Any
    name: str
    instead: Any
    stops: bool = False  # the build fails, rather than write a plan for people who cannot be had


def _reading(change, read=generator.read):
    """The rows of a schedule after ``change`` of each."""

    def changed(run, plan):
        schedule = read(run, plan)
        schedule.rows = [change(row, schedule.rows) for row in schedule.rows]
        return schedule

    return changed


def _running(change, new_run=generator.new_run):
    """A run whose tables are ``change``d before it starts."""

    def changed(*given):
        run = new_run(*given)
        return run._replace(**change(run))

    return changed


def _swapped_steps(row, rows):
    """Times of the other operation of the lot."""
    other = next(each for each in rows if each.lot == row.lot and each.step != row.step)
    return other._replace(step=row.step)


def _filled(table, **columns):
    made = table.copy()
    for name, value in columns.items():
        made[name] = value
    return made


def _with_plenty(name):
    people_of = generator.people_of

    def changed(labour: Labour, *given):
        people = people_of(labour, *given)
        people[name] = 10**9
        return people

    return changed


def _always_open(run):
    calendars = _filled(run.calendars, first=0, end=1, row=0)
    intervals = _filled(run.intervals[:1], start=0, end=10**7, before=0)
    return {"calendars": calendars, "intervals": intervals}


def _hired_at_once(make=shop._skill):
    return lambda *given: replace(make(*given), first_hire_month=0)


SINGLE = DRIVE | {"max_order": 1}


def factory(*orders, operations=(), **sections):
    step = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 6}
    steps = operations or (step,)
    skills = [{"code": "ASM", "headcount": 4, "wage_per_hour": 20}]
    given = {"items": [SINGLE], "bom": [], "routings": {"DRIVE": list(steps)}, "skills": skills}
    return given | {"sales_orders": [sold("DRIVE", *orders, late_cost_per_day=1_000)]} | sections


def step(seq=10, **keys):
    return {"seq": seq, "work_centre": "BENCH", "skill": "ASM", "run_h": 6} | keys


TWO = (("2024-01-01", 1), ("2024-01-01", 1))
SEVEN = (("2024-01-12", 7),)
STATIONS = {"work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 9}]}
TWO_STATIONS = {"work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 2}]}
ONE_PERSON = {"skills": [{"code": "ASM", "headcount": 1, "can_hire": False, "wage_per_hour": 20}]}
ON_A_SHIFT = {
    "code": "ASM",
    "headcount": 2,
    "wage_per_hour": 20,
    "shifts": [{"name": "DAY", "start": "10:00", "end": "16:00", "max_heads": 1}],
}
HALF_HOURS = {"skills": [{"code": "ASM", "headcount": 1, "can_hire": False, "labour_efficiency": 0.5}]}
PARTS = [PLANT["items"][0], SINGLE]
FROM_PART = {"items": PARTS, "bom": PLANT["bom"]}
FROM_FRAME = {
    "items": [SINGLE, FRAME],
    "bom": [{"parent": "DRIVE", "component": "FRAME", "qty": 1}],
    "routings": {"DRIVE": [step()], "FRAME": [step()]},
} | TWO_STATIONS
FEW_HEADS = {"skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20}]}
RATIOS = {"staffing": {"hire_lead_days": 20, "ratios": [{"skill": "LEAD", "per_direct_heads": 1}]}}
RESEARCH = {"skills": [{"code": "RD", "headcount": 1, "wage_per_hour": 9}], "routings": {}}
CAPACITY = {"item": "PART", "supplier": "ACME", "lead_time_days": 1, "capacity_per_week": 5}

FIRM = {"ref": "F-1", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-02-21"}

APPROVED = {"skill": "ASM", "month": "2024-02", "heads": 2, "verdict": "approved"}
RAMP = {"skill": "RD", "target_headcount": 5, "max_per_month": 2}
BUILT_UP = {"hire_cost": 100, "ramps": [RAMP]}
WAY = {"from_skill": "OLD", "to_skill": "ASM", "max_per_month": 9}
LEARNERS = [
    {"code": "ASM", "headcount": 1, "wage_per_hour": 20, "can_hire": False},
    {"code": "OLD", "headcount": 5, "wage_per_hour": 20, "min_headcount": 5, "can_hire": False},
]

FORGOTTEN: dict[str, Forgotten] = {
    "stations": Forgotten(
        ("station_free",),
        factory(*TWO, **TWO_STATIONS),
        generator,
        "read",
        _reading(lambda row, _: row._replace(station=1)),
    ),
    "crews": Forgotten(
        ("crews_within_heads",),
        factory(*TWO, **TWO_STATIONS, **ONE_PERSON),
        generator,
        "people_of",
        _with_plenty("heads"),
        stops=True,
    ),
    "hours of a month": Forgotten(
        ("overtime_within_cap", "hours_within_capacity"),
        factory(("2024-01-25", 30), **HALF_HOURS),
        generator,
        "people_of",
        _with_plenty("regular"),
        stops=True,
    ),
    "calendar": Forgotten(
        ("operation_in_open_time",), factory(*TWO), generator, "new_run", _running(_always_open)
    ),
    "sequence": Forgotten(
        ("operation_sequence",),
        factory(*TWO, operations=(step(10), step(20)), **STATIONS),
        generator,
        "read",
        _reading(_swapped_steps),
    ),
    "made components": Forgotten(
        ("material_balance", "pegging_in_time"),
        factory(*TWO, **FROM_FRAME),
        generator,
        "new_run",
        _running(lambda run: {"ops": _filled(run.ops, pending=0)}),
    ),
    "bought parts": Forgotten(
        ("material_balance", "pegging_complete"),
        factory(*TWO, **FROM_PART, **lead(20)),
        work.WorkPlan,
        "gated",
        lambda *_: 0,
    ),
    "earliest production": Forgotten(
        ("earliest_production",),
        factory(*TWO, items=[SINGLE | {"earliest_production": "2024-02-01"}]),
        work.WorkPlan,
        "gated",
        lambda *_: 0,
    ),
    "unattended time": Forgotten(
        ("station_held",),
        factory(*TWO, operations=(step(unattended_h=5),)),
        generator,
        "new_run",
        _running(lambda run: {"steps": _filled(run.steps, unattended=0)}),
    ),
    "learning": Forgotten(
        ("operation_duration",),
        factory(*TWO, staffing={"learning_rate": 0.8}),
        floor.FloorPlan,
        "_curve",
        lambda *_: -1,
    ),
    "lead time of a made item": Forgotten(
        ("make_lead_time",),
        factory(*TWO, routings={}, items=[DRIVE | {"lead_time_days": 9}]),
        floor.FloorPlan,
        "_lead_times",
        lambda plan, *_: plan.shop.grid.day_starts,
    ),
    "lot sizes": Forgotten(
        ("make_lot_size",),
        factory(*SEVEN, items=[DRIVE | {"order_multiple": 5}]),
        sourcing.LotRule,
        "up",
        lambda _, quantity: quantity,
    ),
    "lot sizes of purchases": Forgotten(
        ("purchase_lot_size",),
        factory(*SEVEN, bom=PLANT["bom"], items=[DRIVE, PLANT["items"][0] | {"order_multiple": 5}]),
        sourcing.LotRule,
        "up",
        lambda _, quantity: quantity,
    ),
    "capacity of a supplier": Forgotten(
        ("supplier_capacity",),
        factory(*SEVEN, **FROM_PART, sources=[CAPACITY]),
        sourcing.Weeks,
        "room",
        lambda *_: 10**12,
    ),
    "planning fence": Forgotten(
        ("fences_kept",),
        factory(*TWO, **FROM_PART, **lead(1)) | {"items": [PLANT["items"][0] | {"fence_days": 30}, SINGLE]},
        sourcing,
        "_fence_of",
        lambda shop, _: shop.grid.as_of,
    ),
    "firm orders": Forgotten(
        ("firm_orders_kept",),
        factory(*TWO, firm_orders=[FIRM]),
        mrp._Netting,
        "_firm_lot",
        lambda *_: None,
    ),
    "release of a firm order": Forgotten(
        ("firm_dates_kept",),
        factory(*TWO, firm_orders=[FIRM | {"release": "2024-02-20"}]),
        work.WorkPlan,
        "gated",
        lambda *_: 0,
    ),
    "a pin": Forgotten(
        ("pins_kept",),
        factory(
            *TWO,
            work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2024-01-20"}],
            pinned_operations=[{"order": "WO-1", "seq": 10, "start": "2024-01-07T10:00Z"}],  # a Sunday
        ),
        build,
        "missed_pins",
        lambda *_: (),
    ),
    "first possible hire": Forgotten(
        ("hires_possible",),
        factory(("2024-01-12", 60), **FEW_HEADS, **STATIONS, staffing={"hire_lead_days": 20}),
        shop,
        "_skill",
        _hired_at_once(),
    ),
    "fewest heads": Forgotten(
        ("min_headcount_kept",),
        factory(*TWO, staffing={"min_headcount": 9}),
        workforce,
        "_at_least",
        lambda *_: None,
    ),
    "ratios": Forgotten(
        ("ratios_kept",),
        factory(*TWO, **RATIOS, skills=[{"code": "ASM", "headcount": 4, "wage_per_hour": 20}, LEADER]),
        workforce,
        "_follow_direct raise_to_ratios",
        lambda *given: given[-1],  # the least heads as they were
    ),
    "ramps": Forgotten(
        ("ramps_kept",),
        factory(**RESEARCH, staffing={"ramps": [RAMP]}) | {"sales_orders": []},
        workforce,
        "ruled_hires",
        lambda *_: ({}, {}),
    ),
    "decisions on hires": Forgotten(
        ("hiring_decisions_kept",),
        factory(*TWO, hiring_decisions=[APPROVED]),
        shop,
        "decided_hires",
        lambda _, months, *__: [UNDECIDED] * len(months),
    ),
    "heads of the plant": Forgotten(
        ("plant_heads_within_limit",),
        factory(**RESEARCH, staffing=BUILT_UP | {"max_total_heads": 4}) | {"sales_orders": []},
        hiring_rules.HiringTable,
        "_heads_room",
        lambda *_: 10**9,
    ),
    "money for hiring": Forgotten(
        ("hiring_budget_kept",),
        factory(**RESEARCH, staffing=BUILT_UP | {"hiring_budget_per_month": 100}) | {"sales_orders": []},
        hiring_rules,
        "hiring_budgets",
        lambda _, months: [None] * len(months),
    ),
    "who may change": Forgotten(
        ("skill_changes_possible",),
        factory(("2024-02-28", 200), **STATIONS, staffing={"cross_training": [WAY]}, skills=LEARNERS),
        skill_changes,
        "_who_may_go",
        lambda *_: 10**9,
    ),
    "seats of shifts": Forgotten(
        ("shift_seats_kept",),
        factory(*TWO, **TWO_STATIONS, skills=[ON_A_SHIFT]),
        floor.FloorPlan,
        "_seats",
        lambda plan: (floor.table(0, floor.SEAT), np.zeros(len(plan.shop.skills) + 1, np.int64)),
    ),
    "shifts": Forgotten(
        ("operation_in_open_time", "operation_duration"),
        factory(*TWO, skills=[ON_A_SHIFT]),
        shop.Shop,
        "shifts_of",
        lambda *_: None,
    ),
    "held skills": Forgotten(
        ("skills_held",),
        factory(**RESEARCH, staffing={"attrition_per_month": 0.3}) | {"sales_orders": []},
        workforce,
        "ruled_hires",
        lambda *_: ({}, {}),
    ),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_the_verifier_names_what_the_engine_forgets(name, monkeypatch):
    case = FORGOTTEN[name]
    assert built(plant(**case.sections)).certificate.violations == ()

    for each in case.name.split():
        monkeypatch.setattr(case.owner, each, case.instead)
    if case.stops:
        with pytest.raises(SolverFailed, match="people"):
            built(plant(**case.sections))
        return
    named = {each["rule"] for each in built(plant(**case.sections)).certificate.violations}
    assert named & set(case.rules), named


# rules on how a plan is written down, or that the search never gets near: no constraint of a solver
TOLD = {
    "labour_weeks_recomputed",
    "shift_hours_recomputed",
    "people_told",
    "cash_recomputed",
    "references_known",
    "ids_unique",
    "figures_sound",
    "moments_sound",
    "starts_after_as_of",
    "order_kind_fits_item",
    "purchase_source_effective",
    "purchase_lead_time",
    "order_dates",
    "work_orders_kept",
    "pegging_days_kept",
    "chains_consistent",
    "earliest_days_hold",
    "money_at_risk_sound",
    "shortfalls_sound",
    "order_has_its_operations",
    "operation_quantity",
    "operation_as_routed",
    "station_exists",
    "pegging_not_over_supply",
    "staffing_rows_complete",
    "heads_follow_moves",
    "hire_limits",
    "layoffs_allowed",
    "temporary_heads_within_limit",
    "staffing_hours_recomputed",
    "staffing_cost_recomputed",
    "promise_rows_complete",
    "promise_matches_deliveries",
    "days_late_recomputed",
    "delivery_policy_kept",
    "late_rows_explained",
    "plan_names_its_factory",
    "load_recomputed",
    "cost_recomputed",
    "certificate_consistent",
}


def test_every_rule_that_restricts_a_plan_has_a_case():
    covered = {rule for case in FORGOTTEN.values() for rule in case.rules}
    assert covered | TOLD == {rule.__name__ for rule in RULES}
    assert not covered & TOLD


# what the schedule is given, and the same with one datum relaxed: less lateness
EASIER: dict[str, tuple[Row, Row]] = {
    "stations": (factory(*TWO), factory(*TWO, **TWO_STATIONS)),
    "people": (factory(*TWO, **TWO_STATIONS, **ONE_PERSON), factory(*TWO, **TWO_STATIONS)),
    "hours": (factory(("2024-01-25", 30), **HALF_HOURS), factory(("2024-01-25", 30), **ONE_PERSON)),
    "calendar": (factory(*TWO), factory(*TWO, calendars=[DAY | {"shifts": ALWAYS["shifts"]}])),
    "sequence": (
        factory(*TWO, operations=(step(queue_h=99), step(20))),
        factory(*TWO, operations=(step(), step(20))),
    ),
    "unattended time": (factory(*TWO, operations=(step(unattended_h=99),)), factory(*TWO)),
    "made components": (
        factory(*TWO, **FROM_FRAME),
        factory(*TWO, **FROM_FRAME, stock=[{"item": "FRAME", "qty": 2}]),
    ),
    "bought parts": (factory(*TWO, **FROM_PART, **lead(20)), factory(*TWO, **FROM_PART, **lead(0))),
    "capacity of a supplier": (
        factory(*SEVEN, **FROM_PART, sources=[CAPACITY | {"capacity_per_week": 1}]),
        factory(*SEVEN, **FROM_PART, sources=[CAPACITY]),
    ),
    "earliest production": (
        factory(*TWO, items=[SINGLE | {"earliest_production": "2024-02-01"}]),
        factory(*TWO, items=[DRIVE]),
    ),
}


@pytest.mark.parametrize("name", EASIER)
def test_promises_are_earlier_when_a_datum_is_relaxed(name):
    tight, easier = (built(plant(**sections)) for sections in EASIER[name])
    assert easier.cost.lateness < tight.cost.lateness
    assert not tight.certificate.violations
    assert not easier.certificate.violations
