"""What the workforce model answers: decisions, what follows from them, and what was proved about them."""

from dataclasses import dataclass
from typing import Literal

type Rows = tuple[tuple[float, ...], ...]
type Counts = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """``hires``, ``layoffs``, ``temps`` by skill and period; ``moves`` by way of cross-training and period;
    ``started`` and ``subcontracted`` by family and bucket. All else follows from these.
    """

    hires: Counts
    layoffs: Counts
    temps: Rows
    moves: Rows
    started: Rows
    subcontracted: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceCost:
    """Parts of the cost. ``broken`` counts rules that could not be kept, ``missing_cash`` what lacks to the
    floor, ``end`` heads that are missing
    after the horizon, ``ratios`` heads that are missing beside direct ones.
    """

    regular: float
    overtime: float
    temporary: float
    hiring: float
    severance: float
    cross_training: float
    seats: float
    shifts: float
    purchases: float
    subcontract: float
    holding: float
    lateness: float
    smoothness: float
    end: float
    ratios: float
    missing_cash: float
    broken: float

    @property
    def money(self) -> float:
        """What is really paid in the horizon: all but the prices that steer (late, smooth, end, broken)."""
        return (
            self.regular
            + self.overtime
            + self.temporary
            + self.hiring
            + self.severance
            + self.cross_training
            + self.seats
            + self.shifts
            + self.purchases
            + self.subcontract
            + self.holding
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What follows from decisions: ``heads`` and those ``in_training`` by skill and period, hours by skill
    and bucket, ``stock`` and ``backlog`` by family at the end of each bucket, ``cash`` at that of each
    period.

    ``missing`` hours are those that neither regular time nor overtime gives; ``backlog`` units were wanted by
    a bucket's end and are not there; ``cash`` is empty without a cash account.
    """

    heads: Rows
    in_training: Rows
    available: Rows
    required: Rows
    overtime: Rows
    missing: Rows
    stock: Rows
    backlog: Rows
    cash: tuple[float, ...]
    cost: WorkforceCost
    objective: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceException:
    """Something a planner must know. ``entity``: the skill, family or period it is about; ``hours`` by
    period where it is about hours; ``suggestion`` the cheapest remedy that was found.
    """

    code: str
    entity: str
    text: str
    suggestion: str = ""
    hours: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforcePlan:
    """``bound``: no plan costs less, by arithmetic on row prices or the solver's search, never a guess; None
    where there is none. ``status`` "optimal": the gap is below a millionth, else "feasible".
    """

    decisions: Decisions
    course: Course
    status: Literal["optimal", "feasible"]
    objective: float
    bound: float | None
    seconds: float
    is_cut_short: bool
    exceptions: tuple[WorkforceException, ...] = ()

    @property
    def gap(self) -> float | None:
        """(objective − bound) / |objective|; None without a bound."""
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-9)
