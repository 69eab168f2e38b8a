"""Calls to Frame.io's device API (v2), one method each; every foreign error is mapped here.

Each call raises Unreachable for the network and Refused for an answer of 300 and above.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import trio

from rushes import ConfigError
from rushes_frameio.body import Body, encode_form
from rushes_frameio.failures import Unreachable, parse_object, quote, read_refusal
from rushes_frameio.options import FrameioOptions

TIMEOUT = httpx.Timeout(30.0, connect=15.0)
SCOPE = "asset_create offline"


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
class Identity:
    """What the service knows about this device."""

    id: str
    name: str
    project: str
    user: str
    paused: bool

    @property
    def facts(self) -> dict[str, Any]:
        return {"project": self.project, "user": self.user, "device": self.name, "paused": self.paused}


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """A new asset: where its parts go, in order. The urls are as good as keys: never shown."""

    id: str
    urls: tuple[str, ...] = field(repr=False)


class Api:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def request_code(self, device: Device) -> Code:
        answer = await self._auth("/v2/auth/device/code", {**device.form, "scope": SCOPE}, platypus=True)
        with _understood("a pairing code"):
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
        answer = await self._call("GET", "/v2/devices/me", _bearer(access))
        with _understood("the device's identity"):
            creator = (answer.get("authorization") or {}).get("creator") or {}
            return Identity(
                id=str(answer["id"]),
                name=str(answer.get("name", "")),
                project=str((answer.get("project") or {}).get("name", "")),
                user=str(creator.get("name", "")),
                paused=answer.get("status") == "paused",
            )

    async def create_asset(self, access: str, body: Mapping[str, Any]) -> Created:
        headers = {**_bearer(access), "content-type": "application/json"}
        answer = await self._call("POST", "/v2/devices/assets", headers, json.dumps(dict(body)).encode())
        with _understood("a new asset"):
            urls = tuple(str(url) for url in answer["upload_urls"])
            if not urls or any(urlsplit(url).scheme != "https" for url in urls):
                raise ValueError
            return Created(id=str(answer["id"]), urls=urls)

    async def _grant(self, form: Mapping[str, str]) -> Grant:
        answer = await self._auth("/v2/auth/token", form)
        with _understood("tokens"):
            return Grant(
                access=str(answer["access_token"]),
                refresh=str(answer["refresh_token"]),
                expires_in=float(answer["expires_in"]),
            )

    async def _auth(self, path: str, form: Mapping[str, str], *, platypus: bool = False) -> Mapping[str, Any]:
        # The authorisation endpoints take multipart bodies.
        body, kind = encode_form(form)
        headers = {"content-type": kind} | ({"x-client-platypus-enabled": "true"} if platypus else {})
        return await self._call("POST", path, headers, body)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Mapping[str, Any]:
        request = self._client.build_request(method, path, headers=dict(headers), content=body or None)
        request.stream = Body(body)
        try:
            response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(_reason(error), lost=False) from error
        except httpx.TransportError as error:
            raise Unreachable(_reason(error), lost=True) from error
        if response.status_code >= 300:
            raise read_refusal(response.status_code, response.headers, response.content)
        answer = parse_object(response.content)
        if answer is None:
            kind = response.headers.get("content-type", "no content type").split(";")[0]
            raise Unreachable(f"something on the way answered with {quote(kind)}", lost=False)
        return answer


def _bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def _reason(error: Exception) -> str:
    """The innermost cause in one line: httpx and trio wrap what the system said."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
    return quote(cause) or quote(error) or type(error).__name__


class _understood:  # noqa: N801 - reads as a statement: `with _understood("tokens"):`
    """An answer in an unknown shape is an answer of something else than the service."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError | ValueError | TypeError | AttributeError):
            raise Unreachable(f"the answer does not look like {self._what}", lost=True) from error


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """One context for API and uploads: certifi's authorities, the system's, and the user's own file.

    Raises ConfigError for a file that cannot be read.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"ca_file {ca_file}: {error.strerror or 'not a PEM file'}; correct it"
            ) from error
    return context


@asynccontextmanager
async def open_api(options: FrameioOptions) -> AsyncIterator[tuple[Api, ssl.SSLContext]]:
    """The API's client and the TLS context that uploads share with it."""
    context = await trio.to_thread.run_sync(trusted, options.ca_file)
    headers = {"x-client-version": version("rushes")}
    async with httpx.AsyncClient(
        base_url=options.api_url, headers=headers, verify=context, timeout=TIMEOUT, trust_env=False
    ) as client:
        yield Api(client), context
