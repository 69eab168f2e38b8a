"""Who may upload: pairing codes, project devices and their grants (reference, sections 2, 4 and 5).

Device codes and tokens are kept as SHA-256 digests only.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from rushes import NotFound
from rushes_sandbox.answers import AuthRefused, not_authorised
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.journal import Fact, Journal


@dataclass(kw_only=True)
class Code:
    """A pairing under way; `device` is set when a person has typed the six digits."""

    user_code: str
    client_id: str
    scopes: list[str]
    expires_at: float
    device: str = ""
    used: bool = False
    polled_at: float = float("-inf")


@dataclass(frozen=True, kw_only=True)
class ProjectDevice:
    """One physical device in the project; pairing it again keeps its ids."""

    id: str
    device_id: str
    authorization_id: str
    channel_id: str
    client_id: str
    name: str
    inserted_at: float


@dataclass(kw_only=True)
class Grant:
    """What one pairing allows; `identified` says whether the identity was fetched with the present token."""

    id: str
    device: ProjectDevice
    scopes: list[str]
    access_expires: float = 0.0
    refresh_expires: float = 0.0
    revoked: bool = False
    identified: bool = False


class Devices(Book):
    name = "devices"

    def __init__(self, journal: Journal, settings: Settings) -> None:
        super().__init__(journal, settings)
        self._codes: dict[str, Code] = {}
        self._devices: dict[str, ProjectDevice] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def request_code(self, client_id: str, scopes: list[str]) -> tuple[str, str]:
        """Start a pairing; return the secret device code and the six digits."""
        pending = {code.user_code for code in self._codes.values() if code.expires_at > self.now}
        user_code = f"{secrets.randbelow(1_000_000):06}"
        while user_code in pending:
            user_code = f"{secrets.randbelow(1_000_000):06}"
        device_code = secrets.token_urlsafe(32)
        self.record(
            "code",
            code=_digest(device_code),
            user_code=user_code,
            client_id=client_id,
            scopes=scopes,
            expires_at=self.now + self._settings.code_life,
        )
        return device_code, user_code

    def confirm(self, user_code: str) -> ProjectDevice:
        """Do what a person does in the project: type the six digits. NotFound when no such code waits."""
        for digest, code in self._codes.items():
            if code.user_code == user_code and not code.device and code.expires_at > self.now:
                known = next((d for d in self._devices.values() if d.client_id == code.client_id), None)
                device = known or ProjectDevice(
                    id=str(uuid.uuid4()),
                    device_id=str(uuid.uuid4()),
                    authorization_id=str(uuid.uuid4()),
                    channel_id=str(uuid.uuid4()),
                    client_id=code.client_id,
                    name=f"RUSHES-SANDBOX-{_digest(code.client_id)[:8]}",
                    inserted_at=self.now,
                )
                self.record("confirmed", code=digest, device=vars(device))
                return device
        raise NotFound(f"user code {user_code}: no device waits with it; ask the device for a new code")

    def poll(self, device_code: str, client_id: str) -> tuple[dict[str, Any], bool]:
        """Answer one poll: the tokens, and whether it came before the interval was over."""
        code = self._codes.get(_digest(device_code))
        if code is None or code.client_id != client_id or code.used:
            raise AuthRefused("invalid_grant")
        # A tenth of tolerance: timers are not exact.
        early = self.now - code.polled_at < 0.9 * self._settings.interval
        code.polled_at = self.now
        if code.expires_at <= self.now:
            raise AuthRefused("expired_token")
        if code.device:
            grant = str(uuid.uuid4())
            tokens, facts = self._issue(code.scopes)
            self.record("granted", grant=grant, code=_digest(device_code), **facts)
            return tokens, early
        raise AuthRefused("slow_down" if early else "authorization_pending")

    def refresh(self, refresh_token: str, client_id: str) -> dict[str, Any]:
        """Spend a refresh token: the old pair is dead when this returns."""
        grant = self._refresh.get(_digest(refresh_token))
        if grant is None or grant.device.client_id != client_id or grant.refresh_expires <= self.now:
            raise AuthRefused("invalid_request")
        if grant.revoked:
            raise not_authorised("The device is no longer connected to the project.")
        tokens, facts = self._issue(grant.scopes)
        self.record("refreshed", grant=grant.id, **facts)
        return tokens

    def revoke(self, token: str) -> None:
        """End the grant of an access or refresh token; an unknown one is no error (RFC 7009)."""
        digest = _digest(token)
        grant = self._access.get(digest) or self._refresh.get(digest)
        if grant is not None and not grant.revoked:
            self.record("revoked", grant=grant.id)

    def authorise(self, header: str) -> Grant:
        """Return the grant behind an `Authorization` header, or refuse with 401."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise not_authorised("The Authorization header must be: Bearer <access_token>.")
        grant = self._access.get(_digest(token.strip()))
        if grant is None or grant.revoked:
            raise not_authorised("The access token is not valid.")
        if grant.access_expires <= self.now:
            raise not_authorised("The access token has expired.")
        return grant

    def identify(self, grant: Grant) -> None:
        if not grant.identified:
            self.record("identified", grant=grant.id)

    def _issue(self, scopes: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        access, refresh = secrets.token_urlsafe(48), str(uuid.uuid4())
        life = self._settings.token_life
        tokens = {"access_token": access, "expires_in": whole(life), "token_type": "bearer"}
        facts = {
            "access": _digest(access),
            "access_expires": self.now + life,
            "refresh": "",
            "refresh_expires": 0,
        }
        if "offline" in scopes:
            tokens["refresh_token"] = refresh
            facts |= {"refresh": _digest(refresh), "refresh_expires": self.now + self._settings.refresh_life}
        return tokens, facts

    def apply(self, fact: Fact) -> None:
        match fact["what"]:
            case "code":
                self._codes[fact["code"]] = Code(
                    user_code=fact["user_code"],
                    client_id=fact["client_id"],
                    scopes=fact["scopes"],
                    expires_at=fact["expires_at"],
                )
            case "confirmed":
                device = ProjectDevice(**fact["device"])
                self._devices[device.id] = device
                self._codes[fact["code"]].device = device.id
            case "granted":
                code = self._codes[fact["code"]]
                code.used = True
                grant = Grant(id=fact["grant"], device=self._devices[code.device], scopes=code.scopes)
                self._grants[grant.id] = grant
                self._hand_over(grant, fact)
            case "refreshed":
                grant = self._grants[fact["grant"]]
                for index in (self._access, self._refresh):
                    for digest in [digest for digest, owner in index.items() if owner is grant]:
                        del index[digest]
                self._hand_over(grant, fact)
            case "identified":
                self._grants[fact["grant"]].identified = True
            case "revoked":
                self._grants[fact["grant"]].revoked = True

    def _hand_over(self, grant: Grant, fact: Fact) -> None:
        grant.access_expires = fact["access_expires"]
        grant.refresh_expires = fact["refresh_expires"]
        grant.identified = False
        self._access[fact["access"]] = grant
        if fact["refresh"]:
            self._refresh[fact["refresh"]] = grant


def whole(seconds: float) -> float:
    """An integer where it is one, as the API prints it."""
    return int(seconds) if seconds == int(seconds) else seconds


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
