"""Rules of a workforce plan: one function each, in ``WORKFORCE_RULES``; its docstring says it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

from planning.engine.verify.violation import Violation
from planning.engine.verify.workforce_course import Recount
from planning.engine.workforce_plan.plan import WorkforcePlan
from planning.engine.workforce_plan.problem import WorkforceProblem

type Finding = tuple[str, str]
type PlanRule = Callable[[WorkforceProblem, WorkforcePlan, Recount], Iterator[Finding]]

HEADS = 1e-4
UNITS = 1e-4  # and a millionth of the amounts beside it
HOURS = 0.01
MONEY = 0.01
SHARE = 1e-6


def decisions_complete(problem: WorkforceProblem, plan: WorkforcePlan) -> Iterator[Finding]:
    """There is one number, 0 or more, for every decision of every period, of what is made of every bucket."""
    wanted = {
        "hires": len(problem.skills),
        "layoffs": len(problem.skills),
        "temps": len(problem.skills),
        "moves": len(problem.cross_training),
        "started": len(problem.families),
        "subcontracted": len(problem.families),
    }
    buckets = sum(len(period.cuts) + 1 for period in problem.periods)
    for name, count in wanted.items():
        rows = getattr(plan.decisions, name)
        length = buckets if name in ("started", "subcontracted") else len(problem.periods)
        if len(rows) != count or any(len(row) != length for row in rows):
            yield name, f"has another shape than {count} rows of {length} numbers"
        elif any(not 0 <= value < float("inf") for row in rows for value in row):
            yield name, "holds a number below 0, or none"


def hires_allowed(problem: WorkforceProblem, plan: WorkforcePlan, _: Recount) -> Iterator[Finding]:
    """Hires are whole and within the limits of their skill, by period and in all."""
    for skill, hires in zip(problem.skills, plan.decisions.hires, strict=True):
        hiring = skill.hiring
        for period, hired in enumerate(hires):
            most = hiring.most[period] if hiring else 0
            least = hiring.least[period] if hiring and hiring.least else 0
            if not least - SHARE <= hired <= most + SHARE:
                yield f"{skill.code} {period}", f"hires {hired}, from {least} to {most} are possible"
            if skill.is_whole and abs(hired - round(hired)) > SHARE:
                yield f"{skill.code} {period}", f"hires {hired}, which is no whole number of people"
        if (
            hiring
            and hiring.in_all is not None
            and sum(hires) > max(hiring.in_all, sum(hiring.least)) + SHARE
        ):
            yield skill.code, f"hires {sum(hires)}, at most {hiring.in_all} in all"


def plant_limits(problem: WorkforceProblem, plan: WorkforcePlan, _: Recount) -> Iterator[Finding]:
    """All hires of a period stay within the plant's number and budget, or what is decided already."""
    limits, decisions = problem.limits, plan.decisions
    for period, most in enumerate(limits.hires):
        hired = sum(row[period] for row in decisions.hires)
        given = sum(s.hiring.least[period] for s in problem.skills if s.hiring and s.hiring.least)
        if hired > max(most, given) + SHARE:
            yield f"period {period}", f"the plant hires {hired}, at most {most} can come"
    for period, most_money in enumerate(limits.hiring_budget):
        spent = given_money = 0.0
        for skill, row in zip(problem.skills, decisions.hires, strict=True):
            price = skill.hiring.cost if skill.hiring else 0.0
            spent += price * row[period]
            given_money += price * (skill.hiring.least[period] if skill.hiring and skill.hiring.least else 0)
        for way, moved in zip(problem.cross_training, decisions.moves, strict=True):
            spent += way.cost * moved[period]
        if spent > max(most_money, given_money) + MONEY:
            yield f"period {period}", f"hiring costs {spent:.2f}, the budget is {most_money:.2f}"


