"""The service in process: `open_sandbox` listens on 127.0.0.1 while its block runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from rushes import ConfigError
from rushes_sandbox.answers import ApiRefused, Refused
from rushes_sandbox.api import Api
from rushes_sandbox.apps import Apps
from rushes_sandbox.asset import Asset
from rushes_sandbox.auth import Auth
from rushes_sandbox.authority import LOOPBACK, Authority, open_authority
from rushes_sandbox.backstage import Backstage
from rushes_sandbox.book import Settings
from rushes_sandbox.channel_calls import ChannelCalls
from rushes_sandbox.faults import Faults, parse_rules
from rushes_sandbox.faulty import Faulty
from rushes_sandbox.limits import Limited
from rushes_sandbox.listen import Listener
from rushes_sandbox.oauth import Consent, OAuth
from rushes_sandbox.people import People
from rushes_sandbox.presence import Presence
from rushes_sandbox.realtime import Realtime
from rushes_sandbox.requestlog import RequestLog
from rushes_sandbox.sockets import Sockets
from rushes_sandbox.store import Store, open_store
from rushes_sandbox.uploads import Uploads
from rushes_sandbox.wire import WholeBodies

_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


class Sandbox(People):
    """A running service, and the direct way to what `/_sandbox/...` offers over HTTPS."""

    def __init__(
        self,
        url: str,
        authority: Authority,
        store: Store,
        uploads: Uploads,
        faults: Faults,
        log: RequestLog,
        people: tuple[Sockets, Consent],
    ) -> None:
        super().__init__(store, *people)
        self.url = url
        self.ca_file = authority.ca_file
        self.client_secret = store.settings.client_secret
        self._uploads = uploads
        self._faults = faults
        self._log = log

    def assets(self) -> list[dict[str, Any]]:
        """As `GET /_sandbox/assets`, but without waiting for assemblies: see `settled`."""
        return self._store.listed_assets()

    async def settled(self) -> None:
        """Wait until no assembly is under way."""
        await self._uploads.settled()

    def file(self, asset_id: str) -> Path:
        """The assembled file of a complete asset."""
        asset: Asset = self._store.assets.all[asset_id]
        return self._store.assets.file(asset)

    def violations(self) -> list[dict[str, str]]:
        """Breaches of the protocol seen so far: `{"at", "request", "violation"}`."""
        return list(self._store.violations.seen)

    def log(self, after: int = 0) -> Sequence[dict[str, Any]]:
        """Every request, without secrets: as `GET /_sandbox/log?after=N`."""
        return self._log.after(after)

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Add rules of the shape of `rushes_sandbox.faults.Fault`."""
        self._faults.add(parse_rules(list(rules)))

    def clear_faults(self) -> None:
        self._faults.clear()


@asynccontextmanager
async def open_sandbox(
    state: Path, *, port: int = 0, settings: Settings | None = None, listen: str = LOOPBACK
) -> AsyncIterator[Sandbox]:
    """Serve from a state folder on 127.0.0.1; connections are reset on leaving, the state stays on disk.

    A port or folder that is taken is a ConfigError. With port 0 the system chooses; `url` tells. Another address
    to `listen` on is for networks that a test makes for itself: whoever reaches it may do all a person may.
    """
    with open_store(state, settings or Settings()) as store:
        authority = open_authority(state / "tls", listen)
        try:
            [listener] = await trio.open_tcp_listeners(port, host=listen)
        except OSError as error:
            raise ConfigError(f"port {port}: {error.strerror}; choose another or 0") from None
        host = f"{listen}:{listener.socket.getsockname()[1]}"
        sockets, consent = Sockets(store), Consent()
        async with trio.open_nursery() as nursery:
            uploads, faults = Uploads(store, nursery), Faults()
            people = People(store, sockets, consent)
            log = RequestLog(store.settings.clock)
            routes = [
                *Presence(store).routes(),
                *sockets.routes(),
                *OAuth(store, consent).routes(),
                *Apps(store).routes(),
                *Backstage(store, uploads, faults, people).routes(),
            ]
            app = _build(store, uploads, faults, log, routes)
            secure = trio.SSLListener(listener, authority.server_context(), https_compatible=True)
            connections = Listener(app, store.violations, lambda: store.pauses.server_now)
            nursery.start_soon(partial(trio.serve_listeners, connections.serve, [secure]))
            yield Sandbox(f"https://{host}", authority, store, uploads, faults, log, (sockets, consent))
            nursery.cancel_scope.cancel()


def _build(
    store: Store, uploads: Uploads, faults: Faults, log: RequestLog, more: Sequence[BaseRoute]
) -> ASGIApp:
    app = Starlette(
        routes=[
            *more,
            *Api(store).routes(),
            *Realtime(store, uploads).routes(),
            *ChannelCalls(store).routes(),
            *log.routes(),
            *Auth(store).routes(),
            Route("/parts/{rest:path}", uploads.put, methods=_METHODS),
            Route("/uploads/{rest:path}", uploads.put, methods=_METHODS),
        ],
        exception_handlers={Refused: _refuse, HTTPException: _refuse_unknown},
    )
    app.router.redirect_slashes = False
    limited = Limited(app, store.settings.rates, retry_after=store.settings.retry_after)
    return log.wrap(WholeBodies(Faulty(limited, faults, uploads)))


async def _refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return refusal.answer()


async def _refuse_unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.scope['path']}: {HTTPStatus(error.status_code).phrase}"
    return ApiRefused(error.status_code, detail, headers=error.headers).answer()
