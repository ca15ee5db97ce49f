"""Query parameters: declared, read strictly, and never guessed at."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from config.rest.errors import QUERY_MARK
from config.rest.fields import read_day, read_moment


class StrictFilterBackend(DjangoFilterBackend):
    """Names a refused parameter as ``?name``."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationError(
                {
                    f"{QUERY_MARK}{name}": [
                        ErrorDetail(message, code=error.code or "invalid")
                        for error in errors
                        for message in error.messages
                    ]
                    for name, errors in filterset.errors.as_data().items()
                }
            )
        return filterset.qs


class _MomentField(forms.Field):
    def to_python(self, value: Any) -> dt.datetime | None:
        moment: dt.datetime | None = _read(read_moment, value)
        return moment


class _DayField(forms.Field):
    def to_python(self, value: Any) -> dt.date | None:
        day: dt.date | None = _read(read_day, value)
        return day


def _read(reader: Any, value: Any) -> Any:
    if value is None:
        return None
    try:
        return reader(value)
    except ValueError as error:
        raise forms.ValidationError(str(error), code="invalid") from None


class MomentFilter(django_filters.Filter):
    """A moment with its offset from UTC."""

    field_class = _MomentField


class DayFilter(django_filters.Filter):
    """A day as ``YYYY-MM-DD``."""

    field_class = _DayField


class _WholeField(forms.IntegerField):
    """Django's own also reads ``1_000`` and the digits of other scripts."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
            raise forms.ValidationError("A whole number, 0 or more, is expected.", code="invalid")
        return super().to_python(value)


class WholeFilter(django_filters.NumberFilter):
    """A whole number between ``min_value`` and ``max_value``."""

    field_class = _WholeField


class CodeFilter(django_filters.CharFilter):
    """Rows with exactly this code; no code is as long as what is refused."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 200, "strip": False, **options})


class TruthFilter(django_filters.TypedChoiceFilter):
    """``true`` or ``false``, and nothing that only looks like it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(
            *args,
            **{
                "choices": [("true", "true"), ("false", "false")],
                "coerce": lambda word: word == "true",
                **options,
            },
        )
