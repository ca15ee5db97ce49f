"""Wright's rate from reported hours: what made the hours is found again, and nothing is made up."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from planning.engine.learning import LearningCurve
from planning.engine.learning_fit import ReportedLot, fit_learning, rate_interval

KNOWN = json.loads((Path(__file__).parent / "golden" / "known_optima.json").read_text())
WRIGHT = next(row for row in KNOWN if row["kind"] == "learning_curve")


def lots_of(rate, edges, *, hours=10.0, reference=1, floor=None, noise=None):
    curve = LearningCurve(rate, reference, floor)
    return [
        ReportedLot(
            first=first,
            last=last,
            hours=hours * curve.sum_between(first, last) * (noise.uniform(0.95, 1.05) if noise else 1.0),
        )
        for first, last in pairwise(edges)
    ]


def test_the_published_table_of_units_and_sums_is_met():
    curve = LearningCurve(WRIGHT["data"]["rate"], 1, None)
    for unit, percent in WRIGHT["published"]["unit"].items():
        assert 100 * curve.factor(int(unit)) == pytest.approx(percent, abs=0.0005)
    for unit, total in WRIGHT["published"]["cum_factor"].items():
        assert curve.sum_between(0, int(unit)) == pytest.approx(total, abs=0.0005)


@pytest.mark.parametrize("rate", [0.7, 0.8, 0.85, 0.92, 1.0])
def test_the_rate_that_made_the_hours_is_found(rate):
    fitted = fit_learning(lots_of(rate, [0, 3, 10, 40, 41, 120]))

    assert fitted.rate == pytest.approx(rate, abs=1e-6)
    assert fitted.reference_hours == pytest.approx(10.0, rel=1e-5)
    assert fitted.error == pytest.approx(0.0, abs=1e-6)


def test_a_reference_unit_and_a_floor_are_honoured():
    fitted = fit_learning(
        lots_of(0.88, [0, 20, 90, 200, 400], reference=150, floor=300), reference=150, floor=300
    )

    assert (fitted.rate, fitted.reference_hours) == pytest.approx((0.88, 10.0), rel=1e-5)


def test_noise_of_five_per_cent_moves_the_rate_by_little():
    fitted = fit_learning(lots_of(0.85, list(range(0, 300, 10)), noise=random.Random(4)))

    assert fitted.rate == pytest.approx(0.85, abs=0.01)
    assert 0.01 < fitted.error < 0.05


@pytest.mark.parametrize(
    "lots",
    [
        [],
        [ReportedLot(first=0, last=10, hours=80)],
        [ReportedLot(first=0, last=10, hours=80), ReportedLot(first=0, last=10, hours=90)],
        [ReportedLot(first=0, last=10, hours=0), ReportedLot(first=10, last=20, hours=50)],
    ],
    ids=["none", "one", "one place", "no hours"],
)
def test_reports_that_say_nothing_of_a_rate_fit_none(lots):
    assert fit_learning(lots) is None


def test_exact_hours_leave_no_doubt_of_the_rate():
    lots = lots_of(0.85, [0, 3, 10, 40])
    low, high = rate_interval(lots, fit_learning(lots))
    assert (low, high) == pytest.approx((0.85, 0.85), abs=1e-4)


def test_more_reports_of_the_same_noise_make_the_rate_surer():
    few, many = (lots_of(0.85, list(range(0, 300, step)), noise=random.Random(4)) for step in (50, 5))
    widths = []
    for lots in (few, many):
        low, high = rate_interval(lots, fit_learning(lots))
        assert low < 0.85 < high
        widths.append(high - low)
    assert widths[1] < widths[0]


def test_two_lots_say_nothing_of_how_sure_a_rate_is():
    lots = lots_of(0.85, [0, 3, 10])
    assert rate_interval(lots, fit_learning(lots)) is None
