"""What cannot be netted is refused with its place and a remedy, and nothing is planned on top of it."""

from decimal import Decimal

import numpy as np
import pytest

from planning.engine.netting import (
    BillOfMaterials,
    BomRow,
    InvalidNetting,
    ItemRow,
    Items,
    NettingProblem,
    Quantities,
    QuantityRow,
    net,
    problem_of,
)


def problem(*, buckets=4, codes=("A", "B"), requirements=(), receipts=(), bom=None, **terms):
    return NettingProblem(
        buckets=buckets,
        items=Items.of(codes, **terms),
        requirements=Quantities.of(*zip(*requirements, strict=True)),
        scheduled_receipts=Quantities.of(*zip(*receipts, strict=True)),
        bom=BillOfMaterials.of(**(bom or {})),
    )


def edge(**given):
    return {"parent": [0], "component": [1], "numerator": [1], **given}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"buckets": 0}, "/buckets: expected 1 to 100000 buckets, got 0"),
        ({"codes": ("A", "A")}, "the same code twice"),
        ({"on_hand": [1]}, "/items: arrays of different lengths"),
        ({"on_hand": [0, -1]}, "/items/B/on_hand: expected 0 to 1,000,000,000"),
        ({"safety_stock": [10**15 + 1, 0]}, "/items/A/safety_stock: expected 0 to"),
        ({"lead_time": [-1, 0]}, "/items/A/lead_time: expected 0 to 100000 buckets"),
        ({"multiple": [0, 1]}, "/items/A/multiple: expected more than 0"),
        ({"rule": [0, 9]}, "/items/B/rule: not one of the lot rules"),
        ({"period": [0, 1]}, "/items/A/period: expected 1 to"),
        (
            {"minimum": [7, 0], "multiple": [5, 1], "maximum": [9, 0]},
            "/items/A/maximum: no multiple lies between",
        ),
        (
            {"requirements": [(1, 4, 1)]},
            "/requirements/0: B: bucket 4, expected 0 to before 4; what is late is 0",
        ),
        ({"requirements": [(0, 0, 1), (0, -1, 1)]}, "/requirements/1: A: bucket -1"),
        ({"requirements": [(0, 0, 10**18)]}, "/requirements/0: A: expected a quantity of 0 to 1,000,000,000"),
        ({"requirements": [(2, 0, 1)]}, "/requirements: a position outside the 2 items"),
        ({"receipts": [(0, -200_000, 1)]}, "/scheduled_receipts/0: A: bucket -200000, expected at most"),
        ({"bom": edge(numerator=[0])}, "/bom/0: B in A: expected a quantity per unit above 0"),
        (
            {"bom": edge(numerator=[10**13])},
            "/bom/0: B in A: expected a quantity per unit above 0, up to 1e12",
        ),
        ({"bom": edge(denominator=[0])}, "/bom/0: B in A: the quantity per unit is a ratio"),
        ({"bom": edge(first=[-1])}, "/bom/0: B in A: never counts; expected a first bucket of 0 or later"),
        ({"bom": edge(first=[3], end=[3])}, "/bom/0: B in A: never counts"),
        ({"bom": edge(offset=[1])}, "/bom/0: B in A: taken outside the parent's lead time"),
    ],
)
def test_each_rule_is_told_with_its_place(given, words):
    with pytest.raises(InvalidNetting) as refused:
        problem(**given)

    assert any(words in str(issue) for issue in refused.value.issues)


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidNetting) as refused:
        problem(on_hand=[-1, -1], lead_time=[-1, 0], requirements=[(0, 9, 1)])

    assert [issue.path for issue in refused.value.issues] == [
        "/items/A/on_hand",
        "/items/B/on_hand",
        "/items/A/lead_time",
        "/requirements/0",
    ]


def test_a_float_is_no_quantity():
    with pytest.raises(TypeError, match="expected whole numbers"):
        Quantities.of([0], [0], [0.5])


def test_a_term_that_items_do_not_have_is_named():
    with pytest.raises(TypeError, match="Items has no leadtime"):
        Items.of(["A"], leadtime=[1])


