"""The table of roles, asked before every call."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from config.rest.roles import find_right, roles_of


class RolePermission(BasePermission):
    """Signed in, and of a role that may make this call. An address without a row is closed to everybody."""

    message = "None of your roles may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            return True  # answered with 405, whoever asks
        match = request.resolver_match
        right = find_right(match.url_name or "", request.method or "") if match else None
        if right is None:
            return False
        return bool(getattr(user, "is_superuser", False)) or bool(roles_of(user) & right.roles)
