"""What a caller hands to the services: an order as it is written in factory-1's ``sales_orders``."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstalment:
    """``qty`` units wanted on ``due``."""

    due: dt.date
    qty: Decimal
    shipped_qty: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """``qty`` of an item; either ``due`` or ``instalments`` says when.

    ``unit_price`` and ``priority`` empty: the item's and the customer's.
    """

    line: int
    item: str
    qty: Decimal
    due: dt.date | None = None
    instalments: tuple[NewInstalment, ...] = ()
    shipped_qty: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    priority: int | None = None
    late_cost_per_day: Decimal | None = None
    late_cost_fixed: Decimal | None = None
    lease_months: int | None = None

    @property
    def schedule(self) -> tuple[NewInstalment, ...]:
        """The instalments in order of due date: one for a line that was written with a due date."""
        if self.instalments:
            return tuple(sorted(self.instalments, key=lambda row: (row.due, row.qty)))
        if self.due is None:
            return ()
        return (NewInstalment(due=self.due, qty=self.qty, shipped_qty=self.shipped_qty),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMilestone:
    """``amount`` that the customer pays on ``date``, whatever is delivered."""

    date: dt.date
    amount: Decimal
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A whole order. ``order_date`` empty: the day it is entered; ``milestones`` None: those it has stay."""

    ref: str
    customer: str
    lines: tuple[NewLine, ...]
    customer_reference: str | None = None
    kind: str = "sale"
    order_date: dt.date | None = None
    status: str = "confirmed"
    delivery_policy: str = "independent"
    milestones: tuple[NewMilestone, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """What a published plan says about one instalment: a row of plan-1's ``promises``.

    ``deliveries`` and ``reasons`` are JSON-ready: days as text, quantities as numbers.
    """

    sales_order: str
    line: int
    instalment: int
    item: str
    qty: Decimal
    requested: dt.date
    promised: dt.date | None
    days_late: int | None
    deliveries: Sequence[Mapping[str, Any]] = ()
    reasons: Sequence[Mapping[str, Any]] = ()
    p50: dt.date | None = None
    p80: dt.date | None = None
    p95: dt.date | None = None
