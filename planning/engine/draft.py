"""A plan in the engine's own terms, with its cost: what the search compares before it writes one out.

Costs follow the formulas of plan-1. They are sums over events (a quantity that comes on day d lies ``horizon
- d`` nights), so a draft is priced in O(events).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from planning.engine.material import STOCK, Lot, Material, Peg, Supply, parts_taken
from planning.engine.plan import COST_PARTS
from planning.engine.purchasing import Buy, Purchaser
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Shop
from planning.engine.shopfloor.deliveries import Wanted, serving_order
from planning.engine.shopfloor.schedule import Row, Schedule
from planning.engine.skill_shifts import month_premiums
from planning.engine.workforce import LABOUR_PARTS, Staffing, skill_month_cost

if TYPE_CHECKING:
    from planning.engine.moves import Settings

NEVER_DAYS = 365  # what is never delivered counts as late until so long after the horizon


class LatePrice(NamedTuple):
    """How lateness counts: so many ``times`` its cost, and ``each`` late instalment as much money beside."""

    times: float = 1.0
    each: float = 0.0


AS_PRICED = LatePrice()


class Take(NamedTuple):
    """``quantity`` of ``item`` leaves stock for ``lot`` at ``minute``."""

    item: int
    quantity: int
    minute: int
    lot: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """``quantity`` of ``supply`` (None: a new purchase) is delivered to a demand on ``day`` (-1: never)."""

    supply: Supply | None
    quantity: int
    ready: int
    day: int


@dataclass(slots=True)
class Draft:
    """One candidate plan. ``late_days[demand]``: days after the requested one; None: never delivered."""

    scope: Scope
    material: Material
    schedule: Schedule
    staffing: Staffing
    takes: list[Take]
    buys: list[Buy]
    shipments: list[list[Shipment]]
    late_days: list[int | None]
    cost: dict[str, float]
    settings: "Settings | None" = None  # that it was made with

    @property
    def total(self) -> float:
        return self.cost["total"]

    @property
    def steps(self) -> int:
        """How much work it was to make: what each round of the search handles one by one."""
        material = self.material
        return len(material.lots) + len(material.pegs) + len(self.takes) + len(self.schedule.rows)


def available_at(supply: Supply, schedule: Schedule) -> int:
    """The minute from which ``supply`` can be used; -1 when it never comes."""
    return schedule.done[supply.lot.number] if supply.lot is not None else supply.available


def ready_day(shop: Shop, lot: Lot | None, ready: int) -> int:
    """The day by whose 24:00 what comes at ``ready`` (of ``lot``, if of one) is there: a lot of which an
    operation ends at 24:00 is; what is due on a day comes at its 00:00.
    """
    ends = lot is not None and lot.ends_by_operation
    return max(0, shop.grid.day_index(ready - ends))


def last_minute(shop: Shop, lot: Lot, day: date) -> int:
    """The latest minute at which ``lot`` may be done to be delivered on ``day``."""
    return shop.grid.minute(day + timedelta(days=1)) - (not lot.ends_by_operation)


def make_draft(
    shop: Shop,
    purchaser: Purchaser,
    scope: Scope,
    material: Material,
    schedule: Schedule,
    staffing: Staffing,
    shipments: list[list[Shipment]],
) -> Draft:
    """Work out purchases and the cost of a schedule with its people and deliveries."""
    staffing.premiums = month_premiums(shop, material.lots, schedule)
    takes = list(consumption(shop, material, schedule))
    buys = _purchases(shop, purchaser, material, schedule, takes, shipments)
    late = [late_days(shop, index, rows) for index, rows in enumerate(shipments)]
    draft = Draft(scope, material, schedule, staffing, takes, buys, shipments, late, {})
    draft.cost = price(shop, draft)
    return draft


def with_people(shop: Shop, draft: Draft, staffing: Staffing) -> Draft:
    """The same with other people."""
    staffing.premiums = draft.staffing.premiums
    found = replace(draft, staffing=staffing)
    found.cost = price(shop, found)
    return found


def step_starts(schedule: Schedule) -> dict[tuple[int, int], int]:
    """The minute at which each (lot, step) starts: its first part."""
    return {(row.lot, row.step): row.start for row in reversed(schedule.rows)}


def consumption(shop: Shop, material: Material, schedule: Schedule) -> Iterator[Take]:
    """Every component that a scheduled lot takes, at the start of the operation that takes it."""
    rows: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in schedule.rows:
        rows[row.lot, row.step].append(row)
    for lot in material.lots:
        if schedule.done[lot.number] < 0:
            continue
        for item, step, quantity in parts_taken(shop, lot):
            found = rows.get((lot.number, step))
            if found is None:
                yield Take(item, quantity, schedule.released[lot.number], lot.number)
            elif len(found) == 1:
                yield Take(item, quantity, found[0].start, lot.number)
            else:
                yield from _shares(lot, item, quantity, found)


def _shares(lot: Lot, item: int, quantity: int, rows: list[Row]) -> Iterator[Take]:
    """What each part of a split operation takes, rounded up while there is more to come."""
    made = taken = 0
    for row in rows:
        made += row.quantity
        share = -(-quantity * made // lot.quantity) - taken
        taken += share
        if share:
            yield Take(item, share, row.start, lot.number)


def ship(
    shop: Shop, material: Material, schedule: Schedule, price: LatePrice = AS_PRICED
) -> list[list[Shipment]]:
    """Deliveries of every demand: units as they come, on the due day or when ready."""
    found: list[list[Shipment]] = [[] for _ in shop.demands]
    by_item: dict[int, list[int]] = defaultdict(list)
    for index, demand in enumerate(shop.demands):
        by_item[demand.item].append(index)
        if index in material.bought_for_demand:
            quantity, ready = material.bought_for_demand[index]
            found[index].append(_shipment(shop, index, None, quantity, ready))
    for indices in by_item.values():
        _share_out(shop, material, schedule, indices, found, price)
    _ship_together(shop, found)
    return found


def ship_again(shop: Shop, schedule: Schedule, shipments: list[list[Shipment]]) -> list[list[Shipment]]:
    """The same units to the same demands, when they are ready in ``schedule``."""
    found = [
        [
            _shipment(
                shop,
                index,
                row.supply,
                row.quantity,
                row.ready if row.supply is None else available_at(row.supply, schedule),
            )
            for row in rows
        ]
        for index, rows in enumerate(shipments)
    ]
    _ship_together(shop, found)
    return found


def _share_out(
    shop: Shop,
    material: Material,
    schedule: Schedule,
    indices: list[int],
    found: list[list[Shipment]],
    price: LatePrice,
) -> None:
    """Give what comes of an item to the demands of it in the order that costs the least lateness. Where one
    would wait, what only fills up safety stock serves as well.
    """
    wanted = [
        Wanted(
            sum(peg.quantity for peg in material.served[index]),
            shop.grid.day_index(shop.demands[index].due_minute),
            price.times * shop.demands[index].cost_per_day,
            price.times * shop.demands[index].cost_fixed + price.each,
        )
        for index in indices
    ]
    pegs = [peg for index in indices for peg in material.served[index]]
    shares = _shares_in_order(shop, schedule, indices, wanted, pegs)
    spare = material.for_stock.get(shop.demands[indices[0]].item)
    if spare and any(_is_late(shop, index, row) for index, rows in shares for row in rows):
        shares = _shares_in_order(shop, schedule, indices, wanted, [*pegs, *spare])
    for index, rows in shares:
        found[index] += rows


def _is_late(shop: Shop, index: int, row: Shipment) -> bool:
    return row.day < 0 or row.day > (shop.demands[index].due - shop.grid.as_of).days


def _shares_in_order(
    shop: Shop, schedule: Schedule, indices: list[int], wanted: list[Wanted], pegs: list[Peg]
) -> list[tuple[int, list[Shipment]]]:
    """What each demand is delivered of the supplies of ``pegs``, which come to no less than is wanted."""
    waiting = [Shipment(peg.supply, peg.quantity, available_at(peg.supply, schedule), -1) for peg in pegs]
    days = {id(each): _coming_day(shop, each) for each in waiting}
    waiting.sort(key=lambda each: (each.ready < 0, days[id(each)], each.ready))
    supplies = [(days[id(row)], row.quantity) for row in waiting]
    shares = []
    position, taken = 0, 0
    for place in serving_order(wanted, supplies):
        rest, rows = wanted[place].quantity, list[Shipment]()
        while rest:
            row = waiting[position]
            used = min(rest, row.quantity - taken)
            rows.append(_shipment(shop, indices[place], row.supply, used, row.ready))
            rest -= used
            taken += used
            if taken == row.quantity:
                position, taken = position + 1, 0
        shares.append((indices[place], rows))
    return shares


def _coming_day(shop: Shop, row: Shipment) -> int:
    """The day on which ``row`` can be delivered at the earliest; -1: it never comes."""
    if row.ready < 0:
        return -1
    return ready_day(shop, None if row.supply is None else row.supply.lot, row.ready)


def _shipment(shop: Shop, index: int, supply: Supply | None, quantity: int, ready: int) -> Shipment:
    if ready < 0 or ready >= shop.grid.end:
        return Shipment(supply, quantity, ready, -1)
    due_day = (shop.demands[index].due - shop.grid.as_of).days
    return Shipment(
        supply, quantity, ready, max(due_day, ready_day(shop, supply.lot if supply else None, ready))
    )


def _ship_together(shop: Shop, found: list[list[Shipment]]) -> None:
    """Orders delivered all together wait for the last unit due on the same day."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, demand in enumerate(shop.demands):
        if demand.together:
            groups[demand.sales_order, demand.due_minute].append(index)
    for indices in groups.values():
        rows = [row for index in indices for row in found[index]]
        complete = all(sum(r.quantity for r in found[i]) >= shop.demands[i].quantity for i in indices)
        day = (
            max((row.day for row in rows), default=-1)
            if complete and all(row.day >= 0 for row in rows)
            else -1
        )
        for index in indices:
            found[index] = [Shipment(row.supply, row.quantity, row.ready, day) for row in found[index]]


