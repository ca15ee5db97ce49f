"""Where the lots of a made item end, when the item says by what rule needs are gathered."""

from collections import defaultdict
from collections.abc import Sequence

from planning.engine.lot_sizing import LotRule, LotSizing, plan_lots
from planning.engine.material import Requirement
from planning.engine.purchasing import cost_based
from planning.engine.shop import Shop


def lot_ends(shop: Shop, item: int, rows: Sequence[Requirement]) -> list[int] | None:
    """Per requirement (in order of need): the end of those that a lot which begins with it covers.

    None where the item leaves that to the planner, who gathers by window and by hours of work.
    """
    row = shop.items[item]
    if row.lot_rule is None:
        return None
    days = [shop.grid.day_index(max(each.need, 0)) for each in rows]
    by_day: dict[int, int] = defaultdict(int)
    for day, each in zip(days, rows, strict=True):
        by_day[day] += each.quantity
    series = sorted(by_day)
    ends_on: dict[int, int] = {}
    for lot in plan_lots(series, [by_day[day] for day in series], _sizing(shop, item)):
        ends_on |= dict.fromkeys(series[lot.first : lot.stop], series[lot.stop - 1])
    after: dict[int, int] = {}
    for index, day in enumerate(days):
        after[day] = index + 1
    return [after[ends_on.get(day, day)] for day in days]


def _sizing(shop: Shop, item: int) -> LotSizing:
    row = shop.items[item]
    rule = LotRule(row.lot_sizing)
    if rule is LotRule.FIXED_PERIOD:
        return LotSizing(rule=rule, period_days=max(1, row.group_days))
    return cost_based(shop, item)
