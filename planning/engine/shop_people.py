"""A shop's people as skills of a workforce problem: the staffing rules of factory-1, as its data."""

from decimal import Decimal

from planning.engine.events import absent_hours
from planning.engine.headcount import (
    Changes,
    count_people,
    natural_heads,
    rate_of,
    stay_of,
    training_loss,
)
from planning.engine.hiring_rules import ruled_hires
from planning.engine.model_spans import ModelSpans
from planning.engine.shop import Shop, Skill
from planning.engine.skill_terms import hiring_budgets
from planning.engine.workforce import MOST_HIRES
from planning.engine.workforce_plan.problem import EVER, CrossTraining, Hiring, Limits, Losses, Ratio
from planning.engine.workforce_plan.problem import Skill as Labour

# times a month's pay, where the plant has no hires left: nothing is won by going without
MISSED_RATIO = 1.0
TOKEN = 10.0  # a head and month, where wages are not given


class WorkforceOf:
    """The skills of a shop over ``spans``; ``loaded`` tells which work in this plan, ``changes`` who changes
    from one to another (None: open).
    """

    def __init__(
        self, shop: Shop, spans: ModelSpans, loaded: list[bool], changes: Changes | None = None
    ) -> None:
        self.shop, self.spans, self.changes = shop, spans, changes
        self.months = len(shop.grid.months)
        self.fixed, self.bases = ruled_hires(shop, loaded, changes)

    def skills(self) -> tuple[Labour, ...]:
        """Every skill of the shop, in its order."""
        return tuple(self._skill(skill) for skill in self.shop.skills)

    def limits(self) -> Limits:
        """Hires, heads and money for hiring of the whole plant in a month, and ratios, which count from a
        skill's first possible hire.
        """
        staffing = self.shop.factory.staffing
        most = staffing.max_total_hires_per_month
        ratios = []
        for row in staffing.ratios:
            skill = self.shop.skills[self.shop.skill_index[row.skill]]
            pay = float(skill.row.wage_per_hour) * float(skill.row.hours_per_day)
            ratios.append(
                Ratio(
                    skill=skill.index,
                    per_direct=float(row.per_direct_heads),
                    first=skill.first_hire_month,
                    is_rounded=True,
                    missing_cost=tuple(MISSED_RATIO * pay * days + TOKEN for days in skill.open_days),
                )
            )
        budgets = hiring_budgets(staffing, self.shop.grid.months)
        return Limits(
            hires=(most,) * self.months if most is not None else (),
            hiring_budget=tuple(EVER if each is None else each for each in budgets)
            if any(each is not None for each in budgets)
            else (),
            heads=() if staffing.max_total_heads is None else self._most_heads(staffing.max_total_heads),
            ratios=tuple(ratios),
        )

    def _most_heads(self, limit: int) -> tuple[float, ...]:
        """The plant's limit on heads, which binds hires: those who are there anyway stay."""
        nobody = [0] * self.months
        paths = []
        for skill in self.shop.skills:
            given = self.fixed.get(skill.index) or self.bases.get(skill.index)
            given = given or [each.least for each in skill.decided]
            paths.append(count_people(skill, given, nobody, self.changes)[0])
        return tuple(max(float(limit), sum(month)) for month in zip(*paths, strict=True))

    def ways(self) -> tuple[CrossTraining, ...]:
        """The ways from one skill to another."""
        found = []
        for number, way in enumerate(self.shop.ways):
            target = self.shop.skills[way.target]
            lost = rate_of(target) * (1 - float(way.row.productivity))
            found.append(
                CrossTraining(
                    source=way.source,
                    target=way.target,
                    cost=float(way.row.cost),
                    losses=tuple(
                        tuple(days * lost for days in row)
                        for row in self.spans.course_days(target, way.row.weeks)
                    ),
                    most=float(way.row.max_per_month),
                    first=way.first_month,
                    given=() if self.changes is None else tuple(map(float, self.changes.heads[number])),
                )
            )
        return tuple(found)

    def _skill(self, skill: Skill) -> Labour:
        row, months = skill.row, range(self.months)
        daily, paid = rate_of(skill), float(row.hours_per_day)
        stay, wages = stay_of(skill), skill.wages
        premium, efficiency = float(row.overtime_premium or 0), float(row.labour_efficiency or 1)
        is_ruled = skill.index in self.fixed or skill.index in self.bases
        may_leave = bool(row.can_lay_off) and not is_ruled
        severance = float(row.severance_weeks or 0) * 5 * paid
        work_days = self.spans.open_days(skill)
        return Labour(
            code=skill.code,
            heads=float(row.headcount),
            stay=tuple(stay if month else 1.0 for month in months),
            paid_hours=tuple(days * paid for days in skill.open_days),
            hours=tuple(days * daily for days in work_days),
            wage=tuple(wages),
            is_direct=row.kind == "direct",
            hiring=self._hiring(skill),
            losses=self._losses(skill),
            overtime_share=float(row.overtime_max_share or 0),
            overtime_cost=tuple(wages[month] * premium / efficiency for month in self.spans.months),
            temp_most=float(row.temp_max_heads or 0),
            temp_cost=tuple(
                days * paid * wage for days, wage in zip(skill.open_days, skill.temp_wages, strict=True)
            )
            if row.temp_max_heads
            else (),
            are_temps_whole=bool(row.temp_max_heads),
            layoff_cost=severance * (sum(wages) / len(wages) if row.raises else wages[0])
            if may_leave
            else None,
            layoffs_from=self._first_layoff(skill),
            absent=self._absent(skill, work_days) if any(skill.absent_hours) else (),
            least=self._least(skill, may_leave=may_leave),
            most=EVER if row.max_headcount is None else float(row.max_headcount),
        )

    def _absent(self, skill: Skill, work_days: list[int]) -> tuple[float, ...]:
        """Hours that absences take of each bucket, no more than those give who are there anyway."""
        firsts = [span.first for span in self.spans.spans]
        away = absent_hours(self.shop.grid, skill.row, self.shop.factory.absences, firsts)
        decided = [each.least for each in skill.decided]
        heads = natural_heads(skill, decided, self.changes)
        months, daily = self.spans.months, rate_of(skill)
        gives = [daily * days * heads[month] for days, month in zip(work_days, months, strict=True)]
        for month, row in enumerate(self._losses(skill)):
            for later, lost in enumerate(row, months.index(month)):
                gives[later] -= decided[month] * lost
        return tuple(max(0.0, min(pair)) for pair in zip(away, gives, strict=True))

    def _least(self, skill: Skill, *, may_leave: bool) -> tuple[float, ...]:
        """Heads that a skill has at least: once hires are possible, and where people are laid off."""
        least, found = float(skill.row.min_headcount or 0), []
        natural = natural_heads(skill, [each.least for each in skill.decided], self.changes)
        for month, decided in enumerate(skill.decided):
            may_hire = skill.row.can_hire and month >= skill.first_hire_month and not decided.is_exact
            kept = min(least, natural[month]) if may_leave and month else 0.0
            found.append(least if may_hire else kept)
        return tuple(found)

    def _first_layoff(self, skill: Skill) -> int:
        """Nobody is laid off where somebody is still to change to another skill."""
        leaving = [0] if self.changes is None else self.changes.departures[skill.index]
        return max([1, *(month + 1 for month, moved in enumerate(leaving) if moved)])

    def _hiring(self, skill: Skill) -> Hiring | None:
        row = skill.row
        cost, lead = float(row.hire_cost or 0), float(row.hire_lead_days or 0)
        if skill.index in self.fixed:
            given = tuple(self.fixed[skill.index])
            return Hiring(most=given, least=given, cost=cost, lead_days=lead)
        if not row.can_hire and not any(each.least for each in skill.decided):
            return None
        limit = MOST_HIRES if row.max_hires_per_month is None else row.max_hires_per_month
        base = self.bases.get(skill.index, [0] * self.months)
        least = tuple(max(pair) for pair in zip(base, (each.least for each in skill.decided), strict=True))
        most = tuple(
            max(given, limit)
            if row.can_hire and month >= skill.first_hire_month and not skill.decided[month].is_exact
            else given
            for month, given in enumerate(least)
        )
        return Hiring(most=most, least=least, in_all=row.max_hires, cost=cost, lead_days=lead)

    def _losses(self, skill: Skill) -> Losses:
        lost = rate_of(skill) * training_loss(skill)
        rows = self.spans.course_days(skill, skill.row.training_weeks or Decimal(0))
        return tuple(tuple(days * lost for days in row) for row in rows)
