"""One login and one token per role, remembered between demonstrations.

Passwords and tokens are hashed in the database, so what is shown at the end is kept in a file
of ``var/demo`` that only its owner may read.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from config.demo.surroundings import DEMO_DIR, write_private
from config.rest.roles import ROLES
from planning.services.roles import create_role_user

ADMIN = "admin"
FILE = DEMO_DIR / "logins.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who may sign in, named after the role."""

    role: str
    password: str
    token: str


def ensure_logins() -> list[Login]:
    """One login per role, and an administrator; those that still work are kept as they are."""
    known = _remembered()
    logins = [
        login if (login := known.get(role)) and _still_works(login) else _create(role)
        for role in (*ROLES, ADMIN)
    ]
    write_private(FILE, json.dumps([asdict(login) for login in logins], indent=1))
    return logins


def _remembered() -> dict[str, Login]:
    try:
        rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
        return {row["role"]: Login(**row) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _still_works(login: Login) -> bool:
    user = User.objects.filter(username=login.role, is_active=True).first()
    if user is None or not user.check_password(login.password):
        return False
    try:
        return bool(TokenAuthentication().authenticate_credentials(login.token.encode())[0] == user)
    except AuthenticationFailed:
        return False


def _create(role: str) -> Login:
    password = secrets.token_urlsafe(9)
    user = (
        _administrator(password)
        if role == ADMIN
        else create_role_user(role=role, username=role, password=password)
    )
    AuthToken.objects.filter(user=user).delete()
    _, token = AuthToken.objects.create(user)
    return Login(role=role, password=password, token=token)


def _administrator(password: str) -> User:
    user, _ = User.objects.get_or_create(username=ADMIN)
    user.set_password(password)
    user.is_active = user.is_staff = user.is_superuser = True
    user.save()
    return user
