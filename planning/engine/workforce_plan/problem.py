"""What the workforce model decides on: periods, skills, families, limits and money, as frozen data.

Everything counts in days from the start of the first period, standard hours, units and money. A tuple that is
said to be "by period" has one entry for each period, one "by bucket" one for each bucket of each period, in
order of time. Things are told apart by their position in the problem.
``docs/workforce.md`` has the mathematics; building a ``WorkforceProblem`` checks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat

type ByPeriod = tuple[float, ...]
type ByBucket = tuple[float, ...]
type Losses = tuple[ByBucket, ...]

EVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days ``[begin, end)`` from the start of the first period.

    People come, leave and change skill when a period begins; what is made and worked is decided in each of
    its buckets. ``cuts`` are the days, in order, that part them: none, and the period is one bucket. In the
    last ``rests`` days of each bucket (none: 0) nothing is made, as at the weekend of a week.
    """

    label: str
    begin: float
    end: float
    cuts: tuple[float, ...] = ()
    rests: tuple[float, ...] = ()

    @property
    def days(self) -> float:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Bucket:
    """Days ``[begin, end)`` of a period (its position). What is made is even from ``begin`` to ``stop``."""

    begin: float
    stop: float
    end: float
    period: int

    @property
    def days(self) -> float:
        return self.end - self.begin


