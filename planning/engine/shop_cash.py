"""A shop's money as the workforce model's account: what comes and goes by month whatever is decided, what a
unit pays when it is delivered, and what a unit costs when it is started.

Purchases count in the month in which what needs them is started, and only the share that is not there.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from planning.engine.cash import delivery_prices, open_purchases
from planning.engine.shop import MICRO, Demand, Shop
from planning.engine.workforce_plan.problem import Cash

DAYS_OF_A_MONTH = 30.4


class MoneyOf:
    """``made``: items that are families of the model, whose deliveries it decides; ``net`` requirements of
    every item.
    """

    def __init__(self, shop: Shop, demands: list[Demand], made: list[int], net: list[float]) -> None:
        self.shop, self.demands, self.made, self.net = shop, demands, set(made), net
        self.prices = delivery_prices(shop)
        self.terms = shop.factory.cash
        self._needed: dict[int, float] = defaultdict(float)
        for item in made:
            for part in shop.effective_components(item, shop.factory.as_of):
                self._needed[part.item] += net[item] * float(part.per_unit)

    def account(self) -> Cash | None:
        """None where no money in hand is given."""
        if self.terms.opening is None:
            return None
        grid = self.shop.grid
        places = {(first.year, first.month): i for i, first in enumerate(grid.months)}
        flows = [0.0] * len(places)
        for day, amount in self._flows():
            if grid.as_of <= day < grid.horizon_end:
                flows[places[day.year, day.month]] += amount
        return Cash(
            opening=float(self.terms.opening),
            flows=tuple(flows),
            floor=float(self.terms.floor),
            lag=round(self.terms.customer_days / DAYS_OF_A_MONTH),
        )

    def _flows(self) -> Iterator[tuple[date, float]]:
        as_of = self.shop.grid.as_of
        for order in self.shop.factory.sales_orders:
            if order.status == "confirmed":
                yield from ((row.date, float(row.amount)) for row in order.milestones)
        for due, amount in open_purchases(self.shop):
            yield max(due, as_of) + timedelta(days=self.terms.supplier_days), -amount
        for demand in self.demands:
            if demand.item not in self.made:
                paid = max(demand.due, as_of) + timedelta(days=self.terms.customer_days)
                yield paid, demand.quantity / MICRO * self.prices[demand.sales_order, demand.line]

    def pays(self, item: int) -> float:
        """What a unit pays on delivery, on average over all that is wanted of it."""
        if self.terms.opening is None:
            return 0.0
        wanted = [each for each in self.demands if each.item == item]
        units = sum(each.quantity for each in wanted)
        worth = sum(each.quantity * self.prices[each.sales_order, each.line] for each in wanted)
        return worth / units if units else 0.0

    def unit_cost(self, item: int) -> float:
        """Purchases for a unit, and for what is not a family of the model inside it."""
        if self.terms.opening is None:
            return 0.0
        cost = 0.0
        for part in self.shop.effective_components(item, self.shop.factory.as_of):
            if part.item not in self.made:
                bought = self.shop.unit_values[part.item] * self._share_to_buy(part.item)
                cost += float(part.per_unit) * bought
        return cost

    def _share_to_buy(self, item: int) -> float:
        """The share of what is needed of an item that stock and receipts do not cover."""
        needed = self._needed[item]
        return min(1.0, self.net[item] / needed) if needed > 0 else 1.0
