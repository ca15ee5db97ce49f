"""Pages of lists: numbered from 1, of at most 200 rows however many are asked for."""

import re

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

_WHOLE = re.compile(r"[0-9]{1,30}", re.ASCII)


class Pages(PageNumberPagination):
    """``?page=2&page_size=100``. A size above the largest gives the largest; a page past the end is 404."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        asked = _whole(request, "page_size")
        return self.page_size if asked is None else min(asked, self.max_page_size)

    def get_page_number(self, request: Request, paginator: object) -> int:
        return _whole(request, "page") or 1


def _whole(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or int(text) == 0:
        detail = ErrorDetail("A whole number of at least 1 is expected.", code="invalid")
        raise ValidationError({f"?{name}": [detail]})
    return int(text)
