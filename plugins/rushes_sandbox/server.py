"""The service in process: `open_sandbox` listens on 127.0.0.1 while its block runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rushes import ConfigError
from rushes_sandbox.answers import ApiRefused, Refused
from rushes_sandbox.api import Api
from rushes_sandbox.assets import Asset
from rushes_sandbox.auth import Auth
from rushes_sandbox.authority import Authority, open_authority
from rushes_sandbox.backstage import Backstage
from rushes_sandbox.book import Settings
from rushes_sandbox.faults import Faults, Faulty
from rushes_sandbox.store import Store, open_store
from rushes_sandbox.uploads import Uploads
from rushes_sandbox.wire import CONNECTION, Connection, WholeBodies

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework

_LOG = logging.getLogger("rushes.sandbox")
_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


class Sandbox:
    """A running service, and the direct way to what `/_sandbox/...` offers over HTTPS."""

    def __init__(
        self, url: str, authority: Authority, store: Store, uploads: Uploads, faults: Faults
    ) -> None:
        self.url = url
        self.ca_file = authority.ca_file
        self.client_secret = store.settings.client_secret
        self._store = store
        self._uploads = uploads
        self._faults = faults

    def assets(self) -> list[dict[str, Any]]:
        """As `GET /_sandbox/assets`, but without waiting for assemblies: see `settled`."""
        return [asset.listed() for asset in self._store.assets.all.values()]

    async def settled(self) -> None:
        """Wait until no assembly is under way."""
        await self._uploads.settled()

    def file(self, asset_id: str) -> Path:
        """The assembled file of a complete asset."""
        asset: Asset = self._store.assets.all[asset_id]
        return self._store.assets.file(asset)

    def confirm(self, user_code: str) -> None:
        """Type the six digits, as a person does in the project; NotFound when no device waits with them."""
        self._store.devices.confirm(user_code)

    def violations(self) -> list[dict[str, str]]:
        """Breaches of the protocol seen so far: `{"at", "request", "violation"}`."""
        return list(self._store.violations.seen)

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Add rules of the shape of `rushes_sandbox.faults.Fault`."""
        self._faults.add(list(rules))

    def clear_faults(self) -> None:
        self._faults.clear()


@asynccontextmanager
async def open_sandbox(
    state: Path, *, port: int = 0, settings: Settings | None = None
) -> AsyncIterator[Sandbox]:
    """Serve from a state folder on 127.0.0.1; connections are reset on leaving, the state stays on disk.

    A port or folder that is taken is a ConfigError. With port 0 the system chooses; `url` tells.
    """
    with open_store(state, settings or Settings()) as store:
        authority = open_authority(state / "tls")
        try:
            [listener] = await trio.open_tcp_listeners(port, host="127.0.0.1")
        except OSError as error:
            raise ConfigError(f"port {port}: {error.strerror}; choose another or 0") from None
        host = f"127.0.0.1:{listener.socket.getsockname()[1]}"
        async with trio.open_nursery() as nursery:
            uploads, faults = Uploads(store, nursery), Faults()
            app = _build(store, uploads, faults, host)
            secure = trio.SSLListener(listener, authority.server_context(), https_compatible=True)
            nursery.start_soon(partial(trio.serve_listeners, partial(_serve, app, _config()), [secure]))
            yield Sandbox(f"https://{host}", authority, store, uploads, faults)
            nursery.cancel_scope.cancel()


def _build(store: Store, uploads: Uploads, faults: Faults, host: str) -> ASGIApp:
    app = Starlette(
        routes=[
            *Api(store, host).routes(),
            *Auth(store).routes(),
            *Backstage(store, uploads, faults).routes(),
            Route("/parts/{rest:path}", uploads.put, methods=_METHODS),
            Route("/uploads/{rest:path}", uploads.put, methods=_METHODS),
        ],
        exception_handlers={Refused: _refuse, HTTPException: _refuse_unknown},
    )
    app.router.redirect_slashes = False
    return WholeBodies(Faulty(app, faults, uploads.count))


async def _refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return refusal.answer()


async def _refuse_unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.scope['path']}: {HTTPStatus(error.status_code).phrase}"
    return ApiRefused(error.status_code, detail, headers=error.headers).answer()


def _config() -> Config:
    config = Config()
    config.errorlog = _LOG
    config.keep_alive_timeout = 30
    config.include_server_header = False
    return config


async def _serve(app: ASGIApp, config: Config, stream: trio.SSLStream[trio.SocketStream]) -> None:
    """Run one connection on Hypercorn; `hypercorn.trio.serve` would not lend it to the faults that cut it."""
    state = ConnectionState({CONNECTION: Connection(stream)})
    framework = cast("ASGIFramework", app)
    try:
        await TCPServer(ASGIWrapper(framework), config, WorkerContext(None), state, stream)
    except* Exception:  # noqa: BLE001 - a broken connection must not end the service
        _LOG.exception("a connection ended with an error")
