"""Sections of factory-1 about material: items, sources, bills of materials, purchases, work orders."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from inventory.models import (
    BillOfMaterials,
    BomLine,
    BomSubstitute,
    ByProduct,
    Item,
    ItemSource,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    Supplier,
    UnitOfMeasure,
)
from inventory.models.fields import plain
from planning.engine.factory import BomRow, Factory, PurchaseOrderRow
from planning.loading import FIRM_ORDER_COLUMNS, ITEM_COLUMNS, SOURCE_COLUMNS, WORK_ORDER_COLUMNS
from planning.models import FirmOrder, ItemLeadTimeCalendar, Operation, SourceLeadTimeCalendar, WorkOrder
from planning.services.exchange.master import Calendars, columns_of
from planning.services.exchange.sync import Key, Session, Wanted

Items = dict[Key, Item]
Suppliers = dict[Key, Supplier]
WorkOrders = dict[Key, WorkOrder]
FirmOrders = dict[Key, FirmOrder]


def sync_items(session: Session, factory: Factory, calendars: Calendars) -> Items:
    """Units as far as they are used, items, and the calendars of their lead times."""
    units = session.sync(
        model=UnitOfMeasure,
        section="units",
        existing=UnitOfMeasure.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(key=(code,), path="/items", columns={"code": code}, values={})
            for code in sorted({row.uom for row in factory.items})
        ],
    )
    items = session.sync(
        model=Item,
        section="items",
        existing=Item.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(
                key=(row.code,),
                path=f"/items/{i}",
                columns={"code": row.code},
                values={**columns_of(row, ITEM_COLUMNS, without=("code",)), "uom": units[row.uom,]},
            )
            for i, row in enumerate(factory.items)
        ],
    )
    session.sync(
        model=ItemLeadTimeCalendar,
        section="items",
        existing=ItemLeadTimeCalendar.objects.select_related("item"),
        key_of=lambda row: (row.item.code,),
        wanted=[
            Wanted(
                key=(row.code,),
                path=f"/items/{i}/lead_time_calendar",
                columns={"item": items[row.code,]},
                values={"calendar": calendars[row.lead_time_calendar,]},
            )
            for i, row in enumerate(factory.items)
            if row.lead_time_calendar
        ],
        scope=items.keys(),
        parents=items,
    )
    return items


def sync_suppliers(session: Session, factory: Factory) -> Suppliers:
    """Who we buy from."""
    return session.sync(
        model=Supplier,
        section="suppliers",
        existing=Supplier.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(
                key=(row.code,), path=f"/suppliers/{i}", columns={"code": row.code}, values={"name": row.name}
            )
            for i, row in enumerate(factory.suppliers)
        ],
    )


def sync_sources(
    session: Session, factory: Factory, items: Items, suppliers: Suppliers, calendars: Calendars
) -> None:
    """Ways to buy; the price breaks of a source that is mentioned are those of the file."""
    sources = session.sync(
        model=ItemSource,
        section="sources",
        existing=ItemSource.objects.select_related("item", "supplier"),
        key_of=lambda row: (row.item.code, row.supplier.code, row.effective_from),
        wanted=[
            Wanted(
                key=(row.item, row.supplier, row.from_),
                path=f"/sources/{i}",
                columns={
                    "item": items[row.item,],
                    "supplier": suppliers[row.supplier,],
                    "effective_from": row.from_,
                },
                values={**columns_of(row, SOURCE_COLUMNS), "effective_to": row.to},
            )
            for i, row in enumerate(factory.sources)
        ],
    )
    session.sync(
        model=PriceBreak,
        section="sources",
        existing=PriceBreak.objects.select_related("source__item", "source__supplier"),
        key_of=lambda row: (
            row.source.item.code,
            row.source.supplier.code,
            row.source.effective_from,
            row.from_qty,
        ),
        wanted=[
            Wanted(
                key=(row.item, row.supplier, row.from_, each.from_qty),
                path=f"/sources/{i}/price_breaks/{j}",
                columns={"source": sources[row.item, row.supplier, row.from_], "from_qty": each.from_qty},
                values={"unit_cost": each.unit_cost},
            )
            for i, row in enumerate(factory.sources)
            for j, each in enumerate(row.price_breaks)
        ],
        scope=sources.keys(),
        parents=sources,
    )
    session.sync(
        model=SourceLeadTimeCalendar,
        section="sources",
        existing=SourceLeadTimeCalendar.objects.select_related("source__item", "source__supplier"),
        key_of=lambda row: (
            row.source.item.code,
            row.source.supplier.code,
            row.source.effective_from,
        ),
        wanted=[
            Wanted(
                key=(row.item, row.supplier, row.from_),
                path=f"/sources/{i}/lead_time_calendar",
                columns={"source": sources[row.item, row.supplier, row.from_]},
                values={"calendar": calendars[row.lead_time_calendar,]},
            )
            for i, row in enumerate(factory.sources)
            if row.lead_time_calendar
        ],
        scope=sources.keys(),
        parents=sources,
    )


def sync_by_products(session: Session, factory: Factory, items: Items) -> None:
    """What comes into stock beside what is made."""
    session.sync(
        model=ByProduct,
        section="by_products",
        existing=ByProduct.objects.select_related("parent", "item"),
        key_of=lambda row: (row.parent.code, row.item.code, row.effective_from),
        wanted=[
            Wanted(
                key=(row.parent, row.item, row.from_),
                path=f"/by_products/{i}",
                columns={
                    "parent": items[row.parent,],
                    "item": items[row.item,],
                    "effective_from": row.from_,
                },
                values={"qty": row.qty, "effective_to": row.to},
            )
            for i, row in enumerate(factory.by_products)
        ],
    )


def sync_bom(session: Session, factory: Factory, items: Items) -> None:
    """Bills of materials. A row of the file is a line of the revision that is in force on its days.

    A line is found again by parent, component, the operation that takes it (an empty one being the
    first) and the first day on which it counts.
    """
    first_seq = _first_operations(session, factory)
    existing = list(BomLine.objects.select_related("bom__item", "component").order_by("pk"))

    def key_of(line: BomLine) -> Key:
        parent = line.bom.item.code
        operation = first_seq.get(parent) if line.operation is None else line.operation
        return (parent, line.component.code, operation, line.in_force_from)

    found = {key_of(line): line for line in existing}
    revisions = _Revisions(session, items)
    session.begin(BillOfMaterials)
    wanted, keys = [], []
    for i, row in enumerate(factory.bom):
        operation = first_seq.get(row.parent) if row.operation is None else row.operation
        key = (row.parent, row.component, operation, row.from_)
        line = found.get(key)
        path = f"/bom/{i}"
        if line is not None and not _fits(line.bom, row.from_, row.to):
            if session.replace:
                line = found.pop(key)
                session.remove(line)
                existing.remove(line)
                line = None
            else:
                session.refuse(
                    f"{path}/to", f"{line.bom} ends on {line.bom.effective_to}; expected no later day"
                )
        bom = line.bom if line is not None else revisions.choose(row, path)
        values = {**columns_of(row, ("qty", "scrap", "operation")), "effective_to": row.to}
        if line is not None and line.in_force_to == row.to:
            values["effective_to"] = line.effective_to
        columns = {"bom": bom, "component": items[row.component,], "effective_from": row.from_}
        wanted.append(Wanted(key=key, path=path, columns=columns, values=values))
        keys.append(key)
    lines = session.sync(model=BomLine, section="bom", existing=existing, key_of=key_of, wanted=wanted)
    if session.replace:
        revisions.remove_all_but(line.bom for line in lines.values())
    _sync_substitutes(session, factory, items, lines, keys, key_of)


def _sync_substitutes(
    session: Session,
    factory: Factory,
    items: Items,
    lines: Mapping[Key, BomLine],
    keys: list[Key],
    key_of: Callable[[BomLine], Key],
) -> None:
    rows = BomSubstitute.objects.select_related("bom_line__bom__item", "bom_line__component", "item")
    session.sync(
        model=BomSubstitute,
        section="bom",
        existing=rows,
        key_of=lambda row: (*key_of(row.bom_line), row.item.code),
        wanted=[
            Wanted(
                key=(*key, each.item),
                path=f"/bom/{i}/substitutes/{j}",
                columns={"bom_line": lines[key], "item": items[each.item,]},
                values={"qty": each.qty, "priority": each.priority},
            )
            for i, (row, key) in enumerate(zip(factory.bom, keys, strict=True))
            for j, each in enumerate(row.substitutes)
        ],
        scope=lines.keys(),
        parents=lines,
    )


def _first_operations(session: Session, factory: Factory) -> dict[str, int]:
    """The first ``seq`` of every routing as it will be after the import."""
    first: dict[str, int] = {}
    if not session.replace:
        # The smallest comes last, and stays.
        first |= dict(Operation.objects.order_by("-seq").values_list("item__code", "seq"))
    for code, rows in factory.routings.items():
        first.pop(code, None)
        if rows:
            first[code] = min(row.seq for row in rows)
    return first


def _fits(bom: BillOfMaterials, start: dt.date | None, end: dt.date | None) -> bool:
    """Whether a revision is in force on all days of ``[start, end)``."""
    starts = bom.effective_from is None or (start is not None and start >= bom.effective_from)
    ends = bom.effective_to is None or (end is not None and end <= bom.effective_to)
    return starts and ends


class _Revisions:
    """Finds the revision that a new line goes to, and starts one where an item has none."""

    def __init__(self, session: Session, items: Items) -> None:
        self._session = session
        self._items = items
        self._by_item: dict[str, list[BillOfMaterials]] = defaultdict(list)
        self._stored = list(BillOfMaterials.objects.select_related("item").order_by("pk"))
        for bom in self._stored:
            self._by_item[bom.item.code].append(bom)

    def choose(self, row: BomRow, path: str) -> BillOfMaterials:
        """The latest revision that is in force on the row's days."""
        revisions = self._by_item[row.parent]
        for bom in reversed(revisions):
            if _fits(bom, row.from_, row.to):
                return bom
        if revisions and not self._session.replace:
            names = ", ".join(bom.revision for bom in revisions)
            self._session.refuse(
                path, f"{row.parent} has the revisions {names}; expected days within one of them"
            )
            return revisions[-1]
        taken = {bom.revision for bom in revisions}
        number = next(n for n in range(1, len(taken) + 2) if str(n) not in taken)
        bom = BillOfMaterials(item=self._items[row.parent,], revision=str(number))
        self._session.create(bom)
        revisions.append(bom)
        return bom

    def remove_all_but(self, kept: Iterable[BillOfMaterials]) -> None:
        """Revisions without a line have nothing left to say."""
        ids = {bom.pk for bom in kept}
        for bom in self._stored:
            if bom.pk not in ids:
                self._session.remove(bom)


