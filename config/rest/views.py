"""The base of every view: JSON whatever is accepted, roles from the table, no unknown query parameters."""

from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from config.rest.errors import QUERY_MARK
from config.rest.permissions import RolePermission


class JsonAlways(BaseContentNegotiation):
    """There is one representation of everything, so there is nothing to negotiate about."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        from_header = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == from_header), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Endpoint(GenericAPIView[Any]):
    """HTTP in, one call, HTTP out."""

    content_negotiation_class = JsonAlways
    permission_classes = (RolePermission,)
    http_method_names: tuple[str, ...] = ("get", "head", "post")
    pagination_class: Any = None
    filter_backends: Any = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the caller is known and allowed, refuse parameters that nobody reads."""
        super().initial(request, *args, **kwargs)
        known = self.query_parameters()
        wrong: dict[str, list[ErrorDetail]] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                words = ", ".join(sorted(known)) or "none"
                text = f"There is no such parameter. Known here: {words}."
                wrong[f"{QUERY_MARK}{name}"] = [ErrorDetail(text, code="unknown_parameter")]
            elif len(values) > 1:
                text = "A parameter can be given once."
                wrong[f"{QUERY_MARK}{name}"] = [ErrorDetail(text, code="repeated_parameter")]
            elif not values[0]:
                text = "A value is expected; leave the parameter out to ask for everything."
                wrong[f"{QUERY_MARK}{name}"] = [ErrorDetail(text, code="empty_parameter")]
        if wrong:
            raise ValidationError(wrong)

    def query_parameters(self) -> frozenset[str]:
        """The parameters that a GET of this address reads."""
        if self.request.method not in {"GET", "HEAD"}:
            return frozenset()
        filterset = getattr(self, "filterset_class", None)
        names = set(filterset.base_filters) if filterset else set()
        if self.pagination_class is not None:
            names |= {"page", "page_size"}
        return frozenset(names)
