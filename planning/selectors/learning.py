"""Learning rates that reported hours tell, beside those that plans use."""

from collections import defaultdict
from dataclasses import dataclass

from planning.engine.learning_fit import FittedCurve, ReportedLot, fit_learning, rate_interval
from planning.models import FactorySettings, LabourReport, Skill


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRate:
    """What ``reports`` on so many ``units`` of an item tell of the rate of a skill. ``fitted`` is None where
    they tell nothing of it; ``low`` and ``high`` hold the rate with about 95 %, where three or more do.
    ``used`` is the rate of the skill in plans.
    """

    item: str
    skill: str
    reports: int
    units: int
    used: float
    fitted: FittedCurve | None
    low: float | None
    high: float | None

    @property
    def rate(self) -> float | None:
        """To the fourth decimal: what is taken over."""
        return None if self.fitted is None else round(self.fitted.rate, 4)


def list_learning_rates(skill: str | None = None) -> list[LearningRate]:
    """By skill and item, of one ``skill`` or all. 2 queries, and a fit for each row."""
    rows = LabourReport.objects.select_related("item", "skill").order_by("units_before", "pk")
    if skill is not None:
        rows = rows.filter(skill__code=skill)
    reports: dict[tuple[str, str], list[LabourReport]] = defaultdict(list)
    for row in rows:
        reports[row.skill.code, row.item.code].append(row)
    defaults = FactorySettings.objects.first()
    return [_fitted(item, found, defaults) for (_, item), found in sorted(reports.items())]


def _fitted(item: str, reports: list[LabourReport], defaults: FactorySettings | None) -> LearningRate:
    skill = reports[0].skill
    reference = _rule(skill, defaults, "learning_reference_unit") or 1
    told = _rule(skill, defaults, "learning_floor_unit")
    floor = None if told is None else int(told)
    lots = [
        ReportedLot(first=row.units_before, last=row.units_before + row.units, hours=float(row.hours))
        for row in reports
    ]
    fitted = fit_learning(lots, reference=int(reference), floor=floor)
    interval = None
    if fitted is not None:
        interval = rate_interval(lots, fitted, reference=int(reference), floor=floor)
    low, high = interval or (None, None)
    return LearningRate(
        item=item,
        skill=skill.code,
        reports=len(reports),
        units=sum(row.units for row in reports),
        used=float(_rule(skill, defaults, "learning_rate") or 1),
        fitted=fitted,
        low=low,
        high=high,
    )


def _rule(skill: Skill, defaults: FactorySettings | None, name: str) -> float | None:
    """A skill's own rule, or the factory's."""
    own: float | None = getattr(skill, name)
    return own if own is not None or defaults is None else getattr(defaults, name)
