"""The hiring plan as a table: skills by month, with the totals that somebody asks for first."""

from collections import defaultdict
from dataclasses import dataclass, field

from planning.errors import PlanNotFound
from planning.models import PlanRun, StaffingMonth
from planning.selectors.results import list_staffing

KINDS = ("direct", "indirect", "engineering", "overhead")


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillMonths:
    """One skill: ``months`` holds its rows by month, "2011-03"."""

    code: str
    name: str
    kind: str
    months: dict[str, StaffingMonth]


@dataclass(slots=True, kw_only=True)
class StaffingTotal:
    """People of one month: heads are paid heads, fractional by attrition."""

    month: str
    heads: float = 0.0
    direct_heads: float = 0.0
    hires: int = 0
    direct_hires: int = 0

    def add(self, row: StaffingMonth, *, is_direct: bool) -> None:
        self.heads += row.headcount
        self.hires += row.hires
        if is_direct:
            self.direct_heads += row.headcount
            self.direct_hires += row.hires


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingTable:
    """Skills, direct ones first, and one total for every month."""

    months: tuple[str, ...]
    skills: tuple[SkillMonths, ...]
    totals: tuple[StaffingTotal, ...] = field(default=())

    @property
    def hires(self) -> int:
        """All people to be hired."""
        return sum(total.hires for total in self.totals)

    @property
    def peak(self) -> StaffingTotal | None:
        """The first month with the most people."""
        return max(self.totals, key=lambda total: total.heads, default=None)


def get_staffing_table(version: int) -> StaffingTable:
    """Heads and hires by skill and month, and people in all and direct by month. 2 queries."""
    skills = _skills(version)
    cells: dict[str, dict[str, StaffingMonth]] = defaultdict(dict)
    totals: dict[str, StaffingTotal] = {}
    for row in list_staffing(version):
        cells[row.skill][row.month] = row
        total = totals.setdefault(row.month, StaffingTotal(month=row.month))
        total.add(row, is_direct=skills.get(row.skill, ("", ""))[1] == "direct")
    rows = [
        SkillMonths(code=code, name=name or code, kind=kind, months=cells[code])
        for code, (name, kind) in sorted(skills.items(), key=lambda each: (KINDS.index(each[1][1]), each[0]))
        if code in cells
    ]
    months = tuple(sorted(totals))
    return StaffingTable(months=months, skills=tuple(rows), totals=tuple(totals[month] for month in months))


def _skills(version: int) -> dict[str, tuple[str, str]]:
    """Name and kind of each skill, as the plan's own input had them."""
    rows = PlanRun.objects.filter(pk=version).values_list("skills", flat=True).first()
    if rows is None:
        raise PlanNotFound(f"There is no plan {version}.")
    return {row["code"]: (row["name"], row["kind"]) for row in rows}
