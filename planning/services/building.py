"""Building a plan that was asked for: claim, freeze the input, solve apart, verify, save.

No transaction is open while the solver runs. A worker may die at any line of this: the row stays as it is
until its lease runs out, and the next attempt starts from the same frozen input.
"""

import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection

from planning.engine.errors import EngineError
from planning.engine.factory import Factory
from planning.engine.factory_codec import canonical_json, digest, read_factory
from planning.engine.plan import Plan
from planning.engine.request import (
    BaseOperation,
    BaseOrder,
    BasePeg,
    BasePlan,
    BasePromise,
    BuildRequest,
    Progress,
    Weights,
)
from planning.errors import BuildFailed, LostClaim, NoFactory
from planning.loading import load_factory
from planning.models import Pegging, PlanException, PlannedOperation, PlannedOrder, PlanPromise, PlanRun
from planning.saving import save_plan
from planning.services.heartbeat import Heartbeat, Verdict
from planning.services.runs import Claim, claim_plan, fail_run, list_due_runs
from planning.services.solving import Job, SolverProcess
from planning.services.verifying import RequireSound, verifying

# The engine stops by itself, with the best plan it has, before the wall clock guard takes everything.
SHARE_OF_WALL_CLOCK = 0.75
SAVE_PAUSE_SECONDS = 0.5
RARE_COLLECTIONS = (1_000_000, 5, 5)

logger = logging.getLogger(__name__)


def execute_next_plan() -> bool:
    """Build the run that was asked for first among those that wait; false when nothing waits.

    So a run that lost its worker does not queue up behind all that were asked for since.
    """
    return any(execute_plan(plan_id=plan_id) for plan_id in list_due_runs())


def execute_plan(*, plan_id: int, on_progress: Callable[[Progress], None] | None = None) -> bool:
    """Build the plan, if it waits for a worker; false for a message that came twice or too late.

    However it ends, the row says so, unless the database itself is away: then the reaper finds the run.
    """
    claim = claim_plan(plan_id=plan_id)
    if claim is None:
        return False
    with Heartbeat(claim=claim) as heartbeat:

        def report(progress: Progress) -> None:
            heartbeat.report(progress)
            if on_progress is not None:
                on_progress(progress)

        try:
            with _rare_collections(), SolverProcess() as solver:
                heartbeat.at_verdict(solver.kill)
                heartbeat.while_finishing(solver.finish)
                run, factory, plan = _solve(claim, solver, report)
                report(_found(plan))
                with verifying(run, factory, plan, heartbeat) as require_sound:
                    _save(heartbeat, plan, require_sound)
        except BuildFailed as failure:
            _end(claim, heartbeat, failure)
        except LostClaim:
            logger.warning("plan %s: attempt %s was overtaken, its result is dropped", plan_id, claim.attempt)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            fail_run(claim=claim, failure=BuildFailed("internal_error", f"{type(error).__name__}: {error}"))
            raise
    return True


