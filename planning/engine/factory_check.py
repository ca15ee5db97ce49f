"""What the rows of a factory must agree on: keys, references, cycles and sums.

``check_factory`` returns every issue at once, each with its JSON pointer. What is legal but cannot be planned
(nobody has a skill and nobody may be hired, a calendar that never opens) is left to the plan, which names it
in its exceptions.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from planning.engine.dated_rows import (
    bom_cycle,
    children_of,
    find_cycle,
    overlapping_bom_rows,
    shown_cycle,
)
from planning.engine.errors import FactoryIssue
from planning.engine.factory import Factory, OperationRow, OrderLineRow, PinnedOperationRow

MAX_HORIZON_DAYS = 3_660
_MINUTES_OF_DAY = 1_440

Check = Callable[[Factory], Iterator[FactoryIssue]]


def check_factory(factory: Factory) -> list[FactoryIssue]:
    """Every disagreement between the rows of ``factory``, in the order of the format's sections."""
    return [issue for check in CHECKS for issue in check(factory)]


def _issue(path: str, message: str) -> FactoryIssue:
    return FactoryIssue(path=path, message=message)


def plant_is_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """The horizon lies after the planning date and the time zone exists."""
    days = (factory.horizon_end - factory.as_of).days
    if days <= 0:
        yield _issue("/horizon_end", f"expected a day after as_of {factory.as_of}, got {factory.horizon_end}")
    if days > MAX_HORIZON_DAYS:
        yield _issue("/horizon_end", f"expected at most {MAX_HORIZON_DAYS} days after as_of, got {days}")
    try:
        ZoneInfo(factory.time_zone)
    except (ValueError, OSError, LookupError):
        yield _issue("/time_zone", f"expected a time zone such as Europe/Berlin, got {factory.time_zone}")


def keys_are_unique(factory: Factory) -> Iterator[FactoryIssue]:
    """No two rows of a section have the same key."""
    by_code = (
        ("calendars", factory.calendars),
        ("skills", factory.skills),
        ("work_centres", factory.work_centres),
        ("items", factory.items),
        ("suppliers", factory.suppliers),
        ("customers", factory.customers),
    )
    for section, rows in by_code:
        yield from _repeated(f"/{section}", "code", (row.code for row in rows))
    yield from _repeated(
        "/sources", "item, supplier and from", ((r.item, r.supplier, r.from_) for r in factory.sources)
    )
    yield from _repeated(
        "/bom",
        "parent, component, operation and from",
        ((r.parent, r.component, r.operation, r.from_) for r in factory.bom),
    )
    for item, operations in factory.routings.items():
        yield from _repeated(f"/routings/{item}", "seq", (row.seq for row in operations))
    yield from _repeated(
        "/setup_times",
        "work_centre, from_family and to_family",
        ((r.work_centre, r.from_family, r.to_family) for r in factory.setup_times),
    )
    yield from _repeated("/sales_orders", "ref", (row.ref for row in factory.sales_orders))
    yield from _repeated(
        "/sales_orders",
        "customer and customer_reference",
        ((r.customer, r.customer_reference) if r.customer_reference else None for r in factory.sales_orders),
    )
    for index, order in enumerate(factory.sales_orders):
        yield from _repeated(f"/sales_orders/{index}/lines", "line", (row.line for row in order.lines))
    yield from _repeated(
        "/stock", "item, location and lot", ((r.item, r.location, r.lot) for r in factory.stock)
    )
    yield from _repeated("/purchase_orders", "ref", (row.ref for row in factory.purchase_orders))
    yield from _repeated("/work_orders", "ref", (row.ref for row in factory.work_orders))
    yield from _repeated("/firm_orders", "ref", (row.ref for row in factory.firm_orders))
    yield from _repeated(
        "/downtimes",
        "work_centre, station and from",
        ((r.work_centre, r.station, r.from_) for r in factory.downtimes),
    )
    yield from _repeated(
        "/by_products", "parent, item and from", ((r.parent, r.item, r.from_) for r in factory.by_products)
    )
    yield from _repeated(
        "/absences", "skill, from and name", ((r.skill, r.from_, r.name) for r in factory.absences)
    )
    yield from _repeated(
        "/pinned_operations", "order and seq", ((r.order, r.seq) for r in factory.pinned_operations)
    )
    for index, skill in enumerate(factory.skills):
        yield from _repeated(f"/skills/{index}/raises", "from", (row.from_ for row in skill.raises))
        yield from _repeated(f"/skills/{index}/shifts", "name", (row.name for row in skill.shifts))
    yield from _repeated(
        "/hiring_decisions", "skill and month", ((r.skill, r.month) for r in factory.hiring_decisions)
    )
    yield from _repeated(
        "/staffing/hiring_budgets", "month", (row.month for row in factory.staffing.hiring_budgets)
    )
    yield from _repeated(
        "/staffing/cross_training",
        "from_skill and to_skill",
        ((r.from_skill, r.to_skill) for r in factory.staffing.cross_training),
    )
    yield from _repeated("/staffing/ratios", "skill", (row.skill for row in factory.staffing.ratios))
    yield from _repeated("/staffing/ramps", "skill", (row.skill for row in factory.staffing.ramps))


