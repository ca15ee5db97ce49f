"""The search: candidate settings of lot sizes, release and reserves of people,
each decoded into a whole plan.

A round nets material, schedules all lots, staffs the schedule at least cost and prices the result; the best
stays. The first rounds are a portfolio, later ones change the best so far: late demands are planned earlier
and the skills that work waited for get a reserve; what has slack gives some back. Rounds are counted, not
timed, so the same seed gives the same plan.
"""

import random
from dataclasses import dataclass, replace
from datetime import date

from planning.engine.aggregate import AggregatePlan, level_needs
from planning.engine.draft import Draft, make_draft
from planning.engine.explain import Explainer
from planning.engine.material import Lot, Material
from planning.engine.mrp import LotPolicy, plan_material, shortage_of
from planning.engine.purchasing import Purchaser
from planning.engine.reach import earliest_supplies, first_receipts
from planning.engine.scope import Scope
from planning.engine.shop import Shop
from planning.engine.shopfloor.generator import Generator, buffer_minutes
from planning.engine.shopfloor.schedule import Labour, Schedule
from planning.engine.timegrid import DAY
from planning.engine.workforce import (
    OVERTIME_RELUCTANCE,
    count_people,
    heads_at_work,
    hires_towards,
    keep_heads,
    raise_to_ratios,
    staff,
    staff_as_planned,
)

# A broken promise costs more than the policy's price of a late day: the search counts lateness this many
# times.
LATE_WEIGHT = 8.0
SHORT = 1e-3  # hours beyond what people give: noise
BOM_PASSES = 4
SOON = 2_000.0  # a buffer of so many days starts everything as soon as it can


@dataclass(frozen=True, slots=True)
class Settings:
    """One point of the search: how lots are cut (``lot_hours``, ``window_days``), and when they may start.

    A lot starts at most ``buffer_days`` before its latest start, which counts ``slack`` times its bare
    minutes. ``is_level``: the aggregate plan may ask for it earlier. ``extra[skill]`` is a share of hours
    beyond the aggregate plan's, ``pull[demand]`` the minutes by which to plan a demand earlier than it is
    due.
    """

    lot_hours: float
    window_days: int
    buffer_days: float
    slack: float
    is_level: bool
    extra: tuple[float, ...] = ()
    pull: tuple[int, ...] = ()


