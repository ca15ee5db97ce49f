"""Who may open which page: the same roles as over the API."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from config.rest.roles import may


def require(request: HttpRequest, route: str) -> None:
    """Raise ``PermissionDenied`` unless the person may."""
    if not may(request.user, route):
        raise PermissionDenied