def _repeated(path: str, words: str, keys: Iterable[Hashable]) -> Iterator[FactoryIssue]:
    first: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if key is None:
            continue
        if key in first:
            yield _issue(f"{path}/{index}", f"same {words} as row {first[key]}; expected each only once")
        else:
            first[key] = index


def references_exist(factory: Factory) -> Iterator[FactoryIssue]:
    """Every code that a row names stands in its section."""
    codes = {
        "item": {row.code for row in factory.items},
        "calendar": {row.code for row in factory.calendars},
        "skill": {row.code for row in factory.skills},
        "work centre": {row.code for row in factory.work_centres},
        "supplier": {row.code for row in factory.suppliers},
        "customer": {row.code for row in factory.customers},
    }
    for path, kind, code in _references(factory):
        if code is not None and code not in codes[kind]:
            yield _issue(path, f"unknown {kind} {code}; add it or correct the code")


def _references(factory: Factory) -> Iterator[tuple[str, str, str | None]]:
    for i, skill in enumerate(factory.skills):
        yield f"/skills/{i}/calendar", "calendar", skill.calendar
    for i, ratio in enumerate(factory.staffing.ratios):
        yield f"/staffing/ratios/{i}/skill", "skill", ratio.skill
    for i, ramp in enumerate(factory.staffing.ramps):
        yield f"/staffing/ramps/{i}/skill", "skill", ramp.skill
    for i, way in enumerate(factory.staffing.cross_training):
        yield f"/staffing/cross_training/{i}/from_skill", "skill", way.from_skill
        yield f"/staffing/cross_training/{i}/to_skill", "skill", way.to_skill
    for i, decision in enumerate(factory.hiring_decisions):
        yield f"/hiring_decisions/{i}/skill", "skill", decision.skill
    for i, absence in enumerate(factory.absences):
        yield f"/absences/{i}/skill", "skill", absence.skill
    for i, centre in enumerate(factory.work_centres):
        yield f"/work_centres/{i}/calendar", "calendar", centre.calendar
    for i, item in enumerate(factory.items):
        yield f"/items/{i}/lead_time_calendar", "calendar", item.lead_time_calendar
    yield from _material_references(factory)
    yield from _routing_references(factory)
    yield from _order_references(factory)


def _material_references(factory: Factory) -> Iterator[tuple[str, str, str | None]]:
    for i, source in enumerate(factory.sources):
        yield f"/sources/{i}/item", "item", source.item
        yield f"/sources/{i}/supplier", "supplier", source.supplier
        yield f"/sources/{i}/lead_time_calendar", "calendar", source.lead_time_calendar
    for i, bom in enumerate(factory.bom):
        yield f"/bom/{i}/parent", "item", bom.parent
        yield f"/bom/{i}/component", "item", bom.component
        for j, substitute in enumerate(bom.substitutes):
            yield f"/bom/{i}/substitutes/{j}/item", "item", substitute.item
    for i, by_product in enumerate(factory.by_products):
        yield f"/by_products/{i}/parent", "item", by_product.parent
        yield f"/by_products/{i}/item", "item", by_product.item