PORTFOLIO = (
    Settings(24.0, 28, 20.0, 1.3, True),
    Settings(16.0, 3, SOON, 1.0, False),
    Settings(24.0, 28, 10.0, 1.3, True),
    Settings(40.0, 28, 20.0, 1.3, True),
    Settings(24.0, 7, 60.0, 1.3, False),
    Settings(16.0, 7, 30.0, 1.3, True),
)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Lots that never found a start: these items, and work orders (ref -> item), cannot be made as things
    are.
    """

    items: frozenset[int]
    work_orders: dict[str, int]


class Search:
    """Decodes and improves settings for one shop and one aggregate plan."""

    def __init__(
        self,
        shop: Shop,
        aggregate: AggregatePlan,
        scope: Scope,
        seed: int,
        netted: Material | None = None,
        *,
        is_generous: bool = False,
    ) -> None:
        self.shop, self.aggregate, self.scope = shop, aggregate, scope
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.generator = Generator(shop)
        self.purchaser = Purchaser(shop)
        # Where nothing is worked on, a netting depends on little: the one of the scope serves again.
        self.netted = None if any(shop.routes) else netted
        self.hires = self._enough_for_crews(is_generous=is_generous)
        self.best: tuple[float, Settings, Draft] | None = None
        self.is_cut_short = aggregate.is_cut_short

    def start(self, number: int) -> Settings:
        """Entry ``number`` of the portfolio."""
        nothing = (0.0,) * len(self.shop.skills)
        return replace(PORTFOLIO[number % len(PORTFOLIO)], extra=nothing, pull=(0,) * len(self.shop.demands))

    def propose(self, number: int) -> Settings:
        """The settings of round ``number``: from the portfolio, then changes of the best."""
        return self.start(number) if number < len(PORTFOLIO) or self.best is None else self._change()

    def consider(self, settings: Settings, draft: Draft) -> None:
        """Keep ``draft`` if it is the best so far."""
        self.is_cut_short |= draft.staffing.is_cut_short
        score = self.score(draft)
        if self.best is None or score < self.best[0] - 1e-6:
            self.best = (score, settings, draft)

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

    @staticmethod
    def score(draft: Draft) -> float:
        if draft.staffing.short_hours > SHORT:
            return float("inf")
        reserve = OVERTIME_RELUCTANCE * draft.cost["overtime"]
        return draft.total + reserve + (LATE_WEIGHT - 1) * draft.cost["lateness"]

    def decode(self, settings: Settings) -> Draft | Stuck:
        """Settings to a whole plan, or what can never start under them."""
        bom_days: dict[tuple[int, int], date] = {}
        passes, scope = 0, self.scope
        while True:
            material = self._known(settings, scope, bom_days) or self._material(settings, scope, bom_days)
            if material.shortage:  # these lot sizes need more than there ever is
                scope = scope.without(material.shortage)
                continue
            schedule = self.generator.run(
                material, self._labour(settings), buffer=buffer_minutes(settings.buffer_days)
            )
            waiting = self._waiting(material, schedule)
            if waiting:
                stuck = self._stuck(waiting, material, schedule)
                if stuck is not None:
                    return stuck
                scope = scope.without(shortage_of(material, waiting))
                continue
            moved = self._wrong_bom_days(material, schedule)
            passes += 1
            if not moved or passes == BOM_PASSES:
                break
            bom_days |= moved
        hours = [[minutes / 60 for minutes in row] for row in schedule.minutes]
        staffing = staff(self.shop, hours, schedule.peaks)
        if staffing.short_hours > SHORT:  # skill by skill it took hires that another needed more
            planned = staff_as_planned(self.shop, self.hires, self.aggregate.layoffs, hours, schedule.peaks)
            staffing = min(staffing, planned, key=lambda each: each.short_hours)
        return make_draft(self.shop, self.purchaser, scope, material, schedule, staffing)

    def _known(
        self, settings: Settings, scope: Scope, bom_days: dict[tuple[int, int], date]
    ) -> Material | None:
        """The netting that found the scope, where it is what these settings ask for."""
        is_same = settings.window_days == LotPolicy().window_days and not any(settings.pull)
        return self.netted if is_same and scope is self.scope and not bom_days else None

    def _material(self, settings: Settings, scope: Scope, bom_days: dict[tuple[int, int], date]) -> Material:
        def level(item: int, first: int, last: int, need: int) -> int:
            return level_needs(self.shop, self.aggregate, item, first, last, need)

        return plan_material(
            self.shop,
            LotPolicy(hours=settings.lot_hours, window_days=settings.window_days, slack=settings.slack),
            level=level if settings.is_level else None,
            scope=scope,
            bom_days=bom_days,
            pull=settings.pull,
        )

    def _enough_for_crews(self, *, is_generous: bool) -> list[list[int]]:
        """The aggregate plan's hires by skill, and more where they never make up the largest crew:
        a few hours of work round to no head at all, and would never start. ``is_generous``: whole heads for
        the largest crew from the first possible month to the end, after which the last month's people go on.
        """
        worked = {self.shop.item_index[row.item] for row in self.shop.factory.work_orders}
        steps = [step for item in worked | set(self.aggregate.started) for step in self.shop.routes[item]]
        limit = self.shop.factory.staffing.max_total_hires_per_month
        found = [list(row) for row in self.aggregate.hires]
        left = [
            10**9 if limit is None else limit - sum(row[month] for row in found)
            for month in range(len(self.shop.grid.months))
        ]
        for skill in self.shop.skills:
            crew = max((step.crew for step in steps if step.skill == skill.index), default=0)
            heads, _ = count_people(skill, found[skill.index], self.aggregate.layoffs[skill.index])
            if heads_at_work(max(heads)) < crew:
                left = [more + hired for more, hired in zip(left, found[skill.index], strict=True)]
                found[skill.index] = hires_towards(skill, crew, 10**9, left)
            least = max(skill.row.min_headcount or 0, crew if is_generous else 0)
            keep_heads(skill, found[skill.index], self.aggregate.layoffs[skill.index], least, left)
        raise_to_ratios(self.shop, found, self.aggregate.layoffs)
        return found

    def _labour(self, settings: Settings) -> Labour:
        heads, regular, overtime = [], [], []
        for skill in self.shop.skills:
            people, available = count_people(
                skill, self.hires[skill.index], self.aggregate.layoffs[skill.index]
            )
            grown = [
                1 + settings.extra[skill.index]
                if month >= skill.first_hire_month and skill.row.can_hire
                else 1.0
                for month in range(len(people))
            ]
            share = float(skill.row.overtime_max_share or 0)
            heads.append([heads_at_work(each * more) for each, more in zip(people, grown, strict=True)])
            regular.append([60 * each * more for each, more in zip(available, grown, strict=True)])
            overtime.append([minutes * share for minutes in regular[-1]])
        return Labour(heads, regular, overtime)

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

    @staticmethod
    def _stuck(waiting: list[Lot], material: Material, schedule: Schedule) -> Stuck | None:
        """Items of which not a single lot was finished; of the others there is just more than people or
        stations can do in the time that is planned.
        """
        finished = {lot.item for lot in material.lots if schedule.done[lot.number] >= 0}
        items = frozenset(lot.item for lot in waiting if lot.ref is None) - finished
        work_orders = {
            lot.ref: lot.item for lot in waiting if lot.ref is not None and lot.item not in finished
        }
        return Stuck(items, work_orders) if items or work_orders else None

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

    def _change(self) -> Settings:
        assert self.best is not None  # noqa: S101 - the portfolio came first
        _, settings, draft = self.best
        late = [index for index, days in enumerate(draft.late_days) if days]
        moves = [
            self._other_lots,
            self._other_buffer,
            self._other_slack,
            self._other_window,
            self._give_back,
            self._give_more,
            self._give_back,
            self._other_level,
        ]
        chosen = self.random.choice(moves)
        if late and self.random.random() < 0.7:
            settings = self._rescue(settings, draft, late)
            if self.random.random() < 0.5:
                return settings
        return chosen(settings, draft)

    def _rescue(self, settings: Settings, draft: Draft, late: list[int]) -> Settings:
        """Plan late demands earlier; half the time also give people to what their chains waited for."""
        pull = list(settings.pull)
        for index in late:
            days = draft.late_days[index] or 0
            grown = pull[index] + (min(days, 10) + self.random.randint(0, 4)) * DAY
            pull[index] = max(0, min(grown, self.shop.demands[index].due_minute))
        pulled = replace(settings, pull=tuple(pull))
        return pulled if self.random.random() < 0.5 else self._reserve(pulled, draft)

    def _reserve(self, settings: Settings, draft: Draft) -> Settings:
        """More people of two skills: those that the late units' chains waited for,
        else those most waited for.
        """
        weights = self._blamed(draft)
        if not any(weights):
            return settings
        extra = list(settings.extra)
        for skill in self.random.choices(range(len(weights)), weights=weights, k=2):
            extra[skill] = min(1.0, extra[skill] + self.random.choice((0.02, 0.05, 0.1)))
        return replace(settings, extra=tuple(extra))

    def _blamed(self, draft: Draft) -> list[float]:
        weights = [0.0] * len(self.shop.skills)
        for reasons in Explainer(self.shop, draft, {}).reasons().values():
            for reason in reasons:
                if reason.code == "AT_RISK_SKILL":
                    weights[self.shop.skill_index[reason.entity]] += reason.days
        if not any(weights):
            for (skill, _), count in draft.schedule.waits.items():
                weights[skill] += count
        return weights

    def _other_lots(self, settings: Settings, draft: Draft) -> Settings:
        return replace(
            settings,
            lot_hours=min(200.0, max(4.0, settings.lot_hours * self.random.choice((0.7, 0.85, 1.2, 1.4)))),
        )

    def _other_buffer(self, settings: Settings, draft: Draft) -> Settings:
        days = settings.buffer_days * self.random.choice((0.5, 0.75, 0.9, 1.15, 1.4, 2.0))
        return replace(settings, buffer_days=min(SOON, max(1.0, days)))

    def _other_window(self, settings: Settings, draft: Draft) -> Settings:
        return replace(settings, window_days=self.random.choice((1, 3, 7, 14, 28, 42)))

    def _other_level(self, settings: Settings, draft: Draft) -> Settings:
        return replace(settings, is_level=not settings.is_level)

    def _other_slack(self, settings: Settings, draft: Draft) -> Settings:
        return replace(
            settings, slack=min(3.0, max(1.0, settings.slack + self.random.choice((-0.15, -0.1, 0.1, 0.2))))
        )

    def _give_back(self, settings: Settings, draft: Draft) -> Settings:
        """Take reserve from some skills, and time from demands that are pulled but in time."""
        extra = list(settings.extra)
        if extra:
            for skill in self.random.sample(range(len(extra)), k=min(3, len(extra))):
                extra[skill] = max(-0.3, extra[skill] - self.random.choice((0.03, 0.06)))
        pull = [
            int(each * 0.8) if not draft.late_days[index] else each
            for index, each in enumerate(settings.pull)
        ]
        return replace(settings, extra=tuple(extra), pull=tuple(pull))

    def _give_more(self, settings: Settings, draft: Draft) -> Settings:
        return self._reserve(settings, draft)
