"""A plain shop netted into arrays, and what it asks of the shop floor as the generator's tables."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from planning.engine.moves import Settings
from planning.engine.outline.plain import Bought, Made, PlainShop
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, WHOLE_UNITS, Shop
from planning.engine.shopfloor.arrays import LOT, OP, STREAM, Floats, Floor, Ints, Work, table
from planning.engine.shopfloor.floor import FloorPlan
from planning.engine.shopfloor.work import TOO_LONG, GatedWork
from planning.engine.timegrid import DAY

if TYPE_CHECKING:
    from planning.engine.outline.loops.net import Rules

STRETCH = np.dtype([("begins", np.int64), ("ends", np.int64), ("times", np.float64)])
NONE = np.zeros(0, np.int64)
NAMES = ("need", "quantity", "urgency", "lot", "step", "demand")


@dataclass(slots=True)
class Wanted:
    """Requirements of one item. ``lot`` -1: of ``demand`` (-1: of a lot)."""

    need: Ints
    quantity: Ints
    urgency: Floats
    lot: Ints
    step: Ints
    demand: Ints

    @classmethod
    def together(cls, parts: list["Wanted"]) -> "Wanted":
        """``parts`` as one, in order of need, urgency and lot or demand."""
        one = cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in NAMES))
        order = np.lexsort((np.where(one.lot < 0, one.demand, one.lot), one.urgency, one.need))
        return cls(*(getattr(one, name)[order] for name in NAMES))


@dataclass(slots=True)
class ItemLots:
    """The planned lots of one item: ``latest[lot, step]`` starts, and when their ``bought`` parts come."""

    made: Made
    first: int
    quantity: Ints
    need: Ints
    urgency: Floats
    latest: Ints
    bought: Ints


@dataclass(slots=True)
class Pegs:
    """Who gets what: ``lot`` (-1: stock) of ``item`` for a step of lot ``user``, or for ``demand``."""

    item: int
    lot: Ints
    quantity: Ints
    user: Ints
    step: Ints
    demand: Ints


@dataclass(slots=True)
class Netted:
    """``items`` in the order of netting; lots are numbered through."""

    items: list[ItemLots] = field(default_factory=list)
    pegs: list[Pegs] = field(default_factory=list)

    @property
    def lots(self) -> int:
        """How many there are."""
        return self.items[-1].first + len(self.items[-1].quantity) if self.items else 0


class Netting:
    """Nets one shop again and again; the same lots, dates and pegs as ``plan_material``."""

    def __init__(self, shop: Shop, scope: Scope, plain: PlainShop, plan: FloorPlan) -> None:
        self.shop, self.scope, self.plain, self.plan = shop, scope, plain, plan
        self.starts = np.array(shop.grid.day_starts, np.int64)
        self.sold = self._sold()

    def run(self, settings: Settings, until: int | None = None) -> Netted | None:
        """What is due by minute ``until`` alone (None: all). None where more is wanted than could ever be
        made.
        """
        found = Netted()
        wanted: dict[int, list[Wanted]] = defaultdict(list)
        self._demands(settings, until, wanted)
        for row in self.plain.rows:
            if row.item not in wanted:
                continue
            rows = Wanted.together(wanted.pop(row.item))
            if isinstance(row, Bought):
                _receive(row, rows, found)
                continue
            lots = self._cut(row, rows, settings, found)
            if lots is None:
                return None
            numbers = np.arange(lots.first, lots.first + len(lots.quantity))
            for line in row.lines if len(numbers) else ():
                wanted[line.item].append(
                    Wanted(
                        np.maximum(lots.latest[:, line.step], 0),
                        line.of(lots.quantity),
                        lots.urgency,
                        numbers,
                        np.full(len(numbers), line.step),
                        np.full(len(numbers), -1),
                    )
                )
        return found

    def _demands(self, settings: Settings, until: int | None, wanted: dict[int, list[Wanted]]) -> None:
        pull = np.array(settings.pull, np.int64)
        for item, (due, rows) in self.sold.items():
            inside = slice(None) if until is None else np.flatnonzero(due <= until)
            mine = Wanted(*(getattr(rows, name)[inside] for name in NAMES))
            if len(mine.need):
                mine.need = mine.need - pull[mine.demand]
                wanted[item].append(mine)

    def _sold(self) -> dict[int, tuple[Ints, Wanted]]:
        """By item: when its demands are due, and what they require, each by the end of its day."""
        by_item: dict[int, list[int]] = defaultdict(list)
        grid = self.shop.grid
        for index in range(len(self.shop.demands)):
            if self.scope.quantities[index] > 0:
                by_item[self.shop.demands[index].item].append(index)
        found = {}
        for item, indices in by_item.items():
            demands = [self.shop.demands[index] for index in indices]
            found[item] = (
                np.array([each.due_minute for each in demands], np.int64),
                Wanted(
                    np.array([grid.end_of_day(each.due) for each in demands], np.int64),
                    np.array([self.scope.quantities[index] for index in indices], np.int64),
                    np.array([-each.cost_per_day * MICRO / each.quantity for each in demands]),
                    np.full(len(indices), -1),
                    np.zeros(len(indices), np.int64),
                    np.array(indices, np.int64),
                ),
            )
        return found

    def _days_later(self, minutes: Ints, days: int) -> Ints:
        """As ``TimeGrid.days_later``."""
        starts = self.starts
        here = np.searchsorted(starts, minutes, side="right") - 1
        is_inside = (minutes >= 0) & (here + days < len(starts))
        there = starts[np.minimum(here + days, len(starts) - 1)] + minutes - starts[here]
        return np.where(is_inside, there, minutes + days * DAY)

    def _cut(self, made: Made, rows: Wanted, settings: Settings, found: Netted) -> ItemLots | None:
        from planning.engine.outline.loops.net import Cut, Rows, date, net, target_of

        rules = _rules(made, settings)
        total, count = int(rows.quantity.sum()), len(rows.need)
        smallest = min(rules.most, target_of(rules._replace(hours=_shortest(rules)), -1))
        if total - made.stock > made.most:
            return None
        most = count + total // smallest + 1  # a lot has the size aimed at, or ends with a row
        cut = Cut(
            quantity=np.zeros(most, np.int64),
            need=np.zeros(most, np.int64),
            urgency=np.zeros(most),
            lot=np.zeros(most + count, np.int64),
            row=np.zeros(most + count, np.int64),
            taken=np.zeros(most + count, np.int64),
            counts=np.zeros(2, np.int64),
        )
        days = settings.windows[made.item] if settings.windows[made.item] >= 0 else settings.window_days
        last = self._days_later(rows.need, max(days, self.shop.items[made.item].group_days))
        net(Rows(rows.need, last, rows.urgency, rows.quantity), made.stock, rules, cut)
        lots, pegs = cut.counts.tolist()
        first, row, lot = found.lots, cut.row[:pegs], cut.lot[:pegs]
        found.pegs.append(
            Pegs(
                made.item,
                np.where(lot < 0, -1, lot + first),
                cut.taken[:pegs],
                rows.lot[row],
                rows.step[row],
                rows.demand[row],
            )
        )
        steps = len(made.steps)
        latest = np.zeros((lots, steps), np.int64)
        quantity, need = cut.quantity[:lots], cut.need[:lots]
        date(quantity, need, made.steps, made.done, settings.slack, self.plan.floor.intervals, latest)
        bought = np.zeros((lots, steps), np.int64)
        cutting = ItemLots(made, first, quantity, need, cut.urgency[:lots], latest, bought)
        found.items.append(cutting)
        return cutting

    def work(self, netted: Netted, settings: Settings, near_work: frozenset[int]) -> "OutlineWork":
        """The tables of what was netted."""
        return OutlineWork(self.shop, self.plan, netted, settings.split_hours(), near_work)


def _rules(made: Made, settings: Settings) -> "Rules":
    from planning.engine.outline.loops.net import Rules

    item = made.item
    return Rules(
        least=made.rule.least,
        step=made.rule.step,
        most=made.rule.most,
        routing=made.routing,
        longest=made.longest,
        hours=settings.lot_hours * settings.shares[item],
        stretches=np.array(list(settings.stretches[item]), STRETCH),
    )


def _shortest(rules: "Rules") -> float:
    """The fewest hours that a lot may aim at."""
    return float(rules.hours * np.minimum(rules.stretches["times"], 1.0).prod())


def _receive(part: Bought, rows: Wanted, found: Netted) -> None:
    from planning.engine.outline.loops.net import receive

    ready = np.zeros(len(rows.need), np.int64)
    receive(rows.need, rows.quantity, part.coming.copy(), part.earliest, ready)
    for lots in found.items:
        mine = (rows.lot >= lots.first) & (rows.lot < lots.first + len(lots.quantity))
        if mine.any():
            np.maximum.at(lots.bought, (rows.lot[mine] - lots.first, rows.step[mine]), ready[mine])


class OutlineWork(GatedWork):
    """The tables of one netting, for ``Trial``."""

    def __init__(
        self,
        shop: Shop,
        plan: FloorPlan,
        netted: Netted,
        split_hours: tuple[float, ...],
        near_work: frozenset[int],
    ) -> None:
        self.shop, self.plan = shop, plan
        self.floor: Floor = plan.floor_for(0.0)
        self.split_hours = split_hours
        self._near_work = near_work
        self.work = self._work(netted)

    def _work(self, netted: Netted) -> Work:
        parts = [self._parts(lots) for lots in netted.items]
        counts = np.concatenate([count for count, _ in parts])  # streams of each lot
        stream_end = np.cumsum(counts)
        steps = np.concatenate([np.full(len(each.quantity), len(each.made.steps)) for each in netted.items])
        lot_of = np.repeat(np.arange(len(counts)), counts)
        stream_first = np.append(0, np.cumsum(steps[lot_of]))
        streams = table(
            len(lot_of),
            STREAM,
            lot=lot_of,
            quantity=np.concatenate([part for _, part in parts]),
            first=stream_first[:-1],
        )
        op_stream = np.repeat(np.arange(len(lot_of)), steps[lot_of])
        op_lot = lot_of[op_stream]
        op_step = np.arange(len(op_stream)) - stream_first[op_stream]
        sizes = [len(each.quantity) for each in netted.items]
        items = np.repeat([each.made.item for each in netted.items], sizes)
        flat_first = np.append(0, np.cumsum(steps))
        at = flat_first[op_lot] + op_step
        ops = table(
            len(op_stream),
            OP,
            stream=op_stream,
            step=np.array(self.plan.step_first, np.int64)[items[op_lot]] + op_step,
            latest=np.concatenate([each.latest.ravel() for each in netted.items])[at],
            ready=np.concatenate([each.bought.ravel() for each in netted.items])[at],
            pending=op_step > 0,
            pin=-1,
            pin_centre=-1,
            pin_station=-1,
        )
        users, uses = _waits(netted, counts, stream_end, stream_first, steps)
        np.add.at(ops["pending"], uses, 1)
        order = np.argsort(users, kind="stable")
        ends = np.append(0, np.cumsum(np.bincount(users, minlength=len(counts))))
        self.gate_op, self.gate_lot = stream_first[:-1], lot_of
        self.gate_start = np.concatenate([each.latest[:, 0] for each in netted.items])
        before = [np.full(len(each.quantity), each.made.not_before) for each in netted.items]
        self.gate_before = np.concatenate(before)
        self.gate_is_near = np.isin(items, list(self._near_work))
        lots = table(
            len(counts),
            LOT,
            item=items,
            quantity=np.concatenate([each.quantity for each in netted.items]),
            first=stream_end - counts,
            end=stream_end,
            steps=steps,
            lead=-1,
            begun_done=-1,
            uses=ends[:-1],
            uses_end=ends[1:],
            left=counts,
            done=-1,
            first_unit=-1,
            released=-1,
        )
        return Work(lots, streams, ops, uses[order], NONE, np.zeros(len(self.floor.stations), np.int64))

    def _parts(self, lots: ItemLots) -> tuple[Ints, Ints]:
        """How many streams each lot has, and the quantity of each stream, as of ``WorkPlan``."""
        row, made, quantity = self.shop.items[lots.made.item], lots.made, lots.quantity
        count = np.ones(len(quantity), np.int64)
        if not (row.min_order or row.order_multiple or row.group_days or row.lot_rule):
            return count, quantity
        grain = MICRO if row.uom in WHOLE_UNITS else 1
        hours = self.split_hours[made.item]
        longest = np.full(len(quantity), TOO_LONG * hours * 60)
        for number, step in enumerate(self.shop.routes[made.item]):
            if step.centre >= 0:
                each = made.steps[number]
                units = (made.done + quantity) / MICRO - made.done / MICRO
                minutes = np.maximum(0, np.ceil((each["setup"] + each["run"] * units) * 60 - 1e-6))
                is_longer = minutes > longest
                stations = self.shop.factory.work_centres[step.centre].stations
                split = np.minimum(stations, np.rint(minutes / 60 / hours)).astype(np.int64)
                count = np.where(is_longer, split, count)
                longest = np.where(is_longer, minutes, longest)
        whole = quantity // grain
        count = np.maximum(1, np.minimum(count, whole))
        of = np.repeat(np.arange(len(count)), count)
        ends = np.cumsum(count)
        nth = np.arange(len(of)) - (ends - count)[of]
        parts = (whole[of] * (nth + 1) // count[of] - whole[of] * nth // count[of]) * grain
        parts[ends - 1] += quantity - whole * grain
        return count, parts


def _waits(
    netted: Netted, counts: Ints, stream_end: Ints, stream_first: Ints, steps: Ints
) -> tuple[Ints, Ints]:
    """By operation that waits for a lot: that lot, and the operation; in order of the waiting lots."""
    names = ("lot", "user", "step")
    supply, user, step = (np.concatenate([getattr(p, name) for p in netted.pegs] or [NONE]) for name in names)
    mine = (supply >= 0) & (user >= 0)
    supply, user, step = supply[mine], user[mine], step[mine]
    order = np.argsort(user, kind="stable")
    supply, user, step = supply[order], user[order], step[order]
    of = np.repeat(np.arange(len(user)), counts[user])
    ends = np.cumsum(counts[user])
    number = np.arange(len(of)) - (ends - counts[user])[of]
    stream = (stream_end - counts)[user[of]] + number
    return supply[of], stream_first[stream] + step[of]
