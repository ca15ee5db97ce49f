"""The ids of a plan's orders."""

from collections.abc import Iterable
from dataclasses import dataclass

from planning.engine.draft import Draft, lots_by_start
from planning.engine.material import Supply
from planning.engine.shop import Shop


@dataclass(frozen=True, slots=True)
class Names:
    """``lots[lot number]`` and ``buys[position]``; released and firm orders keep their reference."""

    lots: dict[int, str]
    buys: list[str]
    by_purchase: dict[int, str]

    def of(self, supply: Supply) -> str:
        """The id under which ``supply`` appears in the plan's pegging."""
        if supply.purchase is not None:
            return self.by_purchase[id(supply.purchase)]
        return self.lots[supply.lot.number] if supply.lot is not None else supply.id


def name_orders(shop: Shop, draft: Draft, taken: Iterable[str] = ()) -> Names:
    """Number lots in order of release (the id decides ties on the learning curve), purchases by due day; none
    gets an id that is ``taken``, nor one that stands before those.
    """
    planned = [lot for lot in lots_by_start(draft) if lot.name is None]
    numbers = [each.removeprefix(shop.make_prefix) for each in taken if each.startswith(shop.make_prefix)]
    last = max((int(each) for each in numbers if each.isdecimal()), default=0)
    width = max(5, len(str(last + len(planned))), len(str(len(draft.buys))))
    lots = {
        lot.number: f"{shop.make_prefix}{number:0{width}d}"
        for number, lot in enumerate(planned, start=last + 1)
    }
    for lot in draft.material.lots:
        if lot.name is not None:
            lots[lot.number] = lot.name
    order = sorted(range(len(draft.buys)), key=lambda i: (draft.buys[i].due, draft.buys[i].item, i))
    buys = [""] * len(draft.buys)
    planned_buys = [index for index in order if draft.buys[index].firm is None]
    for number, index in enumerate(planned_buys, start=1):
        buys[index] = f"{shop.buy_prefix}{number:0{width}d}"
    for index, buy in enumerate(draft.buys):
        if buy.firm is not None:
            buys[index] = buy.firm.ref
    return Names(lots, buys, {id(buy): name for buy, name in zip(draft.buys, buys, strict=True)})
