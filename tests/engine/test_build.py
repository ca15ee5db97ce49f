"""Whole builds of small factories: deterministic, cancellable, priced as the verifier prices, and honest."""

import random
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from planning.engine import aggregate, build, improve, priorities, workforce
from planning.engine.build import build_plan
from planning.engine.errors import BuildCancelled, InvalidFactory
from planning.engine.factory_codec import canonical_json, digest, factory_from_json
from planning.engine.plan import COST_PARTS, dump_plan, read_plan
from planning.engine.request import BuildRequest, Watch
from planning.engine.verify import recompute_cost
from tests.engine.builders import factory_document
from tests.engine.plants import ALWAYS, PLANT, built, plant, said, sold

CREATED = datetime(2024, 1, 1, 6, tzinfo=UTC)


def busy_document():
    """The tiny factory with more of everything: two orders, a work order, attrition, overtime."""
    document = factory_document(
        work_orders=[
            {"ref": "WO-1", "item": "FRAME", "qty": 3, "due": "2024-01-20", "components_issued": False},
            {
                "ref": "WO-2",
                "item": "DRIVE",
                "qty": 2,
                "done_qty": 1,
                "due": "2024-01-25",
                "done_through_seq": 10,
            },
        ]
    )
    document["sales_orders"].append(sold("DRIVE", ("2024-01-16", 3), ("2024-02-20", 9), ref="SO-2"))
    document["sales_orders"].append(sold("FRAME", ("2024-01-19", 2), ref="SO-3"))
    document["sales_orders"].append(sold("PART", ("2024-01-12", 30), ("2024-02-01", 4), ref="SO-4"))
    document["skills"][0] |= {"overtime_max_share": 0.2, "attrition_per_month": 0.05, "learning_rate": 0.9}
    return document


def busy(**sections):
    return factory_from_json(busy_document() | sections)


def late_in_two_ways():
    """Two items that are both late."""
    orders = [sold("DRIVE", ("2024-01-10", 9)), sold("FRAME", ("2024-01-09", 5), ref="SO-2")]
    return busy(sales_orders=orders)


def exceptions(plan, code):
    return {row.entity: row.text for row in plan.exceptions if row.code == code}


def test_a_busy_factory_has_a_plan_that_holds():
    plan = built(busy(), rounds=8)
    assert plan.certificate.violations == ()
    assert {(row.sales_order, row.instalment) for row in plan.promises} == {
        ("SO-1", 1), ("SO-1", 2), ("SO-2", 1), ("SO-2", 2), ("SO-3", 1), ("SO-4", 1), ("SO-4", 2)
    }  # fmt: skip
    assert all(row.promised is not None for row in plan.promises)


def test_the_same_problem_gives_the_same_plan():
    assert said(built(busy(), rounds=8, seed=3)) == said(built(busy(), rounds=8, seed=3))


def test_two_workers_always_give_the_same_verified_plan():
    plans = [built(busy(), rounds=12, workers=2) for _ in range(2)]

    assert said(plans[0]) == said(plans[1])
    assert plans[0].certificate.violations == ()


def test_a_first_plan_is_told_before_other_priorities_are_tried_on_it(monkeypatch):
    # given two items that are both late, and a list search that looks what was told before it
    costs, known = [], []
    search = improve.ListSearch.run

    def run(self, *arguments):
        known.append(list(costs))
        return search(self, *arguments)

    monkeypatch.setattr(improve.ListSearch, "run", run)

    # when
    watch = Watch(on_progress=lambda told: costs.append(told.incumbent_cost))
    request = BuildRequest(version=1, created_at=CREATED, work_budget=1)
    build_plan(late_in_two_ways(), request, watch)

    # then
    assert len([cost for cost in known[0] if cost is not None]) == 1


def test_the_schedule_that_chose_the_people_is_not_made_again(monkeypatch):
    # given people to choose from, and a list of all who are scheduled with the first settings
    scheduled, decode = [], improve.Search.decode

    def listed(self, candidate):
        scheduled.append(self.aggregate)
        return decode(self, candidate)

    monkeypatch.setattr(improve.Search, "decode", listed)
    rounded, plan_aggregate = [], build.plan_aggregate

    def choosing(shop, options, scope, on_rounded):
        rounded.append(plan_aggregate(shop, options, scope))
        on_rounded(rounded[0])
        return plan_aggregate(shop, options, scope)

    monkeypatch.setattr(build, "plan_aggregate", choosing)

    # when
    plan = built(busy(), rounds=1)

    # then the rounded people were scheduled, those near them too, and nobody a third time
    assert len(scheduled) == 2
    assert scheduled[0] is rounded[0]
    monkeypatch.undo()
    assert said(plan) == said(built(busy(), rounds=1))


