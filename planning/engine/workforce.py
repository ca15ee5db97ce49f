"""Heads, hires, overtime and layoffs by skill and month: the rules of factory-1 for people as a linear model.

``staff`` finds the people for the hours of a finished schedule; the aggregate model has its own
(``workforce_plan``). Hires that a rule fixes (ramps, skills that are held) are counted forward without a
solver.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from ortools.math_opt.python import mathopt

from planning.engine.errors import SolverFailed
from planning.engine.shop import Shop, Skill

GUARD = 1e-6  # heads within this of a whole number count as that number
STRICT = 1e-3  # "more than" in a linear model: heads of 3.001 are 4 people at work
SHORTFALL = 1e7  # per hour or head: a rule that limits make impossible is broken last, and reported
# Overtime is the reserve for what nobody planned (illness, rework): choosing it for work that is planned
# counts this share on top of its price. Reported costs do not contain it.
OVERTIME_RELUCTANCE = 0.65
HIRE_RELUCTANCE = 1.0  # where wages are not given a hire costs nothing, and is still not made without need
MOST_HIRES = 1_000  # of one skill in one month, where no rule limits them
HOURS_GUARD = 1e-4  # hours of reserve against rounding
SKILL_SECONDS = 20.0  # a wall guard; a skill takes hundredths of a second
SKILL_GAP = 1e-4
LAYOFF_GAP = 2e-3  # hiring and laying off nearly cancel out in many ways, which take long to tell apart
LARGE = 5_000  # variables; beyond, an interior point takes seconds where the simplex takes minutes
GAP = 5e-4


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
    """The people of a plan, by skill and month of the horizon. Hours are standard hours."""

    heads: list[list[float]]
    hires: list[list[int]]
    layoffs: list[list[int]]
    available: list[list[float]]
    overtime: list[list[float]]
    cost: float
    short_hours: float
    is_cut_short: bool = False  # a wall clock ended the choice of somebody's hires


@dataclass(slots=True)
class People:
    """The model's expressions by skill and month."""

    heads: list[list[mathopt.LinearBase | float]]
    hires: list[list[mathopt.Variable | int]]
    layoffs: list[list[mathopt.Variable | int]]
    available: list[list[mathopt.LinearBase | float]]
    overtime: list[list[mathopt.Variable]]
    cost: mathopt.LinearBase | float
    missing: list[mathopt.Variable] = field(default_factory=list)


def heads_at_work(heads: float) -> int:
    """People who can be at work at once: paid heads, rounded up."""
    return ceil(heads - GUARD)


def least_after_layoffs(skill: Skill, month: int) -> float:
    """Heads below which nobody is laid off: the least headcount, or what attrition alone leaves of them."""
    row = skill.row
    stay = 1 - float(row.attrition_per_month or 0)
    return min(float(row.min_headcount or 0), row.headcount * stay**month)


def rate_of(skill: Skill) -> float:
    """Standard hours that a trained head gives in one open day."""
    row = skill.row
    return float(row.hours_per_day) * (1 - float(row.absence_rate or 0)) * float(row.labour_efficiency or 1)


@dataclass(slots=True)
class SkillDemand:
    """What one skill must give by month of the horizon: heads at ``least``, ``hours`` of work (None:
    not fixed here).

    ``least`` counts from the first month in which a hire is possible, ``crews`` (heads that the schedule
    needs at once) in all. ``hours_after`` is the most that one month past the horizon needs; ``surcharge`` is
    what a paid hour costs on top (the indirect heads that follow direct ones); hires of a month are ``base``
    (a ramp's, which lays nobody off) and up to ``most_hires`` more.
    """

    least: list[float]
    crews: list[float] | None = None
    base: list[int] | None = None
    hours: Sequence[float] | None = None
    hours_after: float = 0.0
    surcharge: float = 0.0
    most_hires: list[int] | None = None
    overtime_weight: float = 1.0  # times its price and the reluctance


