"""Many rows at once, without an object for each: COPY on PostgreSQL, long batches elsewhere.

The values are those that Django itself would send; constraints are the database's business, as ever.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db import connection, models

BATCH = 10_000
# What the drivers take as it is, so that nothing needs to be asked of the field.
AS_IS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.FloatField)
AS_IS_IN_POSTGRESQL = (*AS_IS, models.DecimalField, models.DateField, models.ForeignKey)

Prepare = Callable[[Any], Any]


def insert_rows(table: type[models.Model], columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows``, whose values stand in the order of ``columns`` (names of fields)."""
    fields: list[Any] = [table._meta.get_field(name) for name in columns]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    target = f"{connection.ops.quote_name(table._meta.db_table)} ({names})"
    is_postgresql = connection.vendor == "postgresql"
    as_is = AS_IS_IN_POSTGRESQL if is_postgresql else AS_IS
    changed = [(place, _prepare(field)) for place, field in enumerate(fields) if not isinstance(field, as_is)]
    prepared = _prepared(rows, changed) if changed else rows
    if is_postgresql:
        _copy(target, prepared)
    else:
        _insert(target, len(fields), prepared)


def _prepared(
    rows: Iterable[Sequence[Any]], changed: Sequence[tuple[int, Prepare]]
) -> Iterator[Sequence[Any]]:
    for row in rows:
        values = [*row]
        for place, prepare in changed:
            values[place] = prepare(values[place])
        yield values


def _prepare(field: Any) -> Prepare:
    """Values as the database gets them; days and quantities repeat, and each is worked out once."""
    known: dict[Any, Any] = {}

    def prepare(value: Any) -> Any:
        if isinstance(value, list):
            return field.get_db_prep_save(value, connection)
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return prepare


def _copy(target: str, rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _insert(target: str, width: int, rows: Iterable[Sequence[Any]]) -> None:
    places = ", ".join(["%s"] * width)
    with connection.cursor() as cursor:
        for batch in batched(rows, BATCH):
            cursor.executemany(f"INSERT INTO {target} VALUES ({places})", batch)  # noqa: S608 - names are ours