def sync_purchase_orders(session: Session, factory: Factory, items: Items, suppliers: Suppliers) -> None:
    """Scheduled receipts. A row is a line; a new one is the only line of a new order."""
    lines = list(PurchaseOrderLine.objects.select_related("purchase_order"))
    line_of = {line.ref: line for line in lines}
    order_of_line = {line.ref: line.purchase_order for line in lines}
    orders = {order.ref: order for order in PurchaseOrder.objects.all()}
    rows = [
        (i, row, order_of_line.get(row.ref) or orders.get(row.ref))
        for i, row in enumerate(factory.purchase_orders)
    ]
    wanted_orders: dict[str, Wanted] = {}
    for i, row, order in rows:
        ref = order.ref if order else row.ref
        want = Wanted(
            key=(ref,),
            path=f"/purchase_orders/{i}",
            columns={"ref": ref},
            values={"supplier": suppliers[row.supplier,]},
        )
        if wanted_orders.setdefault(ref, want).values != want.values:
            session.refuse(
                f"/purchase_orders/{i}/supplier", f"expected the supplier of the rest of order {ref}"
            )
    kept = session.sync(
        model=PurchaseOrder,
        section="orders of purchase_orders",
        existing=orders.values(),
        key_of=lambda row: (row.ref,),
        wanted=wanted_orders.values(),
    )
    session.sync(
        model=PurchaseOrderLine,
        section="purchase_orders",
        existing=lines,
        key_of=lambda row: (row.ref,),
        wanted=[
            Wanted(
                key=(row.ref,),
                path=f"/purchase_orders/{i}",
                columns={"ref": row.ref, "purchase_order": kept[order.ref if order else row.ref,]},
                values={
                    **columns_of(row, ("due", "received_qty")),
                    **_standing(session, row, line_of.get(row.ref)),
                    "item": items[row.item,],
                },
            )
            for i, row, order in rows
        ],
    )


