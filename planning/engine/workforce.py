"""Heads, hires, overtime and layoffs by skill and month: the rules of factory-1 for people as a linear model.

``staff`` finds the people for the hours of a finished schedule; the aggregate model has its own
(``workforce_plan``). Hires that a rule fixes (ramps, skills that are held) are counted forward without a
solver.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from math import ceil

from ortools.math_opt.python import mathopt

from planning.engine.errors import SolverFailed
from planning.engine.headcount import (
    GUARD,
    Changes,
    Given,
    count_people,
    heads_at_work,
    natural_heads,
    rate_of,
    stay_of,
    training_loss,
)
from planning.engine.hiring_rules import HiringTable, raise_to_ratios, raise_to_rules, ruled_hires
from planning.engine.shop import Shop, Skill

STRICT = 1e-3  # "more than" in a linear model: heads of 3.001 are 4 people at work
SHORTFALL = 1e7  # per hour or head: a rule that limits make impossible is broken last, and reported
# Overtime is the reserve for what nobody planned (illness, rework): choosing it for work that is planned
# counts this share on top of its price. Reported costs do not contain it.
OVERTIME_RELUCTANCE = 1.5
HIRE_RELUCTANCE = 1.0  # where wages are not given a hire costs nothing, and is still not made without need
MOST_PEOPLE = 1e6  # more than any skill has
MOST_HIRES = 1_000  # of one skill in one month, where no rule limits them
HOURS_GUARD = 1e-4  # hours of reserve against rounding
SKILL_SECONDS = 20.0  # a wall guard; a skill takes hundredths of a second
SKILL_GAP = 1e-4
LAYOFF_GAP = 2e-3  # hiring and laying off nearly cancel out in many ways, which take long to tell apart
LARGE = 5_000  # variables; beyond, an interior point takes seconds where the simplex takes minutes
GAP = 5e-4
LABOUR_PARTS = ("regular_labour", "overtime", "temporary_labour", "shift_premiums", "hiring", "severance")


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver said of one model; ``bound`` is its own, ``status`` "optimal" or, where the wall clock
    ended the search, "feasible".
    """

    status: str
    objective: float
    bound: float | None
    seconds: float


@dataclass(slots=True)
class Staffing:
    """The people of a plan, by skill and month of the horizon. Hours are standard hours. ``premiums`` are
    what shifts cost on top, once there is a schedule; none of a factory without shifts.
    """

    heads: list[list[float]]
    hires: list[list[int]]
    layoffs: list[list[int]]
    temps: list[list[int]]
    changes: Changes
    available: list[list[float]]
    overtime: list[list[float]]
    cost: float
    short_hours: float
    is_cut_short: bool = False  # a wall clock ended the choice of somebody's hires
    premiums: list[list[float]] = field(default_factory=list)


type Changed = tuple[tuple[int, ...], ...]  # heads by way and month
type Hired = tuple[list[int], list[int], list[int], str]  # hires, layoffs, temporary heads; solver's status


