"""Whole hires and layoffs from a solution in fractions: what is owed cumulatively to a skill is rounded."""

import numpy as np

from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.sparse import Floats
from planning.engine.workforce_plan.tables import given_changes

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
    heads = np.array([skill.heads for skill in problem.skills], dtype=np.float64)
    limits, changes = problem.limits, given_changes(problem)
    courses = sum(way.cost * np.array(way.given) for way in problem.cross_training if way.given)
    courses = np.zeros(hires.shape[1]) + courses
    for period in range(hires.shape[1]):
        heads = heads * tables.stay[:, period] + changes[:, period]
        owed = behind * tables.stay[:, period] + hires[:, period] - layoffs[:, period]
        room = np.minimum(tables.hire_most[:, period], left)
        room = np.minimum(room, np.floor(tables.head_limit[:, period] - heads + _NOISE))
        low = tables.hire_least[:, period]
        more = np.clip(np.floor(owed + 1 - threshold + _NOISE), low, np.maximum(room, low))
        less = np.clip(np.floor(threshold - owed + _NOISE), 0.0, np.floor(heads))
        can_leave = model.frozen.high[model.columns.layoffs[:, period]] > 0
        less = np.where(can_leave, less, 0.0)
        if limits.hires:
            more = _take_back(more, low, owed, np.ones(len(more)), limits.hires[period])
        if limits.hiring_budget:
            money = limits.hiring_budget[period] - courses[period]
            more = _take_back(more, low, owed, tables.hire_cost, money)
        if limits.heads:
            places = limits.heads[period] - float((heads - less).sum())
            more = _take_back(more, low, owed, np.ones(len(more)), places)
        more = _follow_direct(model, heads + more - less, more, np.maximum(room, low), period)
        found[:, period], gone[:, period] = more, less
        behind = owed - more + less
        left = left - more
        heads = heads + more - less
    return found, gone


def rounded_temps(temps: Floats, most: Floats, threshold: float) -> Floats:
    """Whole temporary people ``[skill, period]``: ``threshold`` of a person and more becomes one, of at most
    ``most`` by skill.
    """
    return np.minimum(np.floor(temps + 1 - threshold + _NOISE), np.floor(most)[:, None])


def _follow_direct(model: WorkforceModel, heads: Floats, more: Floats, most: Floats, period: int) -> Floats:
    """Hires with those that ratios still lack, as far as limits allow; direct skills may raise what ratios
    count, so this goes on until nobody is missing.
    """
    problem, heads, more = model.problem, heads.copy(), more.copy()
    direct = [number for number, skill in enumerate(problem.skills) if skill.is_direct]
    is_short = bool(problem.limits.ratios)
    while is_short:
        is_short = False
        for ratio in problem.limits.ratios:
            if period < ratio.first:
                continue
            wanted = heads[direct].sum() / ratio.per_direct
            lacks = np.ceil(wanted - _NOISE) - np.ceil(heads[ratio.skill] - _NOISE)
            room = most[ratio.skill] - more[ratio.skill]
            if problem.limits.hires:
                room = min(room, problem.limits.hires[period] - more.sum())
            add = min(lacks, room)
            if add > 0:
                more[ratio.skill] += add
                heads[ratio.skill] += add
                is_short = True
    return more


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
