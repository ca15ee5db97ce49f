"""Money in and out of every month of a plan, and what is told where it falls below its floor.

Amounts are those of plan-1's ``cash`` section: what customers and suppliers pay counts on its day, people and
machines in their month. Cost: O(deliveries + purchases + operations).
"""

from collections.abc import Iterator
from datetime import date, timedelta

from planning.engine.draft import Draft
from planning.engine.factory import OrderLineRow, SalesOrderRow
from planning.engine.plan import CashMonth, PlanException
from planning.engine.shop import MICRO, Shop, micro
from planning.engine.timegrid import next_month
from planning.engine.workforce import skill_month_cost

CENT = 0.005
PEOPLE_TRIED = "Of the people tried for this schedule these lack least."
LATER_DAYS = 30  # by which suppliers are asked to wait, where that helps


class CashPlan:
    """The money of one draft, by month of the horizon. ``customer_days`` and ``supplier_days`` are those of
    the factory, unless given.
    """

    def __init__(
        self, shop: Shop, draft: Draft, customer_days: int | None = None, supplier_days: int | None = None
    ) -> None:
        terms = shop.factory.cash
        self.shop, self.draft = shop, draft
        self.customer_days = terms.customer_days if customer_days is None else customer_days
        self.supplier_days = terms.supplier_days if supplier_days is None else supplier_days
        self.places = {(first.year, first.month): i for i, first in enumerate(shop.grid.months)}

    def months(self) -> tuple[CashMonth, ...]:
        """A row for every month; none where no money in hand is given."""
        terms = self.shop.factory.cash
        if terms.opening is None:
            return ()
        milestones, deliveries = self._milestones(), self._deliveries()
        purchases, machine = self._purchases(), self._machine()
        found, money = [], float(terms.opening)
        for month, first in enumerate(self.shop.grid.months):
            payroll, hiring = self._people(month)
            opening = money
            money += milestones[month] + deliveries[month]
            money -= payroll + hiring + purchases[month] + machine[month]
            found.append(
                CashMonth(
                    month=f"{first:%Y-%m}",
                    opening=opening,
                    milestones=milestones[month],
                    deliveries=deliveries[month],
                    payroll=payroll,
                    hiring=hiring,
                    purchases=purchases[month],
                    machine=machine[month],
                    closing=money,
                    short=max(0.0, float(terms.floor) - money),
                )
            )
        return tuple(found)

    def lacks(self) -> float:
        """What all months together lack to the floor at their ends."""
        return sum(row.short for row in self.months() if row.short > CENT)

    def _by_month(self, amounts: Iterator[tuple[date, float]]) -> list[float]:
        """Amounts by the month of their day; what falls before the planning date or after the horizon is
        left out.
        """
        found = [0.0] * len(self.places)
        for day, amount in amounts:
            if self.shop.grid.as_of <= day < self.shop.grid.horizon_end:
                found[self.places[day.year, day.month]] += amount
        return found

    def _milestones(self) -> list[float]:
        return self._by_month(
            (row.date, float(row.amount))
            for order in self.shop.factory.sales_orders
            if order.status == "confirmed"
            for row in order.milestones
        )

    def _deliveries(self) -> list[float]:
        return self._by_month(self._delivered())

    def _delivered(self) -> Iterator[tuple[date, float]]:
        prices = delivery_prices(self.shop)
        for demand, rows in zip(self.shop.demands, self.draft.shipments, strict=True):
            price = prices[demand.sales_order, demand.line]
            for row in rows:
                if row.day >= 0:
                    day = self.shop.grid.as_of + timedelta(days=row.day + self.customer_days)
                    yield day, row.quantity / MICRO * price

    def _purchases(self) -> list[float]:
        return self._by_month(self._bought())

    def _bought(self) -> Iterator[tuple[date, float]]:
        shop = self.shop
        later, as_of = timedelta(days=self.supplier_days), shop.grid.as_of
        for buy in self.draft.buys:
            yield max(buy.due, as_of) + later, buy.cost
        for due, amount in open_purchases(shop):
            yield max(due, as_of) + later, amount

    def _people(self, month: int) -> tuple[float, float]:
        """Pay, and what hires, courses and severance cost."""
        payroll = hiring = 0.0
        for skill in self.shop.skills:
            parts = skill_month_cost(self.shop, self.draft.staffing, skill.index, month)
            payroll += parts["regular_labour"] + parts["overtime"]
            payroll += parts["temporary_labour"] + parts["shift_premiums"]
            hiring += parts["hiring"] + parts["severance"]
        return payroll, hiring

    def _machine(self) -> list[float]:
        rates = [float(row.cost_per_hour) for row in self.shop.factory.work_centres]
        return self._by_month(self._attended(rates) if any(rates) else iter(()))

    def _attended(self, rates: list[float]) -> Iterator[tuple[date, float]]:
        """What each operation's station costs in each month that it lies in."""
        grid = self.shop.grid
        for row in self.draft.schedule.rows:
            if row.centre < 0 or not rates[row.centre] or self.draft.schedule.done[row.lot] < 0:
                continue
            step = self.shop.routes[self.draft.material.lots[row.lot].item][row.step]
            opened, start = self.shop.work_time(row.centre, row.station, step), row.start
            while start < row.end:
                day = grid.day(start)
                until = min(row.end, grid.minute(next_month(day)))
                yield day, rates[row.centre] * (opened.count(until) - opened.count(start)) / 60
                start = until


