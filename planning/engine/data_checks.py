"""What is legal in a factory and still wrong with its bills of materials, sources and open orders, for a
planner to mend.

``check_data`` names each finding's place and remedy. It reads rows only, with no explosion: O(rows log rows).
What the format itself refuses is ``factory_check``'s business, except cycles and overlaps (by the rules of
``dated_rows``), which are named here too, so that rows that came in by another way are found.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from planning.engine.dated_rows import Span, bom_cycle, overlapping_bom_rows, overlaps, shown_cycle
from planning.engine.factory import Factory, FirmOrderRow, ItemRow, PurchaseOrderRow, WorkOrderRow

INVALID_DATA = "INVALID_DATA"
PAST_DUE_ORDER = "PAST_DUE_ORDER"
BROKEN_SUPPLY_PATH = "BROKEN_SUPPLY_PATH"
type Severity = Literal["error", "warning", "info"]
ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
WORST_FIRST: tuple[Severity, ...] = (ERROR, WARNING, INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend. ``path`` is the JSON pointer of its (first) row in factory-1."""

    code: str
    severity: Severity
    entity: str
    path: str
    text: str
    suggestion: str


def check_data(factory: Factory) -> list[Finding]:
    """Every finding, the worst first, then in the order of the rows."""
    found = [finding for check in CHECKS for finding in check(factory)]
    return sorted(found, key=lambda finding: WORST_FIRST.index(finding.severity))


def bills_do_not_overlap(factory: Factory) -> Iterator[Finding]:
    """On no day do two rows say what one operation of a parent takes of a component."""
    for before, after, operation in overlapping_bom_rows(factory):
        row = factory.bom[after.index]
        at = "" if operation is None else f" at operation {operation}"
        days = _days(max(before.starts, after.starts), min(before.ends, after.ends))
        yield Finding(
            code=INVALID_DATA,
            severity=ERROR,
            entity=f"{row.parent}/{row.component}",
            path=f"/bom/{after.index}",
            text=f"Two rows say how much {row.component} goes into {row.parent}{at} {days}: "
            "both would be taken.",
            suggestion="End one row, or its revision, on the day the other begins.",
        )


def bills_have_no_gaps(factory: Factory) -> Iterator[Finding]:
    """A bill with dates covers the whole horizon, and so does a component that comes back."""
    parents: dict[str, list[Span]] = defaultdict(list)
    pairs: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for index, row in enumerate(factory.bom):
        span = Span.of(row, index)
        parents[row.parent].append(span)
        pairs[row.parent, row.component].append(span)
    for parent, spans in parents.items():
        for start, end, index in _holes(spans, factory, only_between=False):
            yield Finding(
                code=INVALID_DATA,
                severity=WARNING,
                entity=parent,
                path=f"/bom/{index}",
                text=f"{parent} has a bill of materials, but no row of it counts {_days(start, end)}: "
                "nothing is started then; it waits for the next row, if one comes.",
                suggestion=f"Extend a revision of {parent}, or begin the next one on {start}.",
            )
    for (parent, component), spans in pairs.items():
        for start, end, index in _holes(spans, factory, only_between=True):
            yield Finding(
                code=INVALID_DATA,
                severity=WARNING,
                entity=f"{parent}/{component}",
                path=f"/bom/{index}",
                text=f"{parent} takes {component} before and after, but not {_days(start, end)}.",
                suggestion="Close the gap between the rows, or put a row with what is taken instead.",
            )


