"""Who may open which page: the same roles as over the API."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from config.rest.roles import find_right, roles_of


def may(user: Any, route: str, method: str = "GET") -> bool:
    """May this user call the address of the API that does the same?"""
    right = find_right(route, method)
    allowed = right.roles if right else frozenset()
    return bool(user.is_superuser or roles_of(user) & allowed)


def require(request: HttpRequest, route: str) -> None:
    """Raise ``PermissionDenied`` unless the person may."""
    if not may(request.user, route):
        raise PermissionDenied
