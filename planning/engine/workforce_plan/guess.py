"""Compiled: whole people near given ones that cost least by what is known of the linear program.

The program's value is convex in the moves, so each optimum that was found gives a plane below it: the highest
of the planes is a guess from below that costs no solve. Ratios are counted exactly, and the skills that work
for nobody but them follow: hired when they lack, let go when nobody needs them for some periods. Nothing here
knows of a solver; ``follow`` is O(skills × periods), a step of ``guess`` that and O(planes).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled

GUARD = 1e-6  # heads within this of a whole number count as that number
NOT = 1e300  # the cost of what may not be, and a limit that does not bind
SHIFT = 3  # periods by which a hire moves at most in a step
_STAY = 8  # periods that somebody is taken on for at most in a step, where people may be let go
_DRAWS = 5  # random numbers of a step
_KINDS_OF_HIRES, _KINDS = 4, 8

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Flags = npt.NDArray[np.bool_]


class Staff(NamedTuple):
    """A problem's people as the loops need them, ``[skill, period]`` unless said.

    ``heads[skill]`` at first, the share that stays, those who ``change`` skill; least and most hires, most
    layoffs, most heads; most hires of the plant ``[period]`` and of a skill in all ``[skill]``, what a hire
    costs ``[skill]`` and the money for that ``[period]``. ``follows[skill]``: it works for ratios alone, and
    is let go where nobody needs it for ``patience[skill]`` periods (0: never). Of each ratio its skill, the
    direct heads for one, its first period and what a head costs that lacks in a period whose hires are used
    up (``missing_cost[ratio, period]``, ``is_priced[ratio]``), else ``broken_cost``. ``hire_places`` and
    ``leave_places``: entries that may change, skill × periods + period.
    """

    heads: Floats
    stay: Floats
    change: Floats
    hire_least: Floats
    hire_most: Floats
    leave_most: Floats
    head_most: Floats
    plant: Floats
    in_all: Floats
    hire_cost: Floats
    budget: Floats
    is_direct: Flags
    follows: Flags
    patience: Ints
    ratio_skill: Ints
    per_direct: Floats
    first: Ints
    missing_cost: Floats
    is_priced: Flags
    broken_cost: float
    hire_places: Ints
    leave_places: Ints


@compiled
def follow(staff: Staff, hires: Floats, layoffs: Floats, heads: Floats) -> float:
    """Fill in ``heads``, and the moves of who follows; what ratios then cost, ``NOT`` where a limit is
    passed.
    """
    skills, periods = hires.shape
    direct = np.zeros(periods)
    for skill in range(skills):
        if not staff.follows[skill]:
            if not _count(staff, skill, hires, layoffs, heads):
                return NOT
            if staff.is_direct[skill]:
                direct += heads[skill]
    need = np.zeros(periods)
    for skill in range(skills):
        if staff.follows[skill]:
            need[:] = 0.0
            for ratio in range(len(staff.ratio_skill)):
                if staff.ratio_skill[ratio] == skill:
                    for period in range(staff.first[ratio], periods):
                        wanted = np.ceil(direct[period] / staff.per_direct[ratio] - GUARD)
                        need[period] = max(need[period], wanted)
            _supply(staff, skill, need, hires, layoffs, heads)
    return _price(staff, direct, hires, heads)


@compiled
def _count(staff: Staff, skill: int, hires: Floats, layoffs: Floats, heads: Floats) -> bool:
    """Heads of a skill; whether they keep within its limits."""
    now, total = staff.heads[skill], 0.0
    for period in range(hires.shape[1]):
        now = now * staff.stay[skill, period] + staff.change[skill, period]
        now += hires[skill, period] - layoffs[skill, period]
        total += hires[skill, period]
        heads[skill, period] = now
        is_over = now > staff.head_most[skill, period] + GUARD
        if now < -GUARD or (is_over and hires[skill, period] > staff.hire_least[skill, period]):
            return False
    return bool(total <= staff.in_all[skill] + GUARD)


@compiled
def _supply(staff: Staff, skill: int, need: Floats, hires: Floats, layoffs: Floats, heads: Floats) -> None:
    """Hires of who follows as late as ``need`` allows, within every limit; layoffs of who is not needed."""
    periods = len(need)
    now, total = staff.heads[skill], 0.0
    for period in range(periods):
        least = staff.hire_least[skill, period]
        now = now * staff.stay[skill, period] + staff.change[skill, period] + least
        hires[skill, period], layoffs[skill, period] = least, 0.0
        lacks = need[period] - np.ceil(now - GUARD)
        if lacks > 0:
            room = min(staff.hire_most[skill, period] - least, staff.in_all[skill] - total - least)
            room = min(room, np.floor(staff.head_most[skill, period] - now + GUARD))
            more = max(0.0, min(lacks, room, _places(staff, skill, period, hires)))
            hires[skill, period] += more
            now += more
        elif staff.patience[skill] > 0:
            most = need[period : period + staff.patience[skill]].max()
            spare = min(np.ceil(now - GUARD) - most, np.floor(now + GUARD), staff.leave_most[skill, period])
            if spare > 0:
                layoffs[skill, period] = spare
                now -= spare
        total += hires[skill, period]
        heads[skill, period] = now


@compiled
def _places(staff: Staff, skill: int, period: int, hires: Floats) -> float:
    """Hires that the plant has left for ``skill``, as those before it in order have taken theirs."""
    left = staff.plant[period]
    if left >= NOT:
        return NOT
    for other in range(len(staff.heads)):
        waits = staff.follows[other] and other > skill
        left -= staff.hire_least[other, period] if waits else hires[other, period]
    return float(left)


@compiled
def _price(staff: Staff, direct: Floats, hires: Floats, heads: Floats) -> float:
    """What heads cost that lack beside direct ones; ``NOT`` where the plant hires too many."""
    cost = 0.0
    for period in range(len(direct)):
        hired, money = 0.0, 0.0
        for skill in range(len(staff.heads)):
            hired += hires[skill, period]
            money += hires[skill, period] * staff.hire_cost[skill]
        if hired > staff.plant[period] + GUARD or money > staff.budget[period] + GUARD:
            return NOT
        for ratio in range(len(staff.ratio_skill)):
            if period < staff.first[ratio]:
                continue
            wanted = np.ceil(direct[period] / staff.per_direct[ratio] - GUARD)
            lacks = wanted - np.ceil(heads[staff.ratio_skill[ratio], period] - GUARD)
            if lacks > 0:
                is_full = staff.is_priced[ratio] and hired >= staff.plant[period]
                cost += lacks * (staff.missing_cost[ratio, period] if is_full else staff.broken_cost)
    return float(cost)


@compiled
def guess(
    staff: Staff,
    planes: Floats,
    heights: Floats,
    hires: Floats,
    layoffs: Floats,
    steps: int,
    radius: float,
    heat: float,
    cooling: float,
    seed: int,
) -> float:
    """Change ``hires`` and ``layoffs`` to the cheapest whole moves found within ``radius`` changes of them:
    simulated annealing from ``heat`` (money) with a factor of ``cooling`` a step; their cost as guessed,
    ``NOT`` where none were found. ``planes[entry, plane]`` are slopes by entry, hires before layoffs;
    ``heights[plane]`` are the planes at the given moves.
    """
    entries, best = hires.size, NOT
    state = np.array([seed * 2_654_435_761 + 88_172_645_463_325_252], dtype=np.uint64)
    draws = np.zeros(_DRAWS, dtype=np.int64)
    first = (hires.copy(), layoffs.copy())
    mine, then = (hires.copy(), layoffs.copy()), (hires.copy(), layoffs.copy())
    heads, level, raised = np.zeros(hires.shape), heights.copy(), heights.copy()
    value = NOT
    for _ in range(steps):
        heat *= cooling
        _draw(state, draws)
        then[0][:], then[1][:] = mine[0], mine[1]
        if not _change(staff, draws, then[0], then[1]):
            continue
        reach = _reach(staff, first[0], first[1], then[0], then[1])
        if reach > radius:
            continue
        cost = follow(staff, then[0], then[1], heads)
        if cost >= NOT:
            continue
        raised[:] = level
        for side in range(2):
            was, now = mine[side].ravel(), then[side].ravel()
            for entry in range(entries):
                if now[entry] != was[entry]:
                    raised += planes[side * entries + entry] * (now[entry] - was[entry])
        found = raised.max() + cost
        if found <= value or _chance(draws) < np.exp((value - found) / heat):
            mine[0][:], mine[1][:], level[:] = then[0], then[1], raised
            value = found
            if value < best and reach > 0:
                best = value
                hires[:], layoffs[:] = mine[0], mine[1]
    return float(best)


@compiled
def _draw(state: npt.NDArray[np.uint64], draws: Ints) -> None:
    """The next random numbers (xorshift)."""
    for number in range(len(draws)):
        state[0] ^= state[0] << np.uint64(13)
        state[0] ^= state[0] >> np.uint64(7)
        state[0] ^= state[0] << np.uint64(17)
        draws[number] = np.int64(state[0] >> np.uint64(33))


@compiled
def _chance(draws: Ints) -> float:
    """A number between 0 and 1 from the last of the draws."""
    return float(draws[_DRAWS - 1] / 2_147_483_648.0)


@compiled
def _change(staff: Staff, draws: Ints, hires: Floats, layoffs: Floats) -> bool:
    """One random change: a hire or layoff more, fewer, sooner or later, of another skill, or for some time;
    whether it keeps within the limits of its entries.
    """
    periods = hires.shape[1]
    leavers = len(staff.leave_places)
    if len(staff.hire_places) == 0:  # nobody may be hired: who is there may be let go
        if leavers == 0:
            return False
        kind = _KINDS_OF_HIRES + draws[0] % (_KINDS - _KINDS_OF_HIRES)
    else:
        kind = draws[0] % (_KINDS if leavers else _KINDS_OF_HIRES)
    if kind < _KINDS_OF_HIRES:
        place = staff.hire_places[draws[1] % len(staff.hire_places)]
        skill, period = place // periods, place % periods
        if kind == 0:
            return _add(hires, staff.hire_least, staff.hire_most, skill, period, 1.0)
        if not _add(hires, staff.hire_least, staff.hire_most, skill, period, -1.0):
            return False
        if kind == 1:
            return True
        other, by = skill, draws[3] % (2 * SHIFT + 1) - SHIFT
        if kind == 3:
            other, by = staff.hire_places[draws[2] % len(staff.hire_places)] // periods, draws[3] % 3 - 1
        return _add(hires, staff.hire_least, staff.hire_most, other, period + by, 1.0)
    place = staff.leave_places[draws[2] % leavers]
    skill, period = place // periods, place % periods
    least = np.zeros_like(staff.leave_most)
    sign = 1.0 if kind == 4 or (kind == 7 and draws[1] % 2) else -1.0
    if not _add(layoffs, least, staff.leave_most, skill, period, sign):
        return False
    if kind == 6:
        by = draws[3] % (2 * SHIFT + 1) - SHIFT
        return _add(layoffs, least, staff.leave_most, skill, period + by, 1.0)
    if kind == 7:
        before = period - 1 - draws[3] % _STAY
        return _add(hires, staff.hire_least, staff.hire_most, skill, before, sign)
    return True


@compiled
def _add(moves: Floats, least: Floats, most: Floats, skill: int, period: int, more: float) -> bool:
    """Add to one entry; whether that is within its limits."""
    if period < 0 or period >= moves.shape[1]:
        return False
    moves[skill, period] += more
    return bool(least[skill, period] <= moves[skill, period] <= most[skill, period])


@compiled
def _reach(staff: Staff, hires: Floats, layoffs: Floats, new_hires: Floats, new_layoffs: Floats) -> float:
    """Changes between two sets of moves, of those who do not follow."""
    found = 0.0
    for skill in range(len(staff.heads)):
        if not staff.follows[skill]:
            for period in range(hires.shape[1]):
                found += abs(new_hires[skill, period] - hires[skill, period])
                found += abs(new_layoffs[skill, period] - layoffs[skill, period])
    return found