def people_within(problem: WorkforceProblem, plan: WorkforcePlan, truth: Recount) -> Iterator[Finding]:
    """Layoffs only where allowed and whole; temporary people and courses within their limits, whole or as
    given where that is said; heads never below none, nor above the skill's most by hires or courses.
    """
    for number, skill in enumerate(problem.skills):
        for period in truth.periods:
            gone, temps = plan.decisions.layoffs[number][period], plan.decisions.temps[number][period]
            name = f"{skill.code} {period}"
            if gone > SHARE and (skill.layoff_cost is None or period < skill.layoffs_from):
                yield name, f"lays off {gone}, which is not allowed"
            if skill.is_whole and abs(gone - round(gone)) > SHARE:
                yield name, f"lays off {gone}, which is no whole number of people"
            if temps > skill.temp_most + HEADS:
                yield name, f"has {temps} temporary people, at most {skill.temp_most}"
            if skill.are_temps_whole and abs(temps - round(temps)) > SHARE:
                yield name, f"has {temps} temporary people, which is no whole number"
            heads = truth.heads[number][period]
            if heads < -HEADS:
                yield name, f"has {heads} heads"
            if heads > max(skill.most, _least_path(problem, number, period)) + HEADS:
                yield name, f"has {heads} heads, at most {skill.most} are allowed"
    yield from _courses(problem, plan)


def _courses(problem: WorkforceProblem, plan: WorkforcePlan) -> Iterator[Finding]:
    """People in courses beyond their limit, or other than those given."""
    for way, moved in zip(problem.cross_training, plan.decisions.moves, strict=True):
        for period, people in enumerate(moved):
            name = f"{problem.skills[way.target].code} {period}"
            if way.given:
                if abs(people - way.given[period]) > HEADS:
                    yield name, f"{people} people are cross-trained, given are {way.given[period]}"
            elif people > (way.most if period >= way.first else 0.0) + HEADS:
                yield name, f"{people} people are cross-trained, at most {way.most}"


def _least_path(problem: WorkforceProblem, number: int, period: int) -> float:
    """Heads that are there with the hires and changes that are decided already and nobody leaving but by
    attrition.
    """
    skill = problem.skills[number]
    heads = float(skill.heads)
    for each in range(period + 1):
        heads *= skill.stay[each]
        heads += skill.hiring.least[each] if skill.hiring and skill.hiring.least else 0
        for way in problem.cross_training:
            if way.given and number in (way.source, way.target):
                heads += way.given[each] if way.target == number else -way.given[each]
    return heads


def production_allowed(problem: WorkforceProblem, plan: WorkforcePlan, truth: Recount) -> Iterator[Finding]:
    """Nothing starts before its day, beyond what is startable or subcontractable, or on full stations."""
    for number, family in enumerate(problem.families):
        so_far = 0.0
        for bucket, (begin, end, period) in enumerate(truth.spans):
            started = plan.decisions.started[number][bucket]
            so_far += started
            limit = family.startable[bucket] if family.startable else float("inf")
            limit = 0.0 if end <= family.earliest else min(limit, family.most)
            if so_far > limit + _slack(so_far):
                yield f"{family.code} {bucket}", f"{so_far} started, {limit} can be"
            bought = plan.decisions.subcontracted[number][bucket]
            most = family.subcontract.most if family.subcontract else 0.0
            most *= (end - begin) / (problem.periods[period].end - problem.periods[period].begin)
            if bought > most + _slack(most):
                yield f"{family.code} {bucket}", f"{bought} subcontracted, at most {most}"
    for centre, stations in enumerate(problem.stations):
        for bucket in range(len(truth.spans)):
            taken = sum(
                plan.decisions.started[number][start]
                * truth.falls_into(start, station.offset, bucket)
                * station.share[bucket]
                for number, family in enumerate(problem.families)
                for station in family.stations
                if station.centre == centre
                for start in range(bucket + 1)
            )
            if taken > stations + _slack(stations):
                yield f"work centre {centre} {bucket}", f"{taken} stations are taken, there are {stations}"


