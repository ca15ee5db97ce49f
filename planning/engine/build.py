"""The pipeline: a factory in, a plan out, verified before anyone sees it."""

import gc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite, sqrt
from time import perf_counter

from planning.engine import assemble, assemble_people
from planning.engine.aggregate import AggregateOptions, AggregatePlan, plan_aggregate
from planning.engine.cash import CashPlan, cash_exceptions
from planning.engine.chains import Chains
from planning.engine.cost_bound import least_cost
from planning.engine.draft import Draft
from planning.engine.errors import BuildCancelled, InvalidFactory, SolverFailed
from planning.engine.explain import Explainer, demand_exceptions
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json, digest, resolve
from planning.engine.improve import Candidate, Search, Stuck
from planning.engine.kept import KeptPlan, change_messages
from planning.engine.material import Material
from planning.engine.messages import action_messages, data_messages
from planning.engine.moved_work import moved_work
from planning.engine.moves import Settings
from planning.engine.mrp import LotPolicy, plan_material
from planning.engine.names import name_orders
from planning.engine.never_starts import never_starts
from planning.engine.outline.search import Climb
from planning.engine.parallel import decoding
from planning.engine.pegging import peg
from planning.engine.people_trouble import clock_of_remedies, people_exceptions
from planning.engine.pins import missed_pins
from planning.engine.plan import Certificate, Cost, Plan, PlanException, StageCertificate
from planning.engine.repair import RepairSearch
from planning.engine.request import ENGINE_VERSION, BuildRequest, Progress, Watch
from planning.engine.risk import Risk
from planning.engine.scope import Scope
from planning.engine.shop import Shop, compile_shop
from planning.engine.shopfloor.bounds import least_late_days
from planning.engine.trouble import (
    Obstacles,
    find_obstacles,
    not_honoured,
    obstacle_exceptions,
    too_much,
)
from planning.engine.verify import violations

# Rounds shrink for large factories, so that a default build stays in minutes: about so many lots, pegs,
# takings of components and operations in all, and more with the square root of those of one round beyond
# those of a usual one. What is larger than the most (10,000 items, 2,500 orders for drives) has one round: a
# second draft takes as long as all before it, and much memory.
WORK_STEPS = 2_000_000
USUAL_STEPS = 45_000
MOST_STEPS = 400_000
HIRING_STEPS = 1_500  # as much work is a skill for which hires are sought
# Fewer rounds are not shared out: they are those of large factories, of which every helper takes memory.
SHARED_ROUNDS = 8
MOST_RESTARTS = 20
COLLECT_AFTER = 200_000  # objects
HIRE_NOTICE_DAYS = 30


def build_plan(factory: Factory, request: BuildRequest, watch: Watch | None = None) -> Plan:
    """Plan material, people and machines of ``factory`` together, and verify what came out.

    The same factory and request give the same plan, unless a wall clock ends the work first (``reproducible``
    false). ``certificate.violations`` holds what the verifier found: a plan with any must not be used. Raises
    ``InvalidFactory`` (mend the data), ``SolverFailed`` and ``BuildCancelled``.
    """
    issues = check_factory(factory)
    if issues:
        raise InvalidFactory(issues)
    plan = compose_plan(factory, request, watch)
    broken = tuple(each.as_dict() for each in violations(factory, plan))
    return plan.model_copy(update={"certificate": plan.certificate.model_copy(update={"violations": broken})})


