"""Between rows and what a person writes: an order as a command, a schedule as a sentence."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from inventory.models.fields import plain
from orders.errors import InvalidOrder, InvalidSchedule, OrderError
from orders.models import Instalment, OrderLine, SalesOrder
from orders.services import NewInstalment, NewLine, NewMilestone, NewOrder, expand_schedule

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ROW_PATH = re.compile(r"/(lines|milestones)/(\d+)(?:/instalments/\d+)?/?(\w*)")
LINE_FIELDS = ("unit_price", "priority", "late_cost_per_day", "late_cost_fixed", "lease_months")


def read_schedule(text: str, qty: Decimal, order_date: dt.date) -> tuple[NewInstalment, ...]:
    """The instalments a person wrote; a day alone means all of it on that day."""
    if _DAY.fullmatch(text.strip()):
        text = f"all on {text.strip()}"
    return expand_schedule(text=text, qty=qty, order_date=order_date)


def write_schedule(instalments: Sequence[Instalment], order_date: dt.date) -> str:
    """The shortest sentence that reads back as these instalments."""
    rows = sorted(instalments, key=lambda row: row.instalment)
    if not rows:
        return ""
    if len(rows) == 1:
        return rows[0].due.isoformat()
    wanted = [(row.due, row.qty) for row in rows]
    first = rows[0]
    for period in ("week", "month", "quarter"):
        for start in (f"{first.due:%B %Y}", first.due.isoformat()):
            text = f"{plain(first.qty)} a {period} from {start}"
            if _reads_as(text, wanted, order_date):
                return text
    return ", ".join(f"{plain(row.qty)} on {row.due}" for row in rows)


def _reads_as(text: str, wanted: list[tuple[dt.date, Decimal]], order_date: dt.date) -> bool:
    try:
        read = expand_schedule(
            text=text, qty=sum((qty for _, qty in wanted), Decimal(0)), order_date=order_date
        )
    except InvalidSchedule:
        return False
    return [(row.due, row.qty) for row in read] == wanted


def line_as_written(line: OrderLine) -> NewLine:
    """A stored line as the command that would enter it."""
    return new_line(line.line, line.item.code, line.qty, kept_schedule(line), line)


def kept_schedule(line: OrderLine) -> tuple[NewInstalment, ...]:
    """The instalments a line has."""
    rows = sorted(line.instalments.all(), key=lambda row: row.instalment)
    return tuple(NewInstalment(due=row.due, qty=row.qty, shipped_qty=row.shipped_qty) for row in rows)


def new_line(
    number: int, item: str, qty: Decimal, schedule: tuple[NewInstalment, ...], source: OrderLine
) -> NewLine:
    """A line with one delivery is written with its due date, unless it was written otherwise before."""
    told: dict[str, Any] = {name: getattr(source, name) for name in LINE_FIELDS}
    if len(schedule) == 1 and not source.has_instalments:
        only = schedule[0]
        return NewLine(line=number, item=item, qty=qty, due=only.due, shipped_qty=only.shipped_qty, **told)
    return NewLine(line=number, item=item, qty=qty, instalments=schedule, **told)


def order_as_written(
    order: SalesOrder, lines: tuple[NewLine, ...], milestones: tuple[NewMilestone, ...] | None = None
) -> NewOrder:
    """The header of an order with ``lines``, and with ``milestones`` if any are told."""
    return NewOrder(
        ref=order.ref,
        customer=order.customer.code,
        customer_reference=order.customer_reference or None,
        kind=order.kind,
        order_date=order.order_date,
        status=order.status,
        delivery_policy=order.delivery_policy,
        lines=lines,
        milestones=milestones,
    )


def in_words(error: OrderError) -> str:
    """A refusal for a person who sees rows, not JSON paths."""
    if not isinstance(error, InvalidOrder):
        return str(error)
    return " ".join(f"{_place(issue.path)}: {issue.message}." for issue in error.issues)


def _place(path: str) -> str:
    found = _ROW_PATH.fullmatch(path)
    if found is None:
        return path.strip("/").replace("_", " ").capitalize() or "Order"
    field = f", {found[3].replace('_', ' ')}" if found[3] else ""
    return f"{'Row' if found[1] == 'lines' else 'Milestone'} {int(found[2]) + 1}{field}"