class KnownHires:
    """What ``staff`` found for single skills: schedules of one shop often ask the same of a skill again."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, SkillDemand, Changed], Hired] = {}

    def get(self, shop: Shop, skill: Skill, demand: "SkillDemand", changes: Changes) -> Hired:
        """``_hire_for`` of these."""
        key = (skill.index, demand, tuple(map(tuple, changes.heads)))
        if key not in self._found:
            self._found[key] = _hire_for(shop, skill, demand, changes)
        hires, layoffs, temps, status = self._found[key]
        return list(hires), list(layoffs), list(temps), status


@dataclass(slots=True)
class People:
    """The model's expressions by skill and month."""

    heads: list[list[mathopt.LinearBase | float]]
    hires: list[list[mathopt.Variable | int]]
    layoffs: list[list[mathopt.Variable | int]]
    temps: list[list[mathopt.Variable | int]]
    available: list[list[mathopt.LinearBase | float]]
    overtime: list[list[mathopt.Variable]]
    cost: mathopt.LinearBase | float
    missing: list[mathopt.Variable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SkillDemand:
    """What one skill must give by month of the horizon: heads at ``least``, ``hours`` of work (None:
    not fixed here). It is a key of what was found for it.

    ``least`` counts from the first month in which a hire is possible, ``crews`` (heads that the schedule
    needs at once) in all, ``end_heads`` in the last. ``hours_after`` is the most that one month past the
    horizon needs; ``surcharge`` is what a paid hour costs on top, by month (the indirect heads that follow
    direct ones); hires of a month are ``base`` (a ramp's, which lays nobody off) and up to ``most_hires`` in
    all, with up to ``most_heads``; beside hires of other skills there are up to ``beside_hires`` heads (None:
    no limit). ``has_arrivals``: people come from other skills.
    """

    least: tuple[float, ...]
    crews: tuple[float, ...] | None = None
    base: tuple[int, ...] | None = None
    hours: tuple[float, ...] | None = None
    hours_after: float = 0.0
    end_heads: float = 0.0
    surcharge: tuple[float, ...] = ()
    most_hires: tuple[int, ...] = ()
    most_heads: tuple[float | None, ...] = ()
    beside_hires: tuple[float | None, ...] = ()
    has_arrivals: bool = False
    overtime_weight: float = 1.0  # times its price and the reluctance
    headcount_weight: float = 0.0  # money for each head by which the skill's people change in a month


def _add_skill(
    model: mathopt.Model,
    shop: Shop,
    skill: Skill,
    demand: SkillDemand,
    changes: Changes,
    people: People,
    *,
    whole: bool,
) -> None:
    row = skill.row
    months = len(shop.grid.months)
    stay = stay_of(skill)
    given = _given_hires(skill, demand)
    natural = natural_heads(skill, given, changes)
    may_lay_off = row.can_lay_off and demand.base is None
    heads: list[mathopt.LinearBase | float] = []
    hires: list[mathopt.Variable | int] = []
    layoffs: list[mathopt.Variable | int] = []
    temps: list[mathopt.Variable | int] = []
    available: list[mathopt.LinearBase | float] = []
    overtime: list[mathopt.Variable] = []
    for month in range(months):
        decided = skill.decided[month]
        may_hire = bool(row.can_hire) and month >= skill.first_hire_month and not decided.is_exact
        cap = demand.most_heads[month] if demand.most_heads else None
        hire: mathopt.Variable | int = given[month]
        leave: mathopt.Variable | int = 0
        if may_hire and (cap is None or natural[month] <= cap + GUARD):
            hire = _hire_variable(model, skill, demand, month, whole=whole)
        if may_lay_off and month > 0 and not changes.leave_from(skill.index, month):
            leave = model.add_variable(lb=0, ub=max(row.headcount, 1_000), is_integer=whole)
        before: mathopt.LinearBase | float = heads[-1] * stay if heads else float(row.headcount)
        now: mathopt.LinearBase | float = before + hire - leave + changes.net(skill.index, month)
        if not isinstance(now, float | int):
            held = model.add_variable(lb=0)
            model.add_linear_constraint(held == now)
            now = held
            _within_limit(model, skill, demand, month, held, hire, (given[month], natural[month]))
        _weigh_change(model, people, demand, [float(row.headcount), *heads][-1], now)
        crews = demand.crews[month] if demand.crews is not None else 0.0
        least = demand.least[month] if may_hire else 0.0
        if not isinstance(leave, int):
            least = max(least, min(float(row.min_headcount or 0), natural[month]))
        if month == months - 1:
            least = max(least, demand.end_heads)
        temp = model.add_variable(lb=0, ub=row.temp_max_heads, is_integer=whole) if row.temp_max_heads else 0
        if isinstance(temp, int):
            _at_least(model, people, now, max(crews, least))
        else:
            _at_least(model, people, now, least)
            _at_least(model, people, now + temp, crews)
        heads.append(now)
        hires.append(hire)
        layoffs.append(leave)
        temps.append(temp)
        gives = _available(model, skill, people, now + temp, hires, changes.lost[skill.index][month])
        overtime.append(model.add_variable(lb=0))
        share = float(row.overtime_max_share or 0)
        model.add_linear_constraint(overtime[-1] - gives * share <= 0)
        available.append(gives)
        people.cost = people.cost + _month_cost(skill, demand, month, now, overtime[-1], hire, leave)
        if not isinstance(temp, int):
            people.cost = people.cost + temp * (_temp_pay(skill, month) + HIRE_RELUCTANCE)
    if row.max_hires is not None:
        model.add_linear_constraint(mathopt.LinearSum(hires) <= max(row.max_hires, sum(given)))
    if demand.hours is not None:
        _cover_hours(model, skill, demand, available, overtime, people)
    people.heads.append(heads)
    people.hires.append(hires)
    people.layoffs.append(layoffs)
    people.temps.append(temps)
    people.available.append(available)
    people.overtime.append(overtime)


def _weigh_change(
    model: mathopt.Model,
    people: People,
    demand: SkillDemand,
    before: mathopt.LinearBase | float,
    now: mathopt.LinearBase | float,
) -> None:
    """More or fewer heads than before have the planner's price, where somebody decides on them."""
    if not demand.headcount_weight or isinstance(now, float | int):
        return
    changed = model.add_variable(lb=0)
    model.add_linear_constraint(changed >= now - before)
    model.add_linear_constraint(changed >= before - now)
    people.cost = people.cost + changed * demand.headcount_weight


def _within_limit(
    model: mathopt.Model,
    skill: Skill,
    demand: SkillDemand,
    month: int,
    heads: mathopt.Variable,
    hire: mathopt.Variable | int,
    given: tuple[int, float],
) -> None:
    """Heads of a month stay within their limit. Where people come anyway (``given`` hires, and the heads that
    these make; from other skills), who may be too many for it, it binds where more are hired, and where other
    skills hire.
    """
    cap = demand.most_heads[month] if demand.most_heads else None
    if not any(each.least for each in skill.decided) and not demand.has_arrivals:
        if cap is not None:
            model.add_linear_constraint(heads <= max(cap, given[1]))
        return
    if cap is not None and not isinstance(hire, int):
        hires_more = model.add_binary_variable()
        model.add_linear_constraint(hire <= given[0] + MOST_HIRES * hires_more)
        model.add_linear_constraint(heads <= max(cap, 0.0) + MOST_PEOPLE * (1 - hires_more))
    beside = demand.beside_hires[month] if demand.beside_hires else None
    if beside is not None:
        model.add_linear_constraint(heads <= max(beside, 0.0))


def _given_hires(skill: Skill, demand: SkillDemand) -> list[int]:
    """Hires that must come: decided ones, and a ramp's."""
    decided = [each.least for each in skill.decided]
    return decided if demand.base is None else [max(pair) for pair in zip(decided, demand.base, strict=True)]


def _month_cost(
    skill: Skill,
    demand: SkillDemand,
    month: int,
    heads: mathopt.LinearBase | float,
    overtime: mathopt.Variable,
    hire: mathopt.Variable | int,
    leave: mathopt.Variable | int,
) -> mathopt.LinearBase | float:
    row, wage = skill.row, skill.wages[month]
    surcharge = demand.surcharge[month] if demand.surcharge else 0.0
    paid = skill.open_days[month] * float(row.hours_per_day) * (wage + surcharge)
    premium = wage * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
    severance = float(row.severance_weeks or 0) * 5 * float(row.hours_per_day) * wage
    return (
        heads * paid
        + overtime * (premium * (1 + OVERTIME_RELUCTANCE) * demand.overtime_weight)
        + hire * (float(row.hire_cost or 0) + HIRE_RELUCTANCE)
        + leave * severance
    )


def _temp_pay(skill: Skill, month: int) -> float:
    """What a temporary head costs in a month."""
    return skill.open_days[month] * float(skill.row.hours_per_day) * skill.temp_wages[month]


def _available(
    model: mathopt.Model,
    skill: Skill,
    people: People,
    heads: mathopt.LinearBase | float,
    hires: Sequence[mathopt.Variable | int],
    in_courses: float,
) -> mathopt.LinearBase | float:
    """Standard hours of the month of the last of ``hires``: of heads, less what those in training and in
    courses and those who are absent lack.

    Never below 0, even where leavers outnumber what those in training still give; in a model that takes a
    variable, at a price that nobody pays who has the choice.
    """
    month, daily = len(hires) - 1, rate_of(skill)
    lost = training_loss(skill) * daily
    gives = heads * (skill.open_days[month] * daily) - (skill.absent_hours[month] + in_courses)
    for start, hired in enumerate(hires):
        days = skill.training_days[start][month]
        if days:
            gives = gives - hired * (days * lost)
    if isinstance(gives, float | int):
        return max(0.0, gives)
    is_large = lost > daily or (lost > 0 and skill.row.attrition_per_month)
    if is_large or skill.absent_hours[month] or in_courses:
        unreal = model.add_variable(lb=0)
        people.cost = people.cost + unreal * SHORTFALL
        gives = gives + unreal
    return gives


def _hire_variable(
    model: mathopt.Model, skill: Skill, demand: SkillDemand, month: int, *, whole: bool
) -> mathopt.Variable:
    base = _given_hires(skill, demand)[month]
    limit = skill.row.max_hires_per_month
    most = limit if limit is not None else MOST_HIRES
    if demand.most_hires:
        most = min(most, demand.most_hires[month])
    return model.add_variable(lb=base, ub=max(base, most), is_integer=whole)


def _at_least(model: mathopt.Model, people: People, value: mathopt.LinearBase | float, least: float) -> None:
    """``value`` is at least ``least``, at a price that only limits on hiring can make worth paying."""
    if isinstance(value, float | int):
        people.cost = people.cost + max(0.0, least - value) * SHORTFALL
        return
    if least <= 0:
        return
    missing = model.add_variable(lb=0)
    model.add_linear_constraint(value + missing >= least)
    people.cost = people.cost + missing * SHORTFALL


def _cover_hours(
    model: mathopt.Model,
    skill: Skill,
    demand: SkillDemand,
    available: Sequence[mathopt.LinearBase | float],
    overtime: Sequence[mathopt.Variable],
    people: People,
) -> None:
    """Regular and overtime hours cover the work of every month,
    and the last month's that of all later ones.
    """
    missing = []
    for month, need in enumerate(demand.hours or ()):
        if need > 0:
            missing.append(model.add_variable(lb=0))
            model.add_linear_constraint(
                available[month] + overtime[month] + missing[-1] >= need + HOURS_GUARD
            )
    if demand.hours_after > 0:
        share = 1 + float(skill.row.overtime_max_share or 0)
        missing.append(model.add_variable(lb=0))
        model.add_linear_constraint(available[-1] * share + missing[-1] >= demand.hours_after + HOURS_GUARD)
    people.missing += missing
    people.cost = people.cost + mathopt.LinearSum(missing) * SHORTFALL


def solve(model: mathopt.Model, *, seconds: float, gap: float = GAP) -> tuple[mathopt.SolveResult, Solved]:
    """Solve with HiGHS; raise ``SolverFailed`` for anything but a usable solution.

    Without a wall clock reached this is deterministic: HiGHS runs one search with a fixed seed.
    """
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds), relative_gap_tolerance=gap, random_seed=1
    )
    if model.get_num_variables() > LARGE:
        parameters.lp_algorithm = mathopt.LPAlgorithm.BARRIER
    try:
        result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    except (RuntimeError, ValueError, AttributeError) as error:
        raise SolverFailed(f"the linear solver stopped: {error}") from error
    reason = result.termination.reason
    if reason not in (mathopt.TerminationReason.OPTIMAL, mathopt.TerminationReason.FEASIBLE):
        raise SolverFailed(
            f"the linear solver found no plan: {reason.name.lower()} {result.termination.detail}"
        )
    bounds = result.termination.objective_bounds
    bound = bounds.dual_bound if abs(bounds.dual_bound) < 1e300 else None
    status = "optimal" if reason == mathopt.TerminationReason.OPTIMAL else "feasible"
    return result, Solved(status, result.objective_value(), bound, result.solve_time().total_seconds())