def _standing(session: Session, row: PurchaseOrderRow, line: PurchaseOrderLine | None) -> dict[str, Decimal]:
    """What still stands of a row's quantity: what was cancelled here does not come back with a file that
    says what was ordered, unless the file replaces everything or tells of its receipt.
    """
    cancelled = line.cancelled_qty if line is not None else Decimal(0)
    if session.replace or line is None or not cancelled or row.qty != line.qty + cancelled:
        return {"qty": row.qty}
    kept = min(cancelled, row.qty - row.received_qty)
    if kept:
        session.notes.append(
            f"{row.ref}: {plain(kept)} of {plain(row.qty)} were cancelled here and stay cancelled"
        )
    return {"qty": row.qty - kept, "cancelled_qty": kept}


def sync_work_orders(session: Session, factory: Factory, items: Items) -> WorkOrders:
    """Released production."""
    return session.sync(
        model=WorkOrder,
        section="work_orders",
        existing=WorkOrder.objects.all(),
        key_of=lambda row: (row.ref,),
        wanted=[
            Wanted(
                key=(row.ref,),
                path=f"/work_orders/{i}",
                columns={"ref": row.ref},
                values={**columns_of(row, WORK_ORDER_COLUMNS, without=("ref",)), "item": items[row.item,]},
            )
            for i, row in enumerate(factory.work_orders)
        ],
    )


def sync_firm_orders(session: Session, factory: Factory, items: Items, suppliers: Suppliers) -> FirmOrders:
    """Planned orders that planners have fixed."""
    return session.sync(
        model=FirmOrder,
        section="firm_orders",
        existing=FirmOrder.objects.all(),
        key_of=lambda row: (row.ref,),
        wanted=[
            Wanted(
                key=(row.ref,),
                path=f"/firm_orders/{i}",
                columns={"ref": row.ref},
                values={
                    **columns_of(row, FIRM_ORDER_COLUMNS, without=("ref",)),
                    "item": items[row.item,],
                    "supplier": suppliers[row.supplier,] if row.supplier is not None else None,
                },
            )
            for i, row in enumerate(factory.firm_orders)
        ],
    )
