"""Pinned operations that the schedule could not keep where they were pinned to."""

from collections.abc import Iterator

from planning.engine.draft import Draft
from planning.engine.events import Pin, pins_by_operation
from planning.engine.plan import PlanException
from planning.engine.shop import Shop
from planning.engine.shopfloor.schedule import Row


def missed_pins(shop: Shop, draft: Draft) -> Iterator[PlanException]:
    """One for each pin that is not kept, with what became of the operation."""
    pins = pins_by_operation(shop.grid, shop.factory.pinned_operations)
    first: dict[tuple[str, int], Row] = {}
    for row in draft.schedule.rows if pins else ():
        lot = draft.material.lots[row.lot]
        if lot.ref is not None and draft.schedule.done[row.lot] >= 0:
            first.setdefault((lot.ref, shop.routes[lot.item][row.step].seq), row)
    for (order, seq), pin in pins.items():
        found = first.get((order, seq))
        if found is None or not _is_kept(shop, pin, found):
            yield PlanException(
                code="PIN_NOT_KEPT",
                severity="warning",
                entity=f"{order}/{seq}",
                text=f"Pinned to {_place(shop, pin)}; {_became(shop, found)}.",
                suggestion="Unpin it, or move what was in its way.",
            )


def _is_kept(shop: Shop, pin: Pin, row: Row) -> bool:
    centre = None if row.centre < 0 else shop.factory.work_centres[row.centre].code
    is_there = centre == pin.work_centre and pin.station in (None, row.station)
    return row.start == pin.start and is_there


def _place(shop: Shop, pin: Pin) -> str:
    place = f"{shop.grid.moment(pin.start):%Y-%m-%d %H:%M}"
    if pin.work_centre is not None:
        place += f" on {pin.work_centre}" + (f"/{pin.station}" if pin.station is not None else "")
    return place


def _became(shop: Shop, row: Row | None) -> str:
    if row is None:
        return "it has no start in this plan"
    where = "" if row.centre < 0 else f" on {shop.factory.work_centres[row.centre].code}/{row.station}"
    start = f"{shop.grid.moment(row.start):%Y-%m-%d %H:%M}"
    return f"it starts {start}{where}, when people, parts and station are there"
