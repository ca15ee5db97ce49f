"""The search for a plan that changes another one little: what is new forbids some of it, the rest stays.

A round keeps the base plan's lots, starts and stations, moves later what cannot stay, and then tries which
lots to put behind others or before them: first until the move budget holds, then for less lateness, then for
fewer moves.
"""

import random
from dataclasses import dataclass, replace

import numpy as np

from planning.engine.aggregate import AggregatePlan
from planning.engine.draft import Draft, Shipment, last_minute, ship_again
from planning.engine.improve import SHORT, BomDays, Candidate, Search, Stuck
from planning.engine.kept import KeptPlan, total_late_days
from planning.engine.material import Material
from planning.engine.moves import PORTFOLIO, Settings
from planning.engine.mrp import LotPolicy, plan_material
from planning.engine.outline.search import Climb
from planning.engine.request import Weights
from planning.engine.scope import Scope
from planning.engine.scoring import LATE_WEIGHT
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import Ints, Run
from planning.engine.shopfloor.generator import Trial, buffer_minutes
from planning.engine.shopfloor.kept import KeptTrial
from planning.engine.shopfloor.schedule import Labour, Schedule
from planning.engine.timegrid import DAY

LOTS = LotPolicy(hours=24.0, window_days=3, slack=1.3)  # of new lots
BUFFER_DAYS = 20.0
BEHIND = 60 * DAY  # what is put back by so much waits for all that stays
TRIES = 160
PATIENCE = 40  # tries without success
PRUNES = 40  # tries to take back what need not move
MOST_STEPS = 400_000  # operations in all tries
PLENTY = 10**6
ANEW_EVERY = 4  # rounds
NETTING_EVERY = 8


@dataclass(slots=True)
class _Try:
    """A run with its rank: moves beyond the budget, money, moves."""

    rank: tuple[int, float, int]
    shifts: Ints
    run: Run
    moved: Ints
    late: list[list[tuple[int, int]]]


