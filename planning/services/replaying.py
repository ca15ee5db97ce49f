"""Building a stored plan again from its frozen input, and saying where the two differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planning.engine.plan import plan_json
from planning.errors import PlanNotReady
from planning.models import BUILT, PlanRun
from planning.saving import plan_from_rows
from planning.services.building import job_of
from planning.services.solving import SolverProcess

# The one thing that no two builds have in common.
SECONDS = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """``differences`` are JSON pointers into plan-1 with both values; empty when the plans are identical.

    ``reproducible`` false: a wall clock or a planner ended the stored build, so that differences were to be
    expected.
    """

    version: int
    reproducible: bool
    differences: tuple[str, ...]


def replay_plan(version: int) -> Replay:
    """Rebuild the plan in a process apart and compare; saves nothing. Raises ``BuildFailed``."""
    stored = plan_from_rows(version)
    run = PlanRun.objects.filter(pk=version, status__in=BUILT).first()
    if run is None:
        raise PlanNotReady(f"Plan {version} has no results.")
    with SolverProcess() as solver:
        rebuilt = solver.solve(job_of(run), lambda progress: None)
    return Replay(
        version=version,
        reproducible=stored.reproducible,
        differences=tuple(_differences(plan_json(stored), plan_json(rebuilt), "")),
    )


def _differences(stored: Any, rebuilt: Any, path: str) -> Iterator[str]:
    if path.endswith(f"/{SECONDS}"):
        return
    if isinstance(stored, dict) and isinstance(rebuilt, dict) and stored.keys() == rebuilt.keys():
        for key in stored:
            yield from _differences(stored[key], rebuilt[key], f"{path}/{key}")
    elif isinstance(stored, list) and isinstance(rebuilt, list) and len(stored) == len(rebuilt):
        for index, (one, other) in enumerate(zip(stored, rebuilt, strict=True)):
            yield from _differences(one, other, f"{path}/{index}")
    elif stored != rebuilt:
        yield f"{path}: stored {_shown(stored)}, rebuilt {_shown(rebuilt)}"


def _shown(value: Any) -> str:
    return f"{len(value)} rows" if isinstance(value, list) else f"{value!r:.80}"
