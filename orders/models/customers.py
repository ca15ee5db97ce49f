"""Who buys."""

from django.db import models

from inventory.models.fields import CODE, COUNT_LIMIT, NAME, Edited, not_blank, positive


class Customer(Edited):
    """Somebody who orders. ``priority`` 1 is the most important."""

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)
    priority = models.PositiveIntegerField(default=3)

    class Meta:
        constraints = [not_blank("customer", "code"), positive("customer", "priority", limit=COUNT_LIMIT)]

    def __str__(self) -> str:
        return self.code
