"""Wright's unit curve: each doubling of the number made multiplies the time of a unit by the learning
rate.
"""

import math
from decimal import Decimal

from planning.engine.factory import SkillRow


def unit_factor(number: int, rate: float, reference: int, floor: int | None) -> float:
    """What multiplies the run time of unit ``number`` (1, 2, ...); constant from unit ``floor`` on."""
    counted = number if floor is None else min(number, floor)
    return float((counted / reference) ** math.log2(rate))


def factor_sum(skill: SkillRow | None, made: Decimal, qty: Decimal) -> float:
    """The sum of the factors of units ``(made, made + qty]``; a part of a unit counts as that part of its
    factor.

    Without a skill nobody learns: every factor is 1. Wants a resolved skill.
    """
    if skill is None or skill.learning_rate in (None, 1):
        return float(qty)
    rate, reference = float(skill.learning_rate or 1), skill.learning_reference_unit or 1
    floor = skill.learning_floor_unit
    start, end = float(made), float(made + qty)
    total = 0.0
    number = math.floor(start) + 1
    while number - 1 < end:
        begun = max(start, number - 1)
        if floor is not None and number >= floor:
            return total + (end - begun) * unit_factor(floor, rate, reference, floor)
        total += (min(end, number) - begun) * unit_factor(number, rate, reference, floor)
        number += 1
    return total
