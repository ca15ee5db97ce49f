"""Who is calling: a token in the header ``Authorization: Bearer ...``."""

import re

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

_TOKEN = re.compile(rb"[0-9A-Za-z]{1,128}")


class BearerTokenAuthentication(TokenAuthentication):
    """Tokens are hashed, expire, and can be revoked. What cannot be one never reaches the database."""

    def authenticate_credentials(self, token: bytes):  # type: ignore[no-untyped-def]
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer <token>"}
