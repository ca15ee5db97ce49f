"""Entering an order and changing what it says."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from inventory.models import Item
from inventory.models.fields import plain
from orders.errors import AlreadyShipped, DuplicateOrder, InvalidOrder, OrderIssue
from orders.models import Customer, Instalment, Milestone, OrderLine, OrderStatus, SalesOrder
from orders.services.commands import NewInstalment, NewLine, NewOrder
from orders.services.locking import changed, lock_order, require_status

BATCH = 500
# Enough to mend a file by. Looking at each value of a huge order that is all wrong would take minutes.
ISSUES_MAX = 100
UNREAD = "not checked from here on: there may be more problems than these"
ENTERED = (OrderStatus.QUOTE, OrderStatus.CONFIRMED)
_HEADER = ("customer", "customer_reference", "kind", "order_date", "delivery_policy")
_LINE = ("unit_price", "priority", "late_cost_per_day", "late_cost_fixed", "lease_months")


@transaction.atomic
def enter_order(*, order: NewOrder, now: dt.datetime, by: Any = None) -> SalesOrder:
    """Store a new quote or confirmed order with its lines and instalments.

    Raises ``InvalidOrder`` with every misfit value at once (the first ``ISSUES_MAX`` or so of them),
    or ``DuplicateOrder``.
    """
    _refuse_taken_numbers(order)
    row = SalesOrder(
        ref=order.ref,
        status=order.status,
        confirmed_at=now if order.status == OrderStatus.CONFIRMED else None,
        order_date=order.order_date or timezone.localdate(now),
    )
    row.changed_by = by
    issues = _fill_header(row, order)
    if order.status not in ENTERED:
        issues.append(OrderIssue(path="/status", message=f"expected one of {', '.join(ENTERED)}"))
    lines = _build_lines(row, order, issues)
    milestones = _build_milestones(row, order, lines, issues)
    if issues:
        raise InvalidOrder(issues)
    _save_or_refuse(row, order)
    _add(OrderLine, [line for line, _ in lines], by)
    _add(Instalment, [part for line, schedule in lines for part in _of(line, schedule)], by)
    _add(Milestone, milestones, by)
    return row


@transaction.atomic
def amend_order(
    *, ref: str, order: NewOrder, now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """Make a quote or a confirmed order say what ``order`` says; status and number stay.

    Lines are told apart by ``line``, instalments by their number. What has shipped stays: a line or
    instalment with shipped units cannot be removed or go below them (``AlreadyShipped``).
    Dates that were promised stay too, until a plan is published.
    """
    row = lock_order(ref, expected_version)
    require_status(row, *ENTERED, act="changed")
    _refuse_taken_numbers(order, but=row)
    issues = _fill_header(row, order)
    lines = _build_lines(row, order, issues)
    milestones = _build_milestones(row, order, lines, issues)
    if issues:
        raise InvalidOrder(issues)
    _replace_lines(row, lines, by)
    _replace_milestones(row, milestones, by)
    changed(row, now=now, by=by, fields=_HEADER)
    return row


def _refuse_taken_numbers(order: NewOrder, but: SalesOrder | None = None) -> None:
    others = SalesOrder.objects.exclude(pk=but.pk) if but else SalesOrder.objects.all()
    if but is None and others.filter(ref=order.ref).exists():
        raise DuplicateOrder(f"There is an order {order.ref} already.")
    if order.customer_reference:
        taken = others.filter(
            customer__code=order.customer, customer_reference=order.customer_reference
        ).first()
        if taken:
            raise DuplicateOrder(
                f"{order.customer}'s own number {order.customer_reference} is that of order {taken.ref}."
            )


def _save_or_refuse(row: SalesOrder, order: NewOrder) -> None:
    """The check above is for the reader; this one holds when two enter the same number at once."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise DuplicateOrder(f"Order {order.ref} has just been entered by somebody else.") from error


def _fill_header(row: SalesOrder, order: NewOrder) -> list[OrderIssue]:
    issues = []
    customer = Customer.objects.filter(code=order.customer).first()
    if customer is None:
        issues.append(OrderIssue(path="/customer", message=f"unknown customer {order.customer}"))
    else:
        row.customer = customer
    row.customer_reference = order.customer_reference or None
    row.kind = order.kind
    row.order_date = order.order_date or row.order_date
    row.delivery_policy = order.delivery_policy
    issues.extend(_issues_of(row, "", exclude={"customer", "status"}))
    return issues


