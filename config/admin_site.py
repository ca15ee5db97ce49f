"""The site of the admin: Unfold's, whose autocompletes say what a code stands for."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.sites import UnfoldAdminSite

from inventory.models.fields import named


class NamedAutocomplete(AutocompleteJsonView):
    """Codes alone do not tell one drive from another."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": named(obj)}


class Site(UnfoldAdminSite):  # type: ignore[misc]
    """What ``django.contrib.admin.site`` is."""

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        """Rows to choose from."""
        return NamedAutocomplete.as_view(admin_site=self)(request)
