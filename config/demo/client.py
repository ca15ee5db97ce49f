"""The few calls of the REST API that the demonstration makes, as any client would."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from config.demo.surroundings import DemoError

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Status, headers (names in lower case) and the body as it came."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The JSON in it; the text itself where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Speaks to the server on ``port`` of localhost, as the owner of ``token``."""

    port: int
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        """One request. Raises ``OSError`` or ``HTTPException`` where nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body=content, headers=headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Reply(status=response.status, headers=names, text=text)

    def expect(self, status: int, method: str, path: str, body: Any = None) -> Reply:
        """The same, where any other status is the end of the demonstration."""
        reply = self.call(method, path, body)
        if reply.status != status:
            raise DemoError(f"{method} {path} answered {reply.status}: {reply.text[:500]}")
        return reply

    def wait_until_ready(self, seconds: float, check: Callable[[], None]) -> None:
        """Until database and broker answer through the server; ``check`` says when to give up."""
        deadline = time.monotonic() + seconds
        reply = None
        while time.monotonic() < deadline:
            check()
            try:
                reply = self.call("GET", "/health/ready/")
            except (OSError, HTTPException):
                reply = None
            if reply is not None and reply.status == 200:
                return
            time.sleep(0.1)
        raise DemoError(
            f"The server was not ready within {seconds:.0f} s: {reply.text if reply else 'no answer'}."
        )