def late_days(shop: Shop, index: int, rows: list[Shipment]) -> int | None:
    """Days from the requested to the last delivery, 0 when in time; None when some is never delivered."""
    demand = shop.demands[index]
    if any(row.day < 0 for row in rows) or sum(row.quantity for row in rows) < demand.quantity:
        return None
    requested = (demand.due - shop.grid.as_of).days
    return max(0, max(row.day for row in rows) - requested)


def never_late_days(shop: Shop, index: int) -> int:
    """Days of lateness that an instalment without a delivery counts."""
    return (shop.grid.horizon_end - shop.demands[index].due).days + NEVER_DAYS


def _purchases(
    shop: Shop,
    purchaser: Purchaser,
    material: Material,
    schedule: Schedule,
    takes: list[Take],
    shipments: list[list[Shipment]],
) -> list[Buy]:
    """Firm purchases, those that netting decided, and those of what the schedule takes."""
    by_item: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for take in takes:
        if shop.items[take.item].kind == "buy":
            by_item[take.item].append((shop.grid.day_index(take.minute), take.quantity))
    for index, rows in enumerate(shipments):
        item = shop.demands[index].item
        if shop.items[item].kind == "buy":
            by_item[item] += [(row.day, row.quantity) for row in rows if row.day >= 0]
    for item, row in enumerate(shop.items):
        if row.kind == "buy" and row.safety_stock > 0:
            by_item[item] += []
    coming: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lot in material.lots:
        done = schedule.done[lot.number]
        if done >= 0:  # in the course of a day: on the next one it is there for all
            for item, quantity in lot.by_products:
                coming[item].append((shop.grid.day_index(done) + 1, quantity))
    bought = [buy for item in sorted(by_item) for buy in purchaser.buy(item, by_item[item], coming[item])]
    return [*purchaser.firm, *material.bought, *bought]


