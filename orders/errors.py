"""What orders refuses, each with a stable ``code`` and a sentence for the user."""

from dataclasses import dataclass


class OrderError(Exception):
    """A rule of orders would be broken."""

    code = "order_error"


class OrderNotFound(OrderError):
    """No order has this number."""

    code = "order_not_found"


class LineNotFound(OrderError):
    """The order has no such line or instalment."""

    code = "line_not_found"


class DuplicateOrder(OrderError):
    """The order number, or the customer's own number, is taken."""

    code = "duplicate_order"


class WrongStatus(OrderError):
    """The order is not in a state in which this can be done."""

    code = "wrong_status"


class VersionConflict(OrderError):
    """Somebody else changed the order in the meantime."""

    code = "version_conflict"


class OverShipment(OrderError):
    """More would have shipped than was ordered."""

    code = "over_shipment"


class AlreadyShipped(OrderError):
    """What has shipped cannot be taken out of the order."""

    code = "already_shipped"


class InvalidSchedule(OrderError):
    """A delivery schedule that cannot be read, or that does not add up."""

    code = "invalid_schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIssue:
    """One thing wrong with an order: a JSON pointer into it, and what was expected there."""

    path: str
    message: str


class InvalidOrder(OrderError):
    """The order cannot be stored as it is; ``issues`` lists every problem at once, or the first hundred."""

    code = "invalid_order"

    def __init__(self, issues: list[OrderIssue]) -> None:
        self.issues = issues
        super().__init__("; ".join(f"{issue.path or '/'}: {issue.message}" for issue in issues))
