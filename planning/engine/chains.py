"""The longest chain of lead times behind a late delivery: which part, on which lot, made the last unit late.

The chain is walked back from the last unit delivered: at every lot to the input that was there last. Links
stand in order of time, and none begins before the one before it ends.
"""

from planning.engine.draft import Draft, available_at, step_starts
from planning.engine.explain import Explainer
from planning.engine.material import STOCK, Lot, Supply
from planning.engine.names import Names
from planning.engine.plan import ChainLink
from planning.engine.shop import Shop
from planning.engine.timegrid import DAY

MOST_LINKS = 200
PATIENCE = 4 * DAY  # a lot that starts later than so after its last part did not wait for it


class Chains:
    """Answers for one draft."""

    def __init__(self, shop: Shop, draft: Draft, names: Names, explainer: Explainer) -> None:
        self.shop, self.draft, self.names, self.explainer = shop, draft, names, explainer
        self.starts = step_starts(draft.schedule)

    def all_late(self) -> dict[int, tuple[ChainLink, ...]]:
        """The chain of every late demand that is delivered."""
        return {index: self._chain(index) for index, days in enumerate(self.draft.late_days) if days}

    def _chain(self, index: int) -> tuple[ChainLink, ...]:
        shipment, owner = self.explainer.last_shipment(index)
        links: list[ChainLink] = []
        supply = shipment.supply
        lot: Lot | None = None
        if supply is None:
            lot = self.explainer.beside.of_demand(owner)
            self._bought(self.shop.demands[owner].item, shipment.ready, lot, links)
        elif supply.lot is None:
            self._received(supply, links)
        else:
            lot = supply.lot
        while lot is not None and len(links) < MOST_LINKS:
            lot = self._made(lot, links)
        if not links:  # it lay in stock, and was due before the planning date
            links.append(self._link(self.shop.demands[owner].item, STOCK, "receipt", 0, 0))
        return tuple(reversed(links))

    def _link(self, item: int, order: str | None, kind: str, start: int, end: int) -> ChainLink:
        first, last = self.shop.grid.day(start), self.shop.grid.day(end)
        return ChainLink.model_validate(
            {
                "item": self.shop.items[item].code,
                "order": order,
                "kind": kind,
                "start": first,
                "end": last,
                "days": (last - first).days,
            }
        )

    def _bought(self, item: int, ready: int, lot: Lot | None, links: list[ChainLink]) -> None:
        """A part that is ordered on the first possible day, or comes with an open order or beside ``lot``."""
        if lot is not None:
            done = self.draft.schedule.done[lot.number]
            links.append(self._link(item, self.names.lots[lot.number], "receipt", min(done, ready), ready))
            return
        ref = self.explainer.receipts.get((item, ready))
        fence = self.shop.grid.day_starts[self.shop.items[item].fence_days] if ref is None else 0
        links.append(self._link(item, ref, "buy" if ref is None else "receipt", min(fence, ready), ready))

    def _received(self, supply: Supply, links: list[ChainLink]) -> None:
        if supply.purchase is not None:
            release = self.shop.grid.minute(supply.purchase.release)
            name = self.names.of(supply)
            links.append(self._link(supply.item, name, "buy", release, supply.available))
        elif supply.id != STOCK:
            links.append(self._link(supply.item, supply.id, "receipt", 0, supply.available))

    def _made(self, lot: Lot, links: list[ChainLink]) -> Lot | None:
        """Add ``lot`` and what it waited for last; return the lot before it, if that is one."""
        ready, step, supply = 0, lot.first_step, None
        for number, minute in enumerate(lot.bought_ready):
            if minute > ready and number in lot.binding_part:
                ready, step, supply = minute, number, None
        for peg in lot.made_ready:
            at = available_at(peg.supply, self.draft.schedule)
            if at > ready:
                ready, step, supply = at, peg.step, peg.supply
        released = self.draft.schedule.released[lot.number]
        start = self.starts.get((lot.number, max(step, lot.first_step)), released)
        done = self.draft.schedule.done[lot.number]
        kind = "make" if lot.work_order is None else "receipt"
        end = max(start, done - lot.ends_by_operation)  # what ends at 24:00 is there on that day
        links.append(
            self._link(lot.item, self.names.lots[lot.number], kind, min(start, done), min(end, done))
        )
        if ready == 0 or start - ready > PATIENCE:
            return None
        if supply is None:
            part = lot.binding_part[step]
            brings = self.explainer.beside.of_lot(lot, part)
            self._bought(part, ready, brings, links)
            return brings
        if supply.lot is None:
            self._received(supply, links)
        return supply.lot