def _order_references(factory: Factory) -> Iterator[tuple[str, str, str | None]]:
    for i, order in enumerate(factory.sales_orders):
        yield f"/sales_orders/{i}/customer", "customer", order.customer
        for j, line in enumerate(order.lines):
            yield f"/sales_orders/{i}/lines/{j}/item", "item", line.item
    for i, stock in enumerate(factory.stock):
        yield f"/stock/{i}/item", "item", stock.item
    for i, purchase in enumerate(factory.purchase_orders):
        yield f"/purchase_orders/{i}/item", "item", purchase.item
        yield f"/purchase_orders/{i}/supplier", "supplier", purchase.supplier
    for i, work in enumerate(factory.work_orders):
        yield f"/work_orders/{i}/item", "item", work.item
    for i, firm in enumerate(factory.firm_orders):
        yield f"/firm_orders/{i}/item", "item", firm.item
        yield f"/firm_orders/{i}/supplier", "supplier", firm.supplier


def _routing_references(factory: Factory) -> Iterator[tuple[str, str, str | None]]:
    for item, operations in factory.routings.items():
        yield f"/routings/{item}", "item", item
        for j, operation in enumerate(operations):
            yield f"/routings/{item}/{j}/work_centre", "work centre", operation.work_centre
            yield f"/routings/{item}/{j}/skill", "skill", operation.skill
            for k, alternate in enumerate(operation.alternates):
                yield f"/routings/{item}/{j}/alternates/{k}/work_centre", "work centre", alternate.work_centre
    for i, setup in enumerate(factory.setup_times):
        yield f"/setup_times/{i}/work_centre", "work centre", setup.work_centre
    for i, downtime in enumerate(factory.downtimes):
        yield f"/downtimes/{i}/work_centre", "work centre", downtime.work_centre
    for i, pin in enumerate(factory.pinned_operations):
        yield f"/pinned_operations/{i}/work_centre", "work centre", pin.work_centre


def calendars_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Closures end after they begin."""
    for i, calendar in enumerate(factory.calendars):
        for j, closure in enumerate(calendar.closures):
            if closure.to <= closure.from_:
                path = f"/calendars/{i}/closures/{j}/to"
                yield _issue(
                    path, f"expected a day after from {closure.from_} (to is exclusive), got {closure.to}"
                )
    if factory.skills and not factory.calendars:
        yield _issue("/calendars", "expected at least one calendar for the days people work")


def ratios_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Direct skills with a ratio count in what they follow: together they must ask for less than one head for
    each.
    """
    direct = {row.code for row in factory.skills if row.kind == "direct"}
    own = [(i, row) for i, row in enumerate(factory.staffing.ratios) if row.skill in direct]
    if sum(1 / row.per_direct_heads for _, row in own) >= 1:
        for i, row in own:
            yield _issue(
                f"/staffing/ratios/{i}/per_direct_heads",
                f"{row.skill} is direct and counts in the heads it follows; expected more heads for each of "
                "such skills, or nobody could ever hire enough",
            )


def shifts_of_skills_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Nobody is on two shifts of a skill at once."""
    for i, skill in enumerate(factory.skills):
        taken: dict[int, str] = {}
        for j, row in enumerate(skill.shifts):
            start, end = _minute_of_day(row.start), _minute_of_day(row.end)
            minutes = {
                minute % _MINUTES_OF_DAY
                for minute in range(start, end if end > start else end + _MINUTES_OF_DAY)
            }
            other = next((taken[minute] for minute in sorted(minutes) if minute in taken), None)
            if other is not None:
                place, got = f"/skills/{i}/shifts/{j}/start", f"{row.start} to {row.end}"
                yield _issue(place, f"expected hours that are not in {other} already, got {got}")
            taken |= dict.fromkeys(minutes, row.name)


def _minute_of_day(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])


def cross_training_is_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A way leads from one skill to another one."""
    for i, row in enumerate(factory.staffing.cross_training):
        if row.from_skill == row.to_skill:
            yield _issue(
                f"/staffing/cross_training/{i}/to_skill",
                f"expected another skill than from_skill, got {row.to_skill}",
            )


def decisions_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Who approves says how many."""
    for i, row in enumerate(factory.hiring_decisions):
        if row.verdict == "approved" and not row.heads:
            yield _issue(f"/hiring_decisions/{i}/heads", "expected at least 1 of what is approved, got 0")


def sources_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Effective dates run forward and price breaks rise."""
    for i, source in enumerate(factory.sources):
        if source.from_ and source.to and source.to <= source.from_:
            yield _issue(f"/sources/{i}/to", f"expected a day after from {source.from_}, got {source.to}")
        yield from _repeated(
            f"/sources/{i}/price_breaks", "from_qty", (b.from_qty for b in source.price_breaks)
        )
    for i, item in enumerate(factory.items):
        if item.max_order is not None and item.max_order < item.min_order:
            yield _issue(
                f"/items/{i}/max_order", f"expected at least min_order {item.min_order}, got {item.max_order}"
            )