@pytest.mark.parametrize(
    ("edges", "path"),
    [
        ([(0, 0)], "A > A"),
        ([(0, 1), (1, 0)], "A > B > A|B > A > B"),
        # E hangs below the cycle and D above it
        ([(3, 0), (0, 1), (1, 2), (2, 0), (2, 4)], "A > B > C > A|B > C > A > B|C > A > B > C"),
    ],
)
def test_a_cycle_is_refused_with_the_path_round_it(edges, path):
    parent, component = zip(*edges, strict=True)
    looped = problem(
        codes=tuple("ABCDE"),
        bom={"parent": parent, "component": component, "numerator": [1] * len(edges)},
    )

    with pytest.raises(InvalidNetting, match=rf"/bom: cycle: ({path}); take one of these rows out"):
        net(looped)


@pytest.mark.parametrize(
    "given",
    [
        # 1e9 units a bucket over 3,000 buckets
        {"requirements": [(0, bucket, 10**15) for bucket in range(3_000)], "buckets": 3_000},
        # a part that comes a million times into each of 1e9
        {"requirements": [(0, 0, 10**15)], "bom": edge(numerator=[10**6]), "codes": ("B", "A")},
        {"receipts": [(0, 0, 10**15)] * 3_000},
    ],
)
def test_quantities_that_cannot_be_counted_are_refused_by_the_item_s_name(given):
    with pytest.raises(InvalidNetting, match="/items/A: its quantities add up to more than 2e12 units"):
        net(problem(**given))


def test_the_largest_quantities_of_the_format_are_exact():
    # 1,000,000,000 × 0.000001 / (1 − 0.999999999) = 1e12 and 999,999,999.999999 of another, to the millionth
    items = [ItemRow(code="A"), ItemRow(code="B"), ItemRow(code="C")]
    bom = [
        BomRow(parent="A", component="B", qty=Decimal("0.000001"), scrap=Decimal("0.999999999")),
        BomRow(parent="A", component="C", qty=Decimal("0.999999999"), scrap=Decimal("0.000000007")),
    ]
    demand = [QuantityRow(item="A", bucket=0, qty=Decimal(10**9))]

    run = net(problem_of(buckets=1, items=items, bom=bom, requirements=demand))

    assert run.gross_requirements[1, 0] == 10**18
    # 1e15 × 999,999,999 / 999,999,993 = 1,000,000,006,000,000.042
    assert run.gross_requirements[2, 0] == 1_000_000_006_000_001


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"requirements": [QuantityRow(item="X", bucket=0, qty=Decimal(1))]}, "/requirements/0: no item X"),
        (
            {"requirements": [QuantityRow(item="A", bucket=0, qty=Decimal("1e-9"))]},
            "/requirements/0: 1E-9 is finer than a millionth; round it",
        ),
        ({"bom": [BomRow(parent="A", component="X", qty=Decimal(1))]}, "/bom/0: no item X"),
        (
            {"bom": [BomRow(parent="A", component="A", qty=Decimal(1), scrap=Decimal(1))]},
            "/bom/0: A: expected a scrap of 0 to below 1",
        ),
    ],
)
def test_rows_are_refused_with_their_place(rows, words):
    with pytest.raises(InvalidNetting, match=words):
        problem_of(buckets=1, items=[ItemRow(code="A")], **rows)


def test_a_phantom_within_itself_is_refused_with_the_path():
    items = [ItemRow(code="A"), *(ItemRow(code=code, is_phantom=True) for code in ("P", "Q"))]
    bom = [
        BomRow(parent=parent, component=component, qty=Decimal(1))
        for parent, component in [("A", "P"), ("P", "Q"), ("Q", "P")]
    ]

    with pytest.raises(InvalidNetting, match="cycle: P > Q > P"):
        problem_of(buckets=1, items=items, bom=bom)


def test_without_items_there_is_nothing_to_do():
    run = net(problem(codes=()))

    assert len(run.planned_orders) == 0
    assert len(run.messages) == 0
    assert run.past_due.dtype == np.int64
