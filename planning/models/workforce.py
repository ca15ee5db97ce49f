"""Skills, headcount and the rules of hiring.

Each staffing rule has a factory-wide value (``StaffingDefaults``); a skill's own value wins, an
empty one is inherited.
"""

from django.db import models

from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAYS_LIMIT,
    HOURS,
    MONEY,
    NAME,
    ONE,
    RATE,
    RATE_LIMIT,
    WEEKS_LIMIT,
    ZERO,
    Edited,
    not_blank,
    not_negative,
    one_of,
    positive,
    share,
    share_above_zero,
    share_below_one,
)
from planning.models.calendars import WorkCalendar


class SkillKind(models.TextChoices):
    """What people of a skill cost the product."""

    DIRECT = "direct", "Direct"
    INDIRECT = "indirect", "Indirect"
    ENGINEERING = "engineering", "Engineering"
    OVERHEAD = "overhead", "Overhead"


def staffing_rule_limits(row: str) -> list[models.BaseConstraint]:
    """The limits of the staffing rules, the same for a skill and for the defaults."""
    return [
        not_negative(row, "min_headcount", limit=COUNT_LIMIT),
        not_negative(row, "max_headcount", limit=COUNT_LIMIT),
        not_negative(row, "max_hires_per_month", limit=COUNT_LIMIT),
        not_negative(row, "hire_lead_days", limit=DAYS_LIMIT),
        not_negative(row, "hire_cost"),
        not_negative(row, "training_weeks", limit=WEEKS_LIMIT),
        share(row, "training_productivity"),
        not_negative(row, "severance_weeks", limit=WEEKS_LIMIT),
        share_below_one(row, "attrition_per_month"),
        share_below_one(row, "absence_rate"),
        positive(row, "labour_efficiency", limit=RATE_LIMIT),
        share(row, "overtime_max_share"),
        not_negative(row, "overtime_premium", limit=RATE_LIMIT),
        not_negative(row, "temp_max_heads", limit=COUNT_LIMIT),
        not_negative(row, "temp_wage_per_hour"),
        share_above_zero(row, "learning_rate"),
        positive(row, "learning_reference_unit"),
        positive(row, "learning_floor_unit"),
        not_negative(row, "max_hires", limit=COUNT_LIMIT),
        share(row, "trainer_share"),
    ]


class StaffingDefaults(models.Model):
    """The staffing rules of every skill that does not say otherwise."""

    can_hire = models.BooleanField(default=True)
    can_lay_off = models.BooleanField(default=False)
    min_headcount = models.PositiveIntegerField(default=0)
    max_headcount = models.PositiveIntegerField(null=True, blank=True)
    max_hires_per_month = models.PositiveIntegerField(null=True, blank=True)
    hire_lead_days = models.PositiveIntegerField(default=0)
    hire_cost = models.DecimalField(**MONEY, default=ZERO)
    training_weeks = models.DecimalField(**RATE, default=ZERO)
    training_productivity = models.DecimalField(**RATE, default=ONE)
    severance_weeks = models.DecimalField(**RATE, default=ZERO)
    attrition_per_month = models.DecimalField(**RATE, default=ZERO)
    absence_rate = models.DecimalField(**RATE, default=ZERO)
    labour_efficiency = models.DecimalField(**RATE, default=ONE)
    overtime_max_share = models.DecimalField(**RATE, default=ZERO)
    overtime_premium = models.DecimalField(**RATE, default="1.5")
    temp_max_heads = models.PositiveIntegerField(default=0)
    temp_wage_per_hour = models.DecimalField(**MONEY, null=True, blank=True)
    learning_rate = models.DecimalField(**RATE, default=ONE)
    learning_reference_unit = models.PositiveIntegerField(default=1)
    learning_floor_unit = models.PositiveIntegerField(null=True, blank=True)
    max_hires = models.PositiveIntegerField(null=True, blank=True)
    trainer_share = models.DecimalField(**RATE, default=ZERO)
    max_total_hires_per_month = models.PositiveIntegerField(null=True, blank=True)
    max_total_heads = models.PositiveIntegerField(null=True, blank=True)
    hiring_budget_per_month = models.DecimalField(**MONEY, null=True, blank=True)
    keep_going = models.BooleanField(
        default=False, help_text="What is wanted in the last quarter is taken to go on after the horizon."
    )

    class Meta:
        abstract = True


