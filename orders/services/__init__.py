"""Everything that can happen to an order. One door for admin, API, commands and tasks alike."""

from orders.services.acts import (
    cancel_order,
    confirm_order,
    hold_order,
    release_order,
    ship_instalment,
    ship_order,
)
from orders.services.commands import NewInstalment, NewLine, NewMilestone, NewOrder, PromiseRow
from orders.services.entry import amend_order, enter_order
from orders.services.promises import RecordedPromises, record_promises
from orders.services.schedule import expand_schedule

__all__ = [
    "NewInstalment",
    "NewLine",
    "NewMilestone",
    "NewOrder",
    "PromiseRow",
    "RecordedPromises",
    "amend_order",
    "cancel_order",
    "confirm_order",
    "enter_order",
    "expand_schedule",
    "hold_order",
    "record_promises",
    "release_order",
    "ship_instalment",
    "ship_order",
]
