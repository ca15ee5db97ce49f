"""Why a delivery is late: the chain of waits behind its last unit, in days.

The chain is walked back from the last unit delivered, together with the latest moment at which each operation
could have started for the delivery to be in time, had nothing waited. As long as an operation started after
that moment, its wait for a station or for people, and what it waited for before that (a part, a component
lot, the operation before), made the delivery late; each reason counts at most the lateness found at its
place. Upstream of an operation that was in time nothing mattered, and the walk ends.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from planning.engine.beside import Beside
from planning.engine.draft import Draft, Shipment
from planning.engine.events import absent_heads, pins_by_operation
from planning.engine.headcount import heads_at_work
from planning.engine.hiring_rules import may_hire
from planning.engine.material import STOCK, Lot, Supply
from planning.engine.plan import PlanException, Reason
from planning.engine.risk import Risk
from planning.engine.shop import Shop, Step
from planning.engine.shopfloor.schedule import Row
from planning.engine.skill_shifts import Seats
from planning.engine.sourcing import earliest_purchase
from planning.engine.timegrid import DAY
from planning.engine.trouble import Obstacle

MOST_REASONS = 8
MAX_CHAIN = 10_000
SHORTEST = DAY // 20  # minutes below which a wait is no reason
BY_PRODUCT = "BY_PRODUCT"  # a cause that is told as AT_RISK_MATERIAL, in other words

Causes = dict[tuple[str, str], int]


class Explainer:
    """Answers for one draft; stations' busy times are indexed once."""

    def __init__(self, shop: Shop, draft: Draft, obstacles: dict[int, Obstacle]) -> None:
        self.shop, self.draft, self.obstacles = shop, draft, obstacles
        self.rows = {(row.lot, row.step): row for row in draft.schedule.rows}
        self.receipts = {  # open and firm purchases: their refs by item and minute
            (supply.item, supply.available): supply.id
            for supply in draft.material.supplies
            if supply.lot is None and supply.id != STOCK
        }
        self.beside = Beside(shop, draft)
        self.seats = Seats(shop, draft.material.lots, draft.schedule)
        absences = shop.factory.absences
        self.absent = [absent_heads(shop.grid, skill.row, absences) for skill in shop.skills]
        self.together: dict[tuple[str, int], list[int]] = defaultdict(list)  # by order and due
        for index, demand in enumerate(shop.demands):
            self.together[demand.sales_order, demand.due_minute].append(index)
        self._last_together: dict[tuple[str, int], tuple[Shipment, int]] = {}
        self.busy: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        self.pins = pins_by_operation(shop.grid, shop.factory.pinned_operations)
        self.on_centre: dict[int, list[Row]] = defaultdict(list)  # in order of start
        for row in draft.schedule.rows:
            if row.centre >= 0:
                self.busy[row.centre][0].append(row.start)
                self.busy[row.centre][1].append(row.free)
                self.on_centre[row.centre].append(row)
        for starts, frees in self.busy.values():
            starts.sort()
            frees.sort()

    def reasons(self) -> dict[int, tuple[Reason, ...]]:
        """Reasons of every late or undeliverable demand, longest first."""
        found = {}
        for index in range(len(self.shop.demands)):
            days = self.draft.late_days[index]
            if days is None:
                found[index] = self._never(index)
            elif days > 0:
                found[index] = self._late(index, days)
        return found

    def _never(self, index: int) -> tuple[Reason, ...]:
        item = self.draft.material.shortage.blame.get(index, self.shop.demands[index].item)
        obstacle = self.obstacles.get(item)
        days = float((self.shop.grid.horizon_end - self.shop.demands[index].due).days + 365)
        if obstacle is None:
            return (self._too_much(item, days),)
        return (Reason(code=obstacle.code, entity=obstacle.entity, days=days, text=obstacle.text),)

    def _too_much(self, item: int, days: float) -> Reason:
        """More is wanted of ``item`` than can be bought, or made by the people and stations there are."""
        shop, last = self.shop, self.shop.grid.day(self.shop.grid.end - 1)
        code = shop.items[item].code
        if shop.items[item].kind == "buy":
            text = f"{code} cannot be supplied before {last}."
            return Reason(code="BROKEN_SUPPLY_PATH", entity=code, days=days, text=text)
        ended = shop.bom_end(item, last)
        if ended is not None:
            text = f"The bill of materials of {code} ends on {ended}: nothing can be started after it."
            return Reason(code="BROKEN_SUPPLY_PATH", entity=code, days=days, text=text)
        waits: dict[int, int] = defaultdict(int)
        for (skill, _), count in self.draft.schedule.waits.items():
            waits[skill] += count
        skills = {step.skill for step in shop.routes[item] if waits[step.skill]}
        if skills:
            name = shop.skills[max(skills, key=lambda each: waits[each])].code
            text = f"More {code} is wanted than {name} can work on until {last}."
            return Reason(code="AT_RISK_SKILL", entity=name, days=days, text=text)
        text = f"More {code} is wanted than its work centres can make until {last}."
        return Reason(code="AT_RISK_RESOURCE", entity=code, days=days, text=text)

    def _late(self, index: int, days: int) -> tuple[Reason, ...]:
        causes: Causes = defaultdict(int)
        demand = self.shop.demands[index]
        last, owner = self.last_shipment(index)
        self._supply(last, owner, causes)
        if demand.due < self.shop.grid.as_of:
            causes["PAST_DUE_DEMAND", demand.sales_order] += -demand.due_minute
        found = {cause: min(minutes / DAY, days) for cause, minutes in causes.items() if minutes >= SHORTEST}
        if not found:
            found = {("INSUFFICIENT_LEAD_TIME", self.shop.items[demand.item].code): float(days)}
        longest = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MOST_REASONS]
        # What was lost answers for closed nights and weekends between, and for what several share only once.
        shares = in_tenths([minutes for _, minutes in longest], days)
        reasons = [self._reason(*cause, share) for (cause, _), share in zip(longest, shares, strict=True)]
        return tuple(sorted(reasons, key=lambda r: (-r.days, r.code, r.entity)))

    def last_shipment(self, index: int) -> tuple[Shipment, int]:
        """What is ready last of what is delivered together, and the demand that it is for."""
        demand = self.shop.demands[index]
        if not demand.together:
            return self._last_of([index])
        key = (demand.sales_order, demand.due_minute)
        if key not in self._last_together:
            self._last_together[key] = self._last_of(self.together[key])
        return self._last_together[key]

    def _last_of(self, demands: Sequence[int]) -> tuple[Shipment, int]:
        return max(
            ((row, index) for index in demands for row in self.draft.shipments[index]),
            key=lambda found: found[0].ready,
        )

    def _reason(self, code: str, entity: str, days: float) -> Reason:
        if code == BY_PRODUCT:
            text = (
                f"{entity} comes beside other orders; it is counted on from the day on which an order of it "
                f"could be there: {days:g} days."
            )
            return Reason(code="AT_RISK_MATERIAL", entity=entity, days=days, text=text)
        if code == "FENCE_VIOLATION":
            return Reason(code=code, entity=entity, days=days, text=self._not_before(entity, days))
        text = {
            "AT_RISK_MATERIAL": f"{entity}, ordered now, comes too late: {days:g} days.",
            "AT_RISK_SUPPLIER_CAPACITY": f"{entity}: its suppliers deliver no more a week: {days:g} days.",
            "EXPEDITE": f"Open order {entity} comes too late: {days:g} days.",
            "AT_RISK_RESOURCE": f"All stations of {entity} were taken: {days:g} days.",
            "AT_RISK_SKILL": f"No {entity} was free, heads or hours of the month used up: {days:g} days.",
            "AT_RISK_SHIFT": f"Places on the shift of {entity} were taken, people were there: {days:g} days.",
            "INSUFFICIENT_LEAD_TIME": f"The work on {entity} takes longer than there is time: {days:g} days.",
            "PAST_DUE_DEMAND": f"{entity} was due {days:g} days before the planning date.",
            "PLANNED_START": f"{entity} starts later than it could, other work comes first: {days:g} days.",
        }[code]
        return Reason(code=code, entity=entity, days=days, text=text)

    def _not_before(self, code: str, days: float) -> str:
        """What keeps orders of an item back: its fence, its first production, a bill or a fixed day."""
        row, as_of = self.shop.items[self.shop.item_index[code]], self.shop.grid.as_of
        fence, first = as_of + timedelta(days=row.fence_days), row.earliest_production or as_of
        if fence > max(first, as_of):
            return f"No new order of {code} begins inside its planning fence, until {fence}: {days:g} days."
        if first > as_of:
            return f"{code} may not be produced before {first}: {days:g} days."
        return f"{code} waits for a bill of materials that counts, or its fixed day: {days:g} days."

    def _supply(self, shipment: Shipment, index: int, causes: Causes) -> None:
        supply = shipment.supply
        demand = self.shop.demands[index]
        deadline = self.shop.grid.minute(demand.due + timedelta(days=1))
        if supply is None:
            lot = self.beside.of_demand(index)
            causes[self._late_part(demand.item, shipment.ready, lot)] += shipment.ready - demand.due_minute
        elif supply.lot is None:
            cause = self._late_order(supply)
            if cause is not None:
                causes[cause] += supply.available - demand.due_minute
        else:
            self._walk(supply.lot, deadline, causes)

    def _late_order(self, supply: Supply) -> tuple[str, str] | None:
        """What to call a purchase, open or new, that something waited for; stock is never waited for."""
        if supply.purchase is not None:
            return ("AT_RISK_MATERIAL", self.shop.items[supply.item].code)
        return None if supply.id == STOCK else ("EXPEDITE", supply.id)

    def _walk(self, lot: Lot, deadline: int, causes: Causes) -> None:
        """Back through the lot and the component lots that held it up; it should be there at ``deadline``."""
        step = lot.steps - 1
        for _ in range(MAX_CHAIN):
            step = max(step, 0)
            row = self.rows.get((lot.number, step))
            if lot.steps and (row is None or step < lot.first_step):
                return
            start = row.start if row is not None else self.draft.schedule.released[lot.number]
            latest = (
                self._latest_start(lot, step, deadline) if row is not None else self._release(lot, deadline)
            )
            late = start - latest
            if late <= 0:
                return
            could, cause = self._could_start(lot, step)
            ready = self.draft.schedule.ready[lot.number][step]
            if row is not None:
                self._waited(lot, step, max(ready, start - late), start, causes)
            if ready > max(could, latest):
                causes["PLANNED_START", self.shop.items[lot.item].code] += ready - max(could, latest)
            if isinstance(cause, Lot):
                lot, step = (lot, step - 1) if cause is lot else (cause, cause.steps - 1)
                deadline = latest
                continue
            if cause is not None:
                causes[cause] += max(0, could - latest)
            elif latest < 0:
                causes["INSUFFICIENT_LEAD_TIME", self.shop.items[lot.item].code] += -latest
            return

    def _latest_start(self, lot: Lot, step: int, deadline: int) -> int:
        """The latest start of ``step`` from which the lot goes on by ``deadline`` without any wait."""
        row = self.rows[lot.number, step]
        route = self.shop.routes[lot.item][step]
        end = deadline - route.queue_minutes - (row.free - row.end)
        if row.centre < 0:
            return end
        opened = self.shop.centre_time(row.centre, route)
        return opened.start_for(end, opened.count(row.end) - opened.count(row.start))

    def _could_start(self, lot: Lot, step: int) -> tuple[int, Lot | tuple[str, str] | None]:
        """When ``step`` could start and what decided it: the step before (the lot itself), a lot, a cause."""
        could: int = 0
        cause: Lot | tuple[str, str] | None = None
        if step > lot.first_step:
            before = self.rows[lot.number, step - 1]
            could, cause = before.free + self.shop.routes[lot.item][step - 1].queue_minutes, lot
        if lot.bought_ready[step] > could:
            part = lot.binding_part.get(step)
            could = lot.bought_ready[step]
            cause = self._late_part(part, could, self.beside.of_lot(lot, part)) if part is not None else None
        for peg in lot.made_ready:
            if max(peg.step, lot.first_step) != step:
                continue
            supply = peg.supply
            at = self.draft.schedule.done[supply.lot.number] if supply.lot is not None else supply.available
            if at > could:
                could = at
                cause = supply.lot if supply.lot is not None else self._late_order(supply)
        if step == lot.first_step and lot.not_before > could:
            return lot.not_before, ("FENCE_VIOLATION", self.shop.items[lot.item].code)
        return could, cause

    def _late_part(self, part: int, ready: int, lot: Lot | None) -> tuple[str, str]:
        """A bought part that is there at ``ready``: with an open order, or late by its lead time or fence, or
        as suppliers are full; or it comes beside ``lot``.
        """
        row = self.shop.items[part]
        if lot is not None:
            return BY_PRODUCT, row.code
        if (part, ready) in self.receipts:
            return "EXPEDITE", self.receipts[part, ready]
        if ready > earliest_purchase(self.shop, part):
            return "AT_RISK_SUPPLIER_CAPACITY", row.code
        return ("FENCE_VIOLATION" if row.fence_days else "AT_RISK_MATERIAL"), row.code

    def _release(self, lot: Lot, deadline: int) -> int:
        """The latest release of a lot without operations from which it is there by ``deadline``."""
        row, grid = self.shop.items[lot.item], self.shop.grid
        due = grid.day(max(deadline - 1, 0))
        release = self.shop.release_by(row.lead_time_calendar, due, row.lead_time_days)
        return (
            grid.minute(max(release, grid.as_of))
            if release >= grid.as_of
            else -(grid.as_of - release).days * DAY
        )

    def _down(self, centre: int, minute: int) -> int:
        """Stations that are down at an open minute."""
        if not self.shop.factory.downtimes:
            return 0
        times = (
            self.shop.station_time(centre, station + 1)
            for station in range(self.shop.factory.work_centres[centre].stations)
        )
        return sum(each.next_open(minute) != minute for each in times)

    def _kept_free(self, centre: int, begin: int, start: int) -> int:
        """Stations that took other work up between two minutes which they were kept free for: work that is
        pinned, or that needs no people, so that it was moved back after all had been decided.
        """
        found = set()
        rows = self.on_centre[centre]
        first = bisect_left(rows, begin, key=lambda row: row.start)
        for row in rows[first : bisect_left(rows, start, key=lambda row: row.start)]:
            lot = self.draft.material.lots[row.lot]
            step = self.shop.routes[lot.item][row.step]
            if step.skill < 0 or (lot.ref or "", step.seq) in self.pins:
                found.add(row.station)
        return len(found)

    def _found_free(self, lot: Lot, step: int, begin: int, start: int) -> int:
        """When what started at ``start`` could have had its station, in the plan as it is: work without
        people is moved back afterwards as far as it does no harm, and that is no wait.
        """
        row = self.rows[lot.number, step]
        if self.shop.routes[lot.item][step].skill >= 0:
            return start
        opened = self.shop.station_time(row.centre, row.station)
        frees = [
            each.free
            for each in self.on_centre[row.centre]
            if each.station == row.station and begin < each.free <= start and each is not row
        ]
        found = opened.next_open(max(frees, default=start))
        return start if found is None else min(found, start)

    def _waited(self, lot: Lot, step: int, ready: int, start: int, causes: Causes) -> None:
        """Blame the time from ``ready`` to ``start`` on the stations if all were taken, else on people."""
        route = self.shop.routes[lot.item][step]
        if route.centre < 0 or start <= ready:
            return
        centre = self.shop.factory.work_centres[route.centre]
        begin = self.shop.centre_time(route.centre, route).next_open(ready)
        if begin is None or start <= begin:
            return
        starts, frees = self.busy[route.centre]
        taken = bisect_right(starts, begin) - bisect_right(frees, begin)
        taken += self._down(route.centre, begin)
        if taken >= centre.stations or self._kept_free(route.centre, begin, start) >= centre.stations:
            causes["AT_RISK_RESOURCE", centre.code] += self._found_free(lot, step, begin, start) - begin
        elif route.skill >= 0:
            code = "AT_RISK_SHIFT" if self._is_shift_full(route, begin) else "AT_RISK_SKILL"
            causes[code, self.shop.skills[route.skill].code] += start - begin
        else:
            causes["PLANNED_START", self.shop.items[lot.item].code] += start - begin

    def _is_shift_full(self, step: Step, minute: int) -> bool:
        """Whether people were there for a step, and no place for them on the shift that ran."""
        staffing, skill = self.draft.staffing, step.skill
        month = bisect_right(self.shop.grid.month_starts, minute) - 1
        last = min(month, len(self.shop.grid.months) - 1)
        away = self.absent[skill].get(self.shop.grid.day(minute), 0)
        heads = heads_at_work(staffing.heads[skill][last]) + staffing.temps[skill][last] - away
        return self.seats.are_full(step, minute, heads)


