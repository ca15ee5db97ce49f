"""Indirect skills that follow the direct ones, in whole people: the rule, and what makes it tight.

Heads count rounded up, so fractions need up to a head less than whole people do. That is most of what
separates a plan in fractions from one in whole people; the rows of ``_replace_whole_people`` take some of it.
"""

import numpy as np

from planning.engine.workforce_plan.people import Draft, RatioColumns
from planning.engine.workforce_plan.problem import Ratio, WorkforceProblem
from planning.engine.workforce_plan.sparse import Floats, Index

# "more than" for heads that may be fractions; within the tolerance of the rule itself
STRICT = 1e-4
CLOSE = 1e-3  # rows whose rounding gains less than this, or divides by less, are left out


def ratios_kept(draft: Draft) -> None:
    """An indirect skill has the heads that the direct ones ask for."""
    model, columns, tables, problem = draft.model, draft.columns, draft.tables, draft.problem
    direct = [number for number, skill in enumerate(problem.skills) if skill.is_direct]
    full = _hires_used_up(draft) if problem.limits.ratios and problem.limits.hires else None
    columns.used_up = full
    for ratio in problem.limits.ratios:
        count = tables.shape[1] - ratio.first
        if count <= 0:
            continue
        served = _most_direct(draft, direct)[ratio.first :] / ratio.per_direct
        when = draft.when[ratio.first :]
        wanted = model.columns((count,), high=np.ceil(served), when=when, whole=ratio.is_rounded)
        asked = model.rows((count,), high=0.0, when=when)
        model.put(asked[None, :], columns.heads[direct, ratio.first :], 1 / ratio.per_direct)
        model.put(asked, wanted, -1.0)
        # heads that are whole people need no "more than": all of the last one is there
        spare = 1 - STRICT if ratio.is_rounded and not _has_whole_heads(problem, ratio.skill) else 0.0
        rows = model.rows((count,), low=-spare, when=when)
        model.put(rows, columns.heads[ratio.skill, ratio.first :], 1.0)
        model.put(rows, wanted, -1.0)
        missing = _missing(draft, ratio, np.maximum(np.ceil(served) - _there_anyway(draft, ratio), 0.0), full)
        columns.ratios.append(RatioColumns(ratio, wanted, asked, missing))
        for block in missing:
            model.put(rows, block, 1.0)
        if ratio.is_rounded:
            _replace_whole_people(draft, ratio, wanted, missing)


def _most_direct(draft: Draft, direct: list[int]) -> Floats:
    """Direct heads by period that no plan passes: by the skills' limits, and by the plant's on hires."""
    tables, limits, problem = draft.tables, draft.problem.limits, draft.problem
    most = tables.head_limit[direct].sum(axis=0)
    if not limits.hires or problem.cross_training:
        return most
    hires = np.maximum(limits.hires, tables.hire_least.sum(axis=0))
    heads = sum(problem.skills[number].heads for number in direct)
    for period, share in enumerate(tables.stay[direct].max(axis=0, initial=0.0)):
        heads = heads * share + hires[period]
        most[period] = min(most[period], heads)
    return most


def _there_anyway(draft: Draft, ratio: Ratio) -> Floats:
    """Whole heads of the ratio's skill that are there anyway, by period from the ratio's first one on."""
    skill, tables = draft.problem.skills[ratio.skill], draft.tables
    if skill.layoff_cost is not None or any(
        way.source == ratio.skill for way in draft.problem.cross_training
    ):
        return np.zeros(tables.shape[1] - ratio.first)
    return np.floor(tables.head_floor[ratio.skill, ratio.first :])


def _hires_used_up(draft: Draft) -> Index:
    """Columns that are 1 only in periods in which the plant hires all it may."""
    model, count = draft.model, draft.tables.shape[1]
    is_whole = any(skill.is_whole for skill in draft.problem.skills)
    full = model.columns((count,), high=1.0, when=draft.when, whole=is_whole)
    rows = model.rows((count,), low=0.0, when=draft.when)
    model.put(rows[None, :], draft.columns.hires, 1.0)
    model.put(rows, full, -np.array(draft.problem.limits.hires, dtype=np.float64))
    return full


def _missing(draft: Draft, ratio: Ratio, most: Floats, full: Index | None) -> list[Index]:
    """Columns of heads that lack: at the price of a broken rule, and, where no hires are left, at the
    ratio's.
    """
    model, when = draft.model, draft.when[ratio.first :]
    price = draft.problem.broken_cost
    found = [model.columns(most.shape, high=most, cost=price, when=when, whole=ratio.is_rounded)]
    if full is not None and ratio.missing_cost:
        price_by_period = np.array(ratio.missing_cost[ratio.first :])
        found.append(
            model.columns(most.shape, high=most, cost=price_by_period, when=when, whole=ratio.is_rounded)
        )
        rows = model.rows(most.shape, high=0.0, when=when)
        model.put(rows, found[1], 1.0)
        model.put(rows, full[ratio.first :], -most)
    return found


def _has_whole_heads(problem: WorkforceProblem, number: int) -> bool:
    skill = problem.skills[number]
    moved = {each for way in problem.cross_training for each in (way.source, way.target)}
    return skill.is_whole and skill.heads % 1 == 0 and set(skill.stay) <= {1.0} and number not in moved


def _replace_whole_people(draft: Draft, ratio: Ratio, wanted: Index, missing: list[Index]) -> None:
    """Who is wanted beside those of the start who are still there has been hired, whole.

    Heads of period ``t`` are the first ones' share that stayed and the same of each hire before, so the whole
    number wanted is at most ``c + sum(share[u] × hires[u]) + missing`` with c = stayed + 1. Rounding that
    for whole numbers (mixed-integer rounding) leaves ``floor(c)`` and, of each hire, his share rounded up as
    far as c's fraction f does not already pay for it. Who was let go counts on the other side, by his share
    as far as it is above f.
    """
    problem, tables, number = draft.problem, draft.tables, ratio.skill
    skill = problem.skills[number]
    moved = {each for way in problem.cross_training for each in (way.source, way.target)}
    if not skill.is_whole or number in moved:
        return
    stayed = np.cumprod(tables.stay[number])
    for place, period in enumerate(range(ratio.first, tables.shape[1])):
        limit = skill.heads * stayed[period] + 1 - STRICT
        whole = np.floor(limit)
        part = limit - whole
        if part > 1 - CLOSE:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(stayed[: period + 1] > 0, stayed[period] / stayed[: period + 1], 0.0)
        counts = 1 - np.maximum(0.0, 1 - shares - part) / (1 - part)
        row = draft.model.rows((1,), high=whole, when=period)
        draft.model.put(row, wanted[place], 1.0)
        draft.model.put(row, draft.columns.hires[number, : period + 1], -counts)
        if skill.layoff_cost is not None:
            leave = np.maximum(shares - part, 0.0) / (1 - part)
            draft.model.put(row, draft.columns.layoffs[number, : period + 1], leave)
        for block in missing:
            draft.model.put(row, block[place], -1.0)
