"""A search for whole people, and the bound that it proves.

What was hired so far is whole as well as what is hired now, and a branch on it decides more: "three winders
by May" splits all plans, while "none in May" is made up for in June. So what was hired, or let go, so far has
whole columns here. Where ratios are rounded, their skills and the steps of direct heads that they allow are
searched first, with direct people as fractions: that is a relaxation, so its bound holds. The direct people
follow, while the others stay as they were found.
"""

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.people import RatioColumns
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.ratios import STRICT
from planning.engine.workforce_plan.sparse import Floats, FrozenModel, Index, NoneCheaper, SparseModel
from planning.engine.workforce_plan.tables import given_changes

SHARE = 0.2  # of the gap: what each of two searches may leave
ROUNDS = 3  # of rows that ratios have in common
_NOISE = 1e-7
_CLOSE = 1e-3  # heads by which a row must be broken to be worth adding
_NEAR = 3.0  # times the direct heads of the fractions: breakpoints up to there are looked at for a row


@dataclass(slots=True)
class Found:
    """Column values of the model, where any were found; a bound, where there is one."""

    values: Floats | None
    bound: float | None
    is_finished: bool


def search(
    model: WorkforceModel, *, seconds: float, gap: float, nodes: int, best: float = float("inf")
) -> Found:
    """The best whole people found within ``nodes`` nodes and a bound of all such plans; the bound alone where
    it shows that a plan of cost ``best`` is good enough.
    """
    tightened = share_rows(model, seconds=seconds) if _ratios(model) else model.frozen
    frozen, running = with_running_moves(model, tightened)
    if not _ratios(model):
        return _solve(frozen, model, seconds=seconds, gap=gap, nodes=nodes)
    followers = sorted({each.ratio.skill for each in _ratios(model)})
    others = [number for number in range(model.tables.shape[0]) if number not in followers]
    whole = frozen.whole.copy()
    whole[running[others]] = False
    first = _solve(
        replace(frozen, whole=whole),
        model,
        seconds=seconds / 2,
        gap=gap * SHARE,
        nodes=nodes,
        cutoff=best - gap * abs(best) if isfinite(best) else None,
    )
    if first.values is None or (first.bound is not None and first.bound >= best - gap * abs(best)):
        return Found(None, first.bound, first.is_finished)
    low, high = frozen.low.copy(), frozen.high.copy()
    for block in (model.columns.hires[followers], model.columns.layoffs[followers]):
        low[block] = high[block] = first.values[block]
    second = _solve(frozen.copy_with(low, high), model, seconds=seconds / 2, gap=gap * SHARE, nodes=nodes)
    return Found(second.values, first.bound, first.is_finished and second.is_finished)


def _ratios(model: WorkforceModel) -> list[RatioColumns]:
    return [each for each in model.columns.ratios if each.ratio.is_rounded]


def _solve(
    frozen: FrozenModel,
    model: WorkforceModel,
    *,
    seconds: float,
    gap: float,
    nodes: int,
    cutoff: float | None = None,
) -> Found:
    try:
        outcome = frozen.solve(seconds=seconds, integers=True, gap=gap, nodes=nodes, cutoff=cutoff)
    except NoneCheaper:
        return Found(None, cutoff, is_finished=True)
    except SolverFailed:  # it ended before it found any
        return Found(None, None, is_finished=False)
    values = outcome.values[: len(model.frozen.cost)]
    hires, layoffs = model.columns.hires, model.columns.layoffs
    if model.frozen.whole[hires].any():
        # whoever is let go is not replaced at once: what is left is whole
        both = np.clip(values[hires] - frozen.low[hires], 0.0, np.maximum(values[layoffs], 0.0))
        values[hires], values[layoffs] = np.round(values[hires] - both), np.round(values[layoffs] - both)
    return Found(values, outcome.bound, outcome.is_finished)


