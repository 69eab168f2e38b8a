"""`/health`, `GET /v2/devices/me` and the HTTP heartbeat (reference, sections 5 and 6)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import json_answer
from rushes_sandbox.guard import authorised, client_version
from rushes_sandbox.project import identity
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described


class Presence:
    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/v2/devices/me", self.me, methods=["GET"]),
            Route("/v2/devices/heartbeat", self.heartbeat, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        return json_answer({"ok": True})

    async def me(self, request: Request) -> Response:
        version = client_version(self._store, request)
        grant = self._store.tokens.authorise_device(request.headers.get("authorization", ""))
        shown = identity(self._store, grant, version)
        if self._store.tokens.identify(grant):
            self._store.violations.note(described(request), "identity asked for more than once a minute")
        return json_answer(shown)

    async def heartbeat(self, request: Request) -> Response:
        grant = authorised(self._store, request)
        if self._store.devices.beat(grant.device, by_socket=False):
            self._store.violations.note(described(request), "HTTP heartbeat more than once a minute")
        return Response(status_code=204)
