"""How the OpenAPI document describes what every endpoint has in common."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_standardized_errors.openapi import AutoSchema

from config.rest.errors import CONTENT_TYPE


class Schema(AutoSchema):
    """Every error is a problem, and is sent as one."""

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: str = "response"
    ) -> Any:
        if direction == "response" and status_code >= "400":
            media_types = [CONTENT_TYPE]
        describe = super()._get_response_for_code
        return describe(serializer, status_code, media_types, direction)  # type: ignore[no-untyped-call]

    def _get_error_response_examples(self) -> list[Any]:
        return []

    def _should_add_error_response(self, responses: dict[str, Any], status_code: str) -> bool:
        if status_code in responses:
            return False
        if status_code == "404":
            return "{" in self.path or self._is_list_view()
        return status_code not in {"409", "413", "415"} or self.method != "GET"


class NumberScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The bounds of a number, as the field enforces them."""

    target_class = "config.rest.fields.NumberField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "number", "maximum": self.target.at_most}
        if self.target.at_least is not None:
            schema["minimum"] = self.target.at_least
        if self.target.above is not None:
            schema["exclusiveMinimum"] = self.target.above
        return schema


class WholeScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The bounds of a whole number, as the field enforces them."""

    target_class = "config.rest.fields.WholeField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.target.at_least, "maximum": self.target.at_most}
