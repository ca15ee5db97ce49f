"""Exception messages of netting as a planner reads them: what is wrong, and what to do."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inventory.models.fields import plain
from planning.engine.netting import Message, MessageCode
from planning.selectors.requirements.current import units

ALARMING = {MessageCode.SHORTAGE, MessageCode.INSUFFICIENT_LEAD_TIME, MessageCode.PAST_DUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message. ``day`` and ``to_day`` begin the weeks it is about; ``order`` is the scheduled receipt."""

    code: str
    is_alarming: bool
    order: str | None
    day: dt.date
    to_day: dt.date | None
    qty: Decimal
    text: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class _Told:
    order: str
    day: str
    to_day: str
    qty: str


_TEXTS: dict[MessageCode, tuple[Callable[[_Told], str], Callable[[_Told], str]]] = {
    MessageCode.RESCHEDULE_IN: (
        lambda told: (
            f"{told.order}, {told.qty}, is due in the week of {told.day} and needed in that of {told.to_day}."
        ),
        lambda told: f"Have it come by {told.to_day}.",
    ),
    MessageCode.RESCHEDULE_OUT: (
        lambda told: (
            f"{told.order}, {told.qty}, is due in the week of {told.day} and not needed before {told.to_day}."
        ),
        lambda told: f"It can wait until {told.to_day}.",
    ),
    MessageCode.CANCEL: (
        lambda told: (
            f"{told.order}, {told.qty}, due in the week of {told.day}, is not needed in the horizon."
        ),
        lambda _: "Cancel it, or keep it as stock.",
    ),
    MessageCode.PAST_DUE: (
        lambda told: f"{told.order}, {told.qty}, should have come in the week of {told.day}.",
        lambda _: "Ask where it is and correct its date; it is counted as if it came now.",
    ),
    MessageCode.SHORTAGE: (
        lambda told: f"Expected to be short by up to {told.qty} from {told.day} to before {told.to_day}.",
        lambda _: "Pull in what comes, speed up what it waits for, or tell the customer a later date.",
    ),
    MessageCode.BELOW_SAFETY_STOCK: (
        lambda told: f"Up to {told.qty} below the safety stock from {told.day} to before {told.to_day}.",
        lambda _: "Nothing is late yet; what comes refills it.",
    ),
    MessageCode.EXCESS: (
        lambda told: f"{told.qty} in stock and on order are more than the horizon needs.",
        lambda _: "Order no more, and look at what is on order.",
    ),
    MessageCode.INSUFFICIENT_LEAD_TIME: (
        lambda told: (
            f"{told.qty} come late: needed in the week of {told.day}, there in that of {told.to_day}."
        ),
        lambda _: "Shorten the chain of lead times, or promise a later date.",
    ),
    MessageCode.FENCE_VIOLATION: (
        lambda told: (
            f"{told.qty} are needed from {told.day} on, before the planning fence lets an order come"
            f" ({told.to_day})."
        ),
        lambda _: "Decide whether to order within the fence.",
    ),
}


def word(message: Message, *, as_of: dt.date, uom: str, refs: Sequence[str]) -> Words:
    """``refs`` names the scheduled receipts by their row."""
    day = as_of + dt.timedelta(weeks=message.bucket)
    to_day = None if message.to_bucket is None else as_of + dt.timedelta(weeks=message.to_bucket)
    order = None if message.row is None else refs[message.row]
    qty = units(message.quantity)
    told = _Told(order or "", str(day), str(to_day or ""), f"{plain(qty)} {uom}")
    text, suggestion = _TEXTS[message.code]
    return Words(
        code=message.code.value,
        is_alarming=message.code in ALARMING,
        order=order,
        day=day,
        to_day=to_day,
        qty=qty,
        text=text(told),
        suggestion=suggestion(told),
    )
