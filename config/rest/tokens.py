"""A token for a program: made by a person who is signed in, shown once, revoked in the admin."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.serializers import NothingSerializer
from config.rest.views import Endpoint


class SignedIn(SessionAuthentication):
    """A session, and nothing else: a token that leaked must not be able to make itself a successor."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SignedInScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SignedIn
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class TokenSerializer(serializers.Serializer[Any]):
    """`token` is shown this once: the database keeps only its hash."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenList(Endpoint):
    """Tokens of the person who is signed in."""

    authentication_classes = (SignedIn,)
    serializer_class = NothingSerializer

    @extend_schema(request=NothingSerializer, responses={201: TokenSerializer})
    def post(self, request: Request) -> Response:
        """Make a token with your roles, for `Authorization: Bearer`. Needs a session, not another token."""
        body = NothingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row, token = AuthToken.objects.create(request.user)
        answer = TokenSerializer({"token": token, "expires_at": row.expiry}).data
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})
