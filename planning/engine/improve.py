"""The search: candidate settings of lot sizes, release and reserves of people,
each decoded into a whole plan.

A round nets material, schedules all lots, staffs the schedule at least cost and prices the result; the best
stays. What is already worse by its late deliveries is dropped before it is staffed and priced; of the others
all work begins as late as that costs no lateness. Rounds are counted, not timed, so the same seed gives the
same plan.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from planning.engine.aggregate import AggregatePlan, level_needs
from planning.engine.cash import CashPlan
from planning.engine.draft import (
    Draft,
    Shipment,
    available_at,
    last_minute,
    late_days,
    make_draft,
    ship,
    ship_again,
    with_people,
)
from planning.engine.labour import PlannedLabour
from planning.engine.material import Lot, Material
from planning.engine.moves import PORTFOLIO, Moves, Settings
from planning.engine.mrp import LotPolicy, plan_material, shortage_of
from planning.engine.outline.search import Climb, Outline, OutlineSearch
from planning.engine.priorities import ListSearch
from planning.engine.purchasing import Purchaser
from planning.engine.reach import earliest_supplies, first_receipts
from planning.engine.request import Weights
from planning.engine.scope import Scope
from planning.engine.scoring import Scoring
from planning.engine.sequences import MOST_OPERATIONS, SequenceSearch
from planning.engine.shop import Shop
from planning.engine.shopfloor.bounds import least_lateness
from planning.engine.shopfloor.generator import Generator, Trial, buffer_minutes
from planning.engine.shopfloor.schedule import Schedule
from planning.engine.workforce import (
    OVERTIME_RELUCTANCE,
    KnownHires,
    head_changes,
    staff,
    staff_as_planned,
)

SHORT = 1e-3  # hours beyond what people give: noise
BOM_PASSES = 4
WORTH_ORDERING = 1.5  # times the most lateness that could be better: single operations are tried up to it
SEEDS = 100_003  # rounds of one seed draw other numbers than those of the next
FIRST_PLAN = 8  # the round that makes a plan of what outlines found; then that twice as late, and so on
TRAILS = 3  # searches of outlines side by side, until so many rounds; then the best of them goes on
TRAIL_ROUNDS = 13
# where plans search priorities, which outlines do not, one of so many rounds makes a plan
RIVALS_PLAN_EVERY = 2
QUICK_OPERATIONS = 20_000  # of more, a list search makes few tries, and pricing one plan more takes longer

BomDays = dict[tuple[int, int], date]  # by item and position among its lots: when its bill is read


class StuckAt(NamedTuple):
    """Where a lot of ``quantity`` (millionths) waited to the end: for the operation number ``step`` of its
    routing, ``ready`` from that minute on.
    """

    quantity: int
    step: int
    ready: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """Lots that never found a start: these items, and work orders (ref -> item), cannot be made as things
    are. ``where``: the smallest lot of each such item, and each such work order.
    """

    items: frozenset[int]
    work_orders: dict[str, int]
    where: dict[int | str, StuckAt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings to try, with the most lateness (in money) that could still be better than the best so far.
    ``seed`` is for what is drawn on the way. ``is_outline``: look for settings by
    which less is late, from these on, and make no plan of them yet; that goes on a ``trail``.
    """

    settings: Settings
    seed: int
    most_late: float = float("inf")
    is_outline: bool = False
    trail: int = 0


