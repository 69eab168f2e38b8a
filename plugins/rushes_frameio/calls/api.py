"""Calls to Frame.io's device API (v2), one method each.

Each call raises Unreachable for the network and Refused for an answer of 300 and above.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import trio

from rushes.trust import trust
from rushes_frameio.calls.identity import Channel, Identity, read_channel, read_identity
from rushes_frameio.calls.transport import Transport
from rushes_frameio.calls.version import client_version
from rushes_frameio.calls.wire import Wire, bearer, understood
from rushes_frameio.options import FrameioOptions

TIMEOUT = httpx.Timeout(30.0, connect=15.0)
SCOPE = "asset_create offline"
ASSETS = "/v2/devices/assets"


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """Who asks: the stable id of this installation and the secret of its device model."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def form(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.client_secret}


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A pairing code: `device_code` is for polling and never shown, times are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None
    expires_in: float
    interval: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A fresh token pair; `expires_in` is the access token's life in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """A new asset: where its parts go, in order. The urls are as good as keys: never shown."""

    id: str
    urls: tuple[str, ...] = field(repr=False)


class Api:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def request_code(self, device: Device) -> Code:
        answer = await self.wire.form(
            "/v2/auth/device/code",
            {**device.form, "scope": SCOPE},
            {"x-client-platypus-enabled": "true"},  # asks for the complete link, for a QR code
        )
        with understood("a pairing code"):
            return Code(
                device_code=str(answer["device_code"]),
                user_code=str(answer["user_code"]),
                verification_uri=str(answer.get("verification_uri") or "https://app.frame.io"),
                verification_uri_complete=answer.get("verification_uri_complete"),
                expires_in=float(answer["expires_in"]),
                interval=float(answer.get("interval", 5)),
            )

    async def redeem(self, device: Device, code: Code) -> Grant:
        """The tokens of a confirmed code; Refused with `authorization_pending` until then."""
        grant_type = "urn:ietf:params:oauth:grant-type:device_code"
        return await self._grant({**device.form, "grant_type": grant_type, "device_code": code.device_code})

    async def refresh(self, device: Device, refresh_token: str) -> Grant:
        return await self._grant(
            {**device.form, "grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    async def identity(self, access: str) -> Identity:
        answer = await self.wire.call("GET", "/v2/devices/me", bearer(access))
        with understood("the device's identity"):
            return read_identity(answer)

    async def health(self) -> None:
        """Return when the service answers; no token is needed."""
        await self.wire.call("GET", "/health", {})

    async def heartbeat(self, access: str) -> None:
        """Say over HTTP that this device is there; at most once a minute."""
        await self.wire.call("POST", "/v2/devices/heartbeat", bearer(access))

    async def may_create_asset(self) -> None:
        """Return when the rate limits allow it: an `offset` that is told then is not old when it arrives."""
        await self.wire.allowed("POST", ASSETS)

    async def create_asset(self, access: str, body: Mapping[str, Any]) -> Created:
        answer = await self.wire.post(ASSETS, access, body)
        with understood("a new asset"):
            return Created(id=str(answer["id"]), urls=_urls(answer))

    async def create_realtime_asset(self, access: str, body: Mapping[str, Any]) -> str:
        """The id of an asset whose parts are asked for as they come to be (reference, section 11)."""
        answer = await self.wire.post(ASSETS, access, body)
        with understood("a new asset"):
            return str(answer["id"])

    async def realtime_parts(self, access: str, asset: str, body: Mapping[str, Any]) -> tuple[str, ...]:
        """The urls of the parts in `body`, in its order."""
        answer = await self.wire.post(
            f"/v2/devices/assets/{quote_plus(asset)}/realtime_upload/parts", access, body
        )
        with understood("urls of parts"):
            return _urls(answer)

    async def connect_channel(self, access: str, client_id: str, model: str) -> Channel:
        body = {"client_id": client_id, "device_model_id": model}
        answer = await self.wire.post("/v2/devices/channels/connect", access, body)
        with understood("a channel"):
            return read_channel(answer)

    async def disconnect_channel(self, access: str, channel: str) -> None:
        path = f"/v2/devices/channels/{quote_plus(channel)}/disconnect"
        await self.wire.call("POST", path, bearer(access))

    async def disconnect_channels(self, access: str) -> None:
        """Every sub-device's; the device's own stays."""
        await self.wire.call("POST", "/v2/devices/channels/disconnect", bearer(access))

    async def revoke(self, device: Device, token: str) -> None:
        """End the pairing that a token belongs to."""
        await self.wire.form("/v2/auth/revoke", {**device.form, "token": token})

    async def _grant(self, form: Mapping[str, str]) -> Grant:
        answer = await self.wire.form("/v2/auth/token", form)
        return read_grant(answer)


def read_grant(answer: Mapping[str, Any]) -> Grant:
    """The token pair in an answer."""
    with understood("tokens"):
        return Grant(
            access=str(answer["access_token"]),
            refresh=str(answer["refresh_token"]),
            expires_in=float(answer["expires_in"]),
        )


def _urls(answer: Mapping[str, Any]) -> tuple[str, ...]:
    urls = tuple(str(url) for url in answer["upload_urls"])
    if not urls or any(urlsplit(url).scheme != "https" for url in urls):
        raise ValueError("upload_urls")
    return urls


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """One context for API and uploads: certifi's authorities, the system's, and the user's own file.

    Raises ConfigError for a file that cannot be read.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return trust(context, ca_file)


@asynccontextmanager
async def open_api(options: FrameioOptions) -> AsyncIterator[tuple[Api, ssl.SSLContext]]:
    """The API's client and the TLS context that uploads share with it."""
    context = await trio.to_thread.run_sync(trusted, options.ca_file)
    headers = {"x-client-version": client_version()}
    async with httpx.AsyncClient(
        base_url=options.api_url,
        headers=headers,
        timeout=TIMEOUT,
        transport=Transport(context),
        trust_env=False,
    ) as client:
        yield Api(Wire(client)), context