def _add_skill(
    model: mathopt.Model,
    shop: Shop,
    skill: Skill,
    fixed: Sequence[int] | None,
    demand: SkillDemand,
    people: People,
    *,
    whole: bool,
) -> None:
    row = skill.row
    months = len(shop.grid.months)
    stay = 1 - float(row.attrition_per_month or 0)
    heads: list[mathopt.LinearBase | float] = []
    hires: list[mathopt.Variable | int] = []
    layoffs: list[mathopt.Variable | int] = []
    available: list[mathopt.LinearBase | float] = []
    overtime: list[mathopt.Variable] = []
    cap = row.max_headcount
    for month in range(months):
        may_hire = bool(row.can_hire) and month >= skill.first_hire_month
        hire: mathopt.Variable | int = 0
        leave: mathopt.Variable | int = 0
        if fixed is not None:
            hire = fixed[month]
        elif may_hire:
            has_room = cap is None or row.headcount * stay**month <= cap
            hire = _hire_variable(model, skill, demand, month, whole=whole) if has_room else 0
        if row.can_lay_off and month > 0 and fixed is None and demand.base is None:
            leave = model.add_variable(lb=0, ub=max(row.headcount, 1_000), is_integer=whole)
        before: mathopt.LinearBase | float = heads[-1] * stay if heads else float(row.headcount)
        now: mathopt.LinearBase | float = before + hire - leave
        if not isinstance(now, float | int):
            held = model.add_variable(lb=0)
            model.add_linear_constraint(held == now)
            now = held
            if cap is not None and fixed is None:
                model.add_linear_constraint(now <= max(float(cap), row.headcount * stay**month))
        crews = demand.crews[month] if demand.crews is not None else 0.0
        least = demand.least[month] if may_hire else 0.0
        if not isinstance(leave, int):
            least = max(least, least_after_layoffs(skill, month))
        _at_least(model, people, now, max(crews, least))
        heads.append(now)
        hires.append(hire)
        layoffs.append(leave)
        gives = _available(model, skill, people, now, hires)
        overtime.append(model.add_variable(lb=0))
        share = float(row.overtime_max_share or 0)
        model.add_linear_constraint(overtime[-1] - gives * share <= 0)
        available.append(gives)
        paid = (
            skill.open_days[month] * float(row.hours_per_day) * (float(row.wage_per_hour) + demand.surcharge)
        )
        premium = (
            float(row.wage_per_hour) * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
        )
        severance = float(row.severance_weeks or 0) * 5 * float(row.hours_per_day) * float(row.wage_per_hour)
        people.cost = (
            people.cost
            + now * paid
            + overtime[-1] * (premium * (1 + OVERTIME_RELUCTANCE) * demand.overtime_weight)
            + hire * (float(row.hire_cost or 0) + HIRE_RELUCTANCE)
            + leave * severance
        )
    if demand.hours is not None:
        _cover_hours(model, skill, demand, available, overtime, people)
    people.heads.append(heads)
    people.hires.append(hires)
    people.layoffs.append(layoffs)
    people.available.append(available)
    people.overtime.append(overtime)


def _available(
    model: mathopt.Model,
    skill: Skill,
    people: People,
    heads: mathopt.LinearBase | float,
    hires: Sequence[mathopt.Variable | int],
) -> mathopt.LinearBase | float:
    """Standard hours of the month of the last of ``hires``: of heads, less what those in training and those
    who are absent lack.

    Never below 0, even where leavers outnumber what those in training still give; in a model that takes a
    variable, at a price that nobody pays who has the choice.
    """
    month, daily = len(hires) - 1, rate_of(skill)
    lost = (1 - float(skill.row.training_productivity or 0)) * daily
    gives = heads * (skill.open_days[month] * daily) - skill.absent_hours[month]
    for start, hired in enumerate(hires):
        days = skill.training_days[start][month]
        if days:
            gives = gives - hired * (days * lost)
    if isinstance(gives, float | int):
        return max(0.0, gives)
    if (lost > 0 and skill.row.attrition_per_month) or skill.absent_hours[month]:
        unreal = model.add_variable(lb=0)
        people.cost = people.cost + unreal * SHORTFALL
        gives = gives + unreal
    return gives


def _hire_variable(
    model: mathopt.Model, skill: Skill, demand: SkillDemand, month: int, *, whole: bool
) -> mathopt.Variable:
    base = demand.base[month] if demand.base is not None else 0
    limit = skill.row.max_hires_per_month
    most = limit if limit is not None else MOST_HIRES
    if demand.most_hires is not None:
        most = min(most, base + demand.most_hires[month])
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


