"""What every column shares: widths, limits, text rules, and constraints named after their rule.

Lives in the lowest app, so that orders and planning say the same thing with the same words.
Every number has an upper limit in the database: it is what stops NaN and 1e18, which some
databases sort above every number.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from inventory.errors import AppendOnlyRow
from inventory.models.checks import plainly_holds

FIRST_DAY = dt.date(1970, 1, 1)
LAST_DAY = dt.date(2099, 12, 31)
# Stands for an empty date where two empty ones must count as the same; no column accepts it.
NO_DAY = dt.date(1900, 1, 1)

# The largest values, included. At most 15 digits are significant: what a double keeps exactly, so
# SQLite stores what PostgreSQL stores.
QTY_LIMIT = 10**9
HOURS_LIMIT = 10**6
RATE_LIMIT = 1000
COUNT_LIMIT = 100_000
DAYS_LIMIT = 3660
WEEKS_LIMIT = 520

ZERO = Decimal(0)
ONE = Decimal(1)

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def plain_text(value: str) -> None:
    """Refuse what breaks a screen, a database or an export: control, surrogate and bidi characters."""
    for character in value:
        if character in _BIDI_CONTROLS or (
            unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t"
        ):
            raise ValidationError(f"The character U+{ord(character):04X} is not allowed.", code="text")


def trimmed(value: str) -> None:
    """A key with a space at its end looks like another key and is not."""
    if value != value.strip() or "\n" in value or "\t" in value:
        raise ValidationError("No spaces at the start or end, and no line breaks.", code="trimmed")


def read_number(text: str) -> Decimal:
    """A number as people write it, ``-12.5``, or ``ValueError``.

    Python's own readers also take ``1_000``, ``1e3`` and the digits of other scripts.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]} is not a number.")
    return Decimal(text)


def plain(value: Decimal) -> str:
    """A decimal as people write it: no trailing zeros, no exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def named(row: Any) -> str:
    """A row as people choose it: its code and what it is called, where it has both."""
    code, name = getattr(row, "code", ""), getattr(row, "name", "")
    return f"{code} · {name}" if code and name else str(row)


# Options of the columns, by what they hold. ``models.DecimalField(**QTY, default=0)``.
QTY: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}
MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}
HOURS: dict[str, Any] = {"max_digits": 18, "decimal_places": 9}
RATE: dict[str, Any] = {"max_digits": 18, "decimal_places": 9}
CODE: dict[str, Any] = {"max_length": 64, "validators": [plain_text, trimmed]}
NAME: dict[str, Any] = {"max_length": 200, "blank": True, "default": "", "validators": [plain_text]}
NOTE: dict[str, Any] = {"blank": True, "default": "", "validators": [plain_text]}
DAY: dict[str, Any] = {"validators": [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]}


def positive(row: str, column: str, *, limit: int = QTY_LIMIT) -> models.CheckConstraint:
    """Above zero and up to the limit."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gt": 0, f"{column}__lte": limit}),
        name=f"{row}_{column}_positive",
        violation_error_message=f"{column}: a number above 0, up to {limit}, is expected.",
    )


def not_negative(row: str, column: str, *, limit: int = QTY_LIMIT) -> models.CheckConstraint:
    """From zero up to the limit."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gte": 0, f"{column}__lte": limit}),
        name=f"{row}_{column}_not_negative",
        violation_error_message=f"{column}: a number from 0 to {limit} is expected.",
    )


def share(row: str, column: str) -> models.CheckConstraint:
    """From 0 to 1, both included."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gte": 0, f"{column}__lte": 1}),
        name=f"{row}_{column}_is_share",
        violation_error_message=f"{column}: a share from 0 to 1 is expected.",
    )


def share_below_one(row: str, column: str) -> models.CheckConstraint:
    """From 0 to below 1: losing everything is not a share that can be lost."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gte": 0, f"{column}__lt": 1}),
        name=f"{row}_{column}_below_one",
        violation_error_message=f"{column}: a share from 0 to below 1 is expected.",
    )


def share_above_zero(row: str, column: str) -> models.CheckConstraint:
    """Above 0, up to 1: a rate that divides."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gt": 0, f"{column}__lte": 1}),
        name=f"{row}_{column}_above_zero",
        violation_error_message=f"{column}: a share above 0, up to 1, is expected.",
    )


def in_calendar(row: str, column: str) -> models.CheckConstraint:
    """A day somebody can have meant: 1970 to 2099."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gte": FIRST_DAY, f"{column}__lte": LAST_DAY}),
        name=f"{row}_{column}_in_calendar",
        violation_error_message=f"{column}: a date from {FIRST_DAY} to {LAST_DAY} is expected.",
    )


def moment_in_calendar(row: str, column: str) -> models.CheckConstraint:
    """A moment on such a day, wherever on earth it is read."""
    first, end = (
        dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC) for day in (FIRST_DAY, LAST_DAY)
    )
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__gte": first, f"{column}__lt": end}),
        name=f"{row}_{column}_in_calendar",
        violation_error_message=f"{column}: a moment from {FIRST_DAY} to {LAST_DAY} is expected.",
    )


def before(row: str, start: str, end: str) -> models.CheckConstraint:
    """Half-open intervals are not empty; an open side is allowed."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{start}__isnull": True})
        | models.Q(**{f"{end}__isnull": True})
        | models.Q(**{f"{start}__lt": models.F(end)}),
        name=f"{row}_{start}_before_{end}",
        violation_error_message=f"{end} must be after {start}.",
    )


def one_of(row: str, column: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """Only the words that the trade knows."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": choices.values}),
        name=f"{row}_{column}_known",
        violation_error_message=f"{column}: one of {', '.join(choices.values)} is expected.",
    )


def not_blank(row: str, column: str) -> models.CheckConstraint:
    """A key that is empty finds nothing."""
    return models.CheckConstraint(
        condition=~models.Q(**{column: ""}),
        name=f"{row}_{column}_not_blank",
        violation_error_message=f"{column} must not be empty.",
    )


def user_of_change(instance: "Edited", request: Any = None, **_: Any) -> Any:
    """Who the history names: the user a service was called for, else that of the web request."""
    if instance.changed_by is not None:
        return instance.changed_by
    return request.user if request is not None else None


class Edited(models.Model):
    """A row that people edit: ``version`` grows with each change, ``history`` keeps who changed what.

    A service that was told on whose behalf it acts sets ``changed_by`` before it saves.
    """

    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(inherit=True, get_user=user_of_change)
    changed_by: Any = None

    class Meta:
        abstract = True

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Those that a validation has to ask the database about: not the checks that plainly hold."""
        return [
            (model, [one for one in constraints if not plainly_holds(one, self)])
            for model, constraints in super().get_constraints()
        ]


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added, never changed and never removed one by one."""

    def update(self, **kwargs: Any) -> int:
        """Refused: add a row that corrects instead."""
        raise AppendOnlyRow(f"{self.model.__name__} rows are never changed; add a correcting row.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused: what happened, happened."""
        raise AppendOnlyRow(f"{self.model.__name__} rows are never removed.")


class AppendOnly(models.Model):
    """A row that is written once. Its model's manager is of an ``AppendOnlyQuerySet``."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a second save is refused."""
        if self.pk is not None and not self._state.adding:
            raise AppendOnlyRow(f"{type(self).__name__} rows are never changed; add a correcting row.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused: what happened, happened."""
        raise AppendOnlyRow(f"{type(self).__name__} rows are never removed.")