@pytest.mark.parametrize(("times", "is_tried"), [(0.5, True), (1.5, False)])
def test_priorities_are_not_tried_for_long_where_nothing_that_is_of_use_is_near(monkeypatch, times, is_tried):
    # given what is late, and a most of lateness that it is so many times as far from as is looked at
    monkeypatch.setattr(priorities, "SOUNDING_STEPS", 0)
    tries, search, change = [], priorities.ListSearch.run, priorities.ListSearch._change

    def run(self, shifts, late, days, most_late):
        return search(self, shifts, late, days, late / (priorities.FAR * times))

    def counted(self, *arguments):
        tries.append(arguments)
        return change(self, *arguments)

    monkeypatch.setattr(priorities.ListSearch, "run", run)
    monkeypatch.setattr(priorities.ListSearch, "_change", counted)

    # when
    built(late_in_two_ways(), rounds=1)

    # then
    assert bool(tries) == is_tried


def test_the_order_of_rows_in_the_file_does_not_matter():
    document = busy_document()
    other = deepcopy(document)
    for rows in other.values():
        if isinstance(rows, list) and "shifts" not in rows[0]:  # the first calendar is a default
            random.Random(1).shuffle(rows)
    plan, again = built(factory_from_json(document), rounds=3), built(factory_from_json(other), rounds=3)
    assert said(plan) == said(again)


def test_the_plan_names_the_problem_it_solves():
    factory = busy()
    plan = built(factory)
    assert plan.input_digest == digest(canonical_json(factory))
    assert (plan.factory, plan.version, plan.seed, plan.reproducible) == ("Tiny", 1, 0, True)


@pytest.mark.parametrize("part", ["total", *COST_PARTS])
def test_the_engine_prices_a_plan_as_the_verifier_does(part, busy_plan):
    assert getattr(busy_plan.cost, part) == pytest.approx(
        getattr(recompute_cost(busy(), busy_plan), part), abs=0.01
    )


@pytest.fixture(scope="module")
def busy_plan():
    return built(busy(), rounds=2)


def test_the_total_is_the_sum_of_the_parts(busy_plan):
    assert busy_plan.cost.total == pytest.approx(sum(getattr(busy_plan.cost, part) for part in COST_PARTS))


def test_a_plan_survives_being_written_and_read(busy_plan):
    assert dump_plan(read_plan(dump_plan(busy_plan))) == dump_plan(busy_plan)


def test_a_clock_that_ends_the_work_is_marked():
    plan = built(busy(), rounds=500, time_limit_seconds=0.0001)
    assert not plan.reproducible
    assert plan.certificate.violations == ()


def test_progress_rises_and_ends_with_the_verifier():
    told = []
    request = BuildRequest(version=1, created_at=CREATED, work_budget=5)
    build_plan(busy(), request, Watch(on_progress=told.append))
    percents = [each.percent for each in told]
    assert percents == sorted(percents)
    assert percents[0] >= 0
    assert percents[-1] <= 100
    assert list(dict.fromkeys(each.stage for each in told)) == ["material", "aggregate", "schedule", "verify"]
    costs = [each.incumbent_cost for each in told if each.stage == "schedule" and each.incumbent_cost]
    assert len(costs) >= 5


@pytest.mark.parametrize("calls", range(6))
def test_a_build_stops_at_the_next_step_after_it_is_cancelled(calls):
    told = []
    watch = Watch(on_progress=told.append, is_cancelled=lambda: len(told) >= calls)
    with pytest.raises(BuildCancelled):
        build_plan(busy(), BuildRequest(version=1, created_at=CREATED, work_budget=8), watch)
    assert len(told) == calls


def test_a_factory_that_disagrees_with_itself_is_refused():
    with pytest.raises(InvalidFactory, match="unknown item NONE"):
        built(busy(stock=[{"item": "NONE", "qty": 1}]))


