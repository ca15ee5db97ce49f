"""Netting against published records, a plain reference, and what must hold for every plan."""

import ast
import json
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from bench.netting_data import factory, net_in_plain_python
from planning.engine import netting
from planning.engine.compiled import compiled
from planning.engine.lot_sizing import MICRO, LotRule, LotSizing, OrderSizes
from planning.engine.netting import (
    BomRow,
    InvalidNetting,
    ItemRow,
    MessageCode,
    QuantityRow,
    net,
    problem_of,
)
from tests.engine.netting.problems import problems
from tests.engine.netting.reference import bom_rows, net_plainly, quantities, sizes_of

KNOWN = json.loads((Path(__file__).parents[1] / "golden" / "known_optima.json").read_text())
RECORDS = {case["id"]: case for case in KNOWN if case["kind"] == "mrp_record"}


def requirements(item, *quantities):
    return [
        QuantityRow(item=item, bucket=bucket, qty=Decimal(qty))
        for bucket, qty in enumerate(quantities)
        if qty
    ]


def units(row):
    assert not (row % MICRO).any()
    return (row // MICRO).tolist()


def countable(problem):
    """The run, unless quantities multiply beyond what is counted."""
    try:
        return net(problem)
    except InvalidNetting:
        reject()


@pytest.mark.parametrize("case", RECORDS.values(), ids=RECORDS)
def test_published_records_come_out_exactly(case):
    data, expected = case["data"], case["own"]
    sizing = LotSizing(sizes=OrderSizes.fixed(data["lot"] * MICRO)) if "lot" in data else LotSizing()
    item = ItemRow(code="A", on_hand=Decimal(data["oh"]), lead_time=data["lt"], sizing=sizing)
    receipts = [
        QuantityRow(item="A", bucket=bucket, qty=Decimal(qty)) for bucket, qty in enumerate(data["sr"])
    ]
    problem = problem_of(
        buckets=len(data["gross"]),
        items=[item],
        requirements=requirements("A", *data["gross"]),
        scheduled_receipts=receipts,
    )

    record = net(problem).record("A")

    assert units(record.gross_requirements) == data["gross"]
    assert units(record.scheduled_receipts) == data["sr"]
    assert units(record.net_requirements) == expected["net"]
    assert units(record.planned_receipts) == expected["receipts"]
    assert units(record.planned_releases) == expected["releases"]
    assert units(record.projected_on_hand) == expected["on_hand"]
    assert record.past_due == expected["past_due"] * MICRO


def test_a_release_that_is_past_due_goes_out_now_and_comes_a_lead_time_later():
    item = ItemRow(code="A", on_hand=Decimal(25), lead_time=2)
    run = net(problem_of(buckets=8, items=[item], requirements=requirements("A", 0, 35, 10, 0, 40, 0, 30)))

    record, orders = run.record("A"), run.planned_orders

    assert record.late_buckets == 1
    assert units(record.expected_on_hand) == [25, -10, 0, 0, 0, 0, 0, 0]
    shown = zip(orders.release_bucket, orders.due_bucket, orders.quantity // MICRO, strict=True)
    assert [tuple(map(int, row)) for row in shown] == [(0, 1, 10), (0, 2, 10), (2, 4, 40), (4, 6, 30)]


def test_components_are_needed_when_their_operation_begins_with_scrap_and_in_millionths():
    # 10 of A are released in bucket 3; the second operation starts a bucket later.
    # 2 × 10 / (1 − 0.1) = 22.222222.2..., rounded up to a millionth
    items = [ItemRow(code="A", lead_time=2), ItemRow(code="B")]
    bom = [BomRow(parent="A", component="B", qty=Decimal(2), scrap=Decimal("0.1"), offset=1)]
    problem = problem_of(buckets=6, items=items, bom=bom, requirements=requirements("A", 0, 0, 0, 0, 0, 10))

    run = net(problem)

    assert run.record("B").gross_requirements.tolist() == [0, 0, 0, 0, 22_222_223, 0]
    assert run.low_level_code.tolist() == [0, 1]


def test_a_row_counts_for_what_goes_out_while_it_is_in_force():
    # A takes two weeks; OLD goes into what is released before week 3, NEW into what is released from then on.
    # NEW comes a week after it is ordered: nothing of that is late for what takes OLD
    items = [ItemRow(code="A", lead_time=2), ItemRow(code="OLD"), ItemRow(code="NEW", lead_time=1)]
    bom = [
        BomRow(parent="A", component="OLD", qty=Decimal(1), end=3),
        BomRow(parent="A", component="NEW", qty=Decimal(2), first=3),
    ]
    demand = requirements("A", 0, 0, 5, 0, 7, 11)

    run = net(problem_of(buckets=6, items=items, bom=bom, requirements=demand))

    assert units(run.record("OLD").gross_requirements) == [5, 0, 7, 0, 0, 0]
    assert units(run.record("NEW").gross_requirements) == [0, 0, 0, 22, 0, 0]
    assert run.chain("A") == ()


def test_an_order_waits_for_no_component_that_does_not_go_into_it():
    # needed at once: A waits two weeks for OLD, and not six for NEW, which goes into what is released later
    items = [ItemRow(code="A"), ItemRow(code="OLD", lead_time=2), ItemRow(code="NEW", lead_time=6)]
    bom = [
        BomRow(parent="A", component="OLD", qty=Decimal(1), end=1),
        BomRow(parent="A", component="NEW", qty=Decimal(1), first=1),
    ]

    run = net(problem_of(buckets=9, items=items, bom=bom, requirements=requirements("A", 1, 1)))

    assert run.messages_of("A")[-1].to_bucket == 6
    assert run.record("A").late_buckets == 5
    alone = net(problem_of(buckets=9, items=items, bom=bom, requirements=requirements("A", 1)))
    assert [link.code for link in alone.chain("A")] == ["A", "OLD"]


def test_through_a_phantom_a_row_counts_while_all_rows_on_the_way_do():
    items = [ItemRow(code="A"), ItemRow(code="KIT", is_phantom=True), ItemRow(code="B")]
    bom = [
        BomRow(parent="A", component="KIT", qty=Decimal(2), first=1, end=4),
        BomRow(parent="KIT", component="B", qty=Decimal(3), end=3),
    ]

    run = net(problem_of(buckets=5, items=items, bom=bom, requirements=requirements("A", 1, 1, 1, 1, 1)))

    assert units(run.record("B").gross_requirements) == [0, 6, 6, 0, 0]


def test_phantoms_that_meet_again_are_passed_through_once():
    # forty phantoms, each of which names the next one twice: 2^40 ways, one row; and a thousand in a chain
    kits = [f"KIT{number}" for number in range(40)]
    chain = [f"C{number}" for number in range(1000)]
    items = [ItemRow(code="A"), ItemRow(code="B")]
    items += [ItemRow(code=code, is_phantom=True) for code in (*kits, *chain)]
    half = Decimal("0.5")
    pairs = [("A", kits[0], 1), ("A", chain[0], 1), (kits[-1], "B", 3), (chain[-1], "B", 4)]
    pairs += [(upper, lower, half) for upper, lower in pairwise(kits) for _ in range(2)]
    pairs += [(upper, lower, 1) for upper, lower in pairwise(chain)]
    bom = [BomRow(parent=parent, component=part, qty=Decimal(qty)) for parent, part, qty in pairs]

    run = net(problem_of(buckets=1, items=items, bom=bom, requirements=requirements("A", 1)))

    assert units(run.record("B").gross_requirements) == [7]


def test_what_two_parents_need_is_netted_once_and_ordered_together():
    # 30 + 30 in one bucket against a minimum of 50: one order of 60, not two of 50
    together = LotSizing(sizes=OrderSizes(minimum=50 * MICRO))
    items = [ItemRow(code="A"), ItemRow(code="B"), ItemRow(code="C", sizing=together)]
    bom = [
        BomRow(parent="A", component="C", qty=Decimal(1)),
        BomRow(parent="B", component="C", qty=Decimal(1)),
    ]
    demand = requirements("A", 0, 30) + requirements("B", 0, 30)

    run = net(problem_of(buckets=3, items=items, bom=bom, requirements=demand))

    assert units(run.record("C").planned_receipts) == [0, 60, 0]


def test_an_item_waits_for_its_deepest_use():
    # C goes into A directly and through B: it must be netted after both
    items = [ItemRow(code="C", on_hand=Decimal(5)), ItemRow(code="B"), ItemRow(code="A")]
    bom = [
        BomRow(parent="A", component="C", qty=Decimal(1)),
        BomRow(parent="A", component="B", qty=Decimal(1)),
        BomRow(parent="B", component="C", qty=Decimal(1)),
    ]

    run = net(problem_of(buckets=1, items=items, bom=bom, requirements=requirements("A", 10)))

    assert run.low_level_code.tolist() == [2, 1, 0]
    assert units(run.record("C").planned_receipts) == [15]


def test_no_order_is_planned_before_the_fence():
    item = ItemRow(code="A", on_hand=Decimal(5), fence=2)
    run = net(problem_of(buckets=4, items=[item], requirements=requirements("A", 4, 8, 0, 2)))

    record = run.record("A")

    assert units(record.net_requirements) == [0, 7, 0, 2]
    assert units(record.planned_receipts) == [0, 0, 7, 2]
    assert units(record.projected_on_hand) == [1, -7, 0, 0]


@pytest.mark.parametrize(("moves", "planned"), [(False, [0, 10, 0, 0]), (True, [0, 0, 0, 0])])
def test_an_open_order_that_can_move_in_is_not_ordered_a_second_time(moves, planned):
    item = ItemRow(code="A", receipts_move=moves)
    problem = problem_of(
        buckets=4,
        items=[item],
        requirements=requirements("A", 0, 10),
        scheduled_receipts=[QuantityRow(item="A", bucket=3, qty=Decimal(10))],
    )

    run = net(problem)

    assert units(run.record("A").planned_receipts) == planned
    assert MessageCode.RESCHEDULE_IN in {message.code for message in run.messages_of("A")}


def test_what_is_released_now_takes_its_components_now_however_long_it_takes():
    # a lead time beyond the horizon, and a product beyond 2^52: 44152937.523138 × 1.000001 / 0.97
    items = [ItemRow(code="A", lead_time=5), ItemRow(code="B")]
    bom = [BomRow(parent="A", component="B", qty=Decimal("1.000001"), scrap=Decimal("0.03"))]
    demand = [QuantityRow(item="A", bucket=0, qty=Decimal("44152937.523138"))]

    run = net(problem_of(buckets=1, items=items, bom=bom, requirements=demand))

    assert run.record("B").gross_requirements.tolist() == [45_518_537_810_388]


def test_cost_based_rules_make_the_published_lots_in_the_array_core():
    demand = [10, 62, 12, 130, 154, 129, 88, 52, 124, 160, 238, 41]
    for rule in (LotRule.WAGNER_WHITIN, LotRule.SILVER_MEAL):
        sizing = LotSizing(rule=rule, setup_cost=54, holding_cost=Decimal("0.4"))
        problem = problem_of(
            buckets=12, items=[ItemRow(code="A", sizing=sizing)], requirements=requirements("A", *demand)
        )

        receipts = units(net(problem).record("A").planned_receipts)

        assert receipts == [84, 0, 0, 130, 283, 0, 140, 0, 124, 160, 279, 0], rule


def test_a_phantom_passes_through_and_is_never_ordered():
    # 2 kits in the truck's second week, half a bag in a kit, 3 screws less scrap in a bag: 2 × 0.5 × 3 / 0.9
    items = [
        ItemRow(code="truck", lead_time=2),
        ItemRow(code="kit", is_phantom=True),
        ItemRow(code="bag", is_phantom=True),
        ItemRow(code="screw"),
    ]
    bom = [
        BomRow(parent="truck", component="kit", qty=Decimal(2), offset=1),
        BomRow(parent="kit", component="bag", qty=Decimal("0.5")),
        BomRow(parent="bag", component="screw", qty=Decimal(3), scrap=Decimal("0.1")),
    ]

    run = net(problem_of(buckets=4, items=items, bom=bom, requirements=requirements("truck", 0, 0, 0, 1)))

    assert run.record("screw").gross_requirements.tolist() == [0, 0, 3_333_334, 0]
    assert not run.record("kit").planned_receipts.any()
    assert not run.record("bag").planned_receipts.any()


def test_a_requirement_for_a_phantom_itself_is_planned():
    items = [ItemRow(code="kit", is_phantom=True), ItemRow(code="screw")]
    bom = [BomRow(parent="kit", component="screw", qty=Decimal(4))]

    run = net(problem_of(buckets=1, items=items, bom=bom, requirements=requirements("kit", 2)))

    assert units(run.record("screw").gross_requirements) == [8]


@given(problem=problems())
@settings(max_examples=300)
def test_arrays_give_what_plain_arithmetic_gives_or_refuse_what_cannot_be_counted(problem):
    expected = net_plainly(problem)

    try:
        run = net(problem)
    except InvalidNetting:
        supplied = [
            int(problem.items.on_hand[item])
            + sum(quantity for owner, _, quantity in quantities(problem.scheduled_receipts) if owner == item)
            for item in range(len(expected))
        ]
        assert max(sum(gross) for gross, _, _ in expected) > 1.99e18 or max(supplied) > 1.99e18
        return

    for item, (gross, receipts, past_due) in enumerate(expected):
        assert run.gross_requirements[item].tolist() == gross
        assert run.planned_receipts[item].tolist() == receipts
        assert run.past_due[item] == past_due


@given(data=st.data(), offset=st.integers(0, 2))
@settings(max_examples=5)
def test_nothing_drifts_over_ten_thousand_buckets(data, offset):
    buckets, taken = 10_000, Decimal("0.333333")
    amount = st.integers(1, 10**9).map(lambda millionths: Decimal(millionths) / MICRO)
    few = data.draw(st.lists(amount, min_size=7, max_size=7))
    items = [
        ItemRow(code="A", lead_time=2),
        ItemRow(code="B", lead_time=1, sizing=LotSizing(rule=LotRule.FIXED_PERIOD, period_days=3)),
        ItemRow(code="C", sizing=LotSizing(sizes=OrderSizes(minimum=123_457, multiple=77))),
    ]
    bom = [
        BomRow(parent="A", component="B", qty=taken, scrap=Decimal("0.017"), offset=offset),
        BomRow(parent="A", component="C", qty=taken),
        BomRow(parent="B", component="C", qty=Decimal("1.000001"), scrap=Decimal("0.3")),
    ]
    demand = [QuantityRow(item="A", bucket=bucket, qty=few[bucket % 7]) for bucket in range(buckets)]
    run = net(problem_of(buckets=buckets, items=items, bom=bom, requirements=demand))

    def released(code):
        record = run.record(code)
        releases = [int(value) for value in record.planned_releases]
        releases[0] += record.past_due
        return releases

    # every bucket of every component, from its parents' releases, with fractions
    for code in ("B", "C"):
        gross = [0] * buckets
        for row in bom:
            if row.component == code:
                ratio = netting.rows.per_unit(row.qty, row.scrap)
                for bucket, quantity in enumerate(released(row.parent)[: buckets - row.offset]):
                    gross[bucket + row.offset] += -(-quantity * ratio.numerator // ratio.denominator)
        assert run.record(code).gross_requirements.tolist() == gross
    # and what is left at the end is what came in less what went out
    for code in ("A", "B", "C"):
        record = run.record(code)
        came, went = sum(record.planned_receipts.tolist()), sum(record.gross_requirements.tolist())
        assert int(record.projected_on_hand[-1]) == came - went


@given(problem=problems())
def test_supply_equals_demand_plus_stock_change(problem):
    run = countable(problem)
    orders = run.planned_orders
    scheduled = quantities(problem.scheduled_receipts)
    released = {}
    for item, release, quantity in zip(
        orders.item.tolist(), orders.release_bucket.tolist(), orders.quantity.tolist(), strict=True
    ):
        released[item, release] = released.get((item, release), 0) + quantity

    for item, code in enumerate(problem.items.codes):
        record = run.record(code)
        ordered = sum(orders.quantity[orders.item == item].tolist())
        received = sum(qty for owner, bucket, qty in scheduled if owner == item and bucket < problem.buckets)
        independent = sum(qty for owner, _, qty in quantities(problem.requirements) if owner == item)
        dependent = sum(
            -(-quantity * numerator // denominator)
            for parent, component, numerator, denominator, offset, first, end in bom_rows(problem)
            for (owner, release), quantity in released.items()
            if component == item and owner == parent and release + offset < problem.buckets
            if first <= release < end
        )
        change = int(record.projected_on_hand[-1]) - int(problem.items.on_hand[item])
        assert received + ordered == independent + dependent + change


@given(problem=problems())
def test_no_item_is_negative_without_an_exception_that_says_so(problem):
    run = countable(problem)

    for code in problem.items.codes:
        record = run.record(code)
        told = {
            bucket
            for message in run.messages_of(code)
            if message.code == MessageCode.SHORTAGE
            for bucket in range(message.bucket, message.to_bucket)
        }
        negative = (record.projected_on_hand < 0) | (record.expected_on_hand < 0)
        assert set(np.flatnonzero(negative).tolist()) == told


@given(problem=problems())
def test_every_order_keeps_its_sizes_and_is_released_in_the_horizon(problem):
    run = countable(problem)
    orders = run.planned_orders

    totals = np.zeros_like(run.planned_receipts)
    np.add.at(totals, (orders.item, orders.due_bucket), orders.quantity)
    assert np.array_equal(totals, run.planned_receipts)
    assert (orders.release_bucket >= 0).all()
    for item in range(len(problem.items.codes)):
        sizes = sizes_of(problem, item)
        for quantity in orders.quantity[orders.item == item].tolist():
            assert quantity >= sizes.minimum
            assert quantity % sizes.multiple == 0
            assert sizes.maximum is None or quantity <= sizes.maximum


def test_costs_too_fine_for_machine_numbers_are_compared_exactly():
    # one order and carrying differ by the last digit: with it, two orders; without it, one
    for digit, orders in [(0, [1, 1]), (1, [2, 0])]:
        cost = Decimal(999_999_999) + Decimal(digit) / MICRO
        sizing = LotSizing(rule=LotRule.WAGNER_WHITIN, setup_cost=cost, holding_cost=Decimal(999_999_999))
        problem = problem_of(
            buckets=2, items=[ItemRow(code="A", sizing=sizing)], requirements=requirements("A", 1, 1)
        )

        assert units(net(problem).record("A").planned_receipts) == orders


def test_who_does_not_net_does_not_wait_for_the_compiler():
    program = "import planning.engine.netting, sys; sys.exit('numba' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_where_compiled_code_cannot_be_kept_it_is_made_each_time(monkeypatch):
    import numba

    njit = numba.njit

    def refuse_to_keep(**options):
        if options.get("cache"):
            raise RuntimeError("no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", refuse_to_keep)

    assert compiled(lambda number: number + 1)(1) == 2


LOOPS = sorted((Path(netting.__file__).parent / "loops").glob("*.py"))


@pytest.mark.parametrize("module", LOOPS, ids=lambda path: path.name)
def test_compiled_code_depends_on_no_other_file_s_compiled_code(module):
    # it is kept until its own file changes: what it calls elsewhere could be newer
    imported = {
        node.module
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ImportFrom) and ".loops." in (node.module or "")
    }

    assert not imported


def test_loops_over_lists_plan_the_same_for_a_factory_of_random_items():
    # the plain loops that the benchmark compares with, on every rule of lots, scrap and receipts
    problem = factory(400)
    assert net(problem).planned_receipts.tolist() == net_in_plain_python(problem)
