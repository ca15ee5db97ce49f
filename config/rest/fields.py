"""Fields that take a value as it is written or refuse it; nothing is turned into something else.

``true`` is not 1, ``"3"`` is not 3, an Arabic digit is not a digit and 1e18 is not a quantity.
Numbers leave as JSON numbers, as in the exchange formats.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FIRST_DAY = dt.date(1970, 1, 1)
LAST_DAY = dt.date(2099, 12, 31)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def json_number(value: Decimal) -> int | float:
    """An exact decimal as the JSON number that people write for it."""
    return int(value) if value == value.to_integral_value() else float(value)


def read_day(text: str) -> dt.date:
    """A day as ``YYYY-MM-DD`` from 1970 to 2099, or ``ValueError`` with what was expected."""
    if not _DAY.fullmatch(text):
        raise ValueError("A day as YYYY-MM-DD is expected.")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("The calendar has no such day.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"A day from {FIRST_DAY} to {LAST_DAY} is expected.")
    return day


def read_moment(text: str) -> dt.datetime:
    """A moment with its offset from UTC, from 1970 to 2099, or ``ValueError`` with what was expected."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(
            "A moment such as 2011-03-01T08:00:00Z is expected; in an address, the + of an offset is %2B."
        )
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("The calendar has no such moment.") from None
    # By its local day: a year in range can be moved to UTC without leaving what can be written.
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise ValueError(f"A moment from {FIRST_DAY} to {LAST_DAY} is expected.")
    return moment


class NumberField(serializers.Field[Decimal, Any, Any, Any]):
    """An exact decimal between bounds, which are included; ``above`` is a lower bound that is not.

    ``places`` is the largest number of decimal places: more would have to be rounded, so it is refused.
    """

    default_error_messages = {
        "not_a_number": "A number is expected, without quotes.",
        "too_small": "{bound} is expected.",
        "too_large": "A number of at most {limit} is expected.",
        "too_precise": "At most {places} decimal places are kept.",
    }

    def __init__(
        self,
        *,
        at_most: int,
        at_least: int | None = None,
        above: int | None = None,
        places: int = 6,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.at_most, self.at_least, self.above, self.places = at_most, at_least, above, places

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.fail("not_a_number")
        number = Decimal(data)
        if not number.is_finite():
            self.fail("not_a_number")
        if self.above is not None and number <= self.above:
            self.fail("too_small", bound=f"A number above {self.above}")
        if self.at_least is not None and number < self.at_least:
            self.fail("too_small", bound=f"A number of at least {self.at_least}")
        if number > self.at_most:
            self.fail("too_large", limit=self.at_most)
        exponent = number.as_tuple().exponent
        # Trailing zeros after the point are no precision: 1.0000000 is 1.
        if isinstance(exponent, int) and -exponent > self.places:
            rounded = number.quantize(Decimal(1).scaleb(-self.places))
            if rounded != number:
                self.fail("too_precise", places=self.places)
            number = rounded
        return number

    def to_representation(self, value: Decimal | int | float) -> int | float:
        """A decimal as a number; what has been stored as JSON is one already."""
        return json_number(value) if isinstance(value, Decimal) else value


class WholeField(serializers.Field[int, Any, Any, Any]):
    """A whole number between bounds that include their ends. 3.0 is written 3."""

    default_error_messages = {
        "not_whole": "A whole number is expected, without quotes.",
        "out_of_range": "A whole number from {at_least} to {at_most} is expected.",
    }

    def __init__(self, *, at_least: int = 0, at_most: int, **options: Any) -> None:
        super().__init__(**options)
        self.at_least, self.at_most = at_least, at_most

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_whole")
        if not self.at_least <= data <= self.at_most:
            self.fail("out_of_range", at_least=self.at_least, at_most=self.at_most)
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field(OpenApiTypes.DATE)
class DayField(serializers.Field[dt.date, Any, Any, Any]):
    """A day as ``YYYY-MM-DD``, from 1970 to 2099."""

    default_error_messages = {"day": "{reason}"}

    def to_internal_value(self, data: Any) -> dt.date:
        if not isinstance(data, str):
            self.fail("day", reason="A day as YYYY-MM-DD, in quotes, is expected.")
        try:
            return read_day(data)
        except ValueError as error:
            self.fail("day", reason=str(error))

    def to_representation(self, value: dt.date) -> str:
        return value.isoformat()


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[dt.datetime, Any, Any, Any]):
    """A moment with its offset from UTC."""

    default_error_messages = {"moment": "{reason}"}

    def to_internal_value(self, data: Any) -> dt.datetime:
        if not isinstance(data, str):
            self.fail("moment", reason="A moment such as 2011-03-01T08:00:00Z, in quotes, is expected.")
        try:
            return read_moment(data)
        except ValueError as error:
            self.fail("moment", reason=str(error))


class TruthField(serializers.BooleanField):
    """``true`` or ``false``, and nothing that only looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class TextField(serializers.CharField):
    """Text as it is: a number is not text, nothing is trimmed. The column's rules are ``validators``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WordField(serializers.ChoiceField):
    """One of the words given, as text; who sends another one is told them."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        words = ", ".join(str(word) for word in self.choices)
        self.error_messages["invalid_choice"] = f"One of these is expected: {words}."

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)