def test_an_empty_order_book_gives_a_plan_of_people_alone():
    plan = built(plant())
    assert (plan.planned_orders, plan.operations, plan.promises) == ((), (), ())
    assert [row.headcount for row in plan.staffing] == [2, 2, 2]
    assert plan.certificate.violations == ()


def test_promised_dates_are_traced_from_the_units_to_the_line():
    # 2 h each; ordered for the first day: one delivered on Monday, the fifth on Tuesday
    plan = built(plant(sales_orders=[sold("DRIVE", ("2024-01-01", 4), ("2024-01-01", 1))]))
    promised = {row.instalment: (row.promised.day, row.days_late) for row in plan.promises}
    assert sorted(promised.values()) in ([(1, 0), (2, 1)], [(2, 1), (2, 1)])
    by_order = {row.id: row for row in plan.planned_orders}
    for row in plan.promises:
        pegs = [peg for peg in plan.pegging if (peg.sales_order, peg.instalment) == ("SO-1", row.instalment)]
        assert sum(peg.qty for peg in pegs) == row.qty == sum(each.qty for each in row.deliveries)
        assert max(by_order[peg.order].due for peg in pegs) == row.promised


def test_what_is_ready_early_is_delivered_on_the_requested_day():
    plan = built(plant(stock=[{"item": "DRIVE", "qty": 5}], sales_orders=[sold("DRIVE", ("2024-02-09", 5))]))
    (row,) = plan.promises
    assert (row.promised, row.days_late, len(row.deliveries)) == (row.requested, 0, 1)
    assert {(peg.order, peg.qty) for peg in plan.pegging} == {("stock", 5)}


BINDING = {
    "AT_RISK_MATERIAL": ("PART", {"sources": [{"item": "PART", "supplier": "ACME", "lead_time_days": 40}]}),
    "FENCE_VIOLATION": (
        "DRIVE",
        {"items": [PLANT["items"][0], PLANT["items"][1] | {"earliest_production": "2024-02-12"}]},
    ),
    "INSUFFICIENT_LEAD_TIME": (
        "DRIVE",
        {"routings": {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "run_h": 160}]}},
    ),
    "AT_RISK_SKILL": ("ASM", {"skills": [{"code": "ASM", "headcount": 0, "hire_lead_days": 20}]}),
}


@pytest.mark.parametrize("code", BINDING)
def test_a_late_row_says_what_binds(code):
    entity, sections = BINDING[code]
    plan = built(plant(sales_orders=[sold("DRIVE", ("2024-01-12", 1))], **sections))
    (row,) = plan.promises
    assert plan.certificate.violations == ()
    assert row.days_late > 0
    assert (row.reasons[0].code, row.reasons[0].entity) == (code, entity)
    assert exceptions(plan, "LATE_DEMAND").keys() == {"SO-1/1/1"}


def test_a_full_station_is_the_reason_of_what_waits_for_it():
    # 60 h of bench for Friday of the first week
    plan = built(plant(sales_orders=[sold("DRIVE", ("2024-01-05", 30))]), rounds=2)
    late = [row for row in plan.promises if row.days_late]
    assert any(reason.code == "AT_RISK_RESOURCE" for row in late for reason in row.reasons)


def test_work_behind_other_work_is_late_by_its_station_though_both_begin_just_in_time():
    # both are due on the first day: the dear one takes 10 h of it, and the other 20 h do not fit beside it;
    # without people either begins as late as its delivery allows, so that the bench is idle at first
    hours = {"DEAR": 10, "CHEAP": 20}
    factory = plant(
        calendars=[ALWAYS],
        skills=[],
        work_centres=[{"code": "BENCH", "calendar": "ALWAYS"}],
        items=[{"code": code, "kind": "make"} for code in hours],
        bom=[],
        routings={code: [{"seq": 10, "work_centre": "BENCH", "run_h": each}] for code, each in hours.items()},
        sales_orders=[
            sold(code, ("2024-01-01", 1), ref=f"SO-{code}", late_cost_per_day=cost)
            for code, cost in (("DEAR", 1000), ("CHEAP", 1))
        ],
    )
    plan = built(factory, rounds=4)

    assert min(row.start.hour for row in plan.operations) > 0
    (late,) = [row for row in plan.promises if row.days_late]
    assert (late.item, late.days_late) == ("CHEAP", 1)
    assert [(reason.code, reason.entity) for reason in late.reasons] == [("AT_RISK_RESOURCE", "BENCH")]