def value_of(result: mathopt.SolveResult, each: mathopt.Variable | int) -> float:
    """The value of a variable, or of the constant that stands in its place."""
    return float(each) if isinstance(each, int) else float(result.variable_values(each))


def staff(
    shop: Shop,
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
    overtime_weight: float = 1.0,
    given: Given | None = None,
    known: KnownHires | None = None,
    *,
    headcount_weight: float = 0.0,
) -> Staffing:
    """The cheapest people for a finished schedule, one exact model per skill; changes of skill that are
    ``given`` are taken where they pay. Changes of headcount are weighed skill by skill.

    ``hours[skill][month]`` are standard hours and ``peaks`` crews at once, by month and on past the horizon,
    where the last month's people go on. Direct skills carry the price of the indirect heads that follow them.
    ``short_hours`` of the result is what even the most that may be hired cannot give: hours, and a day's
    hours of each head that a crew lacks. ``known``: of the same shop, what was found before serves again.
    """
    given, known = given or Given(Changes(shop)), known or KnownHires()
    weights = overtime_weight, headcount_weight
    found = _staff(shop, hours, peaks, weights, given, known)
    if any(map(any, given.changes.heads)):
        alone = _staff(shop, hours, peaks, weights, Given(Changes(shop), given.end_heads), known)

        def weighed(each: Staffing) -> float:
            return each.cost + headcount_weight * head_changes(shop, each)

        found = min(found, alone, key=lambda each: (each.short_hours > HOURS_GUARD, weighed(each)))
    return found


