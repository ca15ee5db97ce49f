"""The base of every request body: what it does not know, it refuses."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields together with all other mistakes, each at its own path."""

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        if isinstance(data, Mapping):
            words = ", ".join(sorted(known)) or "none"
            errors = {
                name: [ErrorDetail(f"There is no such field. Known here: {words}.", code="unknown_field")]
                for name in data
                if name not in known
            }
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            raise ValidationError({**error.detail, **errors}) from None
        if errors:
            raise ValidationError(errors)
        return values


class NothingSerializer(StrictSerializer):
    """The body of an act that needs no words: empty, or ``{}``."""