def test_every_late_row_has_reasons_the_longest_first(busy_plan):
    late = [row for row in busy_plan.promises if row.days_late > 0]
    assert late
    for row in late:
        days = [reason.days for reason in row.reasons]
        assert days
        assert days == sorted(days, reverse=True)
    assert all(not row.reasons for row in busy_plan.promises if row.days_late == 0)


def test_a_work_order_is_finished_under_its_own_number():
    # 2 drives at 2 h; operation 10 is done, 20 takes 3 h each
    steps = [
        {"seq": seq, "work_centre": "BENCH", "skill": "ASM", "run_h": hours}
        for seq, hours in ((10, 2), (20, 3))
    ]
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 2, "due": "2024-01-31", "done_through_seq": 10}
    plan = built(
        plant(routings={"DRIVE": steps}, work_orders=[work], sales_orders=[sold("DRIVE", ("2024-02-09", 2))])
    )
    assert plan.certificate.violations == ()
    ((order,), (operation,)) = plan.planned_orders, plan.operations
    assert (order.id, order.work_order, order.firm, order.qty) == ("WO-1", "WO-1", True, 2)
    assert (operation.order, operation.seq, (operation.end - operation.start).total_seconds()) == (
        "WO-1",
        20,
        21_600,
    )
    assert [(peg.order, peg.sales_order) for peg in plan.pegging] == [("WO-1", "SO-1")]


@pytest.mark.parametrize(("policy", "days"), [("independent", {19, 31}), ("all_together", {31})])
def test_an_order_delivered_all_together_waits_for_its_last_line(policy, days):
    # the pump is there, the drive's part comes on Wednesday 31 January
    order = sold("DRIVE", ("2024-01-19", 1)) | {"delivery_policy": policy}
    order["lines"].append({"line": 2, "item": "PUMP", "qty": 1, "due": "2024-01-19"})
    items = [*PLANT["items"], {"code": "PUMP", "kind": "buy"}]
    sources = [{"item": "PART", "supplier": "ACME", "lead_time_days": 30}]
    plan = built(
        plant(items=items, sources=sources, stock=[{"item": "PUMP", "qty": 1}], sales_orders=[order])
    )
    assert {row.promised.day for row in plan.promises} == days
    assert plan.certificate.violations == ()


def laboratory(**keys):
    return {"work_centres": [*PLANT["work_centres"], {"code": "LAB", "calendar": "DAY"} | keys]}


IMPOSSIBLE = {
    "nobody has the skill and nobody may be hired": (
        {"skills": [{"code": "ASM"}, {"code": "ART", "can_hire": False}]},
        {"skill": "ART"},
        "ART",
    ),
    "a calendar that never opens": (
        {"calendars": [PLANT["calendars"][0], {"code": "NEVER"}]} | laboratory(calendar="NEVER"),
        {"work_centre": "LAB"},
        "LAB",
    ),
    "no stations": (laboratory(stations=0), {"work_centre": "LAB"}, "LAB"),
    "a crew that may never be hired": ({"staffing": {"max_headcount": 3}}, {"crew": 4}, "ASM"),
    "no supplier any more": (
        {"sources": [{"item": "ORE", "supplier": "ACME", "lead_time_days": 1, "to": "2024-01-01"}]},
        {},
        "ORE",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_can_never_be_made_is_named_and_the_rest_is_planned(name):
    sections, step, culprit = IMPOSSIBLE[name]
    base = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 2}
    factory = plant(
        items=[*PLANT["items"], {"code": "STATUE", "kind": "make"}, {"code": "ORE", "kind": "buy"}],
        bom=[*PLANT["bom"], {"parent": "STATUE", "component": "ORE", "qty": 1}],
        routings={"DRIVE": [base], "STATUE": [base | step]},
        stock=[{"item": "STATUE", "qty": 2}],
        sales_orders=[sold("DRIVE", ("2024-03-15", 3)), sold("STATUE", ("2024-03-15", 5), ref="SO-2")],
        **sections,
    )
    plan = built(factory)
    drive, statue = plan.promises
    assert plan.certificate.violations == ()
    assert (drive.promised, drive.days_late) == (drive.requested, 0)
    # two are in stock; three never come: late until 365 days after the end of the horizon
    assert (statue.promised, statue.days_late) == (None, 17 + 365)
    assert sum(row.qty for row in statue.deliveries) == 2
    assert exceptions(plan, "UNPLANNED_DEMAND").keys() == {"SO-2/1/1"}
    assert statue.reasons[0].entity == culprit
    named = [row for row in plan.exceptions if row.entity == culprit and row.severity == "error"]
    assert len(named) == 1
    assert culprit in named[0].text
    assert named[0].suggestion


def test_nothing_possible_is_still_an_answer_and_no_success():
    plan = built(
        plant(skills=[{"code": "ASM", "can_hire": False}], sales_orders=[sold("DRIVE", ("2024-03-15", 3))])
    )
    assert plan.operations == ()
    assert [row.promised for row in plan.promises] == [None]
    assert exceptions(plan, "UNPLANNED_DEMAND").keys() == {"SO-1/1/1"}


@pytest.mark.parametrize(("limits", "month"), [({}, 2), ({"max_hires_per_month": 1}, 3)])
def test_a_few_hours_of_a_skill_nobody_has_yet_are_hired_for(limits, month):
    # two hours for a crew of two, where nobody works yet: both on 1 February, or one in each month
    step = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "crew": 2, "run_h": 2}
    skills = [{"code": "ASM", "headcount": 0, "hire_lead_days": 20} | limits]
    orders = [sold("DRIVE", ("2024-01-12", 1))]
    plan = built(plant(routings={"DRIVE": [step]}, skills=skills, sales_orders=orders))
    assert plan.certificate.violations == ()
    assert plan.promises[0].promised.month == month
    assert sum(row.hires for row in plan.staffing) == 2


