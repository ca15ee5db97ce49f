"""Scalar types of the exchange formats: bounded decimals, days, clock times and clean text.

Every limit of what the product accepts as a number, a day or a text is stated here, once.
Values arrive from JSON (numbers parsed as ``int`` or ``Decimal``) or from database rows.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2100, 1, 1)
MAX_QTY = Decimal(10) ** 9
MAX_MONEY = Decimal(10) ** 9
MAX_HOURS = Decimal(10) ** 6
QTY_PLACES = 6
MONEY_PLACES = 6
HOURS_PLACES = 9
RATE_PLACES = 9

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def decimal_of(value: Any) -> Any:
    """Return ``value`` as a finite ``Decimal``; never coerce text or booleans."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"expected a number, got {_shown(value)}")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("expected a finite number")
        value = Decimal(repr(value))
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("expected a finite number")
    return number


def whole_of(value: Any) -> Any:
    """Return ``value`` as an ``int``; 3.0 is whole, 3.5, "3" and true are not."""
    number = decimal_of(value)
    if number != number.to_integral_value():
        raise ValueError(f"expected a whole number, got {number}")
    if abs(number) > 10**15:
        raise ValueError("expected a whole number of at most 15 digits")
    return int(number)


def day_of(value: Any) -> Any:
    """Return ``value`` as a ``date`` between 1970 and 2099, written YYYY-MM-DD."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"expected a day of the calendar, got {_shown(value)}") from None
    if type(value) is not date:
        raise ValueError(f"expected a day as YYYY-MM-DD, got {_shown(value)}")
    if not FIRST_DAY <= value < LAST_DAY:
        raise ValueError(f"expected a day from {FIRST_DAY} to before {LAST_DAY}, got {value}")
    return value


def month_of(value: Any) -> Any:
    """Return a month as text YYYY-MM between 1970 and 2099."""
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise ValueError(f"expected a month as YYYY-MM, got {_shown(value)}")
    if not FIRST_DAY.year <= int(value[:4]) < LAST_DAY.year:
        raise ValueError(f"expected a month from {FIRST_DAY:%Y-%m} to before {LAST_DAY:%Y-%m}, got {value}")
    return value


def moment_of(value: Any) -> Any:
    """Return ``value`` as a moment with its offset, a whole minute between 1970 and 2099."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"expected a moment of the calendar, got {_shown(value)}") from None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError(f"expected a moment such as 2011-03-01T08:00+01:00, got {_shown(value)}")
    if not FIRST_DAY < value.date() < LAST_DAY or not FIRST_DAY < value.astimezone(UTC).date() < LAST_DAY:
        raise ValueError(f"expected a moment from {FIRST_DAY} to before {LAST_DAY}, got {value.isoformat()}")
    if value.second or value.microsecond:
        raise ValueError(f"expected a whole minute, got {value.isoformat()}")
    return value


def clock_of(value: Any) -> Any:
    """Return a wall-clock time as text HH:MM from 00:00 to 23:59."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError(f"expected a time as HH:MM from 00:00 to 23:59, got {_shown(value)}")
    return value


def text_of(value: Any) -> Any:
    """Refuse text that breaks databases or pages: NUL, lone surrogates, control and bidi characters."""
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {_shown(value)}")
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs" or character in _BIDI or (category == "Cc" and character not in "\t\n\r"):
            raise ValueError(f"character U+{ord(character):04X} is not allowed in text")
    return value


def code_of(value: Any) -> Any:
    """Return a key: clean text, one line, without blanks around it."""
    text = text_of(value)
    if text != text.strip() or any(character in text for character in "\t\n\r"):
        raise ValueError("expected a code on one line without blanks around it")
    return text


def plain_values(value: Any) -> Any:
    """``value`` ready for JSON: decimals become numbers, days and moments become text."""
    match value:
        case dict():
            return {key: plain_values(each) for key, each in value.items()}
        case list() | tuple():
            return [plain_values(each) for each in value]
        case bool() | int() | float() | str() | None:
            return value
    return plain_value(value)


def plain_value(value: Any) -> Any:
    """One value that JSON does not know, as ``plain_values`` writes it: for ``json.dumps(default=...)``."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()


def _shown(value: Any) -> str:
    """A short, printable picture of a refused value."""
    picture = ascii(value)
    return picture if len(picture) <= 40 else f"{picture[:37]}..."


def _decimal(places: int, **limits: Any) -> Any:
    # Bounds as int: they are whole, and an error then shows 1000000000 instead of a Decimal's repr.
    bounds: dict[str, Any] = {name: int(value) for name, value in limits.items()}
    return Field(decimal_places=places, **bounds)


type Code = Annotated[str, BeforeValidator(code_of), Field(min_length=1, max_length=64)]
type Text = Annotated[str, BeforeValidator(text_of), Field(max_length=200)]
type Day = Annotated[date, BeforeValidator(day_of)]
type Month = Annotated[str, BeforeValidator(month_of)]
type Moment = Annotated[datetime, BeforeValidator(moment_of)]
type Clock = Annotated[str, BeforeValidator(clock_of)]
type Whole = Annotated[int, BeforeValidator(whole_of), Field(ge=0, le=1_000_000_000)]
type PositiveWhole = Annotated[int, BeforeValidator(whole_of), Field(gt=0, le=1_000_000_000)]
type Count = Annotated[int, BeforeValidator(whole_of), Field(ge=0, le=100_000)]
type PositiveCount = Annotated[int, BeforeValidator(whole_of), Field(gt=0, le=100_000)]
type PositiveHeads = Annotated[
    Decimal, BeforeValidator(decimal_of), _decimal(QTY_PLACES, gt=0, le=Decimal(100_000))
]
type Days = Annotated[int, BeforeValidator(whole_of), Field(ge=0, le=3_660)]
type Qty = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(QTY_PLACES, ge=0, le=MAX_QTY)]
type PositiveQty = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(QTY_PLACES, gt=0, le=MAX_QTY)]
type Money = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(MONEY_PLACES, ge=0, le=MAX_MONEY)]
type Hours = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(HOURS_PLACES, ge=0, le=MAX_HOURS)]
type DayHours = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(HOURS_PLACES, gt=0, le=24)]
type Share = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, ge=0, le=1)]
type LossShare = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, ge=0, lt=1)]
type PositiveShare = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, gt=0, le=1)]
type Rate = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, ge=0, le=1_000)]
type PositiveRate = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, gt=0, le=1_000)]
type Weeks = Annotated[Decimal, BeforeValidator(decimal_of), _decimal(RATE_PLACES, ge=0, le=520)]
