"""Pinned operations that the schedule could not keep where they were pinned to."""

from collections.abc import Iterator

from planning.engine.draft import Draft, available_at
from planning.engine.events import Pin, pins_by_operation
from planning.engine.material import Lot
from planning.engine.plan import PlanException
from planning.engine.shop import Shop
from planning.engine.shopfloor.schedule import Row


def missed_pins(shop: Shop, draft: Draft) -> Iterator[PlanException]:
    """One for each pin that is not kept, with what became of the operation, and why."""
    pins = pins_by_operation(shop.grid, shop.factory.pinned_operations)
    first: dict[tuple[str, int], Row] = {}
    for row in draft.schedule.rows if pins else ():
        lot = draft.material.lots[row.lot]
        if lot.ref is not None and draft.schedule.done[row.lot] >= 0:
            first.setdefault((lot.ref, shop.routes[lot.item][row.step].seq), row)
    for (order, seq), pin in pins.items():
        found = first.get((order, seq))
        if found is None or not _is_kept(shop, pin, found):
            why = "" if found is None else f": {_why(shop, draft, pin, found)}"
            yield PlanException(
                code="PIN_NOT_KEPT",
                severity="warning",
                entity=f"{order}/{seq}",
                text=f"Pinned to {_place(shop, pin)}; {_became(shop, found)}{why}.",
                suggestion="Unpin it, or move what was in its way.",
            )


def _why(shop: Shop, draft: Draft, pin: Pin, row: Row) -> str:
    """What kept the operation of ``row`` from its pin: the first that holds, what no plan can help first."""
    if pin.start >= shop.grid.end:
        return f"{shop.grid.moment(pin.start):%Y-%m-%d} is beyond the days that are planned"
    lot = draft.material.lots[row.lot]
    if pin.work_centre is not None and not _open_stations(shop, pin):
        return f"{_station(pin)} is closed or down at that moment"
    if pin.work_centre is not None and not _is_on_shift(shop, pin, lot, row.step):
        return f"{shop.skills[shop.routes[lot.item][row.step].skill].code} is on no shift at that moment"
    if row.step == lot.first_step and lot.not_before > pin.start:
        return f"its order may not begin before {_moment(shop, lot.not_before)}"
    return (
        _late_input(shop, draft, lot, pin, row.step)
        or _taken(shop, draft, pin, row)
        or _nobody(shop, lot, row.step)
    )


def _open_stations(shop: Shop, pin: Pin) -> list[int]:
    """Stations (1…) that a pin may be kept on and that are open then."""
    centre = shop.centre_index[pin.work_centre or ""]
    count = shop.factory.work_centres[centre].stations
    stations = range(1, count + 1) if pin.station is None else [pin.station]
    return [each for each in stations if shop.station_time(centre, each).is_open(pin.start)]


def _is_on_shift(shop: Shop, pin: Pin, lot: Lot, step: int) -> bool:
    centre = shop.centre_index[pin.work_centre or ""]
    times = (shop.work_time(centre, each, shop.routes[lot.item][step]) for each in _open_stations(shop, pin))
    return any(each.is_open(pin.start) for each in times)


def _late_input(shop: Shop, draft: Draft, lot: Lot, pin: Pin, step: int) -> str | None:
    """The part, or the operation before, that is not there by the pin."""
    late = [
        (available_at(peg.supply, draft.schedule), peg.supply.item)
        for peg in lot.made_ready
        if max(peg.step, lot.first_step) == step
    ]
    if lot.bought_ready[step] and step in lot.binding_part:
        late.append((lot.bought_ready[step], lot.binding_part[step]))
    at, item = max(late, default=(0, -1))
    if at > pin.start:
        return f"{shop.items[item].code} is there on {_moment(shop, at)}"
    before = [row for row in draft.schedule.rows if row.lot == lot.number and row.step == step - 1]
    over = max((row.free + shop.routes[lot.item][step - 1].queue_minutes for row in before), default=0)
    if over > pin.start:
        return f"operation {shop.routes[lot.item][step - 1].seq} before it is over on {_moment(shop, over)}"
    return None


def _taken(shop: Shop, draft: Draft, pin: Pin, row: Row) -> str | None:
    """The station, where others have all that the pin allows."""
    if pin.work_centre is None:
        return None
    centre = shop.centre_index[pin.work_centre]
    there = [each for each in draft.schedule.rows if each.centre == centre and each is not row]
    taken = {each.station for each in there if each.start <= pin.start < each.free}
    return None if set(_open_stations(shop, pin)) - taken else f"{_station(pin)} has other work then"


def _nobody(shop: Shop, lot: Lot, step: int) -> str:
    skill = shop.routes[lot.item][step].skill
    return "other work came first" if skill < 0 else f"no {shop.skills[skill].code} was free then"


def _is_kept(shop: Shop, pin: Pin, row: Row) -> bool:
    centre = None if row.centre < 0 else shop.factory.work_centres[row.centre].code
    is_there = centre == pin.work_centre and pin.station in (None, row.station)
    return row.start == pin.start and is_there


def _place(shop: Shop, pin: Pin) -> str:
    place = _moment(shop, pin.start)
    return place if pin.work_centre is None else f"{place} on {_station(pin)}"


def _station(pin: Pin) -> str:
    return f"{pin.work_centre}" + (f"/{pin.station}" if pin.station is not None else "")


def _moment(shop: Shop, minute: int) -> str:
    return f"{shop.grid.moment(minute):%Y-%m-%d %H:%M}"


def _became(shop: Shop, row: Row | None) -> str:
    if row is None:
        return "it has no start in this plan"
    where = "" if row.centre < 0 else f" on {shop.factory.work_centres[row.centre].code}/{row.station}"
    return f"it starts {_moment(shop, row.start)}{where}"
