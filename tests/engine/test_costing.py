"""The cost of an item by level: by hand, and whatever the bill looks like, levels add up to the whole."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.costing import (
    NOTHING,
    Offer,
    Part,
    Step,
    Units,
    Use,
    level_costs,
    preferred,
    quantities,
    roll_up,
    unit_curve,
)
from planning.engine.errors import InvalidFactory
from planning.engine.learning import LearningCurve

DAY = dt.date(2011, 3, 1)
F = Fraction


def parts(*rows):
    return {row.code: row for row in rows}


def drive():
    """A drive of two motors (one in twenty is lost) and a case; a motor of 3 kg of wire.

    The drive takes 2 h of one person at 20 an hour on a bench of 5 an hour, the motor 1 h of setup for lots
    of 4 and 0.5 h run for two people at 10 an hour on a winder of 8 an hour that does 1.25 hours' work.
    """
    return parts(
        Part(
            code="DRIVE",
            units_made=7,
            steps=(Step(seq=10, run_h=F(2), wage=F(20), machine=F(5)),),
            uses=(Use(component="MOTOR", qty=F(40, 19)), Use(component="CASE", qty=F(1))),
        ),
        Part(
            code="MOTOR",
            subcontract=F(3),
            steps=(
                Step(
                    seq=10,
                    setup_h=F(1),
                    run_h=F(1, 2),
                    lot=F(4),
                    crew=2,
                    wage=F(10),
                    machine=F(8),
                    efficiency=F(5, 4),
                ),
            ),
            uses=(Use(component="WIRE", qty=F(3)),),
        ),
        Part(code="CASE", purchase=F(30)),
        Part(code="WIRE", purchase=F(7)),
    )


def test_a_unit_is_rolled_up_by_hand():
    rolled = roll_up(drive(), "DRIVE", None)

    # one motor: 21 material, 3 to the subcontractor, (1/4 + 1/2) / 1.25 = 0.6 h: 12 for people, 4.80 for it
    motor = rolled["MOTOR"]
    assert (motor.own.labour, motor.own.machine, motor.own.material) == (12, F(24, 5), 0)
    assert (motor.rolled.material, motor.rolled.subcontract) == (21, 3)
    assert motor.rolled.total == F(204, 5)
    # the drive: 2 h: 40 and 10; a case of 30; 2 / 0.95 motors of 40.80
    whole = rolled["DRIVE"]
    assert (whole.own.labour, whole.own.machine) == (40, 10)
    assert whole.rolled.material == 30 + F(40, 19) * 21
    assert whole.rolled.total == 80 + F(40, 19) * F(204, 5)
    assert rolled["WIRE"].qty == F(120, 19)


def test_levels_hold_what_each_of_them_adds():
    bill = drive()
    levels = level_costs(bill, "DRIVE", roll_up(bill, "DRIVE", None))

    motors = F(40, 19)
    assert [level.total for level in levels] == [50, 30 + motors * F(99, 5), motors * 21]


def test_what_stands_at_two_levels_counts_at_each():
    bill = parts(
        Part(code="A", uses=(Use(component="B", qty=F(1)), Use(component="BOLT", qty=F(2)))),
        Part(code="B", uses=(Use(component="BOLT", qty=F(5)),)),
        Part(code="BOLT", purchase=F(1)),
    )
    rolled = roll_up(bill, "A", None)

    assert [level.material for level in level_costs(bill, "A", rolled)] == [0, 2, 5]
    assert rolled["BOLT"].qty == 7
    assert rolled["A"].rolled.material == 7


def learner(*, made, rate=0.8, floor=None):
    curve = LearningCurve(rate, 1, floor)
    return Part(code="D", units_made=made, steps=(Step(seq=10, run_h=F(10), wage=F(1), curve=curve),))


def test_the_next_unit_costs_what_wrights_curve_says():
    # 80 %: unit 1 takes 10 h, unit 2 takes 8 h, unit 4 takes 6.4 h
    for made, hours in ((0, 10), (1, 8), (3, 6.4)):
        rolled = roll_up(parts(learner(made=made)), "D", Units())
        assert float(rolled["D"].rolled.labour) == pytest.approx(hours)


def test_at_the_reference_nobody_has_learned_and_nothing_flattens():
    assert roll_up(parts(learner(made=50)), "D", None)["D"].rolled.labour == 10


def test_the_average_of_units_is_the_sum_of_the_curve_over_them():
    average = roll_up(parts(learner(made=0)), "D", Units(count=2))["D"].rolled.labour
    assert float(average) == pytest.approx((10 + 8) / 2)
    later = roll_up(parts(learner(made=0)), "D", Units(count=1, skipped=3))["D"].rolled.labour
    assert float(later) == pytest.approx(6.4)
    flat = roll_up(parts(learner(made=9, floor=4)), "D", Units(count=100))["D"].rolled.labour
    assert float(flat) == pytest.approx(6.4)


def test_a_component_moves_along_its_own_curve_by_as_many_as_go_into_the_product():
    # two motors of each product: product 1 takes motors 1 and 2 (10 + 8 h), product 2 motors 3 and 4
    motor = Part(code="M", steps=(Step(seq=10, run_h=F(10), wage=F(1), curve=LearningCurve(0.8, 1, None)),))
    bill = parts(Part(code="P", units_made=100, uses=(Use(component="M", qty=F(2)),)), motor)

    curve = unit_curve(bill, "P", 2)

    assert [point.unit for point in curve] == [101, 102]
    assert curve[0].labour == pytest.approx(18)
    assert curve[1].labour == pytest.approx(10 * 3**-0.321928 + 6.4, abs=1e-4)
    assert float(roll_up(bill, "P", Units())["P"].rolled.labour) == pytest.approx(18)


def test_setup_is_not_learned():
    curve = LearningCurve(0.5, 1, None)
    part = Part(
        code="D",
        units_made=1,
        steps=(Step(seq=1, setup_h=F(6), lot=F(3), run_h=F(4), machine=F(1), curve=curve),),
    )
    assert roll_up(parts(part), "D", Units())["D"].rolled.machine == 2 + 2


def test_a_bill_that_contains_itself_is_refused_with_its_path():
    bill = parts(
        Part(code="A", uses=(Use(component="B", qty=F(1)),)),
        Part(code="B", uses=(Use(component="A", qty=F(1)),)),
    )
    with pytest.raises(InvalidFactory, match="A → B → A"):
        roll_up(bill, "A", None)


# --- Prices ------------------------------------------------------------------------------------------


def offer(supplier="S", *, priority=1, starts=None, ends=None, least=0, multiple=None, cost=10, breaks=()):
    return Offer(
        supplier=supplier,
        lead_time_days=5,
        priority=priority,
        starts=starts,
        ends=ends,
        least=Decimal(least),
        multiple=None if multiple is None else Decimal(multiple),
        unit_cost=Decimal(cost),
        breaks=tuple((Decimal(qty), Decimal(price)) for qty, price in breaks),
    )


def test_the_standard_quantity_is_the_smallest_order_and_decides_the_price_break():
    breaks = ((10, 9), (50, 8), (100, 7))
    assert offer(breaks=breaks).standard_cost == 10
    assert offer(least=10, breaks=breaks).standard_cost == 9
    # 45 in steps of 20 is 60
    sixty = offer(least=45, multiple=20, breaks=breaks)
    assert (sixty.standard_qty, sixty.standard_cost) == (60, 8)


def test_the_preferred_offer_counts_on_the_day_and_has_the_lowest_priority():
    soon = DAY + dt.timedelta(days=1)
    dear, cheap = offer("B", priority=2), offer("A", priority=1, starts=soon)
    assert preferred([dear, cheap], DAY) is dear
    assert preferred([dear, cheap], soon) is cheap
    assert preferred([offer(ends=DAY)], DAY) is None


def test_a_suppliers_later_row_takes_over():
    old, new = offer(cost=10), offer(cost=12, starts=DAY)
    assert preferred([new, old], DAY) is new
    assert preferred([new, old], DAY - dt.timedelta(days=1)) is old


# --- Whatever the bill ------------------------------------------------------------------------------


@st.composite
def bills(draw):
    """Up to ten parts, each made of some that come after it."""
    count = draw(st.integers(1, 10))
    amounts = st.fractions(0, 1000, max_denominator=20)
    rows = []
    for number in range(count):
        below = draw(st.lists(st.integers(number + 1, count), unique=True, max_size=4))
        uses = [
            Use(component=f"P{each}", qty=draw(st.fractions(F(1, 20), 20, max_denominator=20)))
            for each in below
            if each < count
        ]
        rate = draw(st.sampled_from([None, 0.7, 0.85]))
        step = Step(
            seq=10,
            setup_h=draw(amounts),
            run_h=draw(amounts),
            lot=F(draw(st.integers(1, 20))),
            crew=draw(st.integers(0, 3)),
            wage=draw(amounts),
            machine=draw(amounts),
            curve=None if rate is None else LearningCurve(rate, draw(st.integers(1, 50)), None),
        )
        rows.append(
            Part(
                code=f"P{number}",
                purchase=draw(amounts),
                subcontract=draw(amounts),
                units_made=draw(st.integers(0, 200)),
                steps=(step,) if draw(st.booleans()) else (),
                uses=tuple(uses),
            )
        )
    return parts(*rows)


UNITS = st.one_of(st.none(), st.builds(Units, count=st.integers(1, 400)))


@given(bills(), UNITS)
def test_the_levels_add_up_exactly_to_what_the_item_costs(bill, units):
    rolled = roll_up(bill, "P0", units)

    assert sum(level_costs(bill, "P0", rolled), NOTHING) == rolled["P0"].rolled


@given(bills(), UNITS)
def test_the_parts_add_up_exactly_to_what_the_item_costs(bill, units):
    rolled = roll_up(bill, "P0", units)
    needs = quantities(bill, "P0")

    assert sum((rolled[code].own * needs[code] for code in needs), NOTHING) == rolled["P0"].rolled


@given(bills(), st.integers(1, 60))
def test_the_mean_of_the_curve_is_the_average_cost(bill, count):
    average = roll_up(bill, "P0", Units(count=count))["P0"].rolled
    points = unit_curve(bill, "P0", count)

    for name in ("material", "labour", "machine", "subcontract"):
        mean = sum(getattr(point, name) for point in points) / count
        assert mean == pytest.approx(float(getattr(average, name)), rel=1e-6, abs=1e-6)


@given(bills(), st.integers(2, 60))
def test_no_unit_costs_more_than_the_one_before_it(bill, count):
    totals = [point.labour + point.machine for point in unit_curve(bill, "P0", count)]

    assert all(later <= earlier * (1 + 1e-9) + 1e-9 for earlier, later in pairwise(totals))