def test_a_requisition_that_must_go_out_soon_is_said():
    plan = built(
        plant(
            skills=[{"code": "ASM", "headcount": 0, "hire_lead_days": 20}],
            sales_orders=[sold("DRIVE", ("2024-03-15", 3))],
        )
    )
    assert "2024-01-12" in exceptions(plan, "HIRE_DECISION_DUE")["ASM"]


def test_orders_that_begin_together_learn_in_the_order_of_their_numbers():
    # given the second order due first, and two stations on which both could begin at once
    plan = built(
        plant(
            skills=[{"code": "ASM", "headcount": 2, "learning_rate": 0.8}],
            work_centres=[{"code": "BENCH", "calendar": "DAY", "stations": 2}],
            work_orders=[
                {"ref": "A1", "item": "DRIVE", "qty": 3, "due": "2024-01-29"},
                {"ref": "A2", "item": "DRIVE", "qty": 6, "due": "2024-01-05"},
            ],
            sales_orders=[sold("DRIVE", ("2024-01-31", 9))],
        )
    )

    # then A1 does not begin in the same minute after A2 has taken its place on the curve
    assert plan.certificate.violations == ()
    assert {row.id for row in plan.planned_orders if row.kind == "make"} == {"A1", "A2"}


def test_all_lines_delivered_together_name_the_one_they_wait_for():
    # given a drive that is ready in time and a pump that comes on Wednesday 31 January
    order = sold("DRIVE", ("2024-01-19", 1)) | {"delivery_policy": "all_together"}
    order["lines"].append({"line": 2, "item": "PUMP", "qty": 1, "due": "2024-01-19"})
    plan = built(
        plant(
            items=[*PLANT["items"], {"code": "PUMP", "kind": "buy"}],
            sources=[{"item": "PUMP", "supplier": "ACME", "lead_time_days": 30}],
            sales_orders=[order],
        )
    )

    # then both lines are 12 days late because of the pump
    assert [(row.days_late, row.reasons[0].entity, row.reasons[0].days) for row in plan.promises] == [
        (12, "PUMP", 12.0),
        (12, "PUMP", 12.0),
    ]


def test_planned_orders_never_take_the_number_of_an_open_one():
    work = {"ref": "MAKE-00001", "item": "DRIVE", "qty": 1, "due": "2024-01-10"}
    plan = built(plant(work_orders=[work], sales_orders=[sold("DRIVE", ("2024-02-09", 3))]))

    ids = [row.id for row in plan.planned_orders]
    assert len(ids) == len(set(ids))
    assert plan.certificate.violations == ()