def _found(plan: Plan) -> Progress:
    late_days = sum(promise.days_late for promise in plan.promises)
    return Progress(stage="verify", percent=99, incumbent_cost=plan.cost.total, late_days=late_days)


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """A large plan is millions of objects without cycles, among which Python would look for garbage again and
    again.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*RARE_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _solve(
    claim: Claim, solver: SolverProcess, report: Callable[[Progress], None]
) -> tuple[PlanRun, Factory, Plan]:
    try:
        run = _frozen_input(claim)
    except (EngineError, NoFactory) as error:
        raise BuildFailed(error.code, str(error)) from error
    with ThreadPoolExecutor(max_workers=1) as beside:  # the worker has nothing else to do meanwhile
        reading = beside.submit(read_factory, run.factory_json)
        plan = solver.solve(job_of(run), report)
        return run, reading.result(), plan


def job_of(run: PlanRun) -> Job:
    """What the solver is given for this run: the same for every attempt, and for a replay."""
    return Job(
        factory_json=run.factory_json,
        request=BuildRequest(
            version=run.pk,
            created_at=run.requested_at,
            scenario=run.scenario,
            seed=run.seed,
            workers=run.workers or 1,
            work_budget=int(run.work_budget or 1),
            time_limit_seconds=run.time_limit_seconds or SHARE_OF_WALL_CLOCK * settings.PLAN_MAX_SECONDS,
            weights=Weights(**run.weights),
            base=_base_of(run),
            move_budget=run.move_budget,
        ),
    )


def _base_of(run: PlanRun) -> BasePlan | None:
    """The plan that is to be changed little: its orders and whom they are for, its
    operations and its dates.
    """
    if run.base_plan_id is None:
        return None
    rows = PlannedOperation.objects.filter(run=run.base_plan_id).order_by("start", "pk")
    operations = rows.values_list(*BaseOperation._fields)
    orders = PlannedOrder.objects.filter(run=run.base_plan_id).order_by("order")
    promises = PlanPromise.objects.filter(run=run.base_plan_id).order_by("pk")
    pegs = Pegging.objects.filter(run=run.base_plan_id, day__isnull=False).order_by("pk")
    errors = PlanException.objects.filter(run=run.base_plan_id, severity="error")
    return BasePlan(
        version=run.base_plan_id,
        operations=tuple(BaseOperation(*row) for row in operations.iterator()),
        orders=tuple(BaseOrder(*row) for row in orders.values_list(*BaseOrder._fields)),
        promises=tuple(BasePromise(*row) for row in promises.values_list(*BasePromise._fields)),
        pegs=tuple(BasePeg(*row) for row in pegs.values_list(*BasePeg._fields).iterator()),
        troubled=tuple(sorted(set(errors.values_list("entity", flat=True)))),
    )


def _frozen_input(claim: Claim) -> PlanRun:
    """The run with the factory it plans: read once, by its first attempt, in one snapshot."""
    run = _row(claim)
    if run.factory_json:
        return run
    factory = load_factory(run.as_of)
    text = canonical_json(factory)
    skills = [{"code": row.code, "name": row.name, "kind": row.kind} for row in factory.skills]
    frozen = {"factory_json": text, "input_digest": digest(text), "skills": skills, "as_of": factory.as_of}
    if not claim.row().update(**frozen):
        raise LostClaim("The run is not this worker's any more.")
    return _row(claim)


def _row(claim: Claim) -> PlanRun:
    run = claim.row().first()
    if run is None:
        raise LostClaim("The run is not this worker's any more.")
    return run


def _save(heartbeat: Heartbeat, plan: Plan, require_sound: RequireSound) -> None:
    """Save once; a database that restarts meanwhile is asked again for as long as the claim holds."""
    claim = heartbeat.claim
    while heartbeat.verdict is not Verdict.LOST:
        try:
            return save_plan(
                plan_id=claim.plan_id,
                attempt=claim.attempt,
                plan=plan,
                course=[step._asdict() for step in heartbeat.course.steps],
                require_sound=require_sound,
            )
        except (OperationalError, InterfaceError):
            logger.warning("plan %s: the database is away, saving again", claim.plan_id, exc_info=True)
            _disconnect()
        time.sleep(SAVE_PAUSE_SECONDS)
    raise LostClaim("The run is not this worker's any more.")


def _disconnect() -> None:
    with contextlib.suppress(Error):
        connection.close()


def _end(claim: Claim, heartbeat: Heartbeat, failure: BuildFailed) -> None:
    if heartbeat.verdict is Verdict.LOST:
        logger.info("plan %s: attempt %s was stopped", claim.plan_id, claim.attempt)
        return
    if heartbeat.verdict is Verdict.TOO_LONG:
        limit = settings.PLAN_MAX_SECONDS
        failure = BuildFailed("time_exceeded", f"The build took longer than the limit of {limit} s.")
    fail_run(claim=claim, failure=failure)