def head_changes(shop: Shop, staffing: Staffing) -> float:
    """By how many heads people in all become more or fewer, month by month, from the planning date on."""
    months = [sum(row.row.headcount for row in shop.skills), *map(sum, zip(*staffing.heads, strict=True))]
    return float(sum(abs(now - before) for before, now in pairwise(months)))


def _staff(
    shop: Shop,
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
    weights: tuple[float, float],
    given: Given,
    known: KnownHires,
) -> Staffing:
    months, changes = len(shop.grid.months), given.changes
    loaded = [any(value > 0 for value in row) for row in hours]
    fixed, bases = ruled_hires(shop, loaded, changes)
    table = HiringTable(shop, changes)
    for index, ruled in (fixed | bases).items():
        table.put(shop.skills[index], ruled)
    temps = [[0] * months for _ in shop.skills]
    is_cut_short = False
    ratios = {row.skill: float(row.per_direct_heads) for row in shop.factory.staffing.ratios}
    free = [skill for skill in shop.skills if skill.index not in fixed]
    for skill in [s for s in free if s.code not in ratios] + [s for s in free if s.code in ratios]:
        demand = _demand_of(shop, skill, hours[skill.index], peaks[skill.index])
        if skill.code in ratios:
            least = _follow_direct(shop, skill, ratios[skill.code], table, demand.least)
            demand = replace(demand, least=least)
        if skill.row.kind == "direct":
            surcharge = tuple(_surcharge(shop, ratios, month) for month in range(months))
            demand = replace(demand, surcharge=surcharge)
        base = bases.get(skill.index)
        overtime_weight, headcount_weight = weights
        demand = replace(
            demand,
            end_heads=given.end_heads[skill.index] if given.end_heads else 0.0,
            most_hires=tuple(table.most_hires(skill, month) for month in range(months)),
            most_heads=tuple(table.most_heads(skill, month) for month in range(months)),
            beside_hires=tuple(table.most_beside_hires(skill, month) for month in range(months)),
            has_arrivals=any(changes.arrivals[skill.index]),
            base=None if base is None else tuple(base),
            overtime_weight=overtime_weight,
            headcount_weight=headcount_weight,
        )
        hires, layoffs, temps[skill.index], status = known.get(shop, skill, demand, changes)
        is_cut_short |= status != "optimal"
        table.put(skill, hires, layoffs)
    raise_to_rules(table)
    raise_to_ratios(table)
    return _settled(shop, table, temps, hours, peaks, is_cut_short=is_cut_short)


