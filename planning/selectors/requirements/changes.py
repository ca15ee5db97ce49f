"""How far the changes of everything that requirements are made from have come: one query for all tables."""

from typing import Any

from django.db.models import Subquery

from inventory.models import BillOfMaterials, BomLine, Item, ItemSource, PurchaseOrderLine, StockMovement
from orders.models import Instalment, OrderLine, SalesOrder
from planning.models import (
    FactorySettings,
    FirmOrder,
    ItemLeadTimeCalendar,
    Operation,
    Shift,
    SourceLeadTimeCalendar,
    WorkCentre,
    WorkOrder,
)

# Their history grows with each change, also where rows are removed or written many at once.
EDITED: tuple[Any, ...] = (
    FactorySettings,
    Item,
    ItemSource,
    BillOfMaterials,
    BomLine,
    SalesOrder,
    OrderLine,
    Instalment,
    PurchaseOrderLine,
    WorkOrder,
    FirmOrder,
    Operation,
    WorkCentre,
    Shift,
    ItemLeadTimeCalendar,
    SourceLeadTimeCalendar,
)


def newest_change() -> str:
    """Differs from an earlier answer when anything was changed since; empty without a factory."""
    tables = [*(table.history.model for table in EDITED), StockMovement]
    newest = {
        f"newest_{number}": Subquery(table.objects.order_by("-pk").values("pk")[:1])
        for number, table in enumerate(tables)
    }
    row = FactorySettings.objects.annotate(**newest).values_list(*newest).first()
    return "" if row is None else ",".join(str(key or 0) for key in row)