class RepairSearch(Search):
    """``move_budget``: the share of the base plan's operations that may move; None: all, and plans made from
    nothing are tried as well.
    """

    def __init__(
        self,
        shop: Shop,
        aggregate: AggregatePlan,
        scope: Scope,
        seed: int,
        netted: Material | None,
        weights: Weights,
        *,
        is_generous: bool,
        base: KeptPlan,
        move_budget: float | None,
    ) -> None:
        super().__init__(shop, aggregate, scope, seed, netted, weights, is_generous=is_generous)
        self.base, self.outlines = base, None
        self.allowed = None if move_budget is None else int(move_budget * base.operations + 1e-9)
        self.rank = (PLENTY, float("inf"), PLENTY)
        self.is_usual: bool | None = None  # known from the first round on, which is made before helpers are
        base.less_late = None
        self.new_demands = base.new_demands(shop)
        self.has_news = bool(self.new_demands)
        self.has_same_demands = base.has_same_demands(shop)

    def propose(self, number: int) -> Candidate:
        """Changes of the base plan; with a free budget every second round is one of the usual search."""
        if self.best is None or (self.allowed is not None and not self._is_anew(number)) or number % 2 == 0:
            known = self.best[1] if self.best is not None else self.moves.start(0)
            kept = known if known.keeps else replace(known, keeps=True, new_pegs=self.has_news, shifts=())
            if self.has_news and number % NETTING_EVERY == 2:
                kept = replace(kept, new_lots=not kept.new_lots, shifts=())
            if number % NETTING_EVERY == 4:
                kept = replace(kept, new_pegs=not kept.new_pegs, shifts=())
            return Candidate(kept, number)
        if number // 2 < len(PORTFOLIO) or self.best[1].keeps:
            start = number // (2 if self.allowed is None else ANEW_EVERY)
            return replace(super().propose(0), settings=self.moves.start(start), seed=number)
        return super().propose(number)

    def _is_anew(self, number: int) -> bool:
        """Whether round ``number`` plans from nothing though a budget holds: a few do, where something is
        late.
        """
        is_late = self.best is not None and any(self.best[2].late_days)
        return is_late and number % ANEW_EVERY == 1 and number // ANEW_EVERY < len(PORTFOLIO)

    def score(self, draft: Draft) -> float:
        """With the price of every operation and date that is another one."""
        changes = self.weights.changes
        score = super().score(draft)
        if not changes:
            return score
        moved = self.base.moved(self.shop, draft) + self.base.dates_moved(self.shop, draft)
        return score + changes * moved

    def consider(self, settings: Settings, draft: Draft | Climb | None) -> bool:
        """Keep ``draft`` if it is the best so far: within the budget, and of equals the least changed. Of the
        least late one beyond the budget its late days and moves are kept.
        """
        if not isinstance(draft, Draft):
            return False
        self.is_cut_short |= draft.staffing.is_cut_short
        rank, score = self._rank(draft)
        moved = rank[2]
        days = total_late_days(self.shop, draft)
        is_less_late = rank[0] > 0 and (self.base.less_late is None or (days, moved) < self.base.less_late)
        if is_less_late:
            self.base.less_late = (days, moved)
        is_best = self.best is None or rank < self.rank
        if is_best:
            self.rank = rank
            self.best = (score, draft.settings or settings, draft)
        return is_best or is_less_late

    def _rank(self, draft: Draft) -> tuple[tuple[int, float, int], float]:
        moved = self.base.moved(self.shop, draft)
        score = self.score(draft)
        return (self._excess(moved), round(score, 6), moved), score

    def _excess(self, moved: int) -> int:
        return 0 if self.allowed is None else max(0, moved - self.allowed)

    def decode(self, candidate: Candidate) -> Draft | Climb | Stuck | None:
        """As for any search; of a candidate that keeps the base plan, with a search of its own: with the
        people of the base plan, unless they cannot be had for it, or could not in the first round.
        """
        if not candidate.settings.keeps:
            return super().decode(candidate)
        found = None if self.is_usual else self._keep(candidate, is_usual=False)
        can_be_had = isinstance(found, Draft) and found.staffing.short_hours <= SHORT
        if self.is_usual is None:
            self.is_usual = not can_be_had
        return found if can_be_had else self._keep(candidate, is_usual=True)

    def _keep(self, candidate: Candidate, *, is_usual: bool) -> Draft | Stuck:
        """With all that is wanted, or without what the base plan gave up, whichever is better: to try that
        again may be in the way of the rest.
        """
        found = self._keep_in(self.scope, candidate, is_usual=is_usual)
        if not self.base.given_up:
            return found
        less = self._keep_in(self.scope.without(self.base.given_up), candidate, is_usual=is_usual)
        if isinstance(found, Stuck) or isinstance(less, Stuck):
            return found if isinstance(less, Stuck) else less
        return min(found, less, key=lambda draft: self._rank(draft)[0])

    def _keep_in(self, asked: Scope, candidate: Candidate, *, is_usual: bool) -> Draft | Stuck:
        def net(scope: Scope, bom_days: BomDays) -> Material:
            return plan_material(
                self.shop,
                LOTS,
                scope=scope,
                bom_days=bom_days,
                pull=self.base.pull(self.shop),
                kept=self.base.planned,
                standing=self.base.standing,
                new_demands=self.new_demands if candidate.settings.new_lots else frozenset(),
                pegs=None if candidate.settings.new_pegs else self.base.pegs,
            )

        def run(material: Material) -> tuple[_Try, Schedule]:
            trial = self._trial(material, is_usual=is_usual)
            best = self._improve(material, trial, candidate)
            return best, trial.read(best.run)

        found = self._fitted(net, run, asked)
        if isinstance(found, Stuck):
            return found
        scope, material, best, schedule = found
        draft = self._draft(scope, material, schedule, self._shared(material, schedule, len(best.moved)))
        draft.settings = replace(candidate.settings, shifts=tuple(best.shifts.tolist()))
        return draft

    def _trial(self, material: Material, *, is_usual: bool) -> KeptTrial:
        labour = self.labour.with_reserve((0.0,) * len(self.shop.skills))
        buffer = buffer_minutes(BUFFER_DAYS)
        if not is_usual and self.shop.skills:
            many = Labour(*([[PLENTY * scale for _ in row] for row in labour.heads] for scale in (1, DAY, 1)))
            trial = KeptTrial(self.generator.trial(material, many, buffer=buffer, split_hours=24.0))
            run = trial.run(np.zeros(len(trial.base), np.int64))
            labour = self._enough(labour, trial.read(run))
        return _holding(self.generator.trial(material, labour, buffer=buffer, split_hours=24.0))

    def _enough(self, labour: Labour, schedule: Schedule) -> Labour:
        """The people planned, and as many as the base plan's work takes where they can be hired."""
        heads = [list(row) for row in labour.heads]
        regular = [list(row) for row in labour.regular]
        for skill in self.shop.skills:
            if not skill.row.can_hire:
                continue
            row, peaks, last = schedule.minutes[skill.index], schedule.peaks[skill.index], len(heads[0]) - 1
            for month in range(skill.first_hire_month, last + 1):
                end = month + 1 if month < last else len(row)  # the last month's people go on after it
                heads[skill.index][month] = max(heads[skill.index][month], *peaks[month:end])
                regular[skill.index][month] = max(regular[skill.index][month], *row[month:end])
        return Labour(heads, regular, labour.overtime)

    def _improve(self, material: Material, trial: KeptTrial, candidate: Candidate) -> _Try:
        """Try other priorities and earlier starts of single operations, from those of ``candidate`` on."""
        draw = random.Random(candidate.seed)  # noqa: S311 - a search, not a secret
        nothing = np.zeros(len(trial.base), np.int64)
        best = self._try(material, trial, nothing)
        known = np.array(candidate.settings.shifts, np.int64)
        if len(known) != len(nothing):  # what moved, behind all that stays
            known = nothing.copy()
            known[np.isin(trial.lot_of, trial.lot_of[best.moved])] = BEHIND
        best = min(best, self._try(material, trial, known), key=lambda each: each.rank)
        new = np.array([lot.kept is None for lot in material.lots], np.bool_)[trial.lot_of]
        if len(best.moved) and new.any():  # what is new, behind all that the base plan has
            shifts = np.where(new, np.maximum(known, BEHIND), known)
            best = min(best, self._try(material, trial, shifts), key=lambda each: each.rank)
        tries, failures = min(TRIES, MOST_STEPS // max(1, len(trial.base))), 0
        while tries > 0 and failures < PATIENCE and (best.late or len(best.moved)):
            tries, failures = tries - 1, failures + 1
            found = self._try(material, trial, self._change(draw, trial, best))
            if found.rank[0] > best.rank[0] and found.rank[1] < best.rank[1]:
                tries -= PRUNES
                found = self._prune(draw, material, trial, found, best.rank[1])
            if found.rank <= best.rank:
                failures = failures if found.rank == best.rank else 0
                best = found
        return best

    def _prune(
        self, draw: random.Random, material: Material, trial: KeptTrial, found: _Try, money: float
    ) -> _Try:
        """Take back what ``found`` moves, until it is within the budget, for as long as it costs less than
        ``money``.
        """
        for _ in range(PRUNES):
            put = np.flatnonzero(found.shifts)
            if not found.rank[0] or not len(put):
                break
            put = put[np.argsort(trial.base[put], kind="stable")]
            size = max(1, int(len(put) * draw.choice((0.03, 0.06, 0.12, 0.25))))
            begin = draw.randrange(len(put) - size + 1)
            shifts = found.shifts.copy()
            shifts[put[begin : begin + size]] = 0
            less = self._try(material, trial, shifts)
            if less.rank[0] <= found.rank[0] and less.rank[1] < money:
                found = less
        return found

    def _try(self, material: Material, trial: KeptTrial, shifts: Ints) -> _Try:
        run = trial.run(shifts)
        moved = trial.moved(run)
        shipments = self._shared(material, Schedule(done=trial.dones(run)), len(moved))
        money = LATE_WEIGHT * self.scoring.late(shipments) + self.weights.changes * len(moved)
        gone = self.base.operations - int(trial.is_kept.sum())
        rank = (self._excess(len(moved) + max(0, gone)), money, len(moved))
        return _Try(rank, shifts, run, moved, self._late(shipments))

    def _shared(self, material: Material, schedule: Schedule, moved: int) -> list[list[Shipment]]:
        """Deliveries: where nothing is new they are those of the base plan, though others might do better."""
        if moved or not (self.has_same_demands and material.is_as_before):
            return self._ship(material, schedule)
        known = [[Shipment(peg.supply, peg.quantity, 0, -1) for peg in pegs] for pegs in material.served]
        for index, (quantity, ready) in material.bought_for_demand.items():
            if index >= 0:  # else for stock
                known[index].append(Shipment(None, quantity, ready, -1))
        return ship_again(self.shop, schedule, known)

    def _late(self, shipments: list[list[Shipment]]) -> list[list[tuple[int, int]]]:
        """By late demand: the lots that come too late for it, and by how many minutes."""
        found = []
        for demand, rows in zip(self.shop.demands, shipments, strict=True):
            lots = [(row.supply.lot, row.ready) for row in rows if row.supply is not None]
            late = [
                (lot.number, ready - last_minute(self.shop, lot, demand.due))
                for lot, ready in lots
                if lot is not None and ready > last_minute(self.shop, lot, demand.due)
            ]
            if late:
                found.append(late)
        return found

    @staticmethod
    def _change(draw: random.Random, trial: KeptTrial, best: _Try) -> Ints:
        """Late lots earlier, with what they need for that; or a lot that moved put back, or as it was."""
        shifts = best.shifts.copy()
        put, kind = np.flatnonzero(shifts), draw.random()
        if best.late and (kind < 0.6 or not len(best.moved)):
            late = draw.choice(best.late)
            share = draw.choice((0.3, 0.6, 0.8, 1.0, 1.0, 1.0))
            extra = draw.choice((0, 0, -DAY // 2, -DAY, DAY // 2, DAY, 2 * DAY))
            for lot, minutes in late if draw.random() < 0.6 else [draw.choice(late)]:
                trial.pull(best.run, shifts, lot, max(1, int(minutes * share) + extra))
        elif len(put) and kind < 0.8:
            op = put[draw.randrange(len(put))]
            same = trial.lot_of == trial.lot_of[op] if draw.random() < 0.5 else op
            shifts[same] = 0
        elif len(best.moved):
            op = best.moved[draw.randrange(len(best.moved))]
            shifts[trial.lot_of == trial.lot_of[op]] = draw.choice((2 * DAY, 7 * DAY, BEHIND))
        return shifts


def _holding(trial: Trial) -> KeptTrial:
    """What must be over before a pin is held like all else, unless more pins are kept without that."""
    loose, held = KeptTrial(trial), KeptTrial(trial, holds_all=True)
    if (loose.is_held == held.is_held).all():
        return loose
    nothing = np.zeros(len(held.base), np.int64)
    return min((held, loose), key=lambda each: each.missed_pins(each.run(nothing)))
