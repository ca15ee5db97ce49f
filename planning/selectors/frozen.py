"""What a plan was built from, as its pages read it: rows of the frozen input, looked up by item or order.

The document is parsed once per request; rows are read in full (with the format's defaults) only where a page
shows them.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from planning.engine.factory import (
    ByProductRow,
    CalendarRow,
    CashRow,
    DowntimeRow,
    ItemRow,
    PurchaseOrderRow,
    SkillRow,
    StaffingRow,
    StockRow,
    WorkOrderRow,
)
from planning.errors import PlanNotFound, PlanNotReady
from planning.models import PlanRun


class FrozenInput:
    """The frozen input of one plan."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    @cached_property
    def as_of(self) -> dt.date:
        """The planning date."""
        return dt.date.fromisoformat(self._document["as_of"])

    @cached_property
    def zone(self) -> ZoneInfo:
        """The factory's own time."""
        return ZoneInfo(self._document.get("time_zone", "UTC"))

    @property
    def currency(self) -> str:
        currency: str = self._document.get("currency", "USD")
        return currency

    @property
    def frozen_days(self) -> int:
        """Days after the planning date in which a published plan is not to change any more."""
        return int(self._document.get("policy", {}).get("frozen_days", 0))

    @property
    def frozen_until(self) -> dt.datetime:
        """The moment with which the frozen days end."""
        end = self.as_of + dt.timedelta(days=self.frozen_days)
        return dt.datetime.combine(end, dt.time.min, self.zone)

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        """Every item's row by its code, as it is written."""
        return {row["code"]: row for row in self._rows("items")}

    def find_item(self, code: str) -> ItemRow | None:
        """The item with all of its rules."""
        row = self.items.get(code)
        return None if row is None else ItemRow.model_validate(row)

    def stock_of(self, codes: Collection[str]) -> dict[str, Decimal]:
        """What lay of the items on the planning date, over all places."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in self._rows("stock"):
            if row["item"] in codes:
                found[row["item"]] += StockRow.model_validate(row).qty
        return found

    def open_purchases_of(self, codes: Collection[str]) -> list[PurchaseOrderRow]:
        """Purchase orders of the items that are not received in full, earliest first."""
        return self._open(row for row in self._rows("purchase_orders") if row["item"] in codes)

    def find_purchases(self, refs: Collection[str]) -> dict[str, PurchaseOrderRow]:
        """Purchase orders by their reference."""
        rows = self._rows("purchase_orders")
        return {row["ref"]: PurchaseOrderRow.model_validate(row) for row in rows if row["ref"] in refs}

    def work_orders_of(self, codes: Collection[str]) -> list[WorkOrderRow]:
        """Released work orders of the items."""
        rows = self._rows("work_orders")
        return [WorkOrderRow.model_validate(row) for row in rows if row["item"] in codes]

    def by_products_of(self, codes: Collection[str]) -> list[ByProductRow]:
        """What comes as a by-product of making something else."""
        rows = self._rows("by_products")
        return [ByProductRow.model_validate(row) for row in rows if row["item"] in codes]

    @cached_property
    def horizon_end(self) -> dt.date:
        """The first day that is not planned any more."""
        return dt.date.fromisoformat(self._document["horizon_end"])

    @cached_property
    def skills(self) -> dict[str, SkillRow]:
        """Every skill with all of its rules, by its code."""
        return {row["code"]: SkillRow.model_validate(row) for row in self._rows("skills")}

    @cached_property
    def staffing(self) -> StaffingRow:
        """The staffing rules of the whole plant."""
        return StaffingRow.model_validate(self._document.get("staffing", {}))

    @cached_property
    def calendars(self) -> dict[str, CalendarRow]:
        """Every calendar by its code."""
        return {row["code"]: CalendarRow.model_validate(row) for row in self._rows("calendars")}

    @cached_property
    def cash(self) -> CashRow:
        """Money at the planning date, and how it is paid."""
        return CashRow.model_validate(self._document.get("cash", {}))

    @cached_property
    def centre_calendars(self) -> dict[str, str]:
        """The calendar of every work centre."""
        return {row["code"]: row["calendar"] for row in self._rows("work_centres")}

    @cached_property
    def downtimes(self) -> list[DowntimeRow]:
        """Stations that are down."""
        return [DowntimeRow.model_validate(row) for row in self._rows("downtimes")]

    @cached_property
    def firm_refs(self) -> frozenset[str]:
        """Firm planned orders that the plan knew."""
        return frozenset(row["ref"] for row in self._rows("firm_orders"))

    def arrives(self, due: dt.date) -> dt.date:
        """What should have come before the planning date is planned as if it came on it."""
        return max(due, self.as_of)

    def local_day(self, moment: dt.datetime) -> dt.date:
        """The day of a moment, in the factory's own time."""
        return moment.astimezone(self.zone).date()

    def _rows(self, section: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._document.get(section, [])
        return rows

    def _open(self, rows: Iterable[dict[str, Any]]) -> list[PurchaseOrderRow]:
        orders = (PurchaseOrderRow.model_validate(row) for row in rows)
        return sorted((row for row in orders if row.received_qty < row.qty), key=lambda row: row.due)


def get_frozen(version: int) -> FrozenInput:
    """The input of a plan that has been built. 1 query."""
    text = PlanRun.objects.filter(pk=version).values_list("factory_json", flat=True).first()
    if text is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if not text:
        raise PlanNotReady(f"The build of plan {version} has not read its input.")
    # Our own canonical text: it was checked when it was frozen.
    return FrozenInput(json.loads(text, parse_float=Decimal))
