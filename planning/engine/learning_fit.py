"""Wright's rate, fitted again from reported actual hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from planning.engine.learning import LearningCurve

LEAST_RATE, MOST_RATE = 0.5, 1.0  # slower than 1 is not learning, faster than a half is no report to trust
STEPS = 60  # of the golden section: 1e-12 of the interval
HALVINGS = 30
SAME = 1e-12  # of a mean squared deviation: noise
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLot:
    """``hours`` that units ``(first, last]`` of an item took, counted from its first unit ever."""

    first: float
    last: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCurve:
    """``reference_hours``: of the reference unit. ``error``: the root of the mean squared deviation of the
    logarithm of a lot's hours, about the share by which a lot misses the curve.
    """

    rate: float
    reference_hours: float
    error: float


def fit_learning(
    lots: Sequence[ReportedLot], *, reference: int = 1, floor: int | None = None
) -> FittedCurve | None:
    """The rate that explains the lots' hours best, every lot weighing as many units as it has.

    None where they say nothing of a rate: fewer than two lots at different places on the curve. Least squares
    of the logarithm: for a given rate the reference unit's hours follow, so only the rate is searched for.
    """
    known = [lot for lot in lots if lot.last > lot.first >= 0 and lot.hours > 0]
    if len({(lot.first, lot.last) for lot in known}) < 2:
        return None
    if floor is not None and all(lot.first >= floor for lot in known):
        return None
    low, high = LEAST_RATE, MOST_RATE
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    for _ in range(STEPS):
        if _misfit(known, left, reference, floor)[0] <= _misfit(known, right, reference, floor)[0]:
            high, right = right, left
            left = high - _GOLDEN * (high - low)
        else:
            low, left = left, right
            right = low + _GOLDEN * (high - low)
    ends = (LEAST_RATE, (low + high) / 2, MOST_RATE)
    rate = min(ends, key=lambda each: _misfit(known, each, reference, floor)[0])
    squared, level = _misfit(known, rate, reference, floor)
    return FittedCurve(rate=rate, reference_hours=exp(level), error=squared**0.5)


def rate_interval(
    lots: Sequence[ReportedLot], fitted: FittedCurve, *, reference: int = 1, floor: int | None = None
) -> tuple[float, float] | None:
    """The rates between which the one that made the hours lies with about 95 %; None for fewer than three
    lots.

    A rate is in it while its squared deviations are less than 1 + 4 / (lots - 2) times those of the best:
    Student's t is about 2.
    """
    known = [lot for lot in lots if lot.last > lot.first >= 0 and lot.hours > 0]
    if len(known) < 3:
        return None
    least = _misfit(known, fitted.rate, reference, floor)[0]
    most = least * (1 + 4 / (len(known) - 2)) + SAME

    def end(outside: float) -> float:
        inside = fitted.rate
        if _misfit(known, outside, reference, floor)[0] <= most:
            return outside
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            if _misfit(known, middle, reference, floor)[0] <= most:
                inside = middle
            else:
                outside = middle
        return inside

    return end(LEAST_RATE), end(MOST_RATE)


def _misfit(
    lots: Sequence[ReportedLot], rate: float, reference: int, floor: int | None
) -> tuple[float, float]:
    """Mean squared deviation of the logarithm, and the logarithm of the reference unit's hours."""
    curve = LearningCurve(rate, reference, floor)
    units = [lot.last - lot.first for lot in lots]
    levels = [log(lot.hours / curve.sum_between(lot.first, lot.last)) for lot in lots]
    total = sum(units)
    level = sum(weight * each for weight, each in zip(units, levels, strict=True)) / total
    return sum(
        weight * (each - level) ** 2 for weight, each in zip(units, levels, strict=True)
    ) / total, level
