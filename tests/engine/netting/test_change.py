"""Net change gives what a full run gives, and touches only what the change touches."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from planning.engine.lot_sizing import MICRO, LotSizing, OrderSizes
from planning.engine.netting import (
    BomRow,
    InvalidNetting,
    ItemRow,
    Quantities,
    QuantityRow,
    net,
    net_change,
    problem_of,
)
from tests.engine.netting.problems import changes, problems


def same(run, other):
    return (
        np.array_equal(run.gross_requirements, other.gross_requirements)
        and np.array_equal(run.planned_receipts, other.planned_receipts)
        and np.array_equal(run.past_due, other.past_due)
        and np.array_equal(run.low_level_code, other.low_level_code)
        and all(
            np.array_equal(getattr(run.planned_orders, name), getattr(other.planned_orders, name))
            for name in ("item", "release_bucket", "due_bucket", "quantity")
        )
        and list(run.messages) == list(other.messages)
    )


@given(data=st.data())
@settings(max_examples=200)
def test_after_any_changes_it_is_bit_by_bit_a_full_run(data):
    problem = data.draw(problems())
    try:
        run = net(problem)
        for _ in range(data.draw(st.integers(1, 3))):
            problem = data.draw(changes(problem))
            untouched = [array.copy() for array in run.state]
            before, run = run, net_change(run, problem)
            assert all(map(np.array_equal, before.state, untouched))
            assert same(run, net(problem))
    except InvalidNetting:
        reject()


@given(problem=problems())
def test_where_nothing_changed_nothing_is_planned_again(problem):
    try:
        run = net(problem)
    except InvalidNetting:
        reject()
    again = net_change(run, replace(problem))

    assert again.planned_again == 0
    assert same(again, run)


TREES = [f"{tree}{level}" for tree in "AB" for level in range(3)]


def two_trees():
    """Two products of three levels, A0 and B0. Both end in a screw, bought by the thousand, made of wire."""
    screws = LotSizing(sizes=OrderSizes(multiple=1000 * MICRO))
    chains = [
        BomRow(parent=f"{tree}{level}", component=f"{tree}{level + 1}", qty=Decimal(2))
        for tree in "AB"
        for level in range(2)
    ]
    shared = [BomRow(parent=f"{tree}2", component="screw", qty=Decimal(1)) for tree in "AB"]
    return problem_of(
        buckets=4,
        items=[
            *(ItemRow(code=code) for code in TREES),
            ItemRow(code="screw", sizing=screws),
            ItemRow(code="wire"),
        ],
        bom=[*chains, *shared, BomRow(parent="screw", component="wire", qty=Decimal(3))],
        requirements=[QuantityRow(item=f"{tree}0", bucket=1, qty=Decimal(10)) for tree in "AB"],
    )


def planned(run):
    return [run.problem.items.codes[item] for item in np.flatnonzero(run.is_netted)]


def with_order(problem, item, qty):
    rows = problem.requirements
    position = problem.items.codes.index(item)
    more = Quantities.of([*rows.item, position], [*rows.bucket, 2], [*rows.quantity, qty * MICRO])
    return replace(problem, requirements=more)


def test_an_order_is_planned_down_its_branch_until_nothing_changes():
    problem = two_trees()
    run = net(problem)

    # 80 screws are needed, 1000 are there in bucket 1: 20 more of A need 80 more, and no new order of screws
    changed = net_change(run, with_order(problem, "A0", 20))

    assert planned(changed) == ["A0", "A1", "A2", "screw"]
    assert changed.planned_again == 4
    assert same(changed, net(changed.problem))


def test_where_a_new_lot_is_needed_what_lies_below_is_planned_too():
    problem = two_trees()

    changed = net_change(net(problem), with_order(problem, "A0", 300))

    assert planned(changed) == ["A0", "A1", "A2", "screw", "wire"]


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (
            lambda items: replace(items, on_hand=items.on_hand + MICRO * named(items, "B1")),
            ["B1", "B2", "screw"],
        ),
        # releases of B1 move, its receipts do not: B2 is needed earlier
        (
            lambda items: replace(items, lead_time=items.lead_time + named(items, "B1")),
            ["B1", "B2", "screw", "wire"],
        ),
        # nothing is below the wire
        (lambda items: replace(items, safety_stock=items.safety_stock + 5 * named(items, "wire")), ["wire"]),
    ],
)
def test_terms_of_an_item_touch_it_and_what_it_takes(change, touched):
    problem = two_trees()

    changed = net_change(net(problem), replace(problem, items=change(problem.items)))

    assert planned(changed) == touched
    assert same(changed, net(changed.problem))


def named(items, code):
    return np.array([int(each == code) for each in items.codes])


def test_a_horizon_that_moved_is_planned_in_full():
    problem = two_trees()

    changed = net_change(net(problem), replace(problem, buckets=5))

    assert changed.planned_again == len(problem.items.codes)


def test_a_cycle_that_a_change_closes_is_refused_and_the_run_stays():
    problem = two_trees()
    run = net(problem)
    codes = problem.items.codes
    looped = replace(
        problem.bom,
        parent=np.append(problem.bom.parent, codes.index("screw")),
        component=np.append(problem.bom.component, codes.index("A0")),
        numerator=np.append(problem.bom.numerator, 1),
        denominator=np.append(problem.bom.denominator, 1),
        offset=np.append(problem.bom.offset, 0),
        first=np.append(problem.bom.first, 0),
        end=np.append(problem.bom.end, 1),
    )

    with pytest.raises(InvalidNetting, match="cycle: A1 > A2 > screw > A0 > A1"):
        net_change(run, replace(problem, bom=looped))

    assert same(run, net(problem))