def sources_are_continuous(factory: Factory) -> Iterator[Finding]:
    """An item with sources can be ordered on every day of the horizon, each day by one row of a supplier."""
    by_item: dict[str, list[Span]] = defaultdict(list)
    by_supplier: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for index, row in enumerate(factory.sources):
        span = Span.of(row, index)
        by_item[row.item].append(span)
        by_supplier[row.item, row.supplier].append(span)
    for item, spans in by_item.items():
        holes = list(_holes(spans, factory, only_between=False))
        never = not any(_is_in(span, factory) for span in spans)
        for start, end, index in holes:
            yield Finding(
                code=BROKEN_SUPPLY_PATH if never else INVALID_DATA,
                severity=ERROR if never else WARNING,
                entity=item,
                path=f"/sources/{index}",
                text=f"No source of {item} counts {_days(start, end)}: nothing of it can be ordered then.",
                suggestion=f"Extend the dates of a source of {item}, or add one.",
            )
    for (item, supplier), spans in by_supplier.items():
        for before, after in overlaps(spans):
            if before.ends == dt.date.max:
                continue  # an open end means "until the next row takes over"
            yield Finding(
                code=INVALID_DATA,
                severity=WARNING,
                entity=f"{item}/{supplier}",
                path=f"/sources/{after.index}",
                text=f"Two rows say how {supplier} sells {item} {_days(after.starts, before.ends)}; "
                "the later one counts.",
                suggestion=f"End the earlier row on {after.starts}.",
            )


def made_items_can_be_made(factory: Factory) -> Iterator[Finding]:
    """A made item says what it is made of and how long that takes; a phantom says what it stands for."""
    with_bill = {row.parent for row in factory.bom}
    for index, item in enumerate(factory.items):
        has_bill = item.code in with_bill
        if item.kind == "make":
            has_time = bool(factory.routings.get(item.code)) or item.lead_time_days > 0
            finding = _unmade(item, index, has_bill=has_bill, has_time=has_time)
            if finding is not None:
                yield finding
        elif item.kind == "phantom" and not has_bill:
            yield Finding(
                code=BROKEN_SUPPLY_PATH,
                severity=ERROR,
                entity=item.code,
                path=f"/items/{index}",
                text=f"{item.code} is a phantom without a bill of materials: it stands for nothing.",
                suggestion=f"Add a bill of materials to {item.code}, or make it a bought or made item.",
            )


def bought_items_can_be_bought(factory: Factory) -> Iterator[Finding]:
    """A bought item has a source, or at least a lead time of its own."""
    with_source = {row.item for row in factory.sources}
    for index, item in enumerate(factory.items):
        if item.kind != "buy" or item.code in with_source:
            continue
        if item.lead_time_days > 0:
            text = f"{item.code} has no source: it is planned without a supplier, with its own lead time."
        else:
            text = f"{item.code} has neither a source nor a lead time: it is planned as if it were there "
            text += "at once."
        yield Finding(
            code=INVALID_DATA if item.lead_time_days > 0 else BROKEN_SUPPLY_PATH,
            severity=INFO if item.lead_time_days > 0 else ERROR,
            entity=item.code,
            path=f"/items/{index}",
            text=text,
            suggestion=f"Add a source for {item.code}: supplier, lead time and price.",
        )


def units_agree(factory: Factory) -> Iterator[Finding]:
    """Quantities of a bill are in the component's unit, and so are its substitutes."""
    units = {item.code: item.uom for item in factory.items}
    for index, row in enumerate(factory.bom):
        of_component = units.get(row.component)
        # rows that name no unit are in the component's
        if row.uom is not None and row.uom != of_component:
            yield Finding(
                code=INVALID_DATA,
                severity=ERROR,
                entity=f"{row.parent}/{row.component}",
                path=f"/bom/{index}",
                text=f"{row.parent} takes {row.component} in {row.uom}, which is counted in {of_component}.",
                suggestion=f"Write the quantity in {of_component}, or correct the unit of {row.component}.",
            )
        for substitute in row.substitutes:
            if units.get(substitute.item, of_component) != of_component:
                yield Finding(
                    code=INVALID_DATA,
                    severity=WARNING,
                    entity=f"{row.parent}/{row.component}",
                    path=f"/bom/{index}",
                    text=f"{substitute.item} stands in for {row.component}, but is counted in "
                    f"{units[substitute.item]} instead of {of_component}.",
                    suggestion=f"Make sure that its quantity ({substitute.qty:f}) is in "
                    f"{units[substitute.item]}.",
                )