def nothing_from_nowhere(problem: WorkforceProblem, _: WorkforcePlan, truth: Recount) -> Iterator[Finding]:
    """No family, and no material before more can come, is taken that is not there."""
    for number, family in enumerate(problem.families):
        days = {end for _, end, _ in truth.spans} | {each.day for each in family.demands}
        for day in sorted(days):
            if truth.has(number, day) < -_slack(truth.come(truth.decisions.started[number], day)):
                yield f"{family.code} day {day:g}", f"{-truth.has(number, day)} are taken that are not there"
    for number, material in enumerate(problem.materials):
        for begin, end, _month in truth.spans:
            there = sum(units for at, units in material.receipts if at <= end)
            taken = truth.taken(number, end)
            if begin < material.more_from and taken > there + _slack(there):
                yield f"{material.code} day {end:g}", f"{taken} are taken, {there} are there"


def course_recomputed(problem: WorkforceProblem, plan: WorkforcePlan, truth: Recount) -> Iterator[Finding]:
    """Heads, hours, stock, backlog and cash told are those that the decisions give."""
    for name, slack in (
        ("heads", HEADS),
        ("in_training", HEADS),
        ("available", HOURS),
        ("required", HOURS),
        ("overtime", HOURS),
        ("missing", HOURS),
        ("stock", UNITS),
        ("backlog", UNITS),
    ):
        told, true = getattr(plan.course, name), getattr(truth, name)
        for number, (row, real) in enumerate(zip(told, true, strict=True)):
            for period, (value, right) in enumerate(zip(row, real, strict=True)):
                if not abs(value - right) <= slack + SHARE * abs(right):
                    yield f"{name} {number} {period}", f"told {value}, recomputed {right}"
    if len(plan.course.cash) != len(truth.cash):
        yield "cash", "has another length than the periods"
    for period, (value, right) in enumerate(zip(plan.course.cash, truth.cash, strict=False)):
        if not abs(value - right) <= MONEY + SHARE * abs(right):
            yield f"cash {period}", f"told {value}, recomputed {right}"


def workforce_cost_recomputed(_: WorkforceProblem, plan: WorkforcePlan, truth: Recount) -> Iterator[Finding]:
    """Every part of the cost, and the objective, is what the decisions cost."""
    for name, told in asdict(plan.course.cost).items():
        if not abs(told - truth.cost[name]) <= MONEY + SHARE * abs(truth.cost[name]):
            yield name, f"told {told}, recomputed {truth.cost[name]}"
    objective = truth.objective()
    for told in (plan.objective, plan.course.objective):
        if not abs(told - objective) <= MONEY + SHARE * abs(objective):
            yield "objective", f"told {told}, recomputed {objective}"


def bound_below_objective(_: WorkforceProblem, plan: WorkforcePlan, __: Recount) -> Iterator[Finding]:
    """No bound lies above the objective, and "optimal" is said only where they meet."""
    if plan.bound is not None and plan.bound > plan.objective:
        yield "bound", f"{plan.bound} lies above the objective {plan.objective}"
    if plan.status == "optimal" and (plan.gap is None or plan.gap > SHARE):
        yield "status", f"says optimal with a gap of {plan.gap}"


WORKFORCE_RULES: tuple[PlanRule, ...] = (
    hires_allowed,
    plant_limits,
    people_within,
    production_allowed,
    nothing_from_nowhere,
    course_recomputed,
    workforce_cost_recomputed,
    bound_below_objective,
)


def workforce_violations(problem: WorkforceProblem, plan: WorkforcePlan) -> list[Violation]:
    """Every rule that ``plan`` breaks, in the order of ``WORKFORCE_RULES``; only what is incomplete, where it
    is. What has a price (missing hours, backlog) is no violation, but must be told.
    """
    found = [
        Violation(rule=decisions_complete.__name__, entity=entity, text=text)
        for entity, text in decisions_complete(problem, plan)
    ]
    if found:
        return found
    recount = Recount(problem, plan.decisions)
    return [
        Violation(rule=rule.__name__, entity=entity, text=text)
        for rule in WORKFORCE_RULES
        for entity, text in rule(problem, plan, recount)
    ]


def _slack(amount: float) -> float:
    return UNITS + SHARE * abs(amount)
