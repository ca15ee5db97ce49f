"""How much of an item its work centres could make in all the time that is planned, were there nothing else;
and how much at once of what nobody works on unit by unit.

Netting asks for no more: what lies beyond would be lots by the million.
"""

from collections.abc import Sequence

from planning.engine.shop import MICRO, Shop, Step

FAR_UNIT = 10**12  # beyond every floor of a learning curve


def most_made(shop: Shop, item: int) -> int | None:
    """Millionths that the slowest operation of ``item`` can be done for at the very most; None: any."""
    rows = zip(shop.routes[item], shop.operation_rows[item], strict=True)
    limits = []
    for step, row in rows:
        hours = step.run_hours * (step.curve.factor(FAR_UNIT) if step.curve else 1.0)
        if step.centre >= 0 and hours > 0:
            ways = [(step.centre, 1.0)]
            ways += [(shop.centre_index[way.work_centre], float(way.speed)) for way in row.alternates]
            limits.append(_open_hours(shop, step, ways) / hours)
    return None if not limits else int(min(limits) * MICRO)


def _open_hours(shop: Shop, step: Step, ways: list[tuple[int, float]]) -> float:
    """Hours of work at the speed of the routing's own centre that all stations of ``ways`` are open for."""
    centres = shop.factory.work_centres
    own = float(centres[step.centre].efficiency)
    found = 0.0
    for number, speed in ways:
        centre = centres[number]
        opened = centre.stations * shop.centre_time(number, step).total / 60
        found += opened * speed * float(centre.efficiency) / own
    return found


def lot_without_hours(steps: Sequence[Step], hours: float) -> int:
    """The lot size of what nobody works on unit by unit: the routing's own, else as many cycles as fit into
    ``hours``, else any.
    """
    routing = max(step.lot for step in steps)
    cycles = [
        int(hours * 60 / step.unattended_minutes) * step.batch for step in steps if step.unattended_minutes
    ]
    if routing > 1 or not cycles:
        return int(routing * MICRO) if routing > 1 else 10**18
    return max(MICRO, min(cycles))