Built = list[tuple[OrderLine, list[Instalment]]]


def _build_lines(row: SalesOrder, order: NewOrder, issues: list[OrderIssue]) -> Built:
    items = {item.code: item for item in Item.objects.filter(code__in={line.item for line in order.lines})}
    if not order.lines:
        issues.append(OrderIssue(path="/lines", message="expected at least one line"))
    seen: set[int] = set()
    built = []
    for index, line in enumerate(order.lines):
        if len(issues) >= ISSUES_MAX:
            issues.append(OrderIssue(path=f"/lines/{index}", message=UNREAD))
            break
        path = f"/lines/{index}"
        if line.line in seen:
            issues.append(OrderIssue(path=f"{path}/line", message=f"line {line.line} stands twice"))
        seen.add(line.line)
        built.append(_build_line(row, line, items, path, issues))
    return built


def _build_line(
    order: SalesOrder, new: NewLine, items: Mapping[str, Item], path: str, issues: list[OrderIssue]
) -> tuple[OrderLine, list[Instalment]]:
    line = OrderLine(
        order=order, line=new.line, qty=new.qty, has_instalments=bool(new.instalments), **_told(new)
    )
    item = items.get(new.item)
    if item is None:
        issues.append(OrderIssue(path=f"{path}/item", message=f"unknown item {new.item}"))
    else:
        line.item = item
    issues.extend(_issues_of(line, path, exclude={"order", "item"}))
    issues.extend(_schedule_issues(new, path))
    instalments = []
    for number, part in enumerate(new.schedule, start=1):
        if len(issues) >= ISSUES_MAX:
            issues.append(OrderIssue(path=_place(new, part, path), message=UNREAD))
            break
        row = Instalment(
            order_line=line, instalment=number, due=part.due, qty=part.qty, shipped_qty=part.shipped_qty
        )
        issues.extend(_issues_of(row, _place(new, part, path), exclude={"order_line"}))
        instalments.append(row)
    return line, instalments


def _build_milestones(
    row: SalesOrder, order: NewOrder, lines: Built, issues: list[OrderIssue]
) -> list[Milestone]:
    """The milestones as they will be: those of ``order``, or those the row has. No more than it is worth."""
    if order.milestones is None:
        built = list(row.milestones.order_by("date", "pk")) if row.pk else []
    else:
        built = []
        for index, new in enumerate(order.milestones):
            milestone = Milestone(order=row, date=new.date, amount=new.amount, name=new.name)
            issues.extend(_issues_of(milestone, f"/milestones/{index}", exclude={"order"}))
            built.append(milestone)
    if built and not issues:
        paid = sum((milestone.amount for milestone in built), Decimal(0))
        worth = sum((line.qty * _price(line) for line, _ in lines), Decimal(0))
        if paid > worth:
            message = f"add up to {plain(paid)}, the order is worth {plain(worth)}; expected no more"
            issues.append(OrderIssue(path="/milestones", message=message))
    return built


def _price(line: OrderLine) -> Decimal:
    price = line.item.price if line.unit_price is None else line.unit_price
    return Decimal(0) if price is None else price


def _told(new: NewLine) -> dict[str, Any]:
    return {name: getattr(new, name) for name in _LINE}


def _place(new: NewLine, part: NewInstalment, path: str) -> str:
    return f"{path}/instalments/{new.instalments.index(part)}" if new.instalments else path


def _schedule_issues(new: NewLine, path: str) -> Iterator[OrderIssue]:
    if not new.schedule:
        yield OrderIssue(path=f"{path}/due", message="expected due or instalments to say when")
    if new.instalments and new.due is not None:
        yield OrderIssue(path=f"{path}/due", message="expected either due or instalments, not both")
    total = sum((part.qty for part in new.instalments), Decimal(0))
    if new.instalments and total != new.qty:
        message = f"expected quantities that add up to {plain(new.qty)}, got {plain(total)}"
        yield OrderIssue(path=f"{path}/instalments", message=message)
    shipped = sum((part.shipped_qty for part in new.instalments), Decimal(0))
    if new.instalments and new.shipped_qty not in {0, shipped}:
        message = f"the instalments say {plain(shipped)} shipped; expected the same, or nothing"
        yield OrderIssue(path=f"{path}/shipped_qty", message=message)