def price(shop: Shop, draft: Draft) -> dict[str, float]:
    """The parts of plan-1's cost, and their total."""
    cost = dict.fromkeys(COST_PARTS, 0.0)
    cost["material"] = sum(buy.cost for buy in draft.buys)
    for skill in shop.skills:
        for month in range(len(shop.grid.months)):
            parts = skill_month_cost(shop, draft.staffing, skill.index, month)
            for name in LABOUR_PARTS:
                cost[name] += parts[name]
    cost["machine"] = machine_cost(shop, draft)
    cost["holding"] = holding_cost(shop, draft)
    cost["lateness"] = lateness_cost(shop, draft.shipments)
    cost["total"] = sum(cost[name] for name in COST_PARTS)
    return cost


def lateness_cost(shop: Shop, shipments: list[list[Shipment]], price: LatePrice = AS_PRICED) -> float:
    """What late deliveries cost."""
    total = 0.0
    for index, demand in enumerate(shop.demands):
        days = late_days(shop, index, shipments[index])
        if days is None:
            days = never_late_days(shop, index)
        if days > 0:
            total += price.times * (days * demand.cost_per_day + demand.cost_fixed) + price.each
    return total


def machine_cost(shop: Shop, draft: Draft) -> float:
    """Attended station hours at the work centres' rates."""
    rates = [float(row.cost_per_hour) for row in shop.factory.work_centres]
    if not any(rates):
        return 0.0
    total = 0.0
    for row in draft.schedule.rows:
        if row.centre >= 0 and rates[row.centre]:
            step = shop.routes[draft.material.lots[row.lot].item][row.step]
            calendar = shop.work_time(row.centre, row.station, step)
            total += rates[row.centre] * (calendar.count(row.end) - calendar.count(row.start)) / 60
    return total