def in_tenths(weights: Sequence[float], total: int) -> list[float]:
    """``total`` days shared out by ``weights``, in tenths of a day that add up to it."""
    whole, tenths = sum(weights), total * 10
    exact = [weight / whole * tenths for weight in weights]
    found = [int(each) for each in exact]
    missing = sorted(range(len(exact)), key=lambda n: (found[n] - exact[n], n))[: tenths - sum(found)]
    for number in missing:
        found[number] += 1
    return [each / 10 for each in found]


def demand_exceptions(
    shop: Shop, draft: Draft, reasons: dict[int, tuple[Reason, ...]], risk: Risk
) -> list[PlanException]:
    """LATE_DEMAND and UNPLANNED_DEMAND, the dearest first."""
    found = []
    for index, why in reasons.items():
        demand = shop.demands[index]
        entity = f"{demand.sales_order}/{demand.line}/{demand.instalment}"
        days = draft.late_days[index]
        because = why[0]
        common: dict[str, Any] = {
            "item": shop.items[demand.item].code,
            "money_at_risk": risk.of_demand(index),
        }
        if days is None:
            found.append(
                PlanException(
                    code="UNPLANNED_DEMAND",
                    severity="error",
                    entity=entity,
                    text=f"Cannot be delivered: {because.text}",
                    suggestion="Remove the obstacle, or agree with the customer on something else.",
                    **common,
                )
            )
        else:
            found.append(
                PlanException(
                    code="LATE_DEMAND",
                    severity="warning",
                    entity=entity,
                    text=f"{days} days late. Longest reason: {because.text}",
                    suggestion=_suggestion(shop, because),
                    **common,
                )
            )
    return sorted(found, key=lambda each: (each.severity != "error", each.entity))