def staff_as_planned(
    shop: Shop,
    hires: Sequence[Sequence[int]],
    layoffs: Sequence[Sequence[int]],
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
    given: Given | None = None,
) -> Staffing:
    """The people that these hires and layoffs give, with the cheapest temporary ones, for a finished
    schedule.
    """
    table = HiringTable(shop, given.changes if given is not None else None, hires, layoffs)
    temps = [_cheapest_temps(skill, table, hours[skill.index], peaks[skill.index]) for skill in shop.skills]
    return _settled(shop, table, temps, hours, peaks)


def _cheapest_temps(
    skill: Skill, table: HiringTable, hours: Sequence[float], peaks: Sequence[int]
) -> list[int]:
    """Temporary heads of each month that, with overtime, cover its hours and crews at least cost."""
    row, index = skill.row, skill.index
    most = row.temp_max_heads or 0
    if not most:
        return [0 for _ in table.months]
    heads, available = count_people(skill, table.hires[index], table.layoffs[index], table.changes)
    share = 1 + float(row.overtime_max_share or 0)
    found = []
    for month in table.months:
        is_last = month == len(table.months) - 1
        need = max(hours[month:]) if is_last else hours[month]
        crew = max(peaks[month:]) if is_last else peaks[month]
        each = skill.open_days[month] * rate_of(skill)
        fewest = crew - heads_at_work(heads[month])
        if each > 0:
            fewest = max(fewest, ceil((need / share - available[month]) / each - GUARD))
            enough = ceil((hours[month] - available[month]) / each - GUARD)
        else:
            enough = 0
        premium = skill.wages[month] * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
        choices = {min(most, max(0, fewest, many)) for many in (0, enough - 1, enough)}
        costs = {
            many: many * _temp_pay(skill, month)
            + max(0.0, hours[month] - available[month] - many * each) * premium * (1 + OVERTIME_RELUCTANCE)
            for many in choices
        }
        found.append(min(sorted(costs), key=lambda many: costs[many]))
    return found