class Skill(Edited):
    """A kind of labour: how many have it at the planning date, what an hour costs, when they work."""

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)
    kind = models.CharField(max_length=12, choices=SkillKind.choices, default=SkillKind.DIRECT)
    headcount = models.PositiveIntegerField(default=0)
    wage_per_hour = models.DecimalField(**MONEY, default=ZERO)
    hours_per_day = models.DecimalField(**HOURS, default=8)
    calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="skills"
    )

    can_hire = models.BooleanField(null=True, blank=True)
    can_lay_off = models.BooleanField(null=True, blank=True)
    min_headcount = models.PositiveIntegerField(null=True, blank=True)
    max_headcount = models.PositiveIntegerField(null=True, blank=True)
    max_hires_per_month = models.PositiveIntegerField(null=True, blank=True)
    hire_lead_days = models.PositiveIntegerField(null=True, blank=True)
    hire_cost = models.DecimalField(**MONEY, null=True, blank=True)
    training_weeks = models.DecimalField(**RATE, null=True, blank=True)
    training_productivity = models.DecimalField(**RATE, null=True, blank=True)
    severance_weeks = models.DecimalField(**RATE, null=True, blank=True)
    attrition_per_month = models.DecimalField(**RATE, null=True, blank=True)
    absence_rate = models.DecimalField(**RATE, null=True, blank=True)
    labour_efficiency = models.DecimalField(**RATE, null=True, blank=True)
    overtime_max_share = models.DecimalField(**RATE, null=True, blank=True)
    overtime_premium = models.DecimalField(**RATE, null=True, blank=True)
    temp_max_heads = models.PositiveIntegerField(null=True, blank=True)
    temp_wage_per_hour = models.DecimalField(**MONEY, null=True, blank=True)
    learning_rate = models.DecimalField(**RATE, null=True, blank=True)
    learning_reference_unit = models.PositiveIntegerField(null=True, blank=True)
    learning_floor_unit = models.PositiveIntegerField(null=True, blank=True)
    max_hires = models.PositiveIntegerField(null=True, blank=True)
    trainer_share = models.DecimalField(**RATE, null=True, blank=True)

    class Meta:
        constraints = [
            not_blank("skill", "code"),
            one_of("skill", "kind", SkillKind),
            not_negative("skill", "headcount", limit=COUNT_LIMIT),
            not_negative("skill", "wage_per_hour"),
            models.CheckConstraint(
                condition=models.Q(hours_per_day__gt=0, hours_per_day__lte=24),
                name="skill_hours_per_day_in_a_day",
            ),
            *staffing_rule_limits("skill"),
        ]

    def __str__(self) -> str:
        return self.code


class SkillShift(Edited):
    """Hours of every day in which people of a skill are at work.

    An ``end`` at or before ``start`` runs past midnight. An hour worked in it costs ``premium`` of the wage
    on top; at most ``max_heads`` are put on it.
    """

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="shifts")
    name = models.CharField(**CODE)
    start = models.TimeField()
    end = models.TimeField()
    premium = models.DecimalField(**RATE, default=ZERO)
    max_heads = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: any number.")

    class Meta:
        verbose_name = "shift of a skill"
        verbose_name_plural = "shifts of skills"
        constraints = [
            models.UniqueConstraint(fields=["skill", "name"], name="skill_shift_once_per_name"),
            not_blank("skill_shift", "name"),
            not_negative("skill_shift", "premium", limit=RATE_LIMIT),
            not_negative("skill_shift", "max_heads", limit=COUNT_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.name}"


class SkillRatio(Edited):
    """At least direct heads / ``per_direct_heads`` of the skill, both rounded up."""

    skill = models.OneToOneField(Skill, on_delete=models.CASCADE, related_name="ratio")
    per_direct_heads = models.DecimalField(**RATE)

    class Meta:
        constraints = [positive("skill_ratio", "per_direct_heads", limit=RATE_LIMIT)]

    def __str__(self) -> str:
        return f"1 {self.skill} per {self.per_direct_heads:f}"


class SkillRamp(Edited):
    """Every month hires up to ``max_per_month`` until ``target_headcount`` is reached."""

    skill = models.OneToOneField(Skill, on_delete=models.CASCADE, related_name="ramp")
    target_headcount = models.PositiveIntegerField()
    max_per_month = models.PositiveIntegerField()

    class Meta:
        constraints = [
            not_negative("skill_ramp", "target_headcount", limit=COUNT_LIMIT),
            positive("skill_ramp", "max_per_month", limit=COUNT_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.skill} to {self.target_headcount:f}"