def _issues_of(row: models.Model, path: str, *, exclude: set[str]) -> list[OrderIssue]:
    """What the row itself and the constraints of its table have against its values, once per place."""
    found: dict[str, OrderIssue] = {}
    # Numbers are unique by a check of their own, in words that say which order has them.
    left_out = exclude | {"ref"}
    for check in (row.clean_fields, row.validate_constraints):
        try:
            check(exclude=exclude if check == row.clean_fields else left_out)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                left_out = left_out | {field}
                place, message = _placed(row, path, field, " ".join(messages))
                found.setdefault(place, OrderIssue(path=place, message=message))
    return list(found.values())


def _placed(row: models.Model, path: str, field: str, message: str) -> tuple[str, str]:
    """Constraints begin their message with the column that they are about."""
    if field != NON_FIELD_ERRORS:
        return f"{path}/{field}", message
    column, colon, rest = message.partition(": ")
    if colon and hasattr(row, column):
        return f"{path}/{column}", rest
    return path, message


def _add(table: type[models.Model], rows: list[Any], by: Any) -> None:
    """Rows that are new, and their history, in a few statements however many they are."""
    if rows:
        bulk_create_with_history(rows, table, batch_size=BATCH, default_user=by)


def _of(line: OrderLine, schedule: list[Instalment]) -> list[Instalment]:
    """The schedule, once its line has a key."""
    for part in schedule:
        part.order_line = line
    return schedule


def _replace_lines(order: SalesOrder, lines: Built, by: Any) -> None:
    existing = {row.line: row for row in order.lines.select_related("item").prefetch_related("instalments")}
    fresh = [(line, schedule) for line, schedule in lines if line.line not in existing]
    parts: list[Instalment] = []
    for wanted, schedule in lines:
        line = existing.pop(wanted.line, None)
        if line is None:
            continue
        instalments = {row.instalment: row for row in line.instalments.all()}
        if line.item_id != wanted.item_id and any(row.shipped_qty for row in instalments.values()):
            raise AlreadyShipped(f"Line {line} has shipped units; its item cannot change.")
        _update(line, by, ("item", "qty", "has_instalments", *_LINE), wanted)
        parts += _replace_schedule(line, instalments, schedule, by)
    for line in existing.values():
        if any(row.shipped_qty for row in line.instalments.all()):
            raise AlreadyShipped(f"Line {line} has shipped units and cannot be removed.")
        line.changed_by = by
        line.delete()
    _add(OrderLine, [line for line, _ in fresh], by)
    _add(Instalment, parts + [part for line, schedule in fresh for part in _of(line, schedule)], by)


def _replace_milestones(order: SalesOrder, milestones: list[Milestone], by: Any) -> None:
    """Nobody else knows a milestone by its key: one that says the same stays, the others come and go."""
    stored = list(order.milestones.order_by("pk"))
    fresh = []
    for wanted in milestones:
        told = (wanted.date, wanted.amount, wanted.name)
        same = next((row for row in stored if (row.date, row.amount, row.name) == told), None)
        if same is None:
            fresh.append(wanted)
        else:
            stored.remove(same)
    for row in stored:
        row.changed_by = by
        row.delete()
    _add(Milestone, fresh, by)


def _replace_schedule(
    line: OrderLine, existing: dict[int, Instalment], schedule: list[Instalment], by: Any
) -> list[Instalment]:
    """Change and remove instalments of a line; return those that it does not have yet."""
    fresh = []
    for wanted in schedule:
        row = existing.pop(wanted.instalment, None)
        if row is None:
            fresh.append(wanted)
            continue
        if wanted.qty < row.shipped_qty:
            raise AlreadyShipped(
                f"Of {row}, {plain(row.shipped_qty)} have shipped: it cannot be {plain(wanted.qty)}."
            )
        _update(row, by, ("due", "qty"), wanted)
    for row in existing.values():
        if row.shipped_qty:
            raise AlreadyShipped(f"Instalment {row} has shipped units and cannot be removed.")
        row.changed_by = by
        row.delete()
    return _of(line, fresh)


def _update(row: OrderLine | Instalment, by: Any, fields: tuple[str, ...], wanted: models.Model) -> None:
    if all(getattr(row, name) == getattr(wanted, name) for name in fields):
        return
    for name in fields:
        setattr(row, name, getattr(wanted, name))
    row.version += 1
    row.changed_by = by
    row.save(update_fields=[*fields, "version"])