def _demand_of(shop: Shop, skill: Skill, hours: Sequence[float], peaks: Sequence[int]) -> SkillDemand:
    months = len(shop.grid.months)
    crews = [max(peaks[month:]) if month == months - 1 else peaks[month] for month in range(months)]
    least = (float(skill.row.min_headcount or 0),) * months
    at_once = tuple(crew - 1 + STRICT if crew else 0.0 for crew in crews)
    after = max(hours[months:], default=0.0)
    return SkillDemand(least=least, crews=at_once, hours=tuple(hours[:months]), hours_after=after)


def _surcharge(shop: Shop, ratios: dict[str, float], month: int) -> float:
    """Wages of the indirect heads that one direct head brings with it, per paid hour."""
    return sum(shop.skills[shop.skill_index[code]].wages[month] / per for code, per in ratios.items())


def _follow_direct(
    shop: Shop, skill: Skill, per_head: float, table: HiringTable, least: Sequence[float]
) -> tuple[float, ...]:
    """The least heads by month, raised to those whom direct heads ask for from the first possible hire on."""
    found = list(least)
    for month in range(skill.first_hire_month, len(found)):
        direct = sum(table.heads[s.index][month] for s in shop.skills if s.row.kind == "direct")
        needed = ceil(direct / per_head - GUARD)
        found[month] = max(found[month], needed - 1 + STRICT)
    return tuple(found)


