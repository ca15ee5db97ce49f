"""Wright's learning curve: hours of unit n = hours of the reference unit x (n / reference) ^ log2(rate)."""

from math import floor as whole_part
from math import log, log2

_TABLE_LIMIT = 1_000_000
_FAR = 10**12  # a unit beyond every floor


class LearningCurve:
    """Cumulative unit factors of one curve, constant from unit ``floor`` on (None: it never flattens).

    Sums up to unit 1,000,000 are exact and tabled as far as asked for; beyond, the integral of the curve
    (relative error below 1e-12 there).
    """

    def __init__(self, rate: float, reference: int, floor: int | None) -> None:
        self.exponent = log2(rate)
        self.reference = reference
        self.floor = floor
        self._sums = [0.0]

    def factor(self, unit: int) -> float:
        """Share of the reference unit's hours that unit number ``unit`` (1, 2, …) takes."""
        if self.exponent == 0:
            return 1.0
        if self.floor is not None:
            unit = min(unit, self.floor)
        return float((unit / self.reference) ** self.exponent)

    def sum_between(self, first: float, last: float) -> float:
        """Sum of factors of the units in ``(first, last]``; a part of a unit counts in proportion."""
        if self.exponent == 0:
            return last - first
        return self._up_to(last) - self._up_to(first)

    def sums_up_to(self, units: int) -> list[float]:
        """Sums of the factors of the first 0, 1, … ``units``."""
        while len(self._sums) <= units:
            self._sums.append(self._sums[-1] + self.factor(len(self._sums)))
        return self._sums[: units + 1]

    def _up_to(self, units: float) -> float:
        flat_from = self.floor if self.floor is not None else _TABLE_LIMIT
        tabled = min(whole_part(units), flat_from, _TABLE_LIMIT)
        self.sums_up_to(tabled)
        rest = units - tabled
        if rest <= 0:
            return self._sums[tabled]
        if (self.floor is not None and tabled >= self.floor) or tabled < _TABLE_LIMIT:
            return self._sums[tabled] + rest * self.factor(tabled + 1)
        curved = units if self.floor is None else min(units, self.floor)
        return self._sums[tabled] + self._area(tabled, curved) + (units - curved) * self.factor(_FAR)

    def _area(self, first: float, last: float) -> float:
        """Area under the curve between the middles of units."""
        power = self.exponent + 1
        scale = float(self.reference**-self.exponent)
        if abs(power) < 1e-12:
            return scale * log((last + 0.5) / (first + 0.5))
        return scale * float((last + 0.5) ** power - (first + 0.5) ** power) / power
