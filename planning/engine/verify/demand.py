"""What customers are to get: instalments still to deliver, and what their lateness costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from planning.engine.factory import Factory, OrderLineRow

NEVER_DELIVERED_DAYS = 365
_WEIGHT_OF_PRIORITY = {1: 4, 2: 2}

InstalmentKey = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One due date of an order line with ``qty`` still to deliver; money is the factory's currency."""

    sales_order: str
    line: int
    number: int
    item: str
    qty: Decimal
    line_qty: Decimal
    requested: date
    late_cost_per_day: float
    late_cost_fixed: float

    @property
    def key(self) -> InstalmentKey:
        return (self.sales_order, self.line, self.number)

    @property
    def name(self) -> str:
        return f"{self.sales_order}/{self.line}/{self.number}"

    def lateness_cost(self, days_late: int) -> float:
        """Its share of the line, times what a late line costs."""
        if days_late <= 0:
            return 0.0
        share = float(self.qty / self.line_qty)
        return share * (days_late * self.late_cost_per_day + self.late_cost_fixed)


def open_instalments(factory: Factory, values: dict[str, float]) -> Iterator[Instalment]:
    """Instalments of confirmed orders that are due before the horizon ends and not fully shipped."""
    prices = {item.code: float(item.price or 0) for item in factory.items}
    for order in factory.sales_orders:
        if order.status != "confirmed":
            continue
        for line in order.lines:
            value = float(line.unit_price or 0) or prices.get(line.item, 0.0) or values.get(line.item, 0.0)
            per_day, fixed = _late_costs(factory, line, value)
            for number, (due, qty) in enumerate(_parts(line), start=1):
                if due is not None and due < factory.horizon_end and qty > 0:
                    yield Instalment(
                        sales_order=order.ref,
                        line=line.line,
                        number=number,
                        item=line.item,
                        qty=qty,
                        line_qty=line.qty,
                        requested=due,
                        late_cost_per_day=per_day,
                        late_cost_fixed=fixed,
                    )


def days_late(factory: Factory, requested: date, promised: date | None) -> int:
    """Days from the requested to the promised day; what never comes is late until a year after the
    horizon.
    """
    if promised is None:
        promised = factory.horizon_end + timedelta(days=NEVER_DELIVERED_DAYS)
    return max(0, (promised - requested).days)


def _parts(line: OrderLineRow) -> list[tuple[date | None, Decimal]]:
    if not line.instalments:
        return [(line.due, line.qty - line.shipped_qty)]
    rows = sorted(line.instalments, key=lambda row: (row.due, row.qty))
    return [(row.due, row.qty - row.shipped_qty) for row in rows]


def _late_costs(factory: Factory, line: OrderLineRow, unit_value: float) -> tuple[float, float]:
    """Per day and fixed, of the whole line: as given on it, else the policy's share of its weighted value."""
    weighted = float(line.qty) * max(1.0, unit_value) * _WEIGHT_OF_PRIORITY.get(line.priority or 3, 1)
    policy = factory.policy
    per_day, fixed = line.late_cost_per_day, line.late_cost_fixed
    return (
        float(policy.late_cost_rate) * weighted if per_day is None else float(per_day),
        float(policy.late_cost_fixed_rate) * weighted if fixed is None else float(fixed),
    )