def boms_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A bill of materials belongs to a made item, names its operations, and has no cycle."""
    kinds = {row.code: row.kind for row in factory.items}
    for i, row in enumerate(factory.bom):
        if kinds.get(row.parent) == "buy":
            yield _issue(f"/bom/{i}/parent", f"expected a made or phantom item, {row.parent} is bought")
        if row.from_ and row.to and row.to <= row.from_:
            yield _issue(f"/bom/{i}/to", f"expected a day after from {row.from_}, got {row.to}")
        sequence = [operation.seq for operation in factory.routings.get(row.parent, ())]
        if row.operation is not None and row.operation not in sequence:
            have = ", ".join(map(str, sequence)) or "none"
            yield _issue(
                f"/bom/{i}/operation", f"{row.parent} has no operation {row.operation} (it has {have})"
            )
    units = {row.code: row.uom for row in factory.items}
    for i, row in enumerate(factory.bom):
        known = units.get(row.component)
        if row.uom is not None and known is not None and row.uom != known:
            yield _issue(
                f"/bom/{i}/uom",
                f"{row.component} is counted in {known}, not in {row.uom}; expected a qty in {known}",
            )
    yield from _overlapping_rows(factory)
    closed = bom_cycle(factory)
    if closed is not None:
        index, cycle = closed
        yield _issue(f"/bom/{index}", f"a bill of materials must not contain itself: {shown_cycle(cycle)}")


def _overlapping_rows(factory: Factory) -> Iterator[FactoryIssue]:
    """Two rows for one component of one operation never count on the same day: it would be taken twice."""
    for before, after, _ in overlapping_bom_rows(factory):
        first, row = factory.bom[before.index], factory.bom[after.index]
        if (row.from_, row.operation) == (first.from_, first.operation):
            continue  # the same key twice, which keys_are_unique names
        yield _issue(
            f"/bom/{after.index}/from",
            f"{row.parent} would take {row.component} twice from {row.from_ or 'the first day'} on; "
            f"expected /bom/{before.index} to end by then (its to is {first.to or 'open'})",
        )


def by_products_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A by-product comes with a made item, is stocked, and is never used to make what it comes with."""
    kinds = {row.code: row.kind for row in factory.items}
    children = children_of(factory)
    for i, row in enumerate(factory.by_products):
        place = f"/by_products/{i}"
        if kinds.get(row.parent, "make") != "make":
            yield _issue(f"{place}/parent", f"expected a made item, {row.parent} is {kinds[row.parent]}")
        if kinds.get(row.item) == "phantom":
            yield _issue(f"{place}/item", f"expected an item that is stocked, {row.item} is a phantom")
        if row.from_ and row.to and row.to <= row.from_:
            yield _issue(f"{place}/to", f"expected a day after from {row.from_}, got {row.to}")
        children[row.parent].append(row.item)
    if factory.by_products and bom_cycle(factory) is None:
        cycle = find_cycle(children)
        if cycle is not None:
            edges = set(pairwise(cycle))
            index = next(i for i, r in enumerate(factory.by_products) if (r.parent, r.item) in edges)
            yield _issue(
                f"/by_products/{index}",
                f"a by-product must not go into what it comes with: {shown_cycle(cycle)}",
            )


def routings_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Every operation is either on a work centre or subcontracted; only made items have routings."""
    kinds = {row.code: row.kind for row in factory.items}
    for item, operations in factory.routings.items():
        if kinds.get(item, "make") != "make":
            yield _issue(f"/routings/{item}", f"expected a made item, {item} is {kinds[item]}")
        for j, row in enumerate(operations):
            place = f"/routings/{item}/{j}"
            if row.work_centre is None and row.external_days is None:
                yield _issue(
                    f"{place}/work_centre", "required, unless external_days says that it is subcontracted"
                )
            if row.work_centre is not None and row.external_days is not None:
                yield _issue(
                    f"{place}/external_days", "expected either a work_centre or external_days, not both"
                )


def orders_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Every line says when, its instalments add up, and no more is shipped than ordered."""
    for i, order in enumerate(factory.sales_orders):
        if not order.lines:
            yield _issue(f"/sales_orders/{i}/lines", "expected at least one line")
        for j, line in enumerate(order.lines):
            yield from _line_issues(f"/sales_orders/{i}/lines/{j}", line)