def with_running_moves(model: WorkforceModel, frozen: FrozenModel) -> tuple[FrozenModel, Index]:
    """The model with whole columns ``[skill, period]`` of hires less layoffs so far instead of whole moves.

    Hires less layoffs of a period are whole then. Where somebody is hired and another let go at once, both
    may be fractions: the bound is one of more plans, and holds. What attrition leaves of whole people limits
    these columns.
    """
    hires, layoffs = model.columns.hires, model.columns.layoffs
    bigger = SparseModel.of(frozen)
    when = np.arange(hires.shape[1])
    least, gone = _least_moves(model, np.cumsum(frozen.low[hires] - frozen.high[layoffs], axis=1))
    running = bigger.columns(
        hires.shape,
        low=least,
        high=np.cumsum(frozen.high[hires] - frozen.low[layoffs], axis=1),
        when=when,
        whole=bool(frozen.whole[hires].any()),
    )
    rows = bigger.rows(hires.shape, low=0.0, high=0.0, when=when)
    bigger.put(rows, running, 1.0)
    bigger.put(rows[:, 1:], running[:, :-1], -1.0)
    bigger.put(rows, hires, -1.0)
    bigger.put(rows, layoffs, 1.0)
    for each in _ratios(model):
        _add_followers(model, bigger, each, running, gone)
    found = bigger.freeze()
    found.whole[hires] = found.whole[layoffs] = False
    return found, running


def _least_moves(model: WorkforceModel, least: Floats) -> tuple[Floats, Floats]:
    """The ``least`` hires less layoffs so far ``[skill, period]``, raised where more would have been let go
    than are there, and the heads that at least have left by themselves by then, less given arrivals.

    Of three heads of whom a part has left two can be let go, and what is left of the third is paid on;
    fractions let it go too.
    """
    problem, tables = model.problem, model.tables
    skills = [number for number in range(tables.shape[0]) if _moves_whole(problem, number)]
    least, gone = least.copy(), np.zeros_like(least)
    first = np.array([problem.skills[number].heads for number in skills])
    left, heads, change = np.zeros(len(skills)), first, given_changes(problem)[skills]
    for period in range(tables.shape[1]):
        # the fewer heads, the fewer leave: of the least heads the least
        left = left + (1 - tables.stay[skills, period]) * heads - change[:, period]
        gone[skills, period] = left
        least[skills, period] = np.ceil(np.maximum(least[skills, period], left - first) - _NOISE)
        heads = first + least[skills, period] - left
    return least, gone


def _moves_whole(problem: WorkforceProblem, number: int) -> bool:
    """Whether heads of a skill change by attrition, whole hires and layoffs, and nothing that is open."""
    skills = problem.skills
    is_open = any(number in (way.source, way.target) for way in problem.cross_training if not way.given)
    return all(skill.is_whole for skill in skills) and not is_open


def _add_followers(
    model: WorkforceModel, bigger: SparseModel, each: RatioColumns, running: Index, gone: Floats
) -> None:
    """Rows of a ratio whose skill may be let go: heads of whom a part has left are at most so many whole ones
    as were hired, less those let go. (Rows of ``ratios`` count each hire by what is left of him, which is
    better where nobody is let go.)
    """
    number, first = each.ratio.skill, each.ratio.first
    skill = model.problem.skills[number]
    if skill.layoff_cost is None or not _moves_whole(model.problem, number):
        return
    least = np.ceil(gone[number, first:] - skill.heads - 1 + STRICT - _NOISE)
    rows = bigger.rows(least.shape, low=least, when=np.arange(first, running.shape[1]))
    bigger.put(rows, running[number, first:], 1.0)
    for block, sign in ((each.wanted, -1.0), *((block, 1.0) for block in each.missing)):
        bigger.put(rows, block, sign)