def delivery_prices(shop: Shop) -> dict[tuple[str, int], float]:
    """What a unit of each order's line pays when it is delivered: its price, less its share of milestones."""
    found = {}
    for order in shop.factory.sales_orders:
        prices = {line.line: _price(shop, line) for line in order.lines}
        left = 1 - _paid_share(order, prices)
        for number, price in prices.items():
            found[order.ref, number] = price * left
    return found


def _price(shop: Shop, line: OrderLineRow) -> float:
    usual = shop.items[shop.item_index[line.item]].price
    return float((usual if line.unit_price is None else line.unit_price) or 0)


def _paid_share(order: SalesOrderRow, prices: dict[int, float]) -> float:
    """The share of an order's worth that its milestones pay; all of it where they are more, as when a
    price fell after they were agreed.
    """
    worth = sum(float(line.qty) * prices[line.line] for line in order.lines)
    return min(1.0, sum(float(row.amount) for row in order.milestones) / worth) if worth > 0 else 0.0


def open_purchases(shop: Shop) -> Iterator[tuple[date, float]]:
    """Due day and cost of what is still to come of purchase orders."""
    for order in shop.factory.purchase_orders:
        item, left = shop.item_index[order.item], order.qty - order.received_qty
        if left > 0:
            source = shop.source_of(item, order.supplier, shop.grid.as_of)
            yield order.due, float(left * shop.unit_cost(item, source, micro(left)))


def cash_exceptions(shop: Shop, draft: Draft, rows: tuple[CashMonth, ...]) -> Iterator[PlanException]:
    """The months whose cash ends below the floor: the first one, the worst, and the first remedy that is
    enough.
    """
    short = [row for row in rows if row.short > CENT]
    if not short:
        return
    first, worst = short[0], max(short, key=lambda row: row.short)
    text = (
        f"Cash is {first.short:,.2f} below its floor of {shop.factory.cash.floor:,.2f} at the end of"
        f" {first.month}"
    )
    if worst is not first:
        text += f", and at worst {worst.short:,.2f} below it at the end of {worst.month}"
    yield PlanException(
        code="CASH_BELOW_FLOOR",
        severity="warning",
        entity=first.month,
        text=f"{text}. {PEOPLE_TRIED}",
        suggestion=_remedy(shop, draft, first, worst),
        money_at_risk=worst.short,
    )


def _remedy(shop: Shop, draft: Draft, first: CashMonth, worst: CashMonth) -> str:
    """The first of these that keeps the floor in every month: customers pay on delivery, suppliers are paid
    ``LATER_DAYS`` later; where neither does, the sum to be found.
    """
    terms = shop.factory.cash
    at_once, later = (0, terms.supplier_days), (terms.customer_days, terms.supplier_days + LATER_DAYS)
    ways = [
        (at_once, f"Let customers pay on delivery instead of {terms.customer_days} days later."),
        (later, f"Agree with suppliers to be paid {LATER_DAYS} days later."),
    ]
    for (customer_days, supplier_days), words in ways:
        rows = CashPlan(shop, draft, customer_days, supplier_days).months()
        if all(row.short <= CENT for row in rows):
            return words
    return (
        f"Find {worst.short:,.2f} by {first.month}: earlier milestones from customers, a loan, or purchases"
        " and hires put off."
    )
