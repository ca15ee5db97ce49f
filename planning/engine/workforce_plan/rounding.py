"""Whole hires and layoffs from a solution in fractions: what is owed cumulatively to a skill is rounded."""

import numpy as np

from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.sparse import Floats
from planning.engine.workforce_plan.tables import Tables, given_changes

_NOISE = 1e-6


def rounded_moves(
    model: WorkforceModel, hires: Floats, layoffs: Floats, threshold: float
) -> tuple[Floats, Floats]:
    """Whole hires and layoffs ``[skill, period]`` that follow the heads of the fractions.

    Each period hires what brings heads, hires so far counted as whole, to within ``threshold`` of the
    fractions' heads (0.4: 0.4 of a person and more becomes one), within every limit on hires. Where the
    plant's limit binds, those who are needed least wait.
    """
    problem, tables = model.problem, model.tables
    found, gone = np.zeros_like(hires), np.zeros_like(layoffs)
    behind = np.zeros(len(problem.skills))  # heads that the fractions have and whole people do not
    left = np.array(
        [
            np.inf if each.hiring is None or each.hiring.in_all is None else each.hiring.in_all
            for each in problem.skills
        ]
    )
    left = np.maximum(left - tables.hire_least.sum(axis=1), 0.0)  # beside those who come anyway
    heads = np.array([skill.heads for skill in problem.skills], dtype=np.float64)
    limits, changes = problem.limits, given_changes(problem)
    courses = sum(way.cost * np.array(way.given) for way in problem.cross_training if way.given)
    courses = np.zeros(hires.shape[1]) + courses
    for period in range(hires.shape[1]):
        heads = heads * tables.stay[:, period] + changes[:, period]
        owed = behind * tables.stay[:, period] + hires[:, period] - layoffs[:, period]
        low = tables.hire_least[:, period]
        room = np.minimum(tables.hire_most[:, period] - low, left)
        room = low + np.maximum(np.minimum(room, _room_for_heads(tables, heads + low, period, changes)), 0.0)
        more = np.clip(np.floor(owed + 1 - threshold + _NOISE), low, room)
        less = np.clip(np.floor(threshold - owed + _NOISE), 0.0, np.floor(heads))
        can_leave = model.frozen.high[model.columns.layoffs[:, period]] > 0
        less = np.where(can_leave, less, 0.0)
        money, each = np.inf, np.ones(len(more))
        if limits.hires:
            more = _take_back(more, low, owed, each, limits.hires[period])
        if limits.hiring_budget:
            money = limits.hiring_budget[period] - courses[period]
            more = _take_back(more, low, owed, tables.hire_cost, money)
        if limits.heads:
            places = limits.heads[period] - float((heads - less).sum())
            more = _take_back(more, low, owed, each, places)
        more, less = _follow_direct(model, heads, more, less, room, period, money)
        found[:, period], gone[:, period] = more, less
        behind = owed - more + less
        left = left - (more - low)
        heads = heads + more - less
    return found, gone


def _room_for_heads(tables: Tables, heads: Floats, period: int, changes: Floats) -> Floats:
    """Whole hires beside those that come anyway (``heads`` with them) that keep heads within their limit:
    now, and in later periods in which somebody comes anyway.
    """
    room = tables.head_limit[:, period] - heads
    spare, share = heads - tables.head_floor[:, period], np.ones(len(heads))
    for later in range(period + 1, tables.shape[1]):
        share = share * tables.stay[:, later]
        comes = (tables.hire_least[:, later] > 0) | (changes[:, later] > 0)
        free = tables.head_limit[:, later] - tables.head_floor[:, later]
        comes &= share > _NOISE
        room = np.where(comes, np.minimum(room, free / np.maximum(share, _NOISE) - spare), room)
    return np.floor(room + _NOISE)


def rounded_temps(temps: Floats, most: Floats, threshold: float) -> Floats:
    """Whole temporary people ``[skill, period]``: ``threshold`` of a person and more becomes one, of at most
    ``most`` by skill.
    """
    return np.minimum(np.floor(temps + 1 - threshold + _NOISE), np.floor(most)[:, None])


def _follow_direct(
    model: WorkforceModel,
    before: Floats,
    more: Floats,
    less: Floats,
    most: Floats,
    period: int,
    money: float,
) -> tuple[Floats, Floats]:
    """Hires and layoffs so that ratios lack nobody: who is needed stays, and those who still lack are hired
    as far as limits and ``money`` allow; direct skills may raise what ratios count, so this goes on until
    nobody lacks.
    """
    problem, more, less, costs = model.problem, more.copy(), less.copy(), model.tables.hire_cost
    heads = before + more - less
    direct = [number for number, skill in enumerate(problem.skills) if skill.is_direct]
    is_short = bool(problem.limits.ratios)
    while is_short:
        is_short = False
        for ratio in problem.limits.ratios:
            if period < ratio.first:
                continue
            wanted = heads[direct].sum() / ratio.per_direct
            lacks = np.ceil(wanted - _NOISE) - np.ceil(heads[ratio.skill] - _NOISE)
            stay = max(min(lacks, less[ratio.skill]), 0.0)
            room = most[ratio.skill] - more[ratio.skill]
            if problem.limits.hires:
                room = min(room, problem.limits.hires[period] - more.sum())
            if costs[ratio.skill] > 0 and money < np.inf:
                room = min(room, np.floor((money - more @ costs) / costs[ratio.skill] + _NOISE))
            if problem.limits.heads:
                room = min(room, np.floor(problem.limits.heads[period] - heads.sum() - stay + _NOISE))
            add = max(min(lacks - stay, room), 0.0)
            less[ratio.skill] -= stay
            more[ratio.skill] += add
            heads[ratio.skill] += stay + add
            is_short |= stay + add > 0
    return more, less


def _take_back(more: Floats, low: Floats, owed: Floats, price: Floats, limit: float) -> Floats:
    """Hires with the least needed ones taken back until their price is within ``limit``."""
    more = more.copy()
    while more @ price > limit + _NOISE:
        spare = np.where((more > low) & (price > 0), owed - more, np.inf)
        least = int(np.argmin(spare))
        if not np.isfinite(spare[least]):
            break
        more[least] -= 1
    return more
