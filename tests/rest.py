"""A client of the REST API with a role, for tests of any app."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

PROBLEM_KEYS = {"type", "title", "status", "code", "detail", "errors"}


def make_user(*roles: str, name: str = "", **values: Any) -> User:
    user = User.objects.create(username=name or "-".join(roles) or "nobody", **values)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


class Api:
    """Speaks JSON as somebody of ``roles``; a crash of the server is an answer, as it is for a client."""

    def __init__(self, *roles: str, user: User | None = None) -> None:
        self.client = APIClient(raise_request_exception=False)
        self.user = user
        if roles:
            self.user = User.objects.filter(username="-".join(roles)).first() or make_user(*roles)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        # a fresh object per call: what a request remembers about its user must not outlive it
        user = User.objects.get(pk=self.user.pk) if self.user else None
        self.client.force_authenticate(user)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = "" if body is None else "application/json"
        address = path if path.startswith("/api/") else f"/api/v1{path}"
        return self.client.generic(method, address, content, content_type=content_type, headers=headers)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)


def refused(response: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """Check that the answer is a whole problem of this status, and return it."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert set(problem) == PROBLEM_KEYS
    assert problem["status"] == status
    if code is not None:
        assert problem["code"] == code
    return problem


def fields_of(problem: dict[str, Any]) -> list[str]:
    """Each refused place once, in order."""
    return list(dict.fromkeys(error["field"] for error in problem["errors"]))
