"""Material requirements: explode demand through the bills of materials, net of stock and receipts, into lots.

Items are visited parents first (low-level coding), so each item is netted once, after all demand on it is
known. Requirements of an item are served in order of their need, from stock, then receipts that come in time,
then new lots; each lot remembers what it serves and what serves it (pegging). Bought parts get no order here:
only the earliest minute at which they can be there, since they are ordered for the day on which the schedule
takes them (``purchasing``); what is both made and bought is ordered here. Cost: O(requirements x log).
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from planning.engine.bills import Bills, need_of
from planning.engine.coming import Coming, drop_used
from planning.engine.cutting import lot_ends
from planning.engine.events import pins_by_operation
from planning.engine.factory import FirmOrderRow, WorkOrderRow
from planning.engine.kept_pegs import KeptPegs, Share
from planning.engine.makeable import lot_without_hours, most_made
from planning.engine.material import (
    FOR_STOCK,
    MOST_WANTED,
    STOCK,
    KeptOrder,
    Lot,
    Material,
    Peg,
    Requirement,
    Supply,
    components_of,
)
from planning.engine.purchasing import Buyer, firm_purchases
from planning.engine.reach import earliest_supplies
from planning.engine.released import ReleasedLots, made_from, may_wait
from planning.engine.scope import Scope, Shortage
from planning.engine.shop import MICRO, WHOLE_UNITS, Shop, micro
from planning.engine.sourcing import Arrivals, LotRule, earliest_purchase, make_rule
from planning.engine.substitution import Substitution
from planning.engine.timegrid import DAY
from planning.engine.waiting import Waiting


class Stretch(NamedTuple):
    """For needs in [``begins``, ``ends``), in minutes, lots are so many ``times`` as long."""

    begins: int
    ends: int
    times: float


@dataclass(frozen=True, slots=True)
class LotPolicy:
    """How lots are cut when the format leaves the size open.

    ``hours``: no operation of a lot should take longer, times ``shares[item]`` where one is given.
    ``stretches[item]``: lots for needs of some time are so many times as long.
    ``window_days``: a lot does not gather needs further apart, unless ``windows[item]`` says. ``slack``:
    operations are expected to take so many times their minutes, since lots wait for stations and people.
    """

    hours: float = 24.0
    window_days: int = 28
    slack: float = 1.5
    shares: Mapping[int, float] = field(default_factory=dict)
    windows: Mapping[int, int] = field(default_factory=dict)
    stretches: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)

    def hours_of(self, item: int, need: int) -> float:
        """How long an operation of a lot for ``need`` may take."""
        hours = self.hours * self.shares.get(item, 1.0)
        for each in self.stretches.get(item, ()):
            if each.begins <= need < each.ends:
                hours *= each.times
        return hours


ALWAYS = 2**60  # minutes: beyond every need
ENDINGS = 8  # a lot is moved forward so often until it starts before its bill ends

NeedOf = Callable[[int, int, int, int], int]


class _Begun(NamedTuple):
    """How far an item's lots are: the base plan's orders that are ``rest``, units and lots made so far."""

    rest: Sequence[KeptOrder]
    position: int = 0
    number: int = 0


def plan_material(
    shop: Shop,
    policy: LotPolicy,
    *,
    level: NeedOf | None = None,
    scope: Scope | None = None,
    bom_days: dict[tuple[int, int], date] | None = None,
    pull: Sequence[int] | None = None,
    kept: Mapping[int, Sequence[KeptOrder]] | None = None,
    standing: Mapping[str, KeptOrder] | None = None,
    new_demands: Set[int] = frozenset(),
    pegs: KeptPegs | None = None,
) -> Material:
    """Net all confirmed demand of ``shop`` into lots.

    ``level(item, first, last, need)`` may move the need of units ``(first, last]`` (millionths, counted over
    the item's new lots) to an earlier minute. ``scope`` says what to plan (all, unless given); what cannot be
    covered even so is the result's ``shortage``: such a result must not be scheduled. ``pull[demand]`` are
    minutes by which to plan a demand earlier than it is due. ``bom_days`` fixes the bill-of-materials day of
    a lot, by (item, position among the item's lots). The first lots of an item are those of ``kept[item]``,
    in that order, as many as are needed; ``standing[ref]`` says when open orders were planned to start.
    ``new_demands`` get lots of their own where those come too late. With ``pegs`` what the base plan's orders
    were for takes them first, as far as it is still wanted and they are still there.
    """
    netting = _Netting(shop, policy, level, scope or Scope.of(shop), bom_days or {}, pull)
    netting.kept, netting.standing = kept or {}, standing or {}
    netting.new_demands, netting.pegs = new_demands, pegs
    netting.result.is_as_before = pegs is not None
    return netting.run()


class _Netting:
    def __init__(
        self,
        shop: Shop,
        policy: LotPolicy,
        level: NeedOf | None,
        scope: Scope,
        bom_days: dict[tuple[int, int], date],
        pull: Sequence[int] | None,
    ) -> None:
        self.pull = pull or [0] * len(shop.demands)
        self.shop, self.policy, self.level = shop, policy, level
        self.scope, self.bom_days = scope, bom_days
        self._earliest: list[int] | None = None
        self.bills = Bills(shop)
        self.requirements: dict[int, list[Requirement]] = defaultdict(list)
        self.users: dict[int, list[Peg]] = defaultdict(list)  # by lot: what it is for
        blame = dict(scope.blame)
        self.result = Material([], [], [], [[] for _ in shop.demands], Shortage(blame=blame), {})
        self.receipts: dict[int, list[Supply]] = defaultdict(list)
        self.released: dict[int, list[Lot]] = defaultdict(list)
        self.waiting = Waiting(shop)
        self.buyers: dict[int, Buyer] = {}
        self.substitution = Substitution(shop, self.requirements, self.receipts, self._first_order)
        self.targets: dict[tuple[int, float], int] = {}  # of items that nobody learns to make faster
        self.kept: Mapping[int, Sequence[KeptOrder]] = {}
        self.standing: Mapping[str, KeptOrder] = {}
        self.new_demands: Set[int] = frozenset()
        self.pegs: KeptPegs | None = None
        self.begun: dict[int, _Begun] = {}
        self.pins = pins_by_operation(shop.grid, shop.factory.pinned_operations)

    def run(self) -> Material:
        shop = self.shop
        for index, demand in enumerate(shop.demands):
            quantity = self.scope.quantities[index]
            if quantity > 0:
                urgency = -demand.cost_per_day * MICRO / demand.quantity
                need = shop.grid.end_of_day(demand.due) - self.pull[index]
                self.requirements[demand.item].append(Requirement(need, quantity, urgency, None, 0, index))
        self._open_orders()
        for item in shop.parents_first:
            supplies = deque(self.receipts[item])
            _sort(supplies)
            self._net(item, supplies)
            for lot in self.released[item]:
                self._keep(lot)
            self.substitution.netted.add(item)
        if self.pegs is not None:
            self._number_by_name()
        return self.result

    def _number_by_name(self) -> None:
        """Of lots of an item that begin in one minute, the one with the smaller id is looked at first."""
        self.result.lots.sort(key=lambda lot: (lot.name is None, lot.name or "", lot.number))
        for number, lot in enumerate(self.result.lots):
            lot.number = number

    def _open_orders(self) -> None:
        """Stock, and what is ordered, released or firm already."""
        shop, factory, grid = self.shop, self.shop.factory, self.shop.grid
        on_hand: dict[int, int] = defaultdict(int)
        for row in factory.stock:
            on_hand[shop.item_index[row.item]] += micro(row.qty)
        for item, quantity in on_hand.items():
            if quantity:
                self._there(Supply(STOCK, item, quantity, 0, None, quantity))
        for order in factory.purchase_orders:
            open_qty = micro(order.qty - order.received_qty)
            if open_qty > 0:
                item = shop.item_index[order.item]
                self._there(Supply(order.ref, item, open_qty, max(grid.minute(order.due), 0), None, open_qty))
        for buy in firm_purchases(shop):
            assert buy.firm is not None  # noqa: S101 - all of these are
            at = grid.minute(buy.due)  # may lie beyond the grid's days
            self._there(Supply(buy.firm.ref, buy.item, buy.quantity, at, None, buy.quantity))
        lots = [self._released_lot(work) for work in factory.work_orders]
        lots += [self._firm_lot(firm) for firm in factory.firm_orders if firm.kind == "make"]
        for lot in lots:
            if lot is not None:
                kept = self.standing.get(lot.ref or "")
                known = 0 if kept is None else min(kept.taken, lot.quantity)
                if kept is not None and known:  # taken when it was done, whatever day it is due on
                    self._there(Supply(lot.ref or "", lot.item, known, kept.done, lot, known))
                if rest := lot.quantity - known:
                    self._there(Supply(lot.ref or "", lot.item, rest, lot.need, lot, rest))

    def _there(self, supply: Supply) -> None:
        self.receipts[supply.item].append(supply)
        self.result.supplies.append(supply)

    def _released_lot(self, work: WorkOrderRow) -> Lot | None:
        shop = self.shop
        open_qty = micro(work.qty - work.done_qty)
        item = shop.item_index[work.item]
        if open_qty <= 0 or work.ref in self.scope.stranded:
            return None
        steps = shop.routes[item]
        done = work.done_through_seq
        first = sum(1 for step in steps if done is not None and step.seq <= done)
        need = max(shop.grid.end_of_day(work.due), 0)
        lot = self._new_lot(item, open_qty, need, -1e18)
        lot.work_order, lot.first_step = work, first
        lot.waits = may_wait(work)
        if work.start is not None and (first < len(steps) or not steps):
            lot.not_before = max(shop.grid.minute(work.start), 0)
        self.released[item].append(lot)  # kept when it is known who needs it when
        return lot

    def _firm_lot(self, firm: FirmOrderRow) -> Lot | None:
        if firm.ref in self.scope.stranded:
            return None
        grid = self.shop.grid
        need = max(grid.end_of_day(firm.due), 0)
        lot = self._new_lot(self.shop.item_index[firm.item], micro(firm.qty), need, 0.0)
        lot.firm = firm
        if firm.release is not None:
            lot.not_before = max(grid.minute(firm.release), 0)
        self._keep(lot)
        return lot

    def _keep(self, lot: Lot) -> None:
        """Date and explode a lot that planning must keep as it is."""
        lot.position = -1 - lot.number
        lot.bom_day = self.bom_days.get((lot.item, lot.position))
        self._date_lot(lot)
        self._explode(lot)

    def _new_lot(self, item: int, quantity: int, need: int, urgency: float) -> Lot:
        steps = len(self.shop.routes[item])
        lot = Lot(len(self.result.lots), item, quantity, need, urgency, steps=steps)
        if steps:
            lot.last_takes_time = self.shop.routes[item][-1].takes_time
        self.result.lots.append(lot)
        return lot

    def _net(self, item: int, supplies: deque[Supply]) -> None:
        shop = self.shop
        rows = self.requirements.pop(item, [])
        safety = self.scope.safety[item]
        is_bought = shop.items[item].kind == "buy"
        if safety and is_bought:
            rows.append(Requirement(self._first_supply(item, safety), safety, FOR_STOCK, None, item, -1))
        if sum(row.quantity for row in rows) > MOST_WANTED:
            self.result.shortage.too_much.add(item)
            for row in rows:
                self._give_up(row, row.quantity, item, item)
            return
        rows.sort(key=lambda each: each.order)
        if self.pegs is not None:
            rows = self.substitution.as_before(item, rows, self.pegs)
        if is_bought:
            self._allocate_bought(item, rows, supplies)
            return
        rule = make_rule(shop, item)
        rows, spare = self._serve_as_before(item, rows, supplies, rule)
        left_over = self._left_over(item, rows, supplies, safety)
        left_over = [row for row in left_over if self._unless_replaced(item, row)]
        if item in self.scope.impossible or (rule is None and item not in self.scope.bought_only):
            self._wait_for(left_over, supplies, item)
        elif left_over := self._within_all_hours(item, left_over):
            self._make(item, left_over, Coming([*supplies, *spare]), rule, spare)

    def _serve_as_before(
        self, item: int, rows: list[Requirement], supplies: deque[Supply], rule: LotRule | None
    ) -> tuple[list[Requirement], list[Supply]]:
        """Peg ``rows`` to what they were pegged to in the base plan: open orders that come in time still, its
        own orders and purchases again. What is left of ``rows``, and of those orders.
        """
        if self.pegs is None:
            return rows, []
        shares = self.pegs.shares(item, rows)
        for supply in supplies:
            for share in shares.get(supply.id or (supply.lot and supply.lot.name) or "", ()):
                until = max(share.row.need, 0)
                is_there = supply.lot is not None or supply.available <= until
                if is_there and self._may_serve(supply, share.row, until):
                    self._peg_share(share, supply)
        spare: list[Supply] = []
        if item not in self.scope.impossible:
            if rule is not None and item not in self.scope.bought_only:
                spare += self._make_as_before(item, shares, rule)
            there = sum(supply.left for supply in (*supplies, *spare))
            spare += self._buy_as_before(item, shares, self.scope.safety[item] - there)
        for share in (share for each in shares.values() for share in each if share.row.lot is None):
            self.result.is_as_before &= share.left == 0
        return [row for row in rows if row.quantity], spare

    def _make_as_before(
        self, item: int, shares: Mapping[str, list[Share]], rule: LotRule
    ) -> Iterator[Supply]:
        """The base plan's own orders for whom they were for: those that are wanted still."""
        rest, position, number = [], 0, 0
        for keep in self.kept.get(item, ()):
            rows = [share.row for share in shares.get(keep.order, ()) if share.left]
            if not rows:
                rest.append(keep)
                continue
            need = self._safe(item, rows[0].need, keep.quantity)
            new, lot = self._order(item, rows, keep.quantity, need, number, rule, keep)
            if lot is None:  # its bill has ended since
                continue
            position, number = position + keep.quantity, number + 1
            for share in shares[keep.order]:
                self._peg_share(share, new[0])
            self._explode(lot)
            new[0].available = keep.done
            yield new[0]
        self.begun[item] = _Begun(rest, position, number)

    def _buy_as_before(
        self, item: int, shares: Mapping[str, list[Share]], for_stock: int
    ) -> Iterator[Supply]:
        """What the base plan bought of a made item, where it can still be there on that day: for whom it was
        for, or ``for_stock`` what was for nobody.
        """
        assert self.pegs is not None  # noqa: S101 - by the caller
        grid, safety_days = self.shop.grid, self.shop.items[item].safety_days
        for buy in self.pegs.purchases.get(item, ()) if self.shop.sources[item] else ():
            is_wanted = any(share.left for share in shares.get(buy.order, ()))
            is_for_stock = for_stock > 0 and buy.order in self.pegs.for_stock
            if not (is_wanted or is_for_stock) or self._buyer(item).earliest(buy.quantity) > buy.due:
                continue
            for_stock -= 0 if is_wanted else buy.quantity
            for supply in self._bought(item, buy.quantity, grid.days_later(buy.due, safety_days)):
                for share in shares.get(buy.order, ()):
                    self._peg_share(share, supply)
                yield supply

    def _peg_share(self, share: Share, supply: Supply) -> None:
        used = min(share.left, supply.left)
        if used:
            self._peg(share.row, supply, used)
            share.row.quantity -= used
            share.quantity -= used

    def _within_all_hours(self, item: int, rows: list[Requirement]) -> list[Requirement]:
        """As much of ``rows`` as stations could ever make of what nobody buys; the rest is given up."""
        most = None if self.shop.sources[item] else most_made(self.shop, item)
        if most is not None and item in self.begun:
            most = max(0, most - self.begun[item].position)
        if most is None or sum(row.quantity for row in rows) <= most:
            return rows
        found = []
        for row in rows:
            quantity = min(row.quantity, most)
            most -= quantity
            if quantity < row.quantity:
                self._give_up(row, row.quantity - quantity, item, item)
            if quantity:
                found.append(replace(row, quantity=quantity))
        return found

    def _left_over(
        self, item: int, rows: list[Requirement], supplies: deque[Supply], safety: int
    ) -> list[Requirement]:
        """What stock and open orders leave of ``rows``, and of the safety stock, which nobody waits beside:
        it is eaten into, and refilled by the day on which it is.
        """
        found: list[Requirement] = []
        left = sum(supply.left for supply in supplies)
        below = 0 if left < safety else None
        released = ReleasedLots(self.shop, supplies)
        for row in rows:
            rest = self._take(row, supplies, row.need)
            while rest:
                new = self._first_order(item, rest) if released else 0
                supply = released.pull_in(row.need, new) if new > max(row.need, 0) else None
                if supply is None:
                    break
                rest = self._take(replace(row, quantity=rest), [supply], row.need)
                _sort(supplies)
            drop_used(supplies)
            left -= row.quantity - rest
            if rest:
                row.quantity = rest
                found.append(row)
            if below is None and left < safety:
                below = row.need
        if safety:
            keep = Requirement(0, safety, FOR_STOCK, None, item, -1)
            missing = self._take(keep, supplies, self.shop.grid.end)
            if missing:
                need = max(below or 0, self._first_supply(item, missing))
                found.append(Requirement(need, missing, FOR_STOCK, None, item, -1))
                found.sort(key=lambda each: each.order)
        return found

    def _first_supply(self, item: int, quantity: int) -> int:
        """The earliest minute at which a new order can be in stock, by lead times alone."""
        if self.shop.items[item].kind == "buy":
            return earliest_purchase(self.shop, item)
        if self._earliest is None:
            self._earliest = earliest_supplies(self.shop, [None] * len(self.shop.items))
        return min(self._earliest[item], self.shop.grid.horizon)

    def _first_order(self, item: int, quantity: int) -> int:
        """The earliest minute at which a new order for ``quantity`` can be in stock, its work included."""
        first = earliest_purchase(self.shop, item)
        if self.shop.items[item].kind == "buy" or item in self.scope.impossible:
            return first
        row, grid = self.shop.items[item], self.shop.grid
        begin = grid.minute(grid.as_of + timedelta(days=row.fence_days))
        if row.earliest_production is not None:
            begin = max(begin, grid.minute(row.earliest_production))
        for part in self.shop.effective_components(item, grid.as_of):
            begin = max(begin, self._first_supply(part.item, 0))
        return min(first, made_from(self.shop, item, quantity, begin))

    def _unless_replaced(self, item: int, row: Requirement) -> bool:
        """Let a substitute stand in for a lot that would be too late; is any of ``row`` left?"""
        earliest = self._first_supply(item, row.quantity) if row.lot is not None else 0
        if row.need < earliest:
            row.quantity -= self.substitution.from_stock(item, row)
            row.quantity -= self.substitution.from_orders(item, row, earliest)
        return row.quantity > 0

    def _take(self, row: Requirement, supplies: Iterable[Supply], until: int) -> int:
        """Peg ``row`` to supplies there by ``until``; return what is missing."""
        rest, until = row.quantity, max(until, 0)
        for supply in supplies:
            if rest == 0 or supply.available > until:
                break
            if supply.left and self._may_serve(supply, row, until):
                rest -= self._peg(row, supply, min(rest, supply.left))
        return rest

    def _may_serve(self, supply: Supply, row: Requirement, until: int) -> bool:
        """Not when it is received a day too late, nor when it comes beside a lot that waits for ``row``."""
        if supply.available == until > 0 and _is_next_day(row, supply):  # what was due goes out on as_of
            return False
        if supply.lot is None or supply.item == supply.lot.item or row.lot is None:
            return True
        return self.waiting.may_wait(row.lot.item, supply.lot.item)

    def _peg(self, row: Requirement, supply: Supply, quantity: int) -> int:
        supply.left -= quantity
        if supply.lot is not None and row.need < supply.available and row.urgency < FOR_STOCK:
            supply.lot.waits = False
        peg = Peg(supply, quantity, row.lot, row.step, row.demand)
        self.result.pegs.append(peg)
        if supply.lot is not None:
            self.users[supply.lot.number].append(peg)
        if row.lot is not None:
            row.lot.made_ready.append(peg)
        elif row.demand >= 0:
            self.result.served[row.demand].append(peg)
        else:
            self.result.for_stock.setdefault(supply.item, []).append(peg)
        return quantity

    def _wait_for(self, rows: Iterable[Requirement], supplies: deque[Supply], item: int) -> None:
        """Nothing new can be made: wait for receipts, and name what remains as never deliverable."""
        for row in rows:
            rest = self._take(row, supplies, self.shop.grid.end)
            drop_used(supplies)
            if rest:
                self._give_up(row, rest, item, item)

    def _give_up(self, row: Requirement, rest: int, item: int, cause: int) -> None:
        """Name what cannot be had since ``rest`` of ``item`` is missing for ``row``, because of ``cause``."""
        shortage = self.result.shortage
        if row.lot is None:
            if row.demand >= 0:
                shortage.add_demand(row.demand, rest, cause)
            else:
                shortage.add_safety(row.step, rest)
            return
        if row.lot.ref is not None:
            shortage.work_orders[row.lot.ref] = cause
            return
        per_unit = sum(part.per_unit for part in components_of(self.shop, row.lot) if part.item == item)
        per_unit = per_unit or Fraction(rest, row.lot.quantity)  # a substitute
        lost = ceil(rest / per_unit)
        if self.shop.items[row.lot.item].uom in WHOLE_UNITS:
            lost = -(-lost // MICRO) * MICRO
        for peg in reversed(self.users[row.lot.number]):  # who needs it last goes without
            if peg.supply.item != row.lot.item:  # a by-product: its share goes
                gone = -(-peg.quantity * min(lost, row.lot.quantity) // row.lot.quantity)
            elif lost <= 0:
                continue
            else:
                gone = min(lost, peg.quantity)
                lost -= gone
            user = Requirement(0, gone, 0.0, peg.lot, peg.step, peg.demand)
            self._give_up(user, gone, peg.supply.item, cause)

    def _make(
        self,
        item: int,
        rows: list[Requirement],
        receipts: Coming,
        rule: LotRule | None,
        spare: Sequence[Supply] = (),
    ) -> None:
        """Cut the net requirements of a made item into lots, in order of need; buy what is better bought.
        What only fills up stock takes what the base plan made for nobody else: whole lots, then what is
        ``spare``.
        """
        begin, ends = 0, lot_ends(self.shop, item, rows)
        begun = self.begun.get(item) or _Begun(self.kept.get(item, ()))
        position, number = begun.position, begun.number
        kept = deque(() if rule is None or item in self.scope.bought_only else begun.rest)
        while begin < len(rows):
            head = rows[begin]
            quantity, end = self._lot_of(item, rows, begin, position, rule, ends, kept)
            need = self._safe(item, head.need, quantity)
            if self.level is not None and not kept:
                need = min(need, self.level(item, position, position + quantity, need))
            until = max(need, 0)
            usable = [supply for supply in receipts.by(until) if self._may_serve(supply, head, until)]
            if self.pegs is not None and head.urgency == FOR_STOCK:
                for_nobody = bool(kept) and kept[0].order not in self.pegs.taken
                spare_left = [] if for_nobody else [supply for supply in spare if supply.left]
                until, usable = ALWAYS, spare_left or ([] if kept else usable)
            if usable:  # a receipt that came too late for an earlier need serves this one
                head.quantity = self._take(head, usable, until)
                begin += head.quantity == 0
                continue
            keep = kept.popleft() if kept and not self._is_new(head, kept[0]) else None
            new, lot = self._order(item, rows[begin:end], quantity, need, number, rule, keep)
            if not new:
                if keep is not None:  # its bill has ended since
                    continue
                self._wait_for(rows[begin:], deque(receipts.by(self.shop.grid.end)), item)
                return
            if lot is not None:
                position, number = position + quantity, number + 1
            for supply in new:
                while begin < len(rows) and supply.left:
                    head = rows[begin]
                    head.quantity = self._take(head, [supply], max(head.need, supply.available + 1))
                    begin += head.quantity == 0
            if lot is not None:
                self._explode(lot)
            receipts.add(new)

    def _safe(self, item: int, need: int, quantity: int) -> int:
        """``need``, earlier by the item's safety time as far as that can be."""
        if not (days := self.shop.items[item].safety_days):
            return need
        return max(self.shop.grid.days_later(need, -days), min(need, self._first_supply(item, quantity)))

    def _is_new(self, row: Requirement, kept: KeptOrder) -> bool:
        """Whether ``row`` gets a lot of its own: no kept order was made for it, the next one is too late."""
        if row.lot is None:
            return row.demand in self.new_demands and kept.done > row.need
        return bool(self.new_demands) and row.lot.name is None and kept.done > row.need

    def _order(
        self,
        item: int,
        rows: Sequence[Requirement],
        quantity: int,
        need: int,
        number: int,
        rule: LotRule | None,
        keep: KeptOrder | None,
    ) -> tuple[list[Supply], Lot | None]:
        """A lot for ``rows``, or purchases where that is better; nothing where neither can ever be."""
        may_buy = bool(self.shop.sources[item]) and keep is None
        if rule is None or (may_buy and self._is_better_bought(item, quantity, need)):
            return self._bought(item, quantity, need - (rows[0].demand >= 0)), None
        lot = self._new_lot(item, quantity, need, min(row.urgency for row in rows))
        lot.position, lot.kept = number, keep
        lot.bom_day = self.bom_days.get((item, number))
        self._date_lot(lot)
        if not self._has_a_bill(lot):
            self.result.lots.pop()
            return [], None
        return [Supply("", item, quantity, lot.need, lot, quantity)], lot

    def _has_a_bill(self, lot: Lot) -> bool:
        """Whether there is a bill of materials by which ``lot`` can start: in force when it is to start, or
        later, or, where the last one has ended by then, before its end: the lot is then planned earlier.
        """
        grid = self.shop.grid
        if not self.shop.is_dated(lot.item):
            return True
        if lot.bom_day is not None:
            return self.shop.bom_end(lot.item, lot.bom_day) is None
        for _ in range(ENDINGS):
            start = lot.latest_starts[0] if lot.steps else lot.release
            end = self.shop.bom_end(lot.item, grid.day(max(start, lot.not_before, 0)))
            if end is None:
                return True
            if end <= grid.as_of or lot.not_before >= grid.minute(end):
                return False
            lot.need -= max(start, 0) - grid.minute(end) + DAY
            self._date_lot(lot)
        return False

    def _is_better_bought(self, item: int, quantity: int, need: int) -> bool:
        """Whether a made item that has sources is bought: it is the preferred way, or making comes too late
        and buying does not come later: all of it, with what suppliers can deliver in a week.
        """
        if item in self.scope.bought_only:
            return True
        made = self._first_supply(item, quantity)
        if self.shop.prefers_buying(item):
            latest = max(need, made)
        elif made > need:
            latest = made - 1
        else:
            return False
        return earliest_purchase(self.shop, item) <= latest and self._buyer(item).earliest(quantity) <= latest

    def _buyer(self, item: int) -> Buyer:
        if item not in self.buyers:
            self.buyers[item] = Buyer(self.shop, item)
        return self.buyers[item]

    def _bought(self, item: int, quantity: int, need: int) -> list[Supply]:
        """Purchases of a made item by ``need``, or as soon after it as they can come."""
        grid = self.shop.grid
        found = []
        for buy in self._buyer(item).buy(quantity, grid.day_index(max(need, 0))):
            self.result.bought.append(buy)
            at = grid.day_starts[buy.due_day]
            found.append(Supply("", item, buy.quantity, at, None, buy.quantity, buy))
        return found

    def _lot_of(
        self,
        item: int,
        rows: list[Requirement],
        begin: int,
        position: int,
        rule: LotRule | None,
        ends: list[int] | None,
        kept: Sequence[KeptOrder],
    ) -> tuple[int, int]:
        """The size of the next lot, and the end of the requirements that it touches."""
        if kept and rule is not None and self._is_new(rows[begin], kept[0]):
            return rule.up(min(rows[begin].quantity, rule.most)), begin + 1
        if kept:
            return kept[0].quantity, _covered(rows, begin, kept[0].quantity)
        target = MOST_WANTED if rule is None else rule.most
        if ends is None:
            hours = self.policy.hours_of(item, rows[begin].need)
            target = min(target, self._target(item, position, hours))
            days = self.policy.windows.get(item, self.policy.window_days)
            window = max(days, self.shop.items[item].group_days)
            last_need, stop = self.shop.grid.days_later(rows[begin].need, window), len(rows)
        else:
            last_need, stop = rows[-1].need, ends[begin]
        quantity, end = 0, begin
        while end < stop and quantity < target and (end == begin or rows[end].need <= last_need):
            quantity += rows[end].quantity
            end += 1
        quantity = min(quantity, target)
        return (quantity if rule is None else rule.up(quantity)), end

    def _target(self, item: int, position: int, hours: float) -> int:
        """The lot size to aim at: the routing's own, or fewer when its longest operation would exceed
        ``hours``.
        """
        if (item, hours) in self.targets:
            return self.targets[item, hours]
        steps = [step for step in self.shop.routes[item] if step.centre >= 0]
        if not steps:
            return 10**18
        routing = Fraction(max(step.lot for step in steps))
        unit = 1 + self.shop.items[item].units_made + position // MICRO
        longest = max(step.run_hours * (step.curve.factor(unit) if step.curve else 1.0) for step in steps)
        if longest <= 0:
            return lot_without_hours(steps, hours)
        fitting = Fraction(max(1, round(hours / longest)))
        target = int((min(routing, fitting) if routing > 1 else fitting) * MICRO)
        if not any(step.curve for step in steps):
            self.targets[item, hours] = target
        return target

    def _date_lot(self, lot: Lot) -> None:
        """Count back from the need: the latest start of every step, were stations and people free."""
        grid = self.shop.grid
        steps = self.shop.routes[lot.item]
        lot.latest_starts = [lot.need] * len(steps)
        moment = lot.need
        for number in range(len(steps) - 1, lot.first_step - 1, -1):
            step = steps[number]
            moment -= step.queue_minutes + step.free_after(lot.quantity)
            if step.centre >= 0:
                done = micro_units(self.shop, lot.item)
                work = round(step.attended_minutes(done, lot.quantity) * self.policy.slack)
                moment = self.shop.centre_time(step.centre, step).start_for(moment, work)
            lot.latest_starts[number] = moment
        if lot.first_step >= lot.steps:
            lot.release = self._release_of(lot)
        lot.kept = lot.kept or self.standing.get(lot.ref or "")
        if lot.kept is not None:
            for number in lot.kept.steps:
                if lot.first_step <= number < lot.steps:
                    lot.latest_starts[number] = lot.kept.begins(number)
            lot.release = lot.release if lot.steps else lot.kept.release
        if self.pins and lot.ref is not None:
            self._date_by_pins(lot, lot.ref)
        lot.bought_ready = [0] * max(len(steps), 1)
        row = self.shop.items[lot.item]
        has_begun = lot.work_order is not None and lot.work_order.done_through_seq is not None
        if row.earliest_production is not None and not has_begun:
            lot.not_before = max(lot.not_before, grid.minute(row.earliest_production))
        if row.fence_days and lot.ref is None:
            lot.not_before = max(lot.not_before, grid.minute(grid.as_of + timedelta(days=row.fence_days)))

    def _date_by_pins(self, lot: Lot, ref: str) -> None:
        """Let a lot begin, and ask for its components, early enough for what is pinned of it."""
        for number in range(lot.first_step, lot.steps):
            pin = self.pins.get((ref, self.shop.routes[lot.item][number].seq))
            earlier = 0 if pin is None else lot.latest_starts[number] - pin.start
            for each in range(lot.first_step, number + 1) if earlier > 0 else ():
                lot.latest_starts[each] -= earlier

    def _explode(self, lot: Lot) -> None:
        """Require the components of ``lot`` at the latest starts of the steps that take them, and expect what
        comes beside it.
        """
        shop = self.shop
        if lot.bom_day is None:
            start = lot.latest_starts[lot.first_step] if lot.steps > lot.first_step else lot.release
            lot.bom_day = shop.grid.day(max(start, lot.not_before, 0))
        if shop.is_dated(lot.item) and not lot.is_issued:
            lot.bom_day = shop.next_bom_day(lot.item, lot.bom_day) or lot.bom_day
            lot.not_before = max(lot.not_before, self._epoch_start(lot))
        self._expect_by_products(lot)
        if lot.is_issued:
            return
        for item, step, shares in self.bills.of(lot.item, lot.bom_day, lot.first_step):
            need = lot.latest_starts[step] if step < lot.steps else lot.release
            quantity = need_of(shares, lot.quantity)
            self.requirements[item].append(Requirement(max(need, 0), quantity, lot.urgency, lot, step, -1))

    def _expect_by_products(self, lot: Lot) -> None:
        assert lot.bom_day is not None  # noqa: S101 - set by the caller
        if lot.item not in self.shop.by_products:
            return
        brought: dict[int, int] = defaultdict(int)
        for row in self.shop.by_products_on(lot.item, lot.bom_day):
            brought[row.item] += row.brings(lot.quantity)
        lot.by_products = tuple((item, quantity) for item, quantity in brought.items() if quantity)
        for item, quantity in lot.by_products:
            there = lot.need if lot.kept is None else lot.kept.done
            self.receipts[item].append(Supply("", item, quantity, max(there, 0), lot, quantity))

    def _epoch_start(self, lot: Lot) -> int:
        """The first minute from which the bill of materials is the one of the lot's ``bom_day``."""
        assert lot.bom_day is not None  # noqa: S101 - set by the caller
        days: list[date] = []
        for part in (*self.shop.components[lot.item], *self.shop.by_products.get(lot.item, ())):
            days += [day for day in (part.first_day, part.end_day) if day is not None and day <= lot.bom_day]
        return max(self.shop.grid.minute(max(days)), 0) if days else 0

    def _release_of(self, lot: Lot) -> int:
        """When a lot without operations must be released to be in stock at its need."""
        if not lot.waits or lot.steps:  # what is left of a released lot takes its components now
            return 0
        row = self.shop.items[lot.item]
        day = self.shop.grid.day(max(lot.need - 1, 0))
        back = row.lead_time_days if row.lead_time_calendar is None else ceil(row.lead_time_days * 1.6) + 3
        return max(self.shop.grid.minute(max(day - timedelta(days=back), self.shop.grid.as_of)), 0)

    def _allocate_bought(self, item: int, rows: list[Requirement], supplies: Iterable[Supply]) -> None:
        """Say when the bought parts of each requirement can be there:
        stock, receipts, else a new order today.
        """
        arrivals = Arrivals(self.shop, item)
        earliest = earliest_purchase(self.shop, item)
        # What comes beside lots is not waited for: when they are done, the schedule will tell.
        received = deque(supply for supply in supplies if supply.lot is None)
        for row in rows:
            until = max(row.need - (row.demand >= 0), earliest)
            rest, ready = self._take_bought(received, row.quantity, until)
            if rest and row.lot is None and row.demand < 0:
                continue
            if rest and row.lot is not None and (earliest > row.need or item in self.scope.impossible):
                rest -= self.substitution.from_stock(item, replace(row, quantity=rest))
                rest -= self.substitution.from_orders(item, replace(row, quantity=rest), earliest)
            at = arrivals.earliest(rest) if rest and item not in self.scope.impossible else None
            if rest and at is None:  # nothing new ever comes: wait for open orders
                rest, at = self._take_bought(received, rest, self.shop.grid.end - 1)
                if rest:
                    self._give_up(row, rest, item, item)
                    continue
            ready = max(ready, at or 0)
            if row.lot is None:
                self.result.bought_for_demand[row.demand] = (row.quantity, ready)
                continue
            step = min(row.step, len(row.lot.bought_ready) - 1)
            if ready > row.lot.bought_ready[step]:
                row.lot.bought_ready[step] = ready
                row.lot.binding_part[step] = item

    @staticmethod
    def _take_bought(supplies: deque[Supply], quantity: int, until: int) -> tuple[int, int]:
        """Set aside what is there by ``until``; return what is missing, and when the last of it comes."""
        ready = 0
        while quantity and supplies and supplies[0].available <= until:
            supply = supplies[0]
            used = min(quantity, supply.left)
            if used:
                supply.left -= used
                quantity -= used
                ready = supply.available
            drop_used(supplies)
        return quantity, ready


def _covered(rows: Sequence[Requirement], begin: int, quantity: int) -> int:
    """The end of the rows from ``begin`` on that ``quantity`` touches."""
    end = begin
    while end < len(rows) and quantity > 0:
        quantity -= rows[end].quantity
        end += 1
    return end


def _sort(supplies: deque[Supply]) -> None:
    """In the order in which they come."""
    ordered = sorted(supplies, key=lambda supply: (supply.available, supply.id))
    supplies.clear()
    supplies.extend(ordered)


def _is_next_day(row: Requirement, supply: Supply) -> bool:
    """Whether ``supply`` that comes at the very moment of need is too late: a delivery is needed by 24:00,
    and what is received at that moment is received on the next day. A lot's moment is an estimate.
    """
    return row.demand >= 0 and supply.lot is None


def shortage_of(material: Material, lots: Iterable[Lot]) -> Shortage:
    """What cannot be had when ``lots`` are never made."""
    users: dict[int, list[Peg]] = defaultdict(list)
    for peg in material.pegs:
        if peg.supply.lot is not None:
            users[peg.supply.lot.number].append(peg)
    shortage = Shortage()
    seen: set[int] = set()
    waiting = [(lot, lot.item) for lot in lots]
    while waiting:
        lot, cause = waiting.pop()
        if lot.number in seen:
            continue
        seen.add(lot.number)
        if lot.ref is not None:
            shortage.work_orders[lot.ref] = cause
        for peg in users[lot.number]:
            if peg.lot is not None:
                waiting.append((peg.lot, cause))
            elif peg.demand >= 0:
                shortage.add_demand(peg.demand, peg.quantity, cause)
            else:
                shortage.add_safety(peg.step, peg.quantity)
    return shortage


def micro_units(shop: Shop, item: int) -> int:
    """Units of ``item`` made before the planning date, in millionths."""
    return shop.items[item].units_made * MICRO
