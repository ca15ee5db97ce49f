"""A shop's people as skills of a workforce problem: the staffing rules of factory-1, as its data."""

from planning.engine.shop import Shop, Skill
from planning.engine.workforce import MOST_HIRES, least_after_layoffs, rate_of, ruled_hires
from planning.engine.workforce_plan.problem import EVER, Hiring, Limits, Losses, Ratio
from planning.engine.workforce_plan.problem import Skill as Labour

# times a month's pay, where the plant has no hires left: nothing is won by going without
MISSED_RATIO = 1.0
TOKEN = 10.0  # a head and month, where wages are not given


class WorkforceOf:
    """The skills of a shop; ``loaded`` tells which work in this plan."""

    def __init__(self, shop: Shop, loaded: list[bool]) -> None:
        self.shop = shop
        self.months = len(shop.grid.months)
        self.fixed, self.bases = ruled_hires(shop, loaded)

    def skills(self) -> tuple[Labour, ...]:
        """Every skill of the shop, in its order."""
        return tuple(self._skill(skill) for skill in self.shop.skills)

    def limits(self) -> Limits:
        """Hires of the whole plant in a month, and ratios, which count from a skill's first possible hire."""
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
        return Limits(hires=(most,) * self.months if most is not None else (), ratios=tuple(ratios))

    def _skill(self, skill: Skill) -> Labour:
        row, months = skill.row, range(self.months)
        daily, wage = rate_of(skill), float(row.wage_per_hour)
        stay = 1 - float(row.attrition_per_month or 0)
        premium = wage * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
        hiring = self._hiring(skill)
        is_ruled = skill.index in self.fixed or skill.index in self.bases
        may_leave = bool(row.can_lay_off) and not is_ruled
        weeks = float(row.severance_weeks or 0)
        return Labour(
            code=skill.code,
            heads=float(row.headcount),
            stay=tuple(stay if month else 1.0 for month in months),
            paid_hours=tuple(days * float(row.hours_per_day) for days in skill.open_days),
            hours=tuple(days * daily for days in skill.open_days),
            wage=(wage,) * self.months,
            is_direct=row.kind == "direct",
            hiring=hiring,
            losses=self._losses(skill),
            overtime_share=float(row.overtime_max_share or 0),
            overtime_cost=(premium,) * self.months,
            layoff_cost=weeks * 5 * float(row.hours_per_day) * wage if may_leave else None,
            layoffs_from=1,
            load=tuple(
                min(lost, row.headcount * days * daily)
                for lost, days in zip(skill.absent_hours, skill.open_days, strict=True)
            )
            if any(skill.absent_hours)
            else (),
            least=tuple(self._least(skill, month, may_leave=may_leave) for month in months),
            most=EVER if row.max_headcount is None else float(row.max_headcount),
        )

    @staticmethod
    def _least(skill: Skill, month: int, *, may_leave: bool) -> float:
        """Heads that a skill has at least: once hires are possible, and where people are laid off."""
        if skill.row.can_hire and month >= skill.first_hire_month:
            return float(skill.row.min_headcount or 0)
        return least_after_layoffs(skill, month) if may_leave and month else 0.0

    def _hiring(self, skill: Skill) -> Hiring | None:
        row = skill.row
        cost, lead = float(row.hire_cost or 0), float(row.hire_lead_days or 0)
        if skill.index in self.fixed:
            given = tuple(self.fixed[skill.index])
            return Hiring(most=given, least=given, cost=cost, lead_days=lead)
        if not row.can_hire:
            return None
        limit = MOST_HIRES if row.max_hires_per_month is None else row.max_hires_per_month
        least = tuple(self.bases.get(skill.index, [0] * self.months))
        most = tuple(
            max(base, limit) if month >= skill.first_hire_month else base for month, base in enumerate(least)
        )
        return Hiring(most=most, least=least, cost=cost, lead_days=lead)

    def _losses(self, skill: Skill) -> Losses:
        lost = rate_of(skill) * (1 - float(skill.row.training_productivity or 0))
        return tuple(
            tuple(days * lost for days in skill.training_days[first][first:]) for first in range(self.months)
        )
