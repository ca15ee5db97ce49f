"""Every error of the API as a problem (RFC 9457), from a body that cannot be read to a bug of ours.

    {"type": "urn:problem:validation_error", "title": "Bad Request", "status": 400,
     "code": "validation_error", "detail": "/lines/0/qty: A number above 0 is expected.",
     "errors": [{"field": "/lines/0/qty", "code": "too_small", "detail": "A number above 0 is expected."}]}

``field`` is a JSON pointer into the body, or ``?name`` for a query parameter. Which status a broken rule of
an app becomes is written in the settings (``PROBLEM_STATUS``): apps raise errors and know nothing of HTTP.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"
QUERY_MARK = "?"
WHOLE = "/"  # the body as a whole: no value of it is to blame
# A refused body can hold thousands of mistakes; a person mends the first ones first.
MAX_ERRORS = 100


class BrokenRule(APIException):
    """A rule of an app that a request would have broken, on its way to the client."""

    def __init__(self, error: Exception, status_code: int) -> None:
        super().__init__(detail=str(error), code=getattr(error, "code", "conflict"))
        self.status_code = status_code
        self.code = str(getattr(error, "code", "conflict"))
        self.issues = [(issue.path, issue.message) for issue in getattr(error, "issues", ())]
        if field := getattr(error, "field", None):
            self.issues.append((f"/{field}", str(error).removeprefix(f"{field}: ")))


class Handler(ExceptionHandler):
    """Turns what apps raise into problems, and marks every error as one."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        status_code = status_of(exc)
        if status_code is not None:
            return BrokenRule(exc, status_code)
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def get_response(self, exc: APIException, data: dict[str, Any]) -> Response:
        headers = self.get_headers(exc)
        return Response(data, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)


class Formatter(ExceptionFormatter):
    """Writes the problem."""

    def run(self) -> dict[str, Any]:
        exc = self.exc
        if isinstance(exc, ValidationError):
            errors = list(_flat(exc.detail))
            return problem(400, code="validation_error", detail=_count(errors), errors=errors)
        if isinstance(exc, BrokenRule):
            errors = [{"field": path or WHOLE, "code": exc.code, "detail": text} for path, text in exc.issues]
            detail = _count(errors) if errors else str(exc.detail)
            return problem(exc.status_code, code=exc.code, detail=detail, errors=errors)
        code = "server_error" if exc.status_code >= 500 else str(getattr(exc.detail, "code", "error"))
        detail = OURS if exc.status_code >= 500 else str(exc.detail)
        return problem(exc.status_code, code=code, detail=detail)


OURS = "Something went wrong on our side. It has been logged; please try again later."


def problem(
    status: int, *, code: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of a problem. ``code`` is stable; ``detail`` is for people."""
    return {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": _printable(detail, 2000),
        "errors": [
            {name: _printable(text, 500) for name, text in error.items()}
            for error in (errors or [])[:MAX_ERRORS]
        ],
    }


def status_of(error: Exception) -> int | None:
    """The status of the nearest class of ``error`` that the settings name, if any."""
    known = _statuses()
    return next((known[kind] for kind in type(error).__mro__ if kind in known), None)


@cache
def _statuses() -> Mapping[type, int]:
    table: Mapping[str, int] = getattr(settings, "PROBLEM_STATUS", {})
    return {import_string(path): status for path, status in table.items()}


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """The leaves of what serializers and filters found, each with its place."""
    if isinstance(detail, ErrorDetail):
        yield {"field": path or WHOLE, "code": str(detail.code), "detail": str(detail)}
    elif isinstance(detail, Mapping):
        for key, each in detail.items():
            yield from _flat(each, path if key == "non_field_errors" else _place(path, str(key)))
    else:
        for index, each in enumerate(detail):
            yield from _flat(each, path if isinstance(each, ErrorDetail) else f"{path}/{index}")


def _place(path: str, key: str) -> str:
    return key if key.startswith(QUERY_MARK) and not path else f"{path}/{key}"


def _count(errors: list[dict[str, str]]) -> str:
    if len(errors) == 1:
        field, told = errors[0]["field"], errors[0]["detail"]
        return told if field == WHOLE else f"{field}: {told}"
    shown = f"; the first {MAX_ERRORS} are listed" if len(errors) > MAX_ERRORS else ""
    return f"{len(errors)} values were not accepted{shown}."


def _printable(text: str, limit: int) -> str:
    """What a stranger sent may come back in an error, but never break it."""
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
    return clean if len(clean) <= limit else f"{clean[: limit - 3]}..."


class ProblemEntrySerializer(serializers.Serializer[Any]):
    """One value that was not accepted. ``field``: a JSON pointer into the body, or ``?name``."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457. ``code`` is stable, ``detail`` is for people, ``errors`` lists every refused value."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemEntrySerializer(many=True)  # type: ignore[assignment]