def bills_have_no_cycle(factory: Factory) -> Iterator[Finding]:
    """No item is part of itself; the first circle found is shown."""
    closed = bom_cycle(factory)
    if closed is None:
        return
    index, cycle = closed
    yield Finding(
        code=INVALID_DATA,
        severity=ERROR,
        entity=cycle[0],
        path=f"/bom/{index}",
        text=f"{cycle[0]} is part of itself: {shown_cycle(cycle)}.",
        suggestion="Take one of these components out of its parent's bill of materials.",
    )


def open_orders_are_to_come(factory: Factory) -> Iterator[Finding]:
    """What is ordered, released or firm is due on the planning date or later."""
    dated: list[tuple[str, PurchaseOrderRow | WorkOrderRow | FirmOrderRow, bool]] = [
        *(("purchase_orders", row, row.received_qty < row.qty) for row in factory.purchase_orders),
        *(("work_orders", row, row.done_qty < row.qty) for row in factory.work_orders),
        *(("firm_orders", row, True) for row in factory.firm_orders),
    ]
    places: dict[str, int] = defaultdict(int)
    for section, row, is_open in dated:
        index = places[section]
        places[section] += 1
        if is_open and row.due < factory.as_of:
            yield Finding(
                code=PAST_DUE_ORDER,
                severity=WARNING,
                entity=row.ref,
                path=f"/{section}/{index}",
                text=f"{row.ref} of {row.item} was due {row.due}, and it is not all there: plans count on it "
                f"from {factory.as_of} on.",
                suggestion=f"Give {row.ref} the day on which it comes, book what came, or cancel the rest.",
            )


CHECKS = (
    bills_have_no_cycle,
    bills_do_not_overlap,
    bills_have_no_gaps,
    units_agree,
    made_items_can_be_made,
    bought_items_can_be_bought,
    sources_are_continuous,
    open_orders_are_to_come,
)


def _unmade(item: ItemRow, index: int, *, has_bill: bool, has_time: bool) -> Finding | None:
    if has_bill and has_time:
        return None
    if not has_bill and not has_time:
        text = f"{item.code} is made, but has no bill of materials, no routing and no lead time."
        advice = f"Say what {item.code} is made of and how, or that it is bought."
    elif not has_bill:
        text = f"{item.code} is made of nothing: it has no bill of materials."
        advice = f"Add a bill of materials to {item.code}."
    else:
        text = f"{item.code} is made in no time: it has neither a routing nor a lead time."
        advice = f"Add operations, or a lead time, to {item.code}."
    nothing = not has_bill and not has_time
    return Finding(
        code=BROKEN_SUPPLY_PATH if nothing else INVALID_DATA,
        severity=ERROR if nothing else WARNING,
        entity=item.code,
        path=f"/items/{index}",
        text=text,
        suggestion=advice,
    )


def _is_in(span: Span, factory: Factory) -> bool:
    return span.starts < factory.horizon_end and span.ends > factory.as_of


def _holes(
    spans: Sequence[Span], factory: Factory, *, only_between: bool
) -> Iterator[tuple[dt.date, dt.date, int]]:
    """Days ``[start, end)`` of the horizon that no row covers, with the row beside them.

    ``only_between``: only where rows come before and after.
    """
    rows = sorted(spans, key=lambda each: (each.starts, each.index))
    covered = rows[0].starts if only_between else factory.as_of
    beside = rows[0].index
    for span in rows:
        start, end = max(covered, factory.as_of), min(span.starts, factory.horizon_end)
        if start < end:
            yield start, end, span.index
        if span.ends > covered:
            covered, beside = span.ends, span.index
    if not only_between and covered < factory.horizon_end:
        yield max(covered, factory.as_of), factory.horizon_end, beside


def _days(start: dt.date, end: dt.date) -> str:
    """Half-open days in words: the last one is named, as people do."""
    if start == dt.date.min and end == dt.date.max:
        return "on all days"
    if start == dt.date.min:
        return f"before {end}"
    if end == dt.date.max:
        return f"from {start} on"
    last = end - dt.timedelta(days=1)
    return f"on {start}" if last == start else f"from {start} to {last}"
