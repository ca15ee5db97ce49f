"""A plan that is to be changed little, in the engine's own terms, and how far another one is from it."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from planning.engine.draft import Draft, never_late_days
from planning.engine.events import minute_of
from planning.engine.kept_pegs import KeptPegs, KeptPurchase, key_of
from planning.engine.material import KeptOrder, Placed
from planning.engine.plan import Plan, PlanException
from planning.engine.request import BaseOperation, BaseOrder, BasePeg, BasePlan, BasePromise
from planning.engine.scope import Shortage
from planning.engine.shop import Shop, micro
from planning.engine.shopfloor.schedule import Row
from planning.engine.sourcing import make_rule

Places = dict[tuple[str, int], list[Placed]]  # by order and seq, the first one first


@dataclass(slots=True)
class KeptPlan:
    """``planned[item]``: the base plan's own orders, in the order in which they are done; ``standing[ref]``:
    released and firm ones of now; ``pegs``: what all of them were for; ``given_up``: what that plan did
    not supply though it was wanted. ``places`` are the operations that may be counted as moved: neither begun
    nor pinned; ``order`` is the name that they had in the base plan where ``renamed`` says so. ``less_late``:
    late days and moves of the least late plan that a search found beyond its budget.
    """

    version: int
    planned: dict[int, list[KeptOrder]] = field(default_factory=dict)
    standing: dict[str, KeptOrder] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    promised: dict[tuple[str, int, int], date | None] = field(default_factory=dict)
    requested: dict[tuple[str, int, int], date] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    less_late: tuple[int, int] | None = None
    pegs: KeptPegs | None = None
    given_up: Shortage = field(default_factory=Shortage)

    @classmethod
    def of(cls, shop: Shop, base: BasePlan, stranded: Container[str] = ()) -> "KeptPlan":
        """``base`` as far as ``shop`` still knows what it is about; ``stranded`` work orders stand still."""
        found = cls(base.version)
        found.names = sorted({row.order for row in base.operations} | {row.order for row in base.orders})
        rows = {row.order: row for row in base.orders if row.kind == "make"}
        works = _works(shop, base.operations)
        refs = {
            row.ref: (row.item, micro(row.qty))
            for row in shop.factory.work_orders
            if row.qty > row.done_qty and row.ref not in stranded
        }
        refs |= {
            row.ref: (row.item, micro(row.qty)) for row in shop.factory.firm_orders if row.kind == "make"
        }
        for order, row in rows.items():
            if row.firm or order in refs or row.item not in shop.item_index:
                continue
            item = shop.item_index[row.item]
            kept = _kept(shop, row, order, item, micro(row.qty), works.pop(order, []))
            rule = make_rule(shop, item)
            if rule is None or rule.up(kept.quantity) != kept.quantity or kept.quantity > rule.most:
                continue  # no lot of that size may be made any more
            if kept.steps or not shop.routes[item]:
                found.planned.setdefault(item, []).append(kept)
        for waiting in found.planned.values():
            waiting.sort(key=lambda each: (each.done, each.order))
        taken = Counter[tuple[str, str]]()
        for peg in base.pegs:
            taken[peg.order, peg.item] += micro(peg.qty)
        renamed: dict[str, str] = {}
        troubled = set(base.troubled)
        for ref, (code, quantity) in refs.items():
            item = shop.item_index[code]
            if ref in works or (ref in rows and rows[ref].firm):
                kept = _kept(shop, rows.get(ref), ref, item, quantity, works.get(ref, []))
                found.standing[ref] = replace(kept, taken=taken[ref, code])
                continue
            alike = [each for each in found.planned.get(item, ()) if each.quantity == quantity]
            if alike and ref not in troubled:  # released or made firm since
                found.planned[item].remove(alike[0])
                found.standing[ref], renamed[alike[0].order] = alike[0], ref
        found._know_users(shop, base, renamed)
        found._count(shop, base, renamed)
        found._give_up(shop, set(refs) - found.standing.keys(), troubled)
        return found

    def _know_users(self, shop: Shop, base: BasePlan, renamed: dict[str, str]) -> None:
        purchases: dict[int, list[KeptPurchase]] = defaultdict(list)
        made = [row for row in base.orders if row.item in shop.item_index]
        for row in sorted(made, key=lambda each: (each.due, each.order)):
            item = shop.item_index[row.item]
            if row.kind == "buy" and not row.firm and shop.items[item].kind != "buy":
                purchases[item].append(KeptPurchase(row.order, micro(row.qty), shop.grid.minute(row.due)))
        dues = {row.order: shop.grid.minute(row.due) for row in base.orders}
        orders = [each for rows in self.planned.values() for each in rows]
        dues |= {each.order: each.done for each in [*orders, *self.standing.values()]}
        names = [each.order for each in orders]
        self.pegs = KeptPegs.of(shop, base.pegs, dues, renamed, dict(purchases), names)

    def _give_up(self, shop: Shop, left_out: set[str], troubled: set[str]) -> None:
        assert self.pegs is not None  # noqa: S101 - known by then
        for index, demand in enumerate(shop.demands):
            key = key_of(demand)
            if self.requested.get(key) == demand.due and self.promised[key] is None:
                served = self.pegs.pegs.get((key, demand.item), [])
                missing = demand.quantity - sum(quantity for _, quantity in served)
                if missing > 0:
                    self.given_up.add_demand(index, missing, demand.item)
        items = {row.ref: shop.item_index[row.item] for row in shop.factory.work_orders}
        items |= {row.ref: shop.item_index[row.item] for row in shop.factory.firm_orders}
        self.given_up.work_orders.update({ref: items[ref] for ref in sorted(left_out & troubled)})

    def _count(self, shop: Shop, base: BasePlan, renamed: dict[str, str]) -> None:
        pinned = {(row.order, row.seq) for row in shop.factory.pinned_operations}
        places: Places = defaultdict(list)
        for row in base.operations:
            key, start = (renamed.get(row.order, row.order), row.seq), minute_of(shop.grid, row.start)
            if start >= 0 and key not in pinned:
                places[key].append(_placed(shop, row, start))
        self.places = dict(places)
        self.requested = {(row.sales_order, row.line, row.instalment): row.requested for row in base.promises}
        self.promised = {(row.sales_order, row.line, row.instalment): row.promised for row in base.promises}

    @property
    def operations(self) -> int:
        """How many may move or stay."""
        return sum(map(len, self.places.values()))

    def pull(self, shop: Shop) -> list[int]:
        """By demand: below 0, the minutes by which the base plan promised it later than it is due."""
        found = []
        for demand in shop.demands:
            promised = self.promised.get(key_of(demand))
            late = 0 if promised is None else shop.grid.minute(promised) - demand.due_minute
            found.append(-max(0, late))
        return found

    def new_demands(self, shop: Shop) -> frozenset[int]:
        """Demands that the base plan did not know."""
        return frozenset(
            index for index, each in enumerate(shop.demands) if key_of(each) not in self.promised
        )

    def has_same_demands(self, shop: Shop) -> bool:
        """Whether all that is wanted was wanted when the base plan was made, for the same day."""
        return all(self.requested.get(key_of(each)) == each.due for each in shop.demands)

    def moved(self, shop: Shop, draft: Draft) -> int:
        """Operations of the base plan that have another start, station or order, or are gone."""
        return self.operations - sum(
            sum((Counter(parts) & Counter(_where(row) for row in rows)).values())
            for parts, rows in self._pairs(shop, draft)
        )

    def _pairs(self, shop: Shop, draft: Draft) -> Iterator[tuple[list[Placed], list[Row]]]:
        rows: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for row in draft.schedule.rows:
            lot = draft.material.lots[row.lot]
            if lot.name is not None:
                rows[lot.name, shop.routes[lot.item][row.step].seq].append(row)
        for key, parts in self.places.items():
            yield parts, rows.get(key, [])

    def causes(self, shop: Shop, draft: Draft) -> tuple[int, int, int]:
        """Of what moved: what is gone, what came to its station later than it was to start, and what found
        station or people taken, or moved by choice.
        """
        gone = late = 0
        for parts, rows in self._pairs(shop, draft):
            gone += max(0, len(parts) - len(rows))
            late += sum(
                draft.schedule.ready[row.lot][row.step] > part.start
                for part, row in zip(parts, rows, strict=False)
                if _where(row) != part
            )
        return gone, late, max(0, self.moved(shop, draft) - gone - late)

    def dates_moved(self, shop: Shop, draft: Draft) -> int:
        """Instalments of the base plan with another promised date."""
        moved = 0
        for demand, rows, late in zip(shop.demands, draft.shipments, draft.late_days, strict=True):
            key = key_of(demand)
            if key in self.promised:
                day = max((row.day for row in rows), default=-1)
                known = late is not None and day >= 0
                moved += self.promised[key] != (shop.grid.day(shop.grid.day_starts[day]) if known else None)
        return moved


def base_plan_of(plan: Plan) -> BasePlan:
    """``plan`` as one that is to be changed little."""
    return BasePlan(
        version=plan.version,
        operations=tuple(
            BaseOperation(
                row.order,
                row.item,
                row.seq,
                row.qty,
                row.work_centre,
                row.station,
                row.start,
                row.end,
                row.free,
            )
            for row in plan.operations
        ),
        orders=tuple(
            BaseOrder(row.id, row.item, row.qty, row.release, row.due, row.kind, row.firm)
            for row in plan.planned_orders
        ),
        promises=tuple(
            BasePromise(row.sales_order, row.line, row.instalment, row.requested, row.promised)
            for row in plan.promises
        ),
        pegs=tuple(
            BasePeg(row.order, row.item, row.qty, row.for_order, row.sales_order, row.line, row.instalment)
            for row in plan.pegging
            if row.day is not None
        ),
        troubled=tuple(sorted({row.entity for row in plan.exceptions if row.severity == "error"})),
    )


def change_messages(
    shop: Shop, draft: Draft, base: KeptPlan | None, move_budget: float | None
) -> Iterator[PlanException]:
    """How much of the base plan moved, and why the budget was not enough where it was not."""
    if base is None:
        return
    moved, dates = base.moved(shop, draft), base.dates_moved(shop, draft)
    text = f"{moved} of {base.operations} operations that had not begun moved against plan {base.version}"
    text += f", and {dates} of {len(base.promised)} promised dates." if base.promised else "."
    advice = "Compare the two plans before you publish this one."
    if move_budget is not None and moved > (allowed := int(move_budget * base.operations + 1e-9)):
        gone, late, taken = base.causes(shop, draft)
        text += f" The budget of {allowed} was not enough: {gone} are of orders that nobody needs or can make"
        text += f" any more, {late} wait for parts or for work before them that comes later, and {taken}"
        text += " found their station or people taken."
        advice = "Allow more moves, or take away what is in their way."
    if move_budget is not None and base.less_late is not None:
        days, more = base.less_late
        if (late := total_late_days(shop, draft)) > days:
            text += f" A plan was found that has {late - days} late days fewer, with {more} moves."
            advice = "Allow more moves for fewer late days, or publish this one."
    yield PlanException(
        code="PLAN_REPAIRED", severity="info", entity=str(base.version), text=text, suggestion=advice
    )


def total_late_days(shop: Shop, draft: Draft) -> int:
    """Days late of all instalments together; what is never delivered counts as for its cost."""
    return sum(
        never_late_days(shop, index) if days is None else days for index, days in enumerate(draft.late_days)
    )


def _where(row: Row) -> Placed:
    return Placed(row.start, row.centre, row.station if row.centre >= 0 else 0)


def _placed(shop: Shop, row: BaseOperation, start: int) -> Placed:
    centre = shop.centre_index.get(row.work_centre or "", -1)
    return Placed(start, centre, (row.station or 1) if centre >= 0 else 0, row.end == row.start)


def _works(shop: Shop, operations: tuple[BaseOperation, ...]) -> dict[str, list[tuple[int, BaseOperation]]]:
    """By order: its operations with the numbers of their steps, as far as the routing still has them."""
    found: dict[str, list[tuple[int, BaseOperation]]] = defaultdict(list)
    numbers = [{step.seq: number for number, step in enumerate(route)} for route in shop.routes]
    for row in operations:
        step = numbers[shop.item_index[row.item]].get(row.seq) if row.item in shop.item_index else None
        if step is not None:
            found[row.order].append((step, row))
    return found


def _kept(
    shop: Shop,
    base: BaseOrder | None,
    order: str,
    item: int,
    quantity: int,
    rows: list[tuple[int, BaseOperation]],
) -> KeptOrder:
    """An order with its parts at each step: those of equal quantity in order of time."""
    steps: dict[int, list[Placed]] = defaultdict(list)
    split: dict[int, list[int]] = defaultdict(list)
    release = 0 if base is None else max(shop.grid.minute(base.release), 0)
    done = release if rows or base is None else max(shop.grid.minute(base.due), 0)
    for step, row in sorted(
        rows, key=lambda each: (each[0], each[1].qty, each[1].start, each[1].station or 0)
    ):
        steps[step].append(_placed(shop, row, max(minute_of(shop.grid, row.start), 0)))
        split[step].append(micro(row.qty))
        done = max(done, minute_of(shop.grid, row.free) + shop.routes[item][step].queue_minutes)
    return KeptOrder(
        order, item, quantity, release, dict(steps), tuple(split[max(split)]) if split else (), done
    )