def share_rows(model: WorkforceModel, *, seconds: float, rounds: int = ROUNDS) -> FrozenModel:
    """The model with rows that several rounded ratios have in common, where fractions break them.

    Ratios ask for steps of the direct heads; the best points of one are not those of another, and fractions
    lie between them. All points (direct heads, heads wanted) lie on or above the convex hull of those where a
    step ends, which a row of one period says: weighted heads wanted are at least a constant and so much for
    each direct head.
    """
    frozen = model.frozen
    for _ in range(rounds):
        try:
            outcome = frozen.solve(seconds=seconds)
        except SolverFailed:  # the model as it is holds without further rows
            break
        bigger, is_new = SparseModel.of(frozen), False
        for period in range(model.tables.shape[1]):
            is_new |= _add_shared_row(model, bigger, outcome.values, period)
        if not is_new:
            break
        frozen = bigger.freeze()
    return frozen


def _add_shared_row(model: WorkforceModel, bigger: SparseModel, values: Floats, period: int) -> bool:
    """Add the row of ``period`` that ``values`` break most; whether there is one."""
    ratios = [each for each in _ratios(model) if each.ratio.first <= period]
    if len(ratios) < 2:
        return False
    direct = [number for number, skill in enumerate(model.problem.skills) if skill.is_direct]
    heads = model.columns.heads[direct, period]
    wanted = np.array([each.wanted[period - each.ratio.first] for each in ratios])
    per = np.array([each.ratio.per_direct for each in ratios])
    points = step_points(per, float(model.tables.head_limit[direct, period].sum()))
    found = separate(points, float(values[heads].sum()), values[wanted])
    if found is None:
        return False
    weights, price, constant = found
    row = bigger.rows((1,), low=constant, when=period)
    bigger.put(row, wanted, weights)
    bigger.put(row, heads, -price)
    return True


def step_points(per_direct: Floats, most: float) -> Floats:
    """``[point, 0]``: direct heads up to which ratios ask for ``[point, 1:]`` heads, and no more."""
    steps = [np.arange(1, np.ceil(most / each) + 1) * each for each in per_direct]
    direct = np.unique(np.concatenate(steps))
    return np.column_stack((direct, *(np.ceil(direct / each - _NOISE) for each in per_direct)))


def separate(points: Floats, heads: float, wanted: Floats) -> tuple[Floats, float, float] | None:
    """Weights of the heads wanted, the price of a direct head and the constant of a row that all ``points``
    keep and ``(heads, wanted)`` break; None where there is none.

    By the linear program that mixes points to at least these direct heads, with the least addition to
    what is wanted; its prices are the row.
    """
    if not len(points):
        return None
    near = points[points[:, 0] <= max(_NEAR * heads, points[0, 0])]
    for among in (near, points):
        mixed = _mixed(among, heads, wanted)
        if mixed is None:
            return None
        weights, price = mixed
        constant = float((points[:, 1:] @ weights - price * points[:, 0]).min()) - _NOISE
        if weights @ wanted < price * heads + constant:
            return weights, price, constant
    return None


def _mixed(points: Floats, heads: float, wanted: Floats) -> tuple[Floats, float] | None:
    """Weights of the heads wanted and the price of a direct head; None where ``points`` can be mixed."""
    mix = SparseModel()
    share, more = mix.columns((len(points),), high=1.0), mix.columns((1,), high=1e6, cost=1.0)
    mix.put(mix.rows((1,), low=heads), share, points[:, 0])
    rows = mix.rows(wanted.shape, low=-wanted)
    mix.put(rows[:, None], share[None, :], -points[:, 1:].T)
    mix.put(rows, more, 1.0)
    mix.put(mix.rows((1,), low=1.0, high=1.0), share, 1.0)
    try:
        outcome = mix.freeze().solve(seconds=1.0)
    except SolverFailed:  # a row less: nothing else is lost
        return None
    if outcome.prices is None or outcome.objective < _CLOSE:
        return None
    return np.maximum(outcome.prices[1:-1], 0.0), max(outcome.prices[0], 0.0)