def compose_plan(
    factory: Factory, request: BuildRequest, watch: Watch | None = None, *, input_digest: str | None = None
) -> Plan:
    """``build_plan`` of a checked factory without the verification: for a caller who verifies what he is
    handed, as a worker does with the answer of its solver. ``input_digest``: of the factory, where known.
    """
    with _rare_collections():
        return _Build(resolve(factory), request, watch or Watch(), input_digest).run()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Rounds make objects by the hundred thousand, most of which live as long as the round: looking for
    garbage after every few hundred takes a third of the time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(max(COLLECT_AFTER, usual[0]), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@dataclass(slots=True)
class _Found:
    draft: Draft
    aggregate: AggregatePlan
    material_seconds: float
    schedule_seconds: float
    reproducible: bool


class _Build:
    def __init__(
        self, factory: Factory, request: BuildRequest, watch: Watch, input_digest: str | None
    ) -> None:
        self.factory, self.request, self.watch = factory, request, watch
        self.input_digest = input_digest
        self.began = perf_counter()
        self.least_late_days: int | None = None

    def run(self) -> Plan:
        self._tell("material", 2)
        shop = compile_shop(self.factory)
        self.least_late_days = least_late_days(shop)
        obstacles = find_obstacles(shop)
        is_generous = False
        for _ in range(MOST_RESTARTS):
            asked = self.request.base
            base = None if asked is None else KeptPlan.of(shop, asked, obstacles.work_orders)
            found = self._attempt(shop, obstacles, base, is_generous=is_generous)
            if isinstance(found, _Found):
                return self._write(shop, obstacles, found, base)
            if not is_generous:  # before anything is called impossible, whole crews are kept to the end
                is_generous = True
                continue
            for item in found.items:
                obstacles.add(shop, never_starts(shop, item, found.where.get(item)))
            for ref, item in found.work_orders.items():
                obstacles.work_orders[ref] = never_starts(shop, item, found.where.get(ref), ref)
        raise SolverFailed("the schedule leaves operations without a start, whatever is left out")

    def _attempt(
        self, shop: Shop, obstacles: Obstacles, base: KeptPlan | None, *, is_generous: bool
    ) -> "_Found | Stuck":
        """One pass through the stages with what is known to be impossible."""
        began = perf_counter()
        scope, netted = suppliable(shop, obstacles)
        material_seconds = perf_counter() - began
        self._tell("aggregate", 8)
        weights = self.request.weights
        aggregate, known = self._people(shop, scope, has_base=base is not None)
        self._tell("schedule", 20)
        began = perf_counter()
        seed = self.request.seed
        if base is None:
            search = Search(shop, aggregate, scope, seed, netted, weights, is_generous=is_generous)
        else:
            search = RepairSearch(
                shop,
                aggregate,
                scope,
                seed,
                netted,
                weights,
                is_generous=is_generous,
                base=base,
                move_budget=self.request.move_budget,
            )
        del netted  # the search keeps it where it serves again; of a large factory it is much
        stuck, reproducible = self._search(search, None if is_generous else known)
        reproducible &= not search.is_cut_short
        if stuck is not None:
            return stuck
        if search.best is None or search.best[0] == float("inf"):
            raise SolverFailed("no schedule was found that the people who can be hired are able to work")
        return _Found(search.best[2], aggregate, material_seconds, perf_counter() - began, reproducible)

    def _people(
        self, shop: Shop, scope: Scope, *, has_base: bool
    ) -> tuple[AggregatePlan, Draft | Stuck | None]:
        """The aggregate plan. Of its rounded people and of cheaper ones near them, it is the one whose first
        schedule is the better: months know less than the schedule does. That schedule, where there is one.
        """
        weights = self.request.weights
        options = AggregateOptions(overtime_weight=weights.overtime, headcount_weight=weights.headcount)
        if has_base:
            return plan_aggregate(shop, options, scope), None
        tried: list[tuple[float, AggregatePlan, Draft | Stuck]] = []

        def schedule(people: AggregatePlan) -> None:
            search = Search(shop, people, scope, self.request.seed, weights=self.request.weights)
            draft = search.decode(search.propose(0))
            assert isinstance(draft, Draft | Stuck)  # noqa: S101 - the first round makes a plan
            score = search.score(draft) if isinstance(draft, Draft) else float("inf")
            if isinstance(draft, Draft) and score < min((each[0] for each in tried), default=float("inf")):
                self._tell("aggregate", 12, draft)
            tried.append((score, people, draft))

        near = plan_aggregate(shop, options, scope, schedule)
        if not tried:
            return near, None
        schedule(near)
        (score, people, draft), (near_score, _, near_draft) = tried
        if near_score <= score:
            return near, near_draft
        solved = replace(people.solved, seconds=near.solved.seconds, bound=near.solved.bound)
        return replace(people, solved=solved, is_cut_short=near.is_cut_short), draft

    def _search(self, search: Search, known: Draft | Stuck | None) -> tuple[Stuck | None, bool]:
        """Rounds until the budget is spent. What never starts, if anything; whether no clock cut it short.

        The first round is done here, unless its outcome is ``known``, so that helpers inherit what it loaded;
        and it says what rounds cost.
        """
        search.on_first = lambda draft: self._tell("schedule", 21, draft, search.score(draft))
        first = search.propose(0)
        draft = known or search.decode(first)
        if isinstance(draft, Stuck):
            return draft, True
        search.consider(first.settings, draft)
        assert not isinstance(draft, Climb)  # noqa: S101 - the first round makes a plan
        rounds = max(1, self.request.work_budget)
        if draft is not None:
            rounds = 1 if search.is_settled(draft) else _rounds(rounds, draft.steps + self._hiring_steps())
        self._tell_round(search, 1, rounds)
        return self._improve(search, rounds)

    def _improve(self, search: Search, rounds: int) -> tuple[Stuck | None, bool]:
        """The rounds after the first one."""
        is_shared = rounds > SHARED_ROUNDS and self.request.workers > 1
        workers = min(self.request.workers, rounds - 1) if is_shared else 1
        decode = _decode_better(search) if is_shared else search.decode
        with decoding(decode, workers, self.watch.prepare_helper) as decoder:
            asked: deque[Settings] = deque()
            for number in range(1, rounds):
                if not self._may_go_on() and search.best is not None:
                    return None, False
                while len(asked) < min(decoder.window, rounds - number):
                    candidate = search.propose(number + len(asked))
                    decoder.ask(candidate)
                    asked.append(candidate.settings)
                draft = decoder.answer()
                if isinstance(draft, Stuck):
                    return draft, True
                search.consider(asked.popleft(), draft)
                self._tell_round(search, number + 1, rounds)
        if (last := search.last(rounds)) is not None:
            draft = search.decode(last)
            if isinstance(draft, Stuck):
                return draft, True
            search.consider(last.settings, draft)
        return None, True

    def _tell_round(self, search: Search, number: int, rounds: int) -> None:
        objective, _, best = search.best or (None, None, None)
        self._tell("schedule", 20 + 70 * min(1.0, number / rounds), best, objective)

    def _hiring_steps(self) -> int:
        return HIRING_STEPS * sum(bool(row.can_hire) for row in self.factory.skills)

    def _may_go_on(self) -> bool:
        limit = self.request.time_limit_seconds
        is_out_of_time = limit is not None and perf_counter() - self.began > limit
        return not is_out_of_time and not self.watch.is_finishing()

    def _tell(
        self, stage: str, percent: float, best: Draft | None = None, objective: float | None = None
    ) -> None:
        if self.watch.is_cancelled():
            raise BuildCancelled("the build was cancelled")
        told = Progress(stage=stage, percent=percent)
        if best is not None:
            told = replace(
                told,
                incumbent_cost=best.total,
                late_days=sum(days or 0 for days in best.late_days),
                least_late_days=self.least_late_days,
                objective=objective if objective is not None and isfinite(objective) else None,
            )
        self.watch.on_progress(told)

    def _write(self, shop: Shop, obstacles: Obstacles, found: _Found, base: KeptPlan | None) -> Plan:
        draft = found.draft
        self._tell("verify", 92, draft)
        names = name_orders(shop, draft, base.names if base is not None else ())
        explainer = Explainer(shop, draft, obstacles.items)
        reasons = explainer.reasons()
        pegging = peg(shop, draft, names)
        risk = Risk(shop, pegging)
        labour_weeks, cash = assemble_people.labour_weeks(shop, draft), CashPlan(shop, draft).months()
        clock = clock_of_remedies(self._may_go_on)
        exceptions = [
            *demand_exceptions(shop, draft, reasons, risk),
            *obstacle_exceptions(shop, obstacles, found.draft.scope),
            *beyond_horizon(shop.factory),
            *data_messages(shop, draft, risk),
            *action_messages(shop, draft, names, pegging, risk),
            *hire_exceptions(shop, draft),
            *moved_work(shop, found.aggregate, draft),
            *people_exceptions(shop, obstacles, reasons, clock),
            *assemble_people.full_weeks(shop, labour_weeks),
            *cash_exceptions(shop, draft, cash),
            *missed_pins(shop, draft),
            *change_messages(shop, draft, base, self.request.move_budget),
            *not_honoured(shop),
        ]
        return Plan(
            factory=self.factory.name,
            version=self.request.version,
            scenario=self.request.scenario,
            input_digest=self.input_digest or digest(canonical_json(self.factory)),
            created_at=self.request.created_at,
            engine_version=ENGINE_VERSION,
            seed=self.request.seed,
            reproducible=found.reproducible and not clock.is_cut_short,
            certificate=_certificate(found, least_cost(shop)),
            cost=Cost(**draft.cost),
            planned_orders=assemble.planned_orders(shop, draft, names),
            operations=assemble.operations(shop, draft, names),
            staffing=assemble_people.staffing_rows(shop, draft),
            skill_changes=assemble_people.skill_changes(shop, draft),
            labour_weeks=labour_weeks,
            labour_shifts=assemble_people.labour_shifts(shop, draft),
            cash=cash,
            load=assemble.load_weeks(shop, draft),
            pegging=pegging,
            promises=assemble.promises(
                shop, draft, reasons, Chains(shop, draft, names, explainer).all_late()
            ),
            exceptions=tuple(exceptions),
        )


def _decode_better(search: Search) -> Callable[[Candidate], Draft | Climb | Stuck | None]:
    """For a helper: nothing where the draft tells no more than others that this helper has seen, since
    handing over a draft takes as long as a part of making it. Rounds come to a helper in their order, so what
    was better counts before.
    """

    def decode(candidate: Candidate) -> Draft | Climb | Stuck | None:
        draft = search.decode(candidate)
        if not isinstance(draft, Draft):
            return draft
        is_news = search.consider(candidate.settings, draft)
        return draft if is_news or draft.staffing.is_cut_short else None

    return decode


def _rounds(wanted: int, steps: int) -> int:
    if steps > MOST_STEPS:
        return 1
    allowed = WORK_STEPS * max(1.0, sqrt(steps / USUAL_STEPS)) / max(steps, 1)
    return max(1, min(wanted, int(allowed)))


def suppliable(shop: Shop, obstacles: Obstacles) -> tuple[Scope, Material]:
    """What can be supplied at all of everything that is wanted, and the netting that shows it."""
    stranded = {ref: each.item for ref, each in obstacles.work_orders.items()}
    scope = Scope.of(shop, frozenset(obstacles.items), stranded, frozenset(obstacles.bought_only))
    netted = plan_material(shop, LotPolicy(), scope=scope)
    while netted.shortage:
        obstacles.items.update({item: too_much(shop, item) for item in netted.shortage.too_much})
        scope = scope.without(netted.shortage)
        netted = plan_material(shop, LotPolicy(), scope=scope)
    return scope, netted


def _certificate(found: _Found, least: float) -> Certificate:
    solved, total = found.aggregate.solved, found.draft.total
    return Certificate(
        material=StageCertificate(
            status="heuristic",
            objective=found.draft.cost["material"],
            bound=None,
            gap=None,
            seconds=found.material_seconds,
            solver="netting by low-level code",
        ),
        aggregate=StageCertificate(
            status="optimal" if solved.status == "optimal" else "feasible",
            objective=solved.objective,
            bound=solved.bound,
            gap=_gap(solved.objective, solved.bound),
            seconds=solved.seconds,
            solver="HiGHS by MathOpt: linear program, hires rounded",
        ),
        schedule=StageCertificate(
            status="heuristic",
            objective=total,
            bound=least,
            gap=_gap(total, least),
            seconds=found.schedule_seconds,
            solver="parallel schedule generation with search",
        ),
    )


def _gap(objective: float, bound: float | None) -> float | None:
    """As plan-1 has it; an objective of nothing has none, but where its bound meets it."""
    if bound is None or objective == 0:
        return 0.0 if bound == objective else None
    return (objective - bound) / abs(objective)


def beyond_horizon(factory: Factory) -> list[PlanException]:
    """Confirmed instalments that this plan does not look at, because they are due after its last day."""
    return [
        PlanException(
            code="UNPLANNED_DEMAND",
            severity="info",
            entity=f"{order.ref}/{line.line}/{number}",
            text=f"Due {due}: beyond this plan, which ends before {factory.horizon_end}.",
            suggestion="Move the end of the horizon if it should be planned now.",
            item=line.item,
        )
        for order in factory.sales_orders
        if order.status == "confirmed"
        for line in order.lines
        for number, due in enumerate([row.due for row in line.instalments] or [line.due], start=1)
        if due is not None and due >= factory.horizon_end
    ]


def hire_exceptions(shop: Shop, draft: Draft) -> list[PlanException]:
    """Requisitions that must go out soon, but for hires that are decided."""
    found = []
    for skill in shop.skills:
        lead = timedelta(days=skill.row.hire_lead_days or 0)
        for month, first in enumerate(shop.grid.months):
            hires = draft.staffing.hires[skill.index][month] - skill.decided[month].least
            if hires > 0 and (first - lead - shop.grid.as_of).days <= HIRE_NOTICE_DAYS:
                found.append(_hire_decision(skill.code, hires, first, first - lead))
    return found


def _hire_decision(skill: str, hires: int, first: date, requisition_by: date) -> PlanException:
    return PlanException(
        code="HIRE_DECISION_DUE",
        severity="warning",
        entity=skill,
        text=f"{hires} to start on {first}: the requisition must go out by {requisition_by}.",
        suggestion="Approve the requisition, or plan again without it.",
    )
