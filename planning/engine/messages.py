"""Action messages: what a materials planner should do about orders that stand, and what was taken instead.

Open and firm orders are never moved by planning. Where one comes later than its first user could take it (or
than what new orders are planned for), or long before anybody does, or nobody does, the planner is told by how
many days, with the money at risk.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from planning.engine.data_checks import PAST_DUE_ORDER, check_data
from planning.engine.draft import Draft, movements
from planning.engine.material import STOCK, Swap
from planning.engine.names import Names
from planning.engine.plan import Pegging, PlanException
from planning.engine.risk import Risk
from planning.engine.shop import MICRO, Shop, micro, units
from planning.engine.standing import New, Standing, StandingOrders

EARLY_DAYS = 7  # an order that comes up to so much before it is needed is not worth a call
MOST_NAMES = 3  # orders that one message names


def action_messages(
    shop: Shop, draft: Draft, names: Names, pegging: Sequence[Pegging], risk: Risk
) -> list[PlanException]:
    """All of them, the most money first within a code."""
    writer = _Messages(shop, draft, names, pegging, risk)
    found = [
        *writer.standing(),
        *writer.excess_stock(),
        *writer.instead(),
        *writer.firm(),
        *writer.past_due(),
        *writer.safety(),
    ]
    return sorted(found, key=lambda each: (each.code, -(each.money_at_risk or 0), each.entity))


def data_messages(shop: Shop, draft: Draft, risk: Risk) -> Iterator[PlanException]:
    """What is wrong with bills and sources of items that the plan deals with; planning went round it."""
    touched = {lot.item for lot in draft.material.lots} | {buy.item for buy in draft.buys}
    touched |= {demand.item for demand in shop.demands} | {take.item for take in draft.takes}
    codes = {shop.items[item].code for item in touched}
    for finding in check_data(shop.factory):
        item = finding.entity.partition("/")[0]
        if item in codes and finding.code != PAST_DUE_ORDER:  # which has messages of its own
            yield PlanException(
                code="INVALID_DATA",
                severity=finding.severity,
                entity=finding.entity,
                text=finding.text,
                suggestion=finding.suggestion,
                item=item,
                money_at_risk=risk.of_item(item),
            )


class _Messages:
    def __init__(
        self, shop: Shop, draft: Draft, names: Names, pegging: Sequence[Pegging], risk: Risk
    ) -> None:
        self.shop, self.draft, self.names, self.risk = shop, draft, names, risk
        self.receipts = StandingOrders(shop, draft, names, pegging)

    def _message(
        self, code: str, severity: str, entity: str, item: int, text: str, suggestion: str, money: float
    ) -> PlanException:
        return PlanException.model_validate(
            {
                "code": code,
                "severity": severity,
                "entity": entity,
                "text": text,
                "suggestion": suggestion,
                "item": self.shop.items[item].code,
                "money_at_risk": round(money, 2),
            }
        )

    def _worth(self, item: int, quantity: int) -> float:
        return self.shop.unit_values[item] * quantity / MICRO

    def standing(self) -> Iterator[PlanException]:
        """RESCHEDULE_IN, RESCHEDULE_OUT, CANCEL and EXCESS of orders that stand."""
        for order in self.receipts.orders:
            code = self.shop.items[order.item].code
            rows = self.receipts.users.get((order.ref, code), [])
            used = [row for row in rows if row.day is not None]
            spare = order.quantity - sum(micro(row.qty) for row in used)
            wanted = min((self.receipts.wanted(row, order.item) for row in used), default=order.due)
            beside = self.receipts.beside(order, spare)
            if beside:
                first_new = self.receipts.wanted_of(beside[0], order.item)
                yield self._pull_in(order, min(wanted, first_new), beside)
            elif wanted < max(order.due, order.given):
                yield self._reschedule("RESCHEDULE_IN", order, wanted)
            elif used:
                first = min(row.day for row in used if row.day is not None)
                if first > max(order.due, order.given) + timedelta(days=EARLY_DAYS):
                    yield self._reschedule("RESCHEDULE_OUT", order, first)
            if spare > 0 and not beside and order.given < self.shop.grid.horizon_end:
                yield self._superfluous(order, spare)

    def _pull_in(self, order: Standing, day: date, beside: Sequence[New]) -> PlanException:
        days = (max(order.due, order.given) - day).days
        names = ", ".join(new.name for new in beside[:MOST_NAMES])
        names += ", …" if len(beside) > MOST_NAMES else ""
        quantity = units(sum(new.quantity for new in beside))
        code = self.shop.items[order.item].code
        text = (
            f"{order.words}: {order.when}, needed on {day}, {_count(days)} earlier; "
            f"{quantity:f} {code} are planned beside it ({names})."
        )
        advice = f"Ask for {day}; then they need not be ordered again."
        money = max(self.risk.of_order(new.name) for new in beside)
        return self._message("RESCHEDULE_IN", "warning", order.ref, order.item, text, advice, money)

    def _superfluous(self, order: Standing, spare: int) -> PlanException:
        if order.ref not in self.receipts.helpful:
            return self._cancel(order)
        code = self.shop.items[order.item].code
        text = f"{units(spare):f} of {units(order.quantity):f} {code} are needed by nobody."
        advice = "Reduce the order, or keep the rest as stock."
        money = self._worth(order.item, spare)
        return self._message("EXCESS", "info", order.ref, order.item, text, advice, money)

    def _cancel(self, order: Standing) -> PlanException:
        code = self.shop.items[order.item].code
        text = f"{order.words}: nobody needs its {units(order.quantity):f} {code}, {order.when}."
        money = self._worth(order.item, order.quantity)
        return self._message("CANCEL", "warning", order.ref, order.item, text, "Cancel the order.", money)

    def _reschedule(self, code: str, order: Standing, day: date) -> PlanException:
        days = abs((day - max(order.due, order.given)).days)
        if code == "RESCHEDULE_IN":
            text = f"{order.words}: {order.when}, needed on {day}, {_count(days)} earlier."
            advice, severity = f"Ask for {day}.", "warning"
            money = self.risk.of_supply(order.ref, self.shop.items[order.item].code)
        else:
            text = f"{order.words}: {order.when}, first needed on {day}, {_count(days)} later."
            advice, severity = f"Move it to {day}.", "info"
            money = self._worth(order.item, order.quantity)
        return self._message(code, severity, order.ref, order.item, text, advice, money)

    def excess_stock(self) -> Iterator[PlanException]:
        """EXCESS: stock beyond its target that nothing in the horizon takes."""
        safety = {index: micro(row.safety_stock) for index, row in enumerate(self.shop.items)}
        for supply in self.draft.material.supplies:
            if supply.id != STOCK:
                continue
            code = self.shop.items[supply.item].code
            taken = sum(
                micro(row.qty) for row in self.receipts.users.get((STOCK, code), ()) if row.day is not None
            )
            spare = supply.quantity - taken - safety[supply.item]
            if spare > 0:
                text = f"{units(spare):f} of {units(supply.quantity):f} in stock are needed by nobody."
                advice = "Sell it, return it, or lower its orders."
                money = self._worth(supply.item, spare)
                yield self._message("EXCESS", "info", code, supply.item, text, advice, money)

    def instead(self) -> Iterator[PlanException]:
        """SUBSTITUTE_USED, and ALTERNATE_USED where a made item is bought."""
        shop = self.shop
        for number, name in self.names.lots.items():
            by_component: dict[int, list[Swap]] = defaultdict(list)
            for swap in self.draft.material.lots[number].swaps:
                by_component[swap.component].append(swap)
            for component, swaps in by_component.items():
                yield self._replaced(name, component, swaps)
        for buy in self.draft.material.bought:
            code, name = shop.items[buy.item].code, self.names.by_purchase[id(buy)]
            if not shop.prefers_buying(buy.item):
                text = f"{units(buy.quantity):f} {code} are bought for {buy.due}: making them comes too late."
                advice = f"Order them, or free capacity to make {code}."
                money = self.risk.of_order(name)
                yield self._message("ALTERNATE_USED", "info", name, buy.item, text, advice, money)

    def _replaced(self, order: str, component: int, swaps: Sequence[Swap]) -> PlanException:
        """SUBSTITUTE_USED: all that stands in for ``component``, in however many portions it was found."""
        part = self.shop.items[component].code
        taken: dict[str, int] = defaultdict(int)
        for swap in swaps:
            taken[self.shop.items[swap.item].code] += swap.quantity
        others = " and ".join(f"{units(quantity):f} {code}" for code, quantity in taken.items())
        replaced = units(sum(swap.replaced for swap in swaps))
        text = f"Takes {others} instead of {replaced:f} {part}, which would come too late."
        advice = f"Release it with {' and '.join(taken)}, or expedite {part}."
        money = self.risk.of_order(order)
        return self._message("SUBSTITUTE_USED", "info", order, component, text, advice, money)

    def firm(self) -> Iterator[PlanException]:
        """FIRM_IN_FENCE and INSUFFICIENT_LEAD_TIME of firm purchases."""
        shop, as_of = self.shop, self.shop.grid.as_of
        for buy in self.draft.buys:
            if buy.firm is None:
                continue
            money = self.risk.of_order(buy.firm.ref)
            fence = as_of + timedelta(days=shop.items[buy.item].fence_days)
            if buy.release < fence:
                text = f"Goes out on {buy.release}, inside the planning fence, which ends on {fence}."
                advice = "Nothing, if it is meant."
                yield self._message("FIRM_IN_FENCE", "info", buy.firm.ref, buy.item, text, advice, money)
            earliest = self._earliest(buy.item, buy.source, buy.release)
            if earliest > buy.due:
                text = f"Due {buy.due}; by its lead time it comes on {earliest} at the earliest."
                advice = "Agree on the day with the supplier, or move the order."
                yield self._message(
                    "INSUFFICIENT_LEAD_TIME", "warning", buy.firm.ref, buy.item, text, advice, money
                )

    def past_due(self) -> Iterator[PlanException]:
        """PAST_DUE_ORDER: orders that stand and should have come before the planning date."""
        factory, as_of = self.shop.factory, self.shop.grid.as_of
        for order in factory.purchase_orders:
            if order.due < as_of and order.received_qty < order.qty:
                text = f"Was due {order.due}; planned as if it came on {as_of}."
                advice = "Ask the supplier for a date and correct the order."
                yield self._late_order(order.ref, order.item, text, advice)
        given = [(row.ref, row.item, row.due) for row in factory.firm_orders]
        given += [(row.ref, row.item, row.due) for row in factory.work_orders if row.done_qty < row.qty]
        for ref, code, due in given:
            if due < as_of:
                text = f"Was due {due}; planned as early as it can be from {as_of} on."
                yield self._late_order(ref, code, text, "Report its progress, or give it a new day.")

    def _late_order(self, ref: str, code: str, text: str, advice: str) -> PlanException:
        money = self.risk.of_supply(ref, code)
        item = self.shop.item_index[code]
        return self._message("PAST_DUE_ORDER", "warning", ref, item, text, advice, money)

    def _earliest(self, item: int, source: object, release: date) -> date:
        shop, row = self.shop, self.shop.items[item]
        for each in shop.sources[item]:
            if each is source:
                return shop.after_lead(each.lead_time_calendar, release, each.lead_time_days)
        return shop.lead_days(item, release, row.lead_time_days) if not shop.sources[item] else release

    def safety(self) -> Iterator[PlanException]:
        """BELOW_SAFETY_STOCK: the first day after which the plan leaves less than the target."""
        shop = self.shop
        watched = {index for index, row in enumerate(shop.items) if row.safety_stock > 0}
        moves: dict[int, dict[int, int]] = {item: defaultdict(int) for item in watched}
        for item, quantity, day in movements(shop, self.draft):
            if item in watched:
                moves[item][max(day, 0)] += quantity
        horizon = shop.grid.day_index(shop.grid.horizon - 1)
        stock: dict[str, int] = defaultdict(int)
        for each in shop.factory.stock:
            stock[each.item] += micro(each.qty)
        for item in sorted(watched):
            row = shop.items[item]
            target = micro(row.safety_stock)
            on_hand = stock[row.code]
            if on_hand < target:
                text = f"{units(on_hand):f} {row.uom} in stock, target {row.safety_stock:f}."
                advice = "Release the planned orders of this item."
                money = self._worth(item, target - on_hand)
                yield self._message("BELOW_SAFETY_STOCK", "warning", row.code, item, text, advice, money)
                continue
            balance = moves[item].pop(0, 0)
            for day in sorted(each for each in moves[item] if each <= horizon):
                balance += moves[item][day]
                if balance < target:
                    on = shop.grid.as_of + timedelta(days=day)
                    text = f"Falls to {units(balance):f} {row.uom} on {on}, target {row.safety_stock:f}."
                    advice = "Order earlier, or accept the lower stock."
                    money = self._worth(item, target - balance)
                    yield self._message("BELOW_SAFETY_STOCK", "info", row.code, item, text, advice, money)
                    break


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