def _hire_for(shop: Shop, skill: Skill, demand: SkillDemand, changes: Changes) -> Hired:
    """The cheapest whole hires, layoffs and temporary heads of one skill, and the solver's status."""
    row, months = skill.row, len(demand.least)
    if not (row.can_hire or row.can_lay_off or row.temp_max_heads):
        return [each.least for each in skill.decided], [0] * months, [0] * months, "optimal"
    model = mathopt.Model()
    people = People([], [], [], [], [], [], 0.0)
    _add_skill(model, shop, skill, demand, changes, people, whole=True)
    model.minimize(people.cost)
    gap = LAYOFF_GAP if skill.row.can_lay_off else SKILL_GAP
    result, solved = solve(model, seconds=SKILL_SECONDS, gap=gap)

    def whole(row: Sequence[mathopt.Variable | int]) -> list[int]:
        return [round(value_of(result, each)) for each in row]

    return whole(people.hires[0]), whole(people.layoffs[0]), whole(people.temps[0]), solved.status


def _settled(
    shop: Shop,
    table: HiringTable,
    temps: list[list[int]],
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
    *,
    is_cut_short: bool = False,
) -> Staffing:
    """Count heads, hours, overtime, what is missing, and the cost, from whole hires."""
    months = len(shop.grid.months)
    staffing = Staffing(
        [], table.hires, table.layoffs, temps, table.changes, [], [], 0.0, 0.0, is_cut_short=is_cut_short
    )
    for skill in shop.skills:
        index = skill.index
        row, extra = hours[index], temps[index]
        heads, available = count_people(skill, table.hires[index], table.layoffs[index], table.changes, extra)
        share = float(skill.row.overtime_max_share or 0)
        over = [max(0.0, row[month] - available[month]) for month in range(months)]
        staffing.heads.append(heads)
        staffing.available.append(available)
        staffing.overtime.append(over)
        staffing.short_hours += sum(
            max(0.0, over[month] - share * available[month]) for month in range(months)
        )
        staffing.short_hours += max(0.0, max(row[months:], default=0.0) - (1 + share) * available[-1])
        for month, crew in enumerate(peaks[index]):
            last = min(month, months - 1)
            missing = crew - heads_at_work(heads[last]) - extra[last]
            staffing.short_hours += max(0, missing) * float(skill.row.hours_per_day)
    staffing.cost = staffing_cost(shop, staffing)
    return staffing


def staffing_cost(shop: Shop, staffing: Staffing) -> float:
    """Regular pay, overtime, temporary people, hiring and severance over the horizon."""
    return sum(
        skill_month_cost(shop, staffing, skill.index, month)["total"]
        for skill in shop.skills
        for month in range(len(shop.grid.months))
    )


def skill_month_cost(shop: Shop, staffing: Staffing, index: int, month: int) -> dict[str, float]:
    """What one skill costs in one month, in the parts of plan-1's cost."""
    skill = shop.skills[index]
    row = skill.row
    wage, day_hours = skill.wages[month], float(row.hours_per_day)
    premium = wage * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
    hires, courses = staffing.hires[index][month], staffing.changes.cost[index][month]
    parts = {
        "regular_labour": staffing.heads[index][month] * skill.open_days[month] * day_hours * wage,
        "overtime": staffing.overtime[index][month] * premium,
        "temporary_labour": staffing.temps[index][month] * _temp_pay(skill, month),
        "shift_premiums": staffing.premiums[index][month] if staffing.premiums else 0.0,
        "hiring": hires * float(row.hire_cost or 0) + courses,
        "severance": staffing.layoffs[index][month] * float(row.severance_weeks or 0) * 5 * day_hours * wage,
    }
    parts["total"] = sum(parts.values())
    return parts
