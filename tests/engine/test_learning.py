"""Wright's learning curve against the published tables."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.learning import LearningCurve
from planning.engine.shop import MICRO
from tests.engine.plants import shop_of


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        (1, 1.0),
        (2, 0.8),
        (3, 0.702),
        (4, 0.64),
        (5, 0.596),
        (8, 0.512),
        (10, 0.477),
        (25, 0.355),
        (100, 0.227),
    ],
)
def test_the_80_percent_curve_has_the_unit_times_of_the_table(unit, factor):
    assert LearningCurve(0.8, 1, None).factor(unit) == pytest.approx(factor, abs=5e-4)


@pytest.mark.parametrize(
    ("units", "total"), [(1, 1.0), (2, 1.8), (3, 2.502), (4, 3.142), (10, 6.315), (25, 12.309), (100, 32.651)]
)
def test_the_80_percent_curve_has_the_total_times_of_the_table(units, total):
    assert LearningCurve(0.8, 1, None).sum_between(0, units) == pytest.approx(total, abs=5e-4)


def test_the_90_percent_curve_has_the_total_time_of_the_table():
    assert LearningCurve(0.9, 1, None).sum_between(0, 10) == pytest.approx(7.994, abs=5e-4)


def test_hours_are_those_of_the_reference_unit():
    # given 100 h for unit 4: unit 1 takes 100 / 0.64, unit 8 takes 80
    curve = LearningCurve(0.8, 4, None)
    assert curve.factor(4) == 1
    assert curve.factor(1) == pytest.approx(1 / 0.64)
    assert curve.factor(8) == pytest.approx(0.8)


def test_from_the_floor_unit_on_the_curve_is_flat():
    curve = LearningCurve(0.8, 1, 4)
    assert [curve.factor(unit) for unit in (3, 4, 5, 1_000)] == pytest.approx(
        [0.702, 0.64, 0.64, 0.64], abs=5e-4
    )
    # 1 + 0.8 + 0.702104 + 7 x 0.64
    assert curve.sum_between(0, 10) == pytest.approx(6.982104, abs=1e-6)
    assert curve.sum_between(1_000_000, 1_000_010) == pytest.approx(6.4)


def test_a_part_of_a_unit_counts_in_proportion():
    curve = LearningCurve(0.8, 1, None)
    assert curve.sum_between(0.5, 1) == pytest.approx(0.5)
    assert curve.sum_between(0.5, 1.25) == pytest.approx(0.5 + 0.25 * 0.8)


def test_without_learning_every_unit_takes_the_same():
    curve = LearningCurve(1, 1, None)
    assert curve.factor(1_000) == 1
    assert curve.sum_between(3.5, 10) == 6.5


@given(
    st.sampled_from([0.7, 0.8, 0.95]),
    st.sampled_from([None, 1, 7, 50]),
    st.lists(st.floats(0, 300), min_size=3, max_size=6).map(sorted),
)
def test_lots_add_up_to_what_one_lot_would_take(rate, floor, marks):
    curve = LearningCurve(rate, 1, floor)
    parts = sum(curve.sum_between(first, last) for first, last in pairwise(marks))
    assert parts == pytest.approx(curve.sum_between(marks[0], marks[-1]), abs=1e-9)


def test_the_closed_sum_goes_on_smoothly_where_the_table_ends():
    curve = LearningCurve(0.9, 1, None)
    last = curve.factor(1_000_000)
    assert curve.sum_between(1_000_000, 1_000_100) == pytest.approx(100 * last, rel=1e-4)
    # units 999,950 to 1,000,050 lie across the end of the table
    assert curve.sum_between(999_950, 1_000_050) == pytest.approx(100 * last, rel=1e-6)


@pytest.mark.parametrize("rate", [0.5, 0.4])
def test_curves_that_halve_and_more_have_a_sum_beyond_the_table(rate):
    curve = LearningCurve(rate, 1, None)
    assert curve.sum_between(1_000_000, 1_000_100) == pytest.approx(100 * curve.factor(1_000_050), rel=1e-6)


def test_a_floor_beyond_the_table_is_flat_as_well():
    curve = LearningCurve(0.9, 1, 1_000_100)
    flat = curve.factor(1_000_100)
    assert curve.sum_between(2_000_000, 2_000_010) == pytest.approx(10 * flat)
    assert curve.sum_between(1_000_000, 1_000_200) == pytest.approx(200 * flat, rel=1e-4)


def step_of(operation, **skill):
    rows = {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM"} | operation]}
    shop = shop_of(routings=rows, skills=[{"code": "ASM", "headcount": 1} | skill])
    return shop.routes[shop.item_index["DRIVE"]][0]


def test_a_lot_takes_its_setup_and_the_factors_of_its_units():
    # 1 h + 10 h x (0.702104 + 0.64), after two units: 14 h 25.26 min
    step = step_of({"setup_h": 1, "run_h": 10}, learning_rate=0.8)
    assert step.attended_minutes(2 * MICRO, 2 * MICRO) == 866


def test_minutes_are_rounded_up_without_float_noise():
    # 3 x 0.1 h = 18 minutes, though 3 x 0.1 x 60 is a little more in binary
    assert step_of({"run_h": 0.1}).attended_minutes(0, 3 * MICRO) == 18
    assert step_of({"run_h": 0.101}).attended_minutes(0, 3 * MICRO) == 19


def test_an_efficient_station_is_quicker():
    rows = {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "setup_h": 1, "run_h": 2}]}
    shop = shop_of(routings=rows, work_centres=[{"code": "BENCH", "calendar": "DAY", "efficiency": 1.25}])
    # (1 + 2 x 2) / 1.25 = 4 h
    assert shop.routes[shop.item_index["DRIVE"]][0].attended_minutes(0, 2 * MICRO) == 240


def test_unattended_cycles_are_counted_in_whole_batches():
    rows = {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "unattended_h": 4}]}
    shop = shop_of(routings=rows, work_centres=[{"code": "BENCH", "calendar": "DAY", "batch": 2}])
    step = shop.routes[shop.item_index["DRIVE"]][0]
    assert [step.free_after(quantity * MICRO) for quantity in (1, 2, 3)] == [240, 240, 480]