def _suggestion(shop: Shop, because: Reason) -> str:
    number = shop.skill_index.get(because.entity)
    if because.code == "AT_RISK_SKILL" and number is not None and not may_hire(shop, shop.skills[number]):
        why = (
            "is closed by limits or decisions: open it"
            if shop.skills[number].row.can_hire
            else ("is not allowed today: allow it")
        )
        return (
            f"Hiring {because.entity} {why}, or allow more overtime, or temporary people, or train people of "
            "another skill."
        )
    return _SUGGESTIONS.get(because.code, "Agree on a later date, or free capacity.")


_SUGGESTIONS = {
    "AT_RISK_MATERIAL": "Expedite the part, or find a source with a shorter lead time.",
    "AT_RISK_SUPPLIER_CAPACITY": "Agree on more a week, or find a second source.",
    "FENCE_VIOLATION": ("Fix an order inside the fence, move the earliest day, or agree on a later date."),
    "EXPEDITE": "Ask the supplier to deliver the open order earlier.",
    "AT_RISK_RESOURCE": "Add a shift or a station, or move other work away.",
    "AT_RISK_SHIFT": "Put more people on the shift, or give the skill one shift more.",
    "AT_RISK_SKILL": "Hire earlier, allow more overtime, or train people of another skill.",
}
