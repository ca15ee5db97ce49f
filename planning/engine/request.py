"""What a caller asks of a build, and what a build tells its caller while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

ENGINE_VERSION = "1.1"
DEFAULT_WORK_BUDGET = 20
MAX_WORK_BUDGET = 10_000
MAX_TIME_LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One build of one plan version.

    ``work_budget`` counts improvement rounds of the schedule: deterministic work, so the same problem gives
    the same plan. ``time_limit_seconds`` is a wall clock on top of it (None: none); where it ends the work
    first, the plan says ``reproducible`` false. ``created_at`` carries an offset: the engine reads no clock
    for dates.
    """

    version: int
    created_at: datetime
    scenario: str = "base"
    seed: int = 0
    workers: int = 1
    work_budget: int = DEFAULT_WORK_BUDGET
    time_limit_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a build stands: ``stage`` is one of plan-1's three or "verify";
    ``percent`` of the whole build.
    """

    stage: str
    percent: float
    incumbent_cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The caller's ends of a running build: told of progress, asked whether to stop.

    ``prepare_helper`` runs first in every helper process that a build with several workers starts: the place
    to make it die with its parent.
    """

    on_progress: Callable[[Progress], None] = lambda progress: None
    is_cancelled: Callable[[], bool] = lambda: False
    prepare_helper: Callable[[], None] = lambda: None
