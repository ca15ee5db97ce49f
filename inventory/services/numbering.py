"""Numbers that the database gives: one after the other, whoever asks at the same time."""

from collections.abc import Callable

from django.db import transaction

from inventory.models import NumberSeries


@transaction.atomic
def next_ref(prefix: str, *, is_taken: Callable[[str], bool]) -> str:
    """The next ref of a series, such as ``PO-000123``, which nothing that was imported has already.

    The series stays locked until the caller's transaction ends, and a number that was given in a
    transaction that fails is given again: numbers have no gaps that would have to be explained.
    """
    NumberSeries.objects.get_or_create(prefix=prefix)
    series = NumberSeries.objects.select_for_update().get(prefix=prefix)
    while True:
        series.last += 1
        ref = str(series)
        if not is_taken(ref):
            series.save(update_fields=["last"])
            return ref
