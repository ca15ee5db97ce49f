"""Check constraints read in Python: most rows keep them, and need not ask the database to say so.

Django asks a query per constraint and row, which for an order of a thousand instalments is ten thousand.
Only what plainly holds is settled here; everything else is left to the database, which decides anyway.
"""

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

from django.db import models

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, known: value in known,
}


class _CannotTell(Exception):
    """Not a comparison of a column with a value or another column."""


def plainly_holds(constraint: Any, row: models.Model) -> bool:
    """Is this a check that the values of ``row`` keep? False also where that cannot be told from them."""
    if type(constraint) is not models.CheckConstraint or not isinstance(constraint.condition, models.Q):
        return False
    try:
        return _truth(constraint.condition, row) is not False
    except (_CannotTell, TypeError, ArithmeticError):
        return False


def _truth(condition: models.Q, row: models.Model) -> bool | None:
    """As SQL has it: ``None`` where an empty column leaves it open, which keeps a check."""
    parts = [
        _truth(part, row) if isinstance(part, models.Q) else _compared(part, row)
        for part in condition.children
    ]
    joined = reduce(_JOINED[condition.connector], parts, None if not parts else parts[0])
    return joined if joined is None or not condition.negated else not joined


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


def _exclusive(one: bool | None, other: bool | None) -> bool | None:
    raise _CannotTell


_JOINED = {models.Q.AND: _both, models.Q.OR: _either, models.Q.XOR: _exclusive}


def _compared(part: Any, row: models.Model) -> bool | None:
    if not isinstance(part, tuple):
        raise _CannotTell
    column, _, lookup = part[0].partition("__")
    value, wanted = _value(column, row), part[1]
    if isinstance(wanted, models.F):
        wanted = _value(wanted.name, row)
    if lookup == "isnull":
        return (value is None) is bool(wanted)
    compare = _COMPARISONS.get(lookup or "exact")
    if compare is None or hasattr(wanted, "resolve_expression"):
        raise _CannotTell
    return None if value is None or wanted is None else compare(value, wanted)


def _value(column: str, row: models.Model) -> Any:
    names = {field.name: field.attname for field in row._meta.concrete_fields}
    if column not in names:
        raise _CannotTell
    value = row.__dict__.get(names[column], _CannotTell)
    if value is _CannotTell or hasattr(value, "resolve_expression"):
        raise _CannotTell
    return value
