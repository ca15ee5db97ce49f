"""Rules about stock and pegging."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from planning.engine.verify.demand import InstalmentKey
from planning.engine.verify.facts import NOISE
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding
from planning.engine.verify.supply import Receipt

ZERO = Decimal(0)
_LOT, _DELIVERY, _RECEIPT, _TAKING = range(4)


def material_balance(ledger: Ledger) -> Iterator[Finding]:
    """Nothing is taken from stock that is not there: at no moment is the stock of an item below zero.

    At one moment: lots that end just then, deliveries of the day that ends, receipts of the day that begins,
    takings.
    """
    moves: dict[str, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for receipt in ledger.receipts:
        moves[receipt.item].append((receipt.at, _LOT if receipt.is_lot else _RECEIPT, receipt.qty))
    for taking in ledger.takings:
        moves[taking.item].append((taking.at, _TAKING, -taking.qty))
    for key, instalment in ledger.instalments.items():
        for row in ledger.deliveries(key):
            moves[instalment.item].append((ledger.local.end_of_day(row.date), _DELIVERY, -row.qty))
    for item, events in moves.items():
        balance = ZERO
        for at, _, qty in sorted(events):
            balance += qty
            if qty < 0 and balance < -NOISE:
                yield item, f"stock falls to {balance:f} at {ledger.local.moment(at):%Y-%m-%d %H:%M}"
                break


def pegging_complete(ledger: Ledger) -> Iterator[Finding]:
    """Every component an order takes and every unit delivered is pegged to a supply, to exactly its
    quantity.
    """
    for order in [*ledger.takings_of, *(each for each in ledger.pegged_for if each not in ledger.takings_of)]:
        if order in ledger.orders:
            yield from _pegged_as_taken(ledger, order)
    for key, instalment in ledger.instalments.items():
        delivered = sum((row.qty for row in ledger.deliveries(key)), ZERO)
        rows = ledger.pegged_to.get(key, [])
        have = sum((row.qty for row in rows if row.item == instalment.item), ZERO)
        if abs(delivered - have) > NOISE:
            yield instalment.name, f"is delivered {delivered:f}, but {have:f} are pegged to it"
        for row in rows:
            if row.item != instalment.item:
                yield instalment.name, f"is for {instalment.item}, but {row.item} is pegged to it"


def _pegged_as_taken(ledger: Ledger, order: str) -> Iterator[Finding]:
    needed: dict[str, Decimal] = {}
    times: dict[str, int] = {}
    pegged: dict[str, Decimal] = {}
    for _, item, qty, _ in ledger.takings_of.get(order, ()):
        needed[item] = needed[item] + qty if item in needed else qty
        times[item] = times.get(item, 0) + 1
    for row in ledger.pegged_for.get(order, ()):
        item = row.item
        pegged[item] = pegged[item] + row.qty if item in pegged else row.qty
    if needed == pegged:
        return
    for item in [*needed, *(each for each in pegged if each not in needed)]:
        need, have = needed.get(item, ZERO), pegged.get(item, ZERO)
        if abs(need - have) > ledger.grain * times.get(item, 1):
            yield order, f"takes {need:f} of {item}, but {have:f} are pegged to it"


def pegging_not_over_supply(ledger: Ledger) -> Iterator[Finding]:
    """No supply is pegged beyond its quantity."""
    pegged: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in ledger.peggings:
        pegged[row.order, row.item] += row.qty
    for (order, item), qty in pegged.items():
        supply = ledger.receipt_of.get((order, item))
        if supply is not None and qty > supply.qty + NOISE:
            yield order, f"supplies {supply.qty:f} of {item}, but {qty:f} are pegged"
        elif supply is None and order == "stock":
            yield order, f"holds no {item}, but {qty:f} are pegged"


def pegging_in_time(ledger: Ledger) -> Iterator[Finding]:
    """A supply is there when what it is pegged to needs it."""
    receipt_of = ledger.receipt_of
    for order, rows in ledger.pegged_for.items():
        last_taking: dict[str, int] = {}
        for _, item, _, at in ledger.takings_of.get(order, ()):
            if item not in last_taking or at > last_taking[item]:
                last_taking[item] = at
        for row in rows:
            supply, needed = receipt_of.get((row.order, row.item)), last_taking.get(row.item)
            if supply is not None and needed is not None and supply.at > needed:
                taken, there = ledger.local.moment(needed), ledger.local.moment(supply.at)
                text = f"takes {row.item} at {taken:%Y-%m-%d %H:%M}"
                yield order, f"{text}, {row.order} is there at {there:%Y-%m-%d %H:%M}"
    for instalment_key in ledger.instalments:
        yield from _covered(ledger, instalment_key)


def _covered(ledger: Ledger, key: InstalmentKey) -> Iterator[Finding]:
    """By 24:00 of each delivery its units, and those delivered before, are there."""
    supplies: list[tuple[Receipt, Decimal]] = []
    for row in ledger.pegged_to.get(key, ()):
        supply = ledger.receipt_of.get((row.order, row.item))
        if supply is not None:
            supplies.append((supply, row.qty))
    delivered = ZERO
    pegged = sum((qty for _, qty in supplies), ZERO)
    for delivery in sorted(ledger.deliveries(key), key=lambda row: row.date):
        delivered += delivery.qty
        midnight = ledger.local.end_of_day(delivery.date)
        there = sum((q for s, q in supplies if s.at < midnight or (s.is_lot and s.at == midnight)), ZERO)
        if min(delivered, pegged) > there + NOISE:
            name = ledger.instalments[key].name
            yield (
                name,
                f"is delivered {delivered:f} by {delivery.date}, but only {there:f} of its supply are there",
            )
            return
