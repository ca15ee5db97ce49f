"""What a caller asks of a build, and what a build tells its caller while it runs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

ENGINE_VERSION = "1.1"
DEFAULT_WORK_BUDGET = 240
MAX_WORK_BUDGET = 10_000
MAX_TIME_LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a planner wants more of, as multiples of parts of plan-1's cost, or as money beside it.

    ``lateness``, ``stock`` and ``overtime`` multiply the parts lateness, holding and overtime. ``on_time`` is
    money for each late instalment, ``setups`` for each hour of setup, ``changes`` for each operation or
    promised date that is another than in the base plan, ``headcount`` for each head by which people in all
    become more or fewer from one month to the next. The cost that a plan tells is without them. Raises
    ``ValueError`` for what is below zero or without end.
    """

    lateness: float = 1.0
    on_time: float = 0.0
    setups: float = 0.0
    stock: float = 1.0
    overtime: float = 1.0
    changes: float = 0.0
    headcount: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not 0 <= value < math.inf:
                raise ValueError(f"{each.name}: a number of at least 0 is expected, got {value}")


class BaseOperation(NamedTuple):
    """Where the base plan has an operation, or a part of it of ``qty``; ``start``, ``end``, when its people
    are, and ``free``, when its station is free again, carry an offset.
    """

    order: str
    item: str
    seq: int
    qty: Decimal
    work_centre: str | None
    station: int | None
    start: datetime
    end: datetime
    free: datetime


class BaseOrder(NamedTuple):
    """An order of the base plan, to make or to buy; ``firm``: it stood before that plan was made."""

    order: str
    item: str
    qty: Decimal
    release: date
    due: date
    kind: str
    firm: bool


class BasePromise(NamedTuple):
    """The date of an instalment in the base plan; None: never."""

    sales_order: str
    line: int
    instalment: int
    requested: date
    promised: date | None


class BasePeg(NamedTuple):
    """``qty`` that the base plan takes of an order, or of stock, for another order or for an instalment."""

    order: str
    item: str
    qty: Decimal
    for_order: str | None
    sales_order: str | None
    line: int | None
    instalment: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasePlan:
    """The plan that is to be changed as little as possible; ``pegs``: what it takes, without what it leaves
    over; ``troubled``: what its errors are about, of which it cannot make what it does not.
    """

    version: int
    operations: tuple[BaseOperation, ...] = ()
    orders: tuple[BaseOrder, ...] = ()
    promises: tuple[BasePromise, ...] = ()
    pegs: tuple[BasePeg, ...] = ()
    troubled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One build of one plan version.

    ``work_budget`` counts improvement rounds of the schedule: deterministic work, so the same problem gives
    the same plan. ``time_limit_seconds`` is a wall clock on top of it (None: none); where it ends the work
    first, the plan says ``reproducible`` false. ``base`` (None: none) is to be changed as little as the
    ``weights`` say, and of its operations that are not pinned at most the share ``move_budget`` may move
    (None: all of them). ``created_at`` carries an offset: the engine reads no clock for dates.
    """

    version: int
    created_at: datetime
    scenario: str = "base"
    seed: int = 0
    workers: int = 1
    work_budget: int = DEFAULT_WORK_BUDGET
    time_limit_seconds: float | None = None
    weights: Weights = Weights()
    base: BasePlan | None = None
    move_budget: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a build stands: ``stage`` is one of plan-1's three or "verify";
    ``percent`` of the whole build. ``late_days`` are those of the best plan so far, all instalments together;
    no plan at all has fewer than ``least_late_days``. ``objective`` is what the search minimises
    (``scoring``): ``incumbent_cost``, the money, with what the planner and the search weigh more.
    """

    stage: str
    percent: float
    incumbent_cost: float | None = None
    late_days: int | None = None
    least_late_days: int | None = None
    objective: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The caller's ends of a running build: told of progress, asked whether to stop, or to finish with the
    best plan so far (which then says ``reproducible`` false).

    ``prepare_helper`` runs first in every helper process that a build with several workers starts: the place
    to make it die with its parent.
    """

    on_progress: Callable[[Progress], None] = lambda progress: None
    is_cancelled: Callable[[], bool] = lambda: False
    is_finishing: Callable[[], bool] = lambda: False
    prepare_helper: Callable[[], None] = lambda: None