def test_a_clock_that_cuts_the_choice_of_people_short_is_marked(monkeypatch):
    # given a solver that always says that its time was over
    solve = workforce.solve

    def cut_short(model, **limits):
        result, solved = solve(model, **limits)
        return result, replace(solved, status="feasible")

    monkeypatch.setattr(workforce, "solve", cut_short)
    orders = [sold("DRIVE", ("2024-02-09", 3))]

    assert built(plant(sales_orders=orders)).reproducible is False


def test_a_clock_that_cuts_the_aggregate_model_short_is_marked(monkeypatch):
    plan_workforce = aggregate.plan_workforce

    def cut_short(*asked):
        return replace(plan_workforce(*asked), is_cut_short=True)

    monkeypatch.setattr(aggregate, "plan_workforce", cut_short)
    orders = [sold("DRIVE", ("2024-02-09", 3))]

    assert built(plant(sales_orders=orders)).reproducible is False


def test_what_is_due_beyond_the_horizon_is_said():
    plan = built(plant(sales_orders=[sold("DRIVE", ("2024-02-09", 1), ("2024-04-01", 2))]))

    assert {row.instalment for row in plan.promises} == {1}
    assert list(exceptions(plan, "UNPLANNED_DEMAND")) == ["SO-1/1/2"]


@pytest.mark.parametrize("safety_stock", [0, 20])
def test_no_customer_waits_beside_the_safety_stock_of_what_he_ordered(safety_stock):
    # a drive takes two days at the one bench; 20 lie there, and 20 are wanted within a week
    days = [f"2024-01-{number:02d}" for number in range(8, 13)]
    plan = built(
        plant(
            items=[
                {"code": "PART", "kind": "buy"},
                {"code": "DRIVE", "kind": "make", "safety_stock": safety_stock},
            ],
            routings={"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 16}]},
            sales_orders=[sold("DRIVE", *[(day, 4) for day in days])],
            stock=[{"item": "DRIVE", "qty": 20}],
        )
    )

    assert plan.certificate.violations == ()
    assert [row.days_late for row in plan.promises] == [0] * 5
    made = sum(row.qty for row in plan.planned_orders if row.item == "DRIVE")
    assert made == safety_stock


def test_no_customer_waits_beside_the_safety_stock_of_a_component():
    # a frame takes two days at a bench; 20 lie there and go into drives that are put together in minutes
    days = [f"2024-01-{number:02d}" for number in range(8, 13)]
    step = {"seq": 10, "work_centre": "BENCH", "skill": "ASM"}
    plan = built(
        plant(
            items=[
                {"code": "FRAME", "kind": "make", "safety_stock": 20},
                {"code": "DRIVE", "kind": "make"},
            ],
            bom=[{"parent": "DRIVE", "component": "FRAME", "qty": 1}],
            routings={"DRIVE": [step | {"run_h": 0.1}], "FRAME": [step | {"run_h": 16}]},
            work_centres=[{"code": "BENCH", "calendar": "DAY", "stations": 2}],
            sales_orders=[sold("DRIVE", *[(day, 4) for day in days])],
            stock=[{"item": "FRAME", "qty": 20}],
        )
    )

    assert plan.certificate.violations == ()
    assert [row.days_late for row in plan.promises] == [0] * 5
    assert sum(row.qty for row in plan.planned_orders if row.item == "FRAME") == 20


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(0.0, -4.5e-13, None), (0.0, 0.0, 0.0), (0.0, None, None), (1e-12, 0.0, 1.0), (-8.0, -10.0, 0.25)],
)
def test_a_gap_follows_from_objective_and_bound_also_where_the_objective_is_nothing(
    monkeypatch, objective, bound, gap
):
    # given what a solver says of a factory for which people can do nothing: noise of the last digits
    plan_aggregate = build.plan_aggregate

    def found(*given):
        plan = plan_aggregate(*given)
        return replace(plan, solved=replace(plan.solved, status="feasible", objective=objective, bound=bound))

    monkeypatch.setattr(build, "plan_aggregate", found)

    plan = built(busy())

    assert plan.certificate.aggregate.gap == gap
    assert plan.certificate.violations == ()


def test_a_factory_of_ten_thousand_items_has_one_round_and_a_thousand_orders_have_several():
    # steps of one round, as the benchmarks of these sizes have them
    assert build._rounds(240, 407_496) == 1
    assert build._rounds(240, 165_105) > 10
