"""Calls of the app flow: a person logs in and chooses a project (reference, section 3; deprecated by Frame.io).

Each call raises Unreachable for the network and Refused for an answer of 300 and above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from rushes_frameio.calls.api import Grant, read_grant
from rushes_frameio.calls.wire import Wire, bearer, understood
from rushes_frameio.options import FrameioOptions

#: Dotted in this flow, underscored in the other.
SCOPE = "offline device.connect asset.create"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who logged in."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An account, or a project in one."""

    id: str
    name: str


class Apps:
    """The same service, asked by an application instead of a device."""

    def __init__(self, wire: Wire, options: FrameioOptions) -> None:
        self._wire = wire
        self._options = options
        self._client_id = options.app_client_id or ""

    @property
    def offered(self) -> bool:
        """Whether people are expected to log in, rather than to pair by code."""
        return bool(self._client_id)

    def login_page(self, *, redirect_uri: str, state: str, challenge: str) -> str:
        """Where a person's browser is sent."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._options.login_url}/oauth2/auth?{urlencode(query)}"

    async def redeem(self, *, code: str, verifier: str, redirect_uri: str) -> Grant:
        return await self._grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh(self, refresh_token: str) -> Grant:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": SCOPE}
        return await self._grant(form)

    async def person(self, access: str) -> Person:
        answer = await self._wire.call("GET", "/v2/me", bearer(access))
        with understood("a user"):
            return Person(name=str(answer["name"]), email=str(answer.get("email") or ""))

    async def accounts(self, access: str) -> tuple[Place, ...]:
        """Those in which this person may use Camera to Cloud."""
        answer = await self._wire.listed("/v2/devices/accounts", bearer(access))
        return _places(answer, "display_name", "accounts")

    async def projects(self, access: str, account: str) -> tuple[Place, ...]:
        url = f"/v2/devices/accounts/{quote_plus(account)}/projects"
        return _places(await self._wire.listed(url, bearer(access)), "name", "projects")

    async def connect(self, access: str, project: str) -> None:
        """Make this login act as a device of the project; some answers have a body, some (204) have none."""
        url = f"/v2/devices/connect?{urlencode({'project_id': project})}"
        await self._wire.send("POST", url, bearer(access))

    async def disconnect(self, access: str) -> None:
        """Remove the device from its project."""
        await self._wire.send("POST", "/v2/devices/disconnect", bearer(access))

    async def _grant(self, form: Mapping[str, str]) -> Grant:
        url = f"{self._options.login_url}/oauth2/token"
        return read_grant(await self._wire.oauth_form(url, {"client_id": self._client_id, **form}))


def _places(answer: Sequence[Any], label: str, what: str) -> tuple[Place, ...]:
    with understood(what):
        return tuple(Place(id=str(each["id"]), name=str(each.get(label) or "")) for each in answer)