class Search:
    """Decodes and improves settings for one shop and one aggregate plan."""

    def __init__(
        self,
        shop: Shop,
        aggregate: AggregatePlan,
        scope: Scope,
        seed: int,
        netted: Material | None = None,
        weights: Weights = Weights(),  # noqa: B008 - frozen
        *,
        is_generous: bool = False,
    ) -> None:
        self.shop, self.aggregate, self.scope = shop, aggregate, scope
        self.weights, self.scoring = weights, Scoring(shop, weights)
        self.seed = SEEDS * seed
        self.trails: dict[int, Outline] = {}  # from where outlines go on
        self.least: Outline | None = None  # the least late of all
        self.planned: Settings | None = None
        self.moves = Moves(shop, seed)
        self.generator = Generator(shop)
        self.purchaser = Purchaser(shop)
        self.hired = KnownHires()
        # Where nothing is worked on, a netting depends on little: the one of the scope serves again.
        self.netted = None if any(shop.routes) else netted
        self.labour = PlannedLabour(shop, aggregate, is_generous=is_generous)
        self.outlines = OutlineSearch.of(shop, scope, self.generator, self.labour, self.scoring.late_price)
        self.may_be_later = any(s.centre >= 0 and s.skill < 0 for route in shop.routes for s in route)
        # Of one item priorities do not matter: its units go to whom they serve best.
        self.has_rivals = len({demand.item for demand in shop.demands}) > 1
        self.least_late = least_lateness(shop, self.scoring.late_price)
        self.best: tuple[float, Settings, Draft] | None = None
        self.is_cut_short = aggregate.is_cut_short
        self.on_first: Callable[[Draft], None] | None = None

    def propose(self, number: int) -> Candidate:
        """What round ``number`` tries: an entry of the portfolio, then changes of the best."""
        if self.best is None:
            return Candidate(self.moves.start(number), number)
        score, settings, draft = self.best
        if self.outlines is not None and self.scoring.late(draft.shipments) > self.least_late:
            if not self._is_for_a_plan(number):
                trail = self._trail(number)
                begin = self._begin(trail, settings, draft)
                return Candidate(begin, self.seed + number, is_outline=True, trail=trail)
            if (last := self.last(number)) is not None:
                return last
        most_late = self.scoring.most_late(score, draft)
        is_new = number >= len(PORTFOLIO)
        chosen = self.moves.change(settings, draft) if is_new else self.moves.start(number)
        return Candidate(chosen, number, most_late)

    def _is_for_a_plan(self, number: int) -> bool:
        """Whether round ``number`` makes a plan where the others look at what would be late."""
        if self.has_rivals:
            return number % RIVALS_PLAN_EVERY == 0
        return number >= FIRST_PLAN and number & (number - 1) == 0

    def _trail(self, number: int) -> int:
        """The trail on which round ``number`` goes on: one draws badly, of several the best does not."""
        if number < TRAIL_ROUNDS or not self.trails:
            return number % TRAILS
        return min(self.trails, key=lambda each: self.trails[each].score)

    def _begin(self, trail: int, settings: Settings, draft: Draft) -> Settings:
        """From where outlines go on: where the trail came to, or the best plan where less is late by that."""
        if trail not in self.trails or self.least is None:
            return self.moves.start(0)
        is_behind = self.scoring.late(draft.shipments) < self.least.late - 1e-6
        return settings if is_behind and not settings.is_level else self.trails[trail].settings

    def last(self, number: int) -> Candidate | None:
        """The settings of the least late outline, where none was made a plan of and no plan is as good as it:
        plans that search priorities, which outlines do not, always may be.
        """
        if self.best is None or self.least is None or self.least.settings is self.planned:
            return None
        score, _, draft = self.best
        if not self.has_rivals and self.least.late >= self.scoring.late(draft.shipments) - 1e-6:
            return None
        self.planned = self.least.settings
        return Candidate(self.planned, number, self.scoring.most_late(score, draft))

    def consider(self, settings: Settings, draft: Draft | Climb | None) -> bool:
        """Keep ``draft`` if it is the best so far; whether anything of it is kept."""
        if draft is None:
            return False
        if isinstance(draft, Climb):
            known = self.trails.get(draft.trail)
            goes_on = known is None or draft.end.score <= known.score
            if goes_on:
                self.trails[draft.trail] = draft.end
            is_less = self.least is None or draft.least.late < self.least.late
            self.least = draft.least if is_less else self.least
            return goes_on or is_less
        self.is_cut_short |= draft.staffing.is_cut_short
        score = self.score(draft)
        is_best = self.best is None or score < self.best[0] - 1e-6
        if is_best:
            self.best = (score, draft.settings or settings, draft)
        return is_best

    def is_settled(self, draft: Draft) -> bool:
        """Whether no other settings can serve anybody better: nothing waits for people or stations, and what
        is late has lead times that end no earlier.
        """
        late = [index for index, days in enumerate(draft.late_days) if days]
        if draft.schedule.rows or not late:
            return not draft.schedule.rows
        there = first_receipts(self.shop)
        earliest = earliest_supplies(self.shop, there)
        for index in late:
            item = self.shop.demands[index].item
            soonest = self.shop.grid.day_index(earliest[item])
            if there[item] is not None or max(row.day for row in draft.shipments[index]) > soonest:
                return False
        return True

    def score(self, draft: Draft) -> float:
        if draft.staffing.short_hours > SHORT:
            return float("inf")
        return self.scoring.of(draft)

    def decode(self, candidate: Candidate) -> Draft | Climb | Stuck | None:
        """A whole plan, or what can never start, or nothing: its late deliveries alone make it worse."""
        if candidate.is_outline and self.outlines is not None:
            return self.outlines.climb(candidate.settings, candidate.seed, candidate.trail)
        settings = candidate.settings
        labour = self.labour.with_reserve(settings.extra)

        def net(scope: Scope, bom_days: BomDays) -> Material:
            return self._known(settings, scope, bom_days) or self._material(settings, scope, bom_days)

        def run(material: Material) -> tuple[Trial, Schedule]:
            trial = self.generator.trial(
                material,
                labour,
                buffer=buffer_minutes(settings.buffer_days),
                split_hours=settings.split_hours(),
            )
            schedule = trial.outline()
            if any(settings.shifts):
                searched = ListSearch(self.shop, material, trial, candidate.seed)
                schedule = trial.outline(searched.by_lot(settings.shifts))
            return trial, schedule

        found = self._fitted(net, run)
        if isinstance(found, Stuck):
            return found
        scope, material, trial, schedule = found
        shipments = self._ship(material, schedule)
        late = self.scoring.late(shipments)
        shifts = settings.shifts
        if late > self.least_late and self.has_rivals:
            self._show_first(scope, material, trial, shipments)
            searched = ListSearch(self.shop, material, trial, candidate.seed, self.scoring.late_price)
            days = [late_days(self.shop, index, rows) for index, rows in enumerate(shipments)]
            shifts, less = searched.run(shifts, late, days, candidate.most_late)
            if shifts != settings.shifts:
                before, changed = trial.first, trial.outline(searched.by_lot(shifts))
                if not self._waiting(material, changed) and not self._wrong_bom_days(material, changed):
                    schedule, late = changed, less
                    shipments = self._ship(material, schedule)
                else:
                    trial.first, shifts = before, settings.shifts
        if self.least_late < late <= WORTH_ORDERING * candidate.most_late:
            shipments, late = self._in_another_order(material, trial, candidate.seed, shipments, late)
        if late > candidate.most_late:
            return None
        draft = self._just_in_time(trial, scope, material, shipments, late) if self.may_be_later else None
        draft = draft or self._draft(scope, material, trial.whole(), shipments)
        draft.settings = replace(settings, shifts=shifts)
        return draft

    def _in_another_order(
        self, material: Material, trial: Trial, seed: int, shipments: list[list[Shipment]], late: float
    ) -> tuple[list[list[Shipment]], float]:
        """Of a small shop, single operations in another order, where that makes less late."""
        if len(trial.plan.work.ops) > MOST_OPERATIONS:
            return shipments, late
        before = trial.first
        found = SequenceSearch(self.shop, material, trial, seed, self.scoring.late_price).run(shipments)
        if trial.first is before or self._wrong_bom_days(material, trial.whole()):
            trial.first = before
            return shipments, late
        return found, self.scoring.late(found)

    def _fitted[T](
        self,
        net: Callable[[Scope, BomDays], Material],
        run: Callable[[Material], tuple[T, Schedule]],
        scope: Scope | None = None,
    ) -> tuple[Scope, Material, T, Schedule] | Stuck:
        """Net and schedule until all that is netted is made, by the bill of materials of the day on which it
        starts; the scope (the search's, unless given) less what cannot be, or what never starts.
        """
        bom_days: BomDays = {}
        passes, scope = 0, scope or self.scope
        while True:
            material = net(scope, bom_days)
            if material.shortage:  # these lot sizes need more than there ever is
                scope = scope.without(material.shortage)
                continue
            ran, schedule = run(material)
            waiting = self._waiting(material, schedule)
            if waiting:
                stuck = self._stuck(waiting, material, schedule, ran)
                if stuck is not None:
                    return stuck
                scope = scope.without(shortage_of(material, waiting))
                continue
            moved = self._wrong_bom_days(material, schedule)
            passes += 1
            if not moved or passes == BOM_PASSES:
                return scope, material, ran, schedule
            bom_days |= moved

    def _show_first(
        self, scope: Scope, material: Material, trial: Trial, shipments: list[list[Shipment]]
    ) -> None:
        """The first plan of all is told as soon as there is one, before priorities are tried."""
        if self.on_first is None or self.best is not None:
            return
        schedule = trial.whole()
        if len(schedule.rows) > QUICK_OPERATIONS:
            return
        draft = self._draft(scope, material, schedule, shipments)
        if draft.staffing.short_hours <= SHORT:
            self.on_first(draft)

    def _ship(self, material: Material, schedule: Schedule) -> list[list[Shipment]]:
        return ship(self.shop, material, schedule, self.scoring.late_price)

    def _draft(
        self, scope: Scope, material: Material, schedule: Schedule, shipments: list[list[Shipment]]
    ) -> Draft:
        """The schedule with its people and purchases, priced."""
        hours = [[minutes / 60 for minutes in row] for row in schedule.minutes]
        given = self.labour.given
        staffing = staff(
            self.shop,
            hours,
            schedule.peaks,
            self.weights.overtime,
            given,
            self.hired,
            headcount_weight=self.weights.headcount,
        )
        if staffing.short_hours > SHORT:  # skill by skill it took hires that another needed more
            planned = staff_as_planned(
                self.shop, self.labour.hires, self.labour.layoffs, hours, schedule.peaks, given
            )
            staffing = min(staffing, planned, key=lambda each: each.short_hours)
        draft = make_draft(self.shop, self.purchaser, scope, material, schedule, staffing, shipments)
        return self._within_cash(draft, hours)

    def _within_cash(self, draft: Draft, hours: list[list[float]]) -> Draft:
        """The draft, where its people let cash fall below the floor with those who lack least to it: the
        aggregate plan's, who keep it, or the cheapest without overtime held in reserve. Of those who lack
        the same it is who costs least, changes of headcount as the planner weighs them.
        """
        shop, peaks, given = self.shop, draft.schedule.peaks, self.labour.given
        weight = self.weights.headcount
        lacks = 0.0 if shop.factory.cash.opening is None else CashPlan(shop, draft).lacks()
        if lacks == 0:
            return draft
        planned = staff_as_planned(shop, self.labour.hires, self.labour.layoffs, hours, peaks, given)
        lean = 1 / (1 + OVERTIME_RELUCTANCE)
        others = [planned, staff(shop, hours, peaks, lean, given, self.hired, headcount_weight=weight)]
        allowed = max(SHORT, draft.staffing.short_hours)
        drafts = [with_people(shop, draft, each) for each in others if each.short_hours <= allowed]
        ranked = [(lacks, draft), *((CashPlan(shop, each).lacks(), each) for each in drafts)]

        def weighed(each: Draft) -> float:
            return each.total + weight * head_changes(shop, each.staffing)

        return min(ranked, key=lambda pair: (round(pair[0], 2), weighed(pair[1])))[1]

    def _just_in_time(
        self, trial: Trial, scope: Scope, material: Material, shipments: list[list[Shipment]], late: float
    ) -> Draft | None:
        """The same work begun as late as that costs no lateness; None where it does."""
        schedule = trial.run_later(delivery_limits(self.shop, shipments))
        if any(done < 0 for done in schedule.done) or self._wrong_bom_days(material, schedule):
            return None
        # The search for who is served when may miss what it found before, which is possible still.
        later = ship_again(self.shop, schedule, shipments)
        if self.scoring.late(later) > late + 1e-6:
            later = self._ship(material, schedule)
        if self.scoring.late(later) > late + 1e-6:
            return None
        return self._draft(scope, material, schedule, later)

    def _known(
        self, settings: Settings, scope: Scope, bom_days: dict[tuple[int, int], date]
    ) -> Material | None:
        """The netting that found the scope, where it is what these settings ask for."""
        is_same = settings.window_days == LotPolicy().window_days and not any(settings.pull)
        return self.netted if is_same and scope is self.scope and not bom_days else None

    def _material(self, settings: Settings, scope: Scope, bom_days: dict[tuple[int, int], date]) -> Material:
        def level(item: int, first: int, last: int, need: int) -> int:
            return level_needs(self.aggregate, item, first, last, need)

        return plan_material(
            self.shop,
            LotPolicy(
                hours=settings.lot_hours,
                window_days=settings.window_days,
                slack=settings.slack,
                shares={item: share for item, share in enumerate(settings.shares) if share != 1},
                windows={item: days for item, days in enumerate(settings.windows) if days >= 0},
                stretches={item: each for item, each in enumerate(settings.stretches) if each},
            ),
            level=level if settings.is_level else None,
            scope=scope,
            bom_days=bom_days,
            pull=settings.pull,
        )

    @staticmethod
    def _waiting(material: Material, schedule: Schedule) -> list[Lot]:
        """Lots that could have started, as far as their components go, and never did."""
        return [
            lot
            for lot in material.lots
            if schedule.done[lot.number] < 0
            and all(
                peg.supply.lot is None or schedule.done[peg.supply.lot.number] >= 0 for peg in lot.made_ready
            )
        ]

    def _stuck(self, waiting: list[Lot], material: Material, schedule: Schedule, ran: object) -> Stuck | None:
        """Items of which not a single lot was finished; of the others there is just more than people or
        stations can do in the time that is planned.
        """
        finished = {lot.item for lot in material.lots if schedule.done[lot.number] >= 0}
        items = frozenset(lot.item for lot in waiting if lot.ref is None) - finished
        work_orders = {
            lot.ref: lot.item for lot in waiting if lot.ref is not None and lot.item not in finished
        }
        if not items and not work_orders:
            return None
        whole = ran.whole() if isinstance(ran, Trial) else schedule
        return Stuck(items, work_orders, self._where(waiting, whole))

    def _where(self, waiting: list[Lot], schedule: Schedule) -> dict[int | str, StuckAt]:
        """By item, or the reference of an order that stands: the smallest lot that waited, and for what."""
        found: dict[int | str, StuckAt] = {}
        begun = {(row.lot, row.step): row.free for row in schedule.rows}
        for lot in sorted(waiting, key=lambda each: (each.quantity, each.number)):
            step = next(
                (number for number in range(lot.first_step, lot.steps) if (lot.number, number) not in begun),
                lot.steps,
            )
            ready = max([lot.not_before, *lot.bought_ready[step : step + 1]])
            for peg in lot.made_ready:
                if max(peg.step, lot.first_step) == step:
                    ready = max(ready, available_at(peg.supply, schedule))
            if step > lot.first_step:
                queue = self.shop.routes[lot.item][step - 1].queue_minutes
                ready = max(ready, begun[lot.number, step - 1] + queue)
            found.setdefault(lot.ref or lot.item, StuckAt(lot.quantity, step, ready))
        return found

    def _wrong_bom_days(self, material: Material, schedule: Schedule) -> dict[tuple[int, int], date]:
        """Lots that start on a day with another bill of materials than they were exploded with."""
        moved = {}
        for lot in material.lots:
            if lot.bom_day is not None and self.shop.is_dated(lot.item):
                day = self.shop.grid.day(schedule.released[lot.number])
                if self._parts_on(lot, day) != self._parts_on(lot, lot.bom_day):
                    moved[lot.item, lot.position] = day
        return moved

    def _parts_on(self, lot: Lot, day: date | None) -> list[object]:
        """What ``lot`` takes and brings when it starts on ``day``."""
        assert day is not None  # noqa: S101 - every exploded lot has a day
        taken = [] if lot.is_issued else self.shop.effective_components(lot.item, day)
        return [*taken, *self.shop.by_products_on(lot.item, day)]


def delivery_limits(shop: Shop, shipments: list[list[Shipment]]) -> dict[int, int]:
    """By lot that is delivered: the minute by which it must be done to go out when it does."""
    limits: dict[int, int] = {}
    for rows in shipments:
        for row in rows:
            if row.supply is not None and row.supply.lot is not None and row.day >= 0:
                limit = last_minute(shop, row.supply.lot, shop.grid.as_of + timedelta(days=row.day))
                number = row.supply.lot.number
                limits[number] = min(limits.get(number, limit), limit)
    return limits