def buckets_of(periods: Sequence[Period]) -> tuple[Bucket, ...]:
    """The buckets of periods, in order of time."""
    found = []
    for number, period in enumerate(periods):
        spans = pairwise((period.begin, *period.cuts, period.end))
        for (begin, end), rest in zip(spans, period.rests or repeat(0.0)):  # noqa: B905 - repeat has no end
            found.append(Bucket(begin, end - rest, end, number))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiring:
    """Who may come when. ``most`` and ``least`` hires by period: 0 and 0 before the lead time is over, equal
    where somebody has decided already. ``in_all`` over the horizon; ``cost`` of one hire; ``lead_days``
    from the requisition to the first day.
    """

    most: ByPeriod
    least: ByPeriod = ()
    in_all: int | None = None
    cost: float = 0.0
    lead_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """At most ``seats`` people work it; each of their paid hours costs ``premium`` on top."""

    code: str
    seats: float
    premium: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """People of one kind.

    ``heads`` are there before the first period; ``stay`` is the share of them that is still there when a
    period begins. A trained head is paid ``paid_hours`` of a period at ``wage`` (raises by date show here)
    and gives ``hours`` in a bucket. A hire of period ``p`` gives ``losses[p][k]`` hours less in the ``k``-th
    bucket from the start of ``p`` on, his trainer's time included; in periods in which he does he takes one
    of ``training_seats``, beyond which a seat costs ``seat_cost`` a period. ``absent`` hours are taken off
    what people give in a bucket. Overtime adds at most ``overtime_share`` of the hours that are left then.
    ``load`` are hours that are needed whatever is made. Layoffs are possible from period ``layoffs_from`` on,
    where they have a cost.
    ``least`` and ``most`` bound heads; ``end_heads`` are still needed after the horizon, and each that is
    missing then costs ``end_cost``. ``is_direct`` heads count in ratios. Where ``is_whole`` hires and
    layoffs are whole, where ``are_temps_whole`` temporary people.
    """

    code: str
    heads: float
    stay: ByPeriod
    paid_hours: ByPeriod
    hours: ByBucket
    wage: ByPeriod
    is_direct: bool = True
    is_whole: bool = True
    hiring: Hiring | None = None
    losses: Losses = ()
    training_seats: float | None = None
    seat_cost: float = 0.0
    overtime_share: float = 0.0
    overtime_cost: ByBucket = ()
    temp_most: float = 0.0
    temp_cost: ByPeriod = ()
    are_temps_whole: bool = False
    layoff_cost: float | None = None
    layoffs_from: int = 0
    absent: ByBucket = ()
    load: ByBucket = ()
    least: ByPeriod = ()
    most: float = EVER
    shifts: tuple[Shift, ...] = ()
    end_heads: float = 0.0
    end_cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTraining:
    """A way from one skill to another: who takes it leaves ``source`` when a period begins, is paid as
    ``target`` from then on and gives ``losses[p][k]`` hours less in the ``k``-th bucket from then on.
    ``most`` people a period, from period ``first``; ``cost`` each. Part-time courses make fractions of
    people. Where ``given`` has entries so many take it in each period, and that is not open any more.
    """

    source: int
    target: int
    cost: float
    losses: Losses
    most: float
    first: int = 0
    given: ByPeriod = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Hours of ``skill`` for one unit, by bucket of its start, worked ``offset`` days after it; what falls
    past the horizon is nobody's work here.
    """

    skill: int
    hours: ByBucket
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The ``share`` of a station of work centre ``centre`` that one unit takes, by the bucket in which it
    takes it, ``offset`` days after its start.
    """

    centre: int
    share: ByBucket
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """``per_unit`` of a family (its position) or a bought material that a unit takes ``offset`` days after
    its start.
    """

    family: int | None = None
    material: int | None = None
    per_unit: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is bought: ``receipts`` (day, units) known now; more can come from day ``more_from`` on, and
    until then no more than the receipts is taken.
    """

    code: str
    receipts: tuple[tuple[float, float], ...] = ()
    more_from: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """``units`` that are wanted by the moment ``day`` (the end of the due day).

    ``late_cost``: of each unit of this family that is missing at that moment, until the next one at which
    some are wanted. ``is_firm``: missing is not a matter of price; it counts as a broken rule.
    """

    day: float
    units: float
    late_cost: float = 0.0
    is_firm: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subcontract:
    """Units that others make, at most ``most`` a period, evenly over it; ``cost`` each."""

    cost: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is made.

    A unit takes ``lead_days`` from its start to stock, work, stations, parts, and ``unit_cost`` of purchases.
    ``receipts`` (day, units): stock and what comes anyway. No more than ``most`` are started, none in buckets
    that end by ``earliest``, and by the end of each bucket no more than ``startable``. ``holding`` of one
    unit in stock at a bucket's end. ``end_stock`` are wanted at the end of the horizon. A unit ``pays`` when
    it is delivered. Inside a bucket production and subcontracts are spread evenly,
    until its rest begins.
    """

    code: str
    work: tuple[Work, ...] = ()
    stations: tuple[Station, ...] = ()
    parts: tuple[Part, ...] = ()
    receipts: tuple[tuple[float, float], ...] = ()
    lead_days: float = 0.0
    unit_cost: float = 0.0
    holding: ByBucket = ()
    demands: tuple[Demand, ...] = ()
    subcontract: Subcontract | None = None
    most: float = EVER
    earliest: float = 0.0
    startable: ByBucket = ()
    end_stock: float = 0.0
    pays: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """From period ``first`` on there is one head of ``skill`` for ``per_direct`` direct ones. ``is_rounded``:
    both rounded up to whole people, else exactly. A head that is missing is a broken rule, but for periods
    in which the plant's hires are used up: there it costs ``missing_cost``.
    """

    skill: int
    per_direct: float
    first: int = 0
    is_rounded: bool = False
    missing_cost: ByPeriod = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """Money in hand before the first period, what comes and goes by period whatever is decided (deposits,
    milestones, rent), and the ``floor`` that is kept at the end of every period. What is missing to it costs
    ``missing_cost`` for each unit of money and period. Customers pay ``lag`` periods after a delivery.
    """

    opening: float
    flows: ByPeriod
    floor: float = 0.0
    missing_cost: float = 10.0
    lag: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the whole plant. ``hires`` and ``hiring_budget`` (hires and cross-training) by period, ``heads``
    in all; ``change_cost`` for each head by which all heads together change from one period to the next.
    """

    hires: tuple[int, ...] = ()
    hiring_budget: ByPeriod = ()
    heads: ByPeriod = ()
    change_cost: float = 0.0
    ratios: tuple[Ratio, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceProblem:
    """One question for ``plan_workforce``. ``stations``: of each work centre.

    Lateness counts ``lateness_weight`` times, overtime ``overtime_reluctance`` times its price on top, a hire
    ``hire_reluctance``; reported costs contain none of these. A rule that cannot be kept is broken at
    ``broken_cost`` for each head, hour or unit, last of all.
    """

    periods: tuple[Period, ...]
    skills: tuple[Skill, ...]
    families: tuple[Family, ...]
    stations: tuple[float, ...] = ()
    materials: tuple[Material, ...] = ()
    cross_training: tuple[CrossTraining, ...] = ()
    limits: Limits = field(default_factory=Limits)
    cash: Cash | None = None
    lateness_weight: float = 1.0
    overtime_reluctance: float = 0.0
    hire_reluctance: float = 0.0
    broken_cost: float = 1e5

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets of all periods, in order of time."""
        return buckets_of(self.periods)

    def __post_init__(self) -> None:
        from planning.engine.workforce_plan.check import check_problem

        check_problem(self)