def ruled_hires(shop: Shop, loaded: Sequence[bool]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Hires of the skills whose number a rule fixes: ramps first, then skills held at their headcount. Then
    hires of ramps whose skill also works or follows the direct heads: it may hire more than these.
    """
    staffing = shop.factory.staffing
    ramps = {row.skill: row for row in staffing.ramps}
    with_ratio = {row.skill for row in staffing.ratios}
    months = len(shop.grid.months)
    total_left = [
        staffing.max_total_hires_per_month if staffing.max_total_hires_per_month is not None else 10**9
    ] * months
    result: dict[int, list[int]] = {}
    held = [
        s for s in shop.skills if s.code not in ramps and s.code not in with_ratio and not loaded[s.index]
    ]
    for skill in [s for s in shop.skills if s.code in ramps] + held:
        ramp = ramps.get(skill.code)
        target = ramp.target_headcount if ramp else max(skill.row.headcount, skill.row.min_headcount or 0)
        most = ramp.max_per_month if ramp else 10**9
        result[skill.index] = hires_towards(skill, target, most, total_left)
    bases = {
        skill.index: result.pop(skill.index)
        for skill in shop.skills
        if skill.code in ramps and (loaded[skill.index] or skill.code in with_ratio)
    }
    return result, bases


def hires_towards(skill: Skill, target: int, most: int, total_left: list[int]) -> list[int]:
    """Hires, ``most`` a month, until ``skill`` has ``target`` heads, and at once what its least headcount
    asks for; what the plant may hire in all is taken from ``total_left``.
    """
    row = skill.row
    stay = 1 - float(row.attrition_per_month or 0)
    limit = row.max_hires_per_month if row.max_hires_per_month is not None else 10**9
    heads, hires = float(row.headcount), []
    for month in range(len(total_left)):
        if month > 0:
            heads *= stay
        wanted = 0
        if row.can_hire and month >= skill.first_hire_month:
            least = ceil((row.min_headcount or 0) - heads - GUARD)
            wanted = max(0, min(most, ceil(target - heads - GUARD)), least)
            if row.max_headcount is not None:
                wanted = max(0, min(wanted, int(row.max_headcount - heads + GUARD)))
        wanted = min(wanted, limit, total_left[month])
        total_left[month] -= wanted
        heads += wanted
        hires.append(wanted)
    return hires


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


def count_people(
    skill: Skill, hires: Sequence[int], layoffs: Sequence[int]
) -> tuple[list[float], list[float]]:
    """Heads and available standard hours by month, from whole hires and layoffs."""
    row = skill.row
    stay = 1 - float(row.attrition_per_month or 0)
    daily = rate_of(skill)
    heads: list[float] = []
    available: list[float] = []
    for month, (hired, gone) in enumerate(zip(hires, layoffs, strict=True)):
        before = heads[-1] * stay if heads else float(row.headcount)
        heads.append(max(0.0, before + hired - gone))
        training = sum(hires[start] * skill.training_days[start][month] for start in range(month + 1))
        lost = training * (1 - float(row.training_productivity or 0))
        gives = (heads[-1] * skill.open_days[month] - lost) * daily - skill.absent_hours[month]
        available.append(max(0.0, gives))
    return heads, available


def staff(
    shop: Shop,
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
    overtime_weight: float = 1.0,
) -> Staffing:
    """The cheapest people for a finished schedule, one exact model per skill.

    ``hours[skill][month]`` are standard hours and ``peaks`` crews at once, by month and on past the horizon,
    where the last month's people go on. Direct skills carry the price of the indirect heads that follow them.
    ``short_hours`` of the result is what even the most that may be hired cannot give: hours, and a day's
    hours of each head that a crew lacks.
    """
    months = len(shop.grid.months)
    loaded = [any(value > 0 for value in row) for row in hours]
    fixed, bases = ruled_hires(shop, loaded)
    limit = shop.factory.staffing.max_total_hires_per_month
    left = [
        (10**6 if limit is None else limit) - sum(row[month] for row in (*fixed.values(), *bases.values()))
        for month in range(months)
    ]
    ratios = {row.skill: float(row.per_direct_heads) for row in shop.factory.staffing.ratios}
    nothing = [0] * months
    unchanged = [count_people(skill, nothing, nothing)[0] for skill in shop.skills]
    result = Staffing(unchanged, [nothing] * len(shop.skills), [nothing] * len(shop.skills), [], [], 0.0, 0.0)
    free = [skill for skill in shop.skills if skill.index not in fixed]
    order = [s for s in free if s.code not in ratios] + [s for s in free if s.code in ratios]
    for skill in [s for s in shop.skills if s.index in fixed] + order:
        demand = _demand_of(shop, skill, hours[skill.index], peaks[skill.index])
        if skill.index in fixed:
            hires, layoffs = fixed[skill.index], [0] * months
        else:
            if skill.code in ratios:
                _follow_direct(shop, skill, ratios[skill.code], result, demand)
            demand.surcharge = _surcharge(shop, ratios) if skill.row.kind == "direct" else 0.0
            demand.most_hires, demand.base = left, bases.get(skill.index)
            demand.overtime_weight = overtime_weight
            hires, layoffs, status = _hire_for(shop, skill, demand)
            result.is_cut_short |= status != "optimal"
            ramp = demand.base or nothing
            left = [most + some - hired for most, some, hired in zip(left, ramp, hires, strict=True)]
        result.hires[skill.index], result.layoffs[skill.index] = hires, layoffs
        result.heads[skill.index], _ = count_people(skill, hires, layoffs)
    raise_to_ratios(shop, result.hires, result.layoffs)
    _settle(shop, result, hours, peaks)
    return result


def staff_as_planned(
    shop: Shop,
    hires: Sequence[Sequence[int]],
    layoffs: Sequence[Sequence[int]],
    hours: Sequence[Sequence[float]],
    peaks: Sequence[Sequence[int]],
) -> Staffing:
    """The people that these hires and layoffs give, for a finished schedule."""
    result = Staffing([], [list(row) for row in hires], [list(row) for row in layoffs], [], [], 0.0, 0.0)
    _settle(shop, result, hours, peaks)
    return result


def raise_to_ratios(shop: Shop, hires: list[list[int]], layoffs: Sequence[Sequence[int]]) -> None:
    """Hire what the ratios still lack, as far as limits allow. A direct skill with a ratio raises the heads
    that the ratios count, so this goes on until nobody is missing.
    """
    staffing, direct = shop.factory.staffing, [s for s in shop.skills if s.row.kind == "direct"]
    limit = staffing.max_total_hires_per_month
    hires[:] = [list(row) for row in hires]
    for month in range(len(shop.grid.months)):
        is_short = bool(staffing.ratios)
        while is_short:
            is_short = False
            heads = [count_people(s, hires[s.index], layoffs[s.index])[0][month] for s in shop.skills]
            for ratio in staffing.ratios:
                skill = shop.skills[shop.skill_index[ratio.skill]]
                wanted = ceil(sum(heads[s.index] for s in direct) / float(ratio.per_direct_heads) - GUARD)
                short = wanted - heads_at_work(heads[skill.index])
                room = hiring_room(skill, month, heads[skill.index], hires[skill.index][month])
                if limit is not None:
                    room = min(room, limit - sum(row[month] for row in hires))
                if min(short, room) > 0:
                    hires[skill.index][month] += min(short, room)
                    is_short = True
                    break
        for ratio in staffing.ratios:
            skill = shop.skills[shop.skill_index[ratio.skill]]
            _trim_to_limit(skill, hires[skill.index], layoffs[skill.index], month)


def _trim_to_limit(skill: Skill, hires: list[int], layoffs: Sequence[int], month: int) -> None:
    """Take back hires of ``month`` that earlier ones have made too many for the largest headcount."""
    if skill.row.max_headcount is not None and hires[month]:
        heads = count_people(skill, hires, layoffs)[0][month]
        hires[month] -= max(0, min(hires[month], ceil(heads - skill.row.max_headcount - GUARD)))


def keep_heads(skill: Skill, hires: list[int], layoffs: Sequence[int], heads: int, left: list[int]) -> None:
    """Hire on top of ``hires`` what ``skill`` lacks of whole ``heads`` in any month, within what the plant
    has ``left``.
    """
    for month in range(skill.first_hire_month, len(hires)):
        there = count_people(skill, hires, layoffs)[0][month]
        room = min(hiring_room(skill, month, there, hires[month]), left[month])
        more = max(0, min(ceil(heads - there - GUARD), room))
        hires[month] += more
        left[month] -= more


def hiring_room(skill: Skill, month: int, heads: float, hired: int) -> int:
    """How many more than ``hired`` the skill's own rules let it hire in ``month``, with ``heads`` there."""
    row = skill.row
    if not row.can_hire or month < skill.first_hire_month:
        return 0
    room = MOST_HIRES - hired if row.max_hires_per_month is None else row.max_hires_per_month - hired
    if row.max_headcount is not None:
        room = min(room, int(row.max_headcount - heads + GUARD))
    return max(0, room)


def _demand_of(shop: Shop, skill: Skill, hours: Sequence[float], peaks: Sequence[int]) -> SkillDemand:
    months = len(shop.grid.months)
    crews = [max(peaks[month:]) if month == months - 1 else peaks[month] for month in range(months)]
    least = [float(skill.row.min_headcount or 0)] * months
    at_once = [crew - 1 + STRICT if crew else 0.0 for crew in crews]
    after = max(hours[months:], default=0.0)
    return SkillDemand(least=least, crews=at_once, hours=hours[:months], hours_after=after)


def _surcharge(shop: Shop, ratios: dict[str, float]) -> float:
    """Wages of the indirect heads that one direct head brings with it, per paid hour."""
    return sum(
        float(shop.skills[shop.skill_index[code]].row.wage_per_hour) / per for code, per in ratios.items()
    )


def _follow_direct(shop: Shop, skill: Skill, per_head: float, found: Staffing, demand: SkillDemand) -> None:
    for month in range(skill.first_hire_month, len(demand.least)):
        direct = sum(found.heads[s.index][month] for s in shop.skills if s.row.kind == "direct")
        needed = ceil(direct / per_head - GUARD)
        demand.least[month] = max(demand.least[month], needed - 1 + STRICT)


def _hire_for(shop: Shop, skill: Skill, demand: SkillDemand) -> tuple[list[int], list[int], str]:
    """The cheapest whole hires and layoffs of one skill, and the solver's status."""
    if not skill.row.can_hire and not skill.row.can_lay_off:
        return [0] * len(demand.least), [0] * len(demand.least), "optimal"
    model = mathopt.Model()
    people = People([], [], [], [], [], 0.0)
    _add_skill(model, shop, skill, None, demand, people, whole=True)
    model.minimize(people.cost)
    gap = LAYOFF_GAP if skill.row.can_lay_off else SKILL_GAP
    result, solved = solve(model, seconds=SKILL_SECONDS, gap=gap)
    return (
        [round(value_of(result, each)) for each in people.hires[0]],
        [round(value_of(result, each)) for each in people.layoffs[0]],
        solved.status,
    )


def _settle(
    shop: Shop, staffing: Staffing, hours: Sequence[Sequence[float]], peaks: Sequence[Sequence[int]]
) -> None:
    """Count heads, hours, overtime, what is missing, and the cost, from whole hires."""
    months = len(shop.grid.months)
    staffing.heads = [[]] * len(shop.skills)
    for skill in shop.skills:
        row = hours[skill.index]
        heads, available = count_people(skill, staffing.hires[skill.index], staffing.layoffs[skill.index])
        share = float(skill.row.overtime_max_share or 0)
        over = [max(0.0, row[month] - available[month]) for month in range(months)]
        staffing.heads[skill.index] = heads
        staffing.available.append(available)
        staffing.overtime.append(over)
        staffing.short_hours += sum(
            max(0.0, over[month] - share * available[month]) for month in range(months)
        )
        staffing.short_hours += max(0.0, max(row[months:], default=0.0) - (1 + share) * available[-1])
        for month, crew in enumerate(peaks[skill.index]):
            missing = crew - heads_at_work(heads[min(month, months - 1)])
            staffing.short_hours += max(0, missing) * float(skill.row.hours_per_day)
    staffing.cost = staffing_cost(shop, staffing)


def staffing_cost(shop: Shop, staffing: Staffing) -> float:
    """Regular pay, overtime, hiring and severance over the horizon."""
    return sum(
        skill_month_cost(shop, staffing, skill.index, month)["total"]
        for skill in shop.skills
        for month in range(len(shop.grid.months))
    )


def skill_month_cost(shop: Shop, staffing: Staffing, index: int, month: int) -> dict[str, float]:
    """What one skill costs in one month, in the parts of plan-1's cost."""
    skill = shop.skills[index]
    row = skill.row
    wage, day_hours = float(row.wage_per_hour), float(row.hours_per_day)
    premium = wage * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
    parts = {
        "regular_labour": staffing.heads[index][month] * skill.open_days[month] * day_hours * wage,
        "overtime": staffing.overtime[index][month] * premium,
        "hiring": staffing.hires[index][month] * float(row.hire_cost or 0),
        "severance": staffing.layoffs[index][month] * float(row.severance_weeks or 0) * 5 * day_hours * wage,
    }
    parts["total"] = sum(parts.values())
    return parts
