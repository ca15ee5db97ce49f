"""Problems that arise outside of any view: no such address, a request that cannot be read, a crash."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from config.rest.errors import CONTENT_TYPE, OURS, problem

API_PREFIX = "/api/"


@csrf_exempt
def no_such_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The last address below ``/api/``: it catches what no other one took."""
    return _answer(404, "not_found", "There is nothing at this address. Addresses end with a slash.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own refusals: an unknown host, too many fields."""
    if request.path_info.startswith(API_PREFIX):
        return _answer(400, "bad_request", "The request cannot be read.")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug of ours outside of a view, for example in a middleware."""
    if request.path_info.startswith(API_PREFIX):
        return _answer(500, "server_error", OURS)
    return defaults.server_error(request)


def _answer(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(problem(status, code=code, detail=detail), status=status, content_type=CONTENT_TYPE)
