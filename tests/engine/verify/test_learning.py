"""Learning sums against the published table of Wright's unit curve at 80 %."""

from decimal import Decimal

import pytest

from planning.engine.factory import SkillRow
from planning.engine.verify.learning import factor_sum, unit_factor


def make_skill(**rules):
    given = {"learning_rate": Decimal("0.8"), "learning_reference_unit": 1, "learning_floor_unit": None}
    return SkillRow(code="S", **(given | rules))


@pytest.mark.parametrize(
    ("unit", "factor"),
    [(1, 1.0), (2, 0.8), (3, 0.70210), (4, 0.64), (5, 0.59564), (10, 0.47651), (100, 0.22706)],
)
def test_unit_times_are_those_of_the_published_table(unit, factor):
    assert unit_factor(unit, 0.8, 1, None) == pytest.approx(factor, abs=5e-6)


@pytest.mark.parametrize(
    ("units", "total"), [(1, 1.0), (2, 1.8), (5, 3.73774), (10, 6.31537), (100, 32.65081)]
)
def test_cumulative_times_are_those_of_the_published_table(units, total):
    assert factor_sum(make_skill(), Decimal(0), Decimal(units)) == pytest.approx(total, abs=5e-6)


def test_lots_add_up_to_the_whole():
    # units 1 to 3, 4 to 10
    parts = factor_sum(make_skill(), Decimal(0), Decimal(3)) + factor_sum(
        make_skill(), Decimal(3), Decimal(7)
    )

    assert parts == pytest.approx(6.31537, abs=5e-6)


def test_half_a_unit_counts_half_its_factor():
    # half of unit 1 and half of unit 2: 0.5 + 0.4
    assert factor_sum(make_skill(), Decimal("0.5"), Decimal(1)) == pytest.approx(0.9)


def test_nothing_is_learned_past_the_floor_unit():
    # units 2 to 5 with floor 2: 4 x 0.8
    assert factor_sum(make_skill(learning_floor_unit=2), Decimal(1), Decimal(4)) == pytest.approx(3.2)


def test_the_reference_unit_takes_the_standard_time():
    # with reference 2, unit 2 takes 1 and unit 4 takes 0.8
    assert unit_factor(2, 0.8, 2, None) == pytest.approx(1)
    assert unit_factor(4, 0.8, 2, None) == pytest.approx(0.8)


def test_nobody_learns_without_a_skill_or_at_rate_one():
    assert factor_sum(None, Decimal(5), Decimal("2.5")) == 2.5
    assert factor_sum(make_skill(learning_rate=Decimal(1)), Decimal(5), Decimal(3)) == 3