def movements(shop: Shop, draft: Draft) -> Iterator[tuple[int, int, int]]:
    """(item, quantity, day) of everything that comes into stock (above zero) or leaves it (below)."""
    grid = shop.grid
    yield from _arrivals(shop, draft)
    for take in draft.takes:
        yield take.item, -take.quantity, grid.day_index(take.minute)
    for demand, rows in zip(shop.demands, draft.shipments, strict=True):
        for row in rows:
            if row.day >= 0:
                yield demand.item, -row.quantity, row.day


def _arrivals(shop: Shop, draft: Draft) -> Iterator[tuple[int, int, int]]:
    grid = shop.grid
    for supply in draft.material.supplies:
        if supply.lot is None:
            yield supply.item, supply.quantity, 0 if supply.id == STOCK else grid.day_index(supply.available)
    for lot in draft.material.lots:
        done = draft.schedule.done[lot.number]
        for item, quantity in ((lot.item, lot.quantity), *lot.by_products) if done >= 0 else ():
            # What an operation ends at 24:00 is in stock then.
            yield item, quantity, max(0, grid.day_index(done - (lot.first_step < lot.steps)))
    for buy in draft.buys:
        if buy.firm is None:  # firm ones are among the supplies
            yield buy.item, buy.quantity, buy.due_day


def holding_cost(shop: Shop, draft: Draft) -> float:
    """Stock at each midnight x unit value, over the days of the horizon."""
    nights = shop.grid.day_index(shop.grid.horizon - 1) + 1
    lying = [0.0] * len(shop.items)
    for item, quantity, day in movements(shop, draft):
        lying[item] += quantity / MICRO * max(0, nights - max(day, 0))
    rate = float(shop.factory.policy.holding_rate_per_year) / 365
    return sum(days * shop.unit_values[item] * rate for item, days in enumerate(lying) if days)


def lots_by_start(draft: Draft) -> list[Lot]:
    """Scheduled lots in the order in which they are released: the order of their numbers in the plan."""
    lots = [lot for lot in draft.material.lots if draft.schedule.done[lot.number] >= 0]
    return sorted(
        lots,
        key=lambda lot: (
            draft.schedule.released[lot.number],
            draft.schedule.first_unit[lot.number],
            lot.number,
        ),
    )
