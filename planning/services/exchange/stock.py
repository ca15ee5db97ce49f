"""Stock of factory-1: the ledger is brought to the file's quantities by adjustments."""

from decimal import Decimal

from django.db import models

from inventory.models import Item, MovementKind, StockMovement
from inventory.selectors import list_balances
from planning.engine.factory import Factory
from planning.services.exchange.materials import Items
from planning.services.exchange.sync import Key, Session


def forget_removed_items(session: Session, factory: Factory) -> None:
    """When the file is the whole truth, the ledger of an item that is not in it goes with the item."""
    if not session.replace:
        return
    codes = [row.code for row in factory.items]
    gone = Item.objects.exclude(code__in=codes)
    # The ledger's own manager never deletes; only here, where the item itself ceases to exist.
    models.QuerySet(StockMovement).filter(item__in=gone).delete()


def adjust_stock(session: Session, factory: Factory, items: Items) -> None:
    """One adjustment for every place whose balance is not what the file says."""
    counts = session.counts["stock"]
    before = {(row.item, row.location, row.lot): row.qty for row in list_balances()}
    movements = []
    for stock in factory.stock:
        key: Key = (stock.item, stock.location, stock.lot)
        balance = before.pop(key, Decimal(0))
        counts.see(key, is_new=not balance and stock.qty > 0, is_changed=stock.qty != balance)
        movements.append(_adjustment(session, items, key, stock.qty - balance))
    if session.replace:
        for key, balance in before.items():
            counts.removed += 1
            movements.append(_adjustment(session, items, key, -balance))
    StockMovement.objects.bulk_create([row for row in movements if row.qty])


def _adjustment(session: Session, items: Items, key: Key, qty: Decimal) -> StockMovement:
    code, location, lot = key
    return StockMovement(
        item=items[code,],
        location=location,
        lot=lot,
        qty=qty,
        kind=MovementKind.ADJUSTMENT,
        reference=session.reason,
        at=session.now,
        by=session.by,
    )