def _line_issues(path: str, line: OrderLineRow) -> Iterator[FactoryIssue]:
    if line.shipped_qty > line.qty:
        yield _issue(f"{path}/shipped_qty", f"expected at most qty {line.qty}, got {line.shipped_qty}")
    if not line.instalments:
        if line.due is None:
            yield _issue(f"{path}/due", "required, unless instalments say when")
        return
    if line.due is not None:
        yield _issue(f"{path}/due", "expected either due or instalments, not both")
    total = sum(row.qty for row in line.instalments)
    if total != line.qty:
        yield _issue(f"{path}/instalments", f"quantities add up to {total}, expected qty {line.qty}")
    shipped = sum(row.shipped_qty for row in line.instalments)
    if line.shipped_qty not in (0, shipped):
        yield _issue(
            f"{path}/shipped_qty", f"instalments say {shipped} shipped; expected the same, or nothing"
        )
    for k, row in enumerate(line.instalments):
        if row.shipped_qty > row.qty:
            place = f"{path}/instalments/{k}/shipped_qty"
            yield _issue(place, f"expected at most qty {row.qty}, got {row.shipped_qty}")


def firm_orders_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A firm order is one that could be planned: made where the item is made, bought from who sells it."""
    kinds = {row.code: row.kind for row in factory.items}
    sellers: dict[str, set[str]] = defaultdict(set)
    for source in factory.sources:
        sellers[source.item].add(source.supplier)
    taken = {row.ref for row in factory.purchase_orders} | {row.ref for row in factory.work_orders}
    for i, row in enumerate(factory.firm_orders):
        place, kind = f"/firm_orders/{i}", kinds.get(row.item, row.kind)
        if row.ref in taken:
            yield _issue(f"{place}/ref", f"{row.ref} is released already; expected another ref, or none")
        if kind == "phantom":
            yield _issue(f"{place}/item", f"expected an item that is stocked, {row.item} is a phantom")
            continue
        if row.kind == "make" and kind != "make":
            yield _issue(f"{place}/kind", f"expected buy, {row.item} is {kind}")
        if row.kind == "buy" and kind != "buy" and not sellers[row.item]:
            yield _issue(f"{place}/kind", f"expected make, or a source of {row.item}, which is {kind}")
        if row.kind == "make" and row.supplier is not None:
            yield _issue(f"{place}/supplier", f"expected none: {row.item} is made here")
        if row.kind == "buy" and row.supplier is None and sellers[row.item]:
            yield _issue(f"{place}/supplier", f"required: one of {', '.join(sorted(sellers[row.item]))}")
        if row.supplier is not None and row.kind == "buy" and row.supplier not in sellers[row.item]:
            yield _issue(f"{place}/supplier", f"expected a supplier with a source of {row.item}")
        if row.release is not None and row.release > row.due:
            yield _issue(f"{place}/release", f"expected a day up to due {row.due}, got {row.release}")


def receipts_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """Receipts are of what is bought or made, within their quantity;
    a work order stands at an operation it has.
    """
    kinds = {row.code: row.kind for row in factory.items}
    for i, purchase in enumerate(factory.purchase_orders):
        if purchase.received_qty > purchase.qty:
            path = f"/purchase_orders/{i}/received_qty"
            yield _issue(path, f"expected at most qty {purchase.qty}, got {purchase.received_qty}")
    for i, work in enumerate(factory.work_orders):
        place = f"/work_orders/{i}"
        if kinds.get(work.item, "make") != "make":
            yield _issue(f"{place}/item", f"expected a made item, {work.item} is {kinds[work.item]}")
        if work.done_qty > work.qty:
            yield _issue(f"{place}/done_qty", f"expected at most qty {work.qty}, got {work.done_qty}")
        sequence = [operation.seq for operation in factory.routings.get(work.item, ())]
        if work.done_through_seq is not None and work.done_through_seq not in sequence:
            yield _issue(f"{place}/done_through_seq", f"{work.item} has no operation {work.done_through_seq}")


def downtimes_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A downtime ends after it begins, and is of a station that the work centre has."""
    stations = {row.code: row.stations for row in factory.work_centres}
    for i, row in enumerate(factory.downtimes):
        if row.to <= row.from_:
            yield _issue(f"/downtimes/{i}/to", f"expected a moment after from {row.from_}, got {row.to}")
        yield from _station_issue(f"/downtimes/{i}/station", row.work_centre, row.station, stations)


def _station_issue(
    path: str, centre: str | None, station: int | None, stations: dict[str, int]
) -> Iterator[FactoryIssue]:
    most = stations.get(centre or "")
    if station is not None and most is not None and station > most:
        yield _issue(path, f"expected a station of {centre}, which has {most}, got {station}")


def absences_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """An absence ends after it begins."""
    for i, row in enumerate(factory.absences):
        if row.to <= row.from_:
            yield _issue(
                f"/absences/{i}/to", f"expected a day after from {row.from_} (to is exclusive), got {row.to}"
            )


def pins_are_sound(factory: Factory) -> Iterator[FactoryIssue]:
    """A pinned operation is still to be done, stands where its routing allows, and lies not in the past."""
    items = {row.ref: row.item for row in factory.work_orders}
    items |= {row.ref: row.item for row in factory.firm_orders}
    bought = {row.ref for row in factory.firm_orders if row.kind == "buy"}
    done = {row.ref: row.done_through_seq for row in factory.work_orders}
    stations = {row.code: row.stations for row in factory.work_centres}
    start = _midnight(factory)
    for i, row in enumerate(factory.pinned_operations):
        place = f"/pinned_operations/{i}"
        if start is not None and row.start < start:
            yield _issue(f"{place}/start", f"expected a moment from {start} on, got {row.start}")
        if row.order not in items:
            text = f"unknown work order or firm order {row.order}; add it, or take the pin out"
            yield _issue(f"{place}/order", text)
            continue
        if row.order in bought:
            yield _issue(f"{place}/order", f"expected an order that is made, {row.order} is bought")
            continue
        steps = {step.seq: step for step in factory.routings.get(items[row.order], ())}
        finished = done.get(row.order)
        if row.seq not in steps:
            have = ", ".join(map(str, sorted(steps))) or "none"
            text = f"{items[row.order]} has no operation {row.seq} (it has {have})"
            yield _issue(f"{place}/seq", text)
        elif finished is not None and row.seq <= finished:
            yield _issue(f"{place}/seq", f"{row.order} is done through {finished}; take the pin out")
        else:
            yield from _pin_place(place, row, steps[row.seq], stations)


def _midnight(factory: Factory) -> datetime | None:
    """When the planning date begins; None in a time zone that does not exist."""
    try:
        return datetime.combine(factory.as_of, time.min, ZoneInfo(factory.time_zone))
    except (ValueError, OSError, LookupError):
        return None


def _pin_place(
    place: str, row: PinnedOperationRow, step: OperationRow, stations: dict[str, int]
) -> Iterator[FactoryIssue]:
    allowed = [code for code in (step.work_centre, *(each.work_centre for each in step.alternates)) if code]
    if row.work_centre in stations and row.work_centre not in allowed:
        words = f"one of {', '.join(allowed)}" if allowed else "none: it is subcontracted"
        yield _issue(f"{place}/work_centre", f"expected {words}, got {row.work_centre}")
    elif row.station is not None and step.work_centre is None:
        yield _issue(f"{place}/station", f"expected none: it is subcontracted, got {row.station}")
    else:
        centre = row.work_centre or step.work_centre
        yield from _station_issue(f"{place}/station", centre, row.station, stations)


CHECKS: tuple[Check, ...] = (
    plant_is_sound,
    keys_are_unique,
    references_exist,
    calendars_are_sound,
    ratios_are_sound,
    shifts_of_skills_are_sound,
    cross_training_is_sound,
    decisions_are_sound,
    sources_are_sound,
    boms_are_sound,
    by_products_are_sound,
    routings_are_sound,
    orders_are_sound,
    receipts_are_sound,
    firm_orders_are_sound,
    downtimes_are_sound,
    absences_are_sound,
    pins_are_sound,
)
