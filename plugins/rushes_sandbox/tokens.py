"""Grants and their tokens (reference, section 4): rotated by each refresh, kept as SHA-256 digests."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any, Literal

from rushes_sandbox.answers import ApiRefused, AuthRefused, not_authorised
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.devices import Devices, Grant, ProjectDevice, whole
from rushes_sandbox.journal import Fact, Journal

#: Which tokens of a grant are meant.
What = Literal["access", "refresh", "both"]


class Tokens(Book):
    name = "tokens"

    def __init__(self, journal: Journal, settings: Settings, devices: Devices) -> None:
        super().__init__(journal, settings)
        self._devices = devices
        self._grants: dict[str, Grant] = {}

    def grant(self, client_id: str, scopes: list[str], device: ProjectDevice | None = None) -> dict[str, Any]:
        """Return the first tokens of a new grant: a device's, or an app's that is connected to none yet."""
        new = str(uuid.uuid4())
        tokens, facts = self._mint(scopes, app=device is None)
        connected = device.id if device else ""
        self.record("granted", grant=new, client_id=client_id, scopes=scopes, device=connected, **facts)
        return tokens

    def refresh(self, refresh_token: str, client_id: str) -> dict[str, Any]:
        """Spend a device's refresh token: the old pair is dead when this returns."""
        found = self._of_refresh(refresh_token, client_id, app=False)
        if found is None:
            raise AuthRefused("invalid_request")
        if "refresh" in found.revoked or not self._devices.alive(found.device):
            raise not_authorised("The device is no longer connected to the project.")
        if found.refresh_expires <= self.now:
            raise AuthRefused("invalid_request")
        return self._rotate(found)

    def refresh_app(self, refresh_token: str, client_id: str) -> dict[str, Any] | None:
        """Spend an app's refresh token; None when it is inactive: spent, expired, revoked or unknown."""
        found = self._of_refresh(refresh_token, client_id, app=True)
        if found is None or "refresh" in found.revoked or found.refresh_expires <= self.now:
            return None
        return self._rotate(found)

    def revoke_token(self, token: str) -> None:
        """End the grant of an access or refresh token; an unknown one is no error (RFC 7009).

        A device that was paired by code is then gone from its project.
        """
        for found in self._grants.values():
            if digest(token) in {found.access, found.refresh}:
                self.revoke(found, "both")
                if found.connected:
                    self._devices.forget(found.connected)
                return

    def revoke(self, grant: Grant, what: What) -> None:
        """Take tokens back."""
        self.record("revoked", grant=grant.id, which=what)

    def of_device(self, device: ProjectDevice) -> list[Grant]:
        return [grant for grant in self._grants.values() if grant.connected is device]

    def valid(self, grant: Grant, access: str) -> bool:
        """Whether the access token with this digest was neither rotated nor revoked."""
        return grant.access == access and "access" not in grant.revoked

    def authorise(self, header: str) -> Grant:
        """Return the grant behind an `Authorization` header, or refuse with 401."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise not_authorised("The Authorization header must be: Bearer <access_token>.")
        wanted = digest(token.strip())
        found = next((grant for grant in self._grants.values() if grant.access == wanted), None)
        if found is None or "access" in found.revoked or not (found.app or self._devices.alive(found.device)):
            raise not_authorised("The access token is not valid.")
        if found.access_expires <= self.now:
            raise not_authorised("The access token has expired.")
        return found

    def authorise_device(self, header: str) -> Grant:
        """As `authorise`, for what only a device may do; an app that is not connected is refused with 403."""
        found = self.authorise(header)
        if found.connected is None or not self._devices.alive(found.connected):
            raise ApiRefused(403, "The app is not connected to a project.")
        return found

    def connect(self, grant: Grant, device: ProjectDevice) -> None:
        """Make an app's grant act as a device from now on."""
        self.record("connected", grant=grant.id, device=device.id)

    def identify(self, grant: Grant) -> bool:
        """Take an identity call in; return whether it came too soon after the one before."""
        early = self._devices.identify(grant.device, asked_for=not grant.identified)
        if not grant.identified:
            self.record("identified", grant=grant.id)
        return early

    def _rotate(self, grant: Grant) -> dict[str, Any]:
        tokens, facts = self._mint(grant.scopes, app=grant.app)
        self.record("refreshed", grant=grant.id, **facts)
        return tokens

    def _of_refresh(self, token: str, client_id: str, *, app: bool) -> Grant | None:
        wanted = digest(token)
        for grant in self._grants.values():
            if grant.refresh == wanted:
                return grant if (grant.client_id, grant.app) == (client_id, app) else None
        return None

    def _mint(self, scopes: list[str], *, app: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        access, refresh = secrets.token_urlsafe(48), str(uuid.uuid4())
        life = self._settings.app_token_life if app else self._settings.token_life
        keeps = self._settings.app_refresh_life if app else self._settings.refresh_life
        tokens = {"access_token": access, "expires_in": whole(life), "token_type": "bearer"}
        facts = {
            "access": digest(access),
            "access_expires": self.now + life,
            "refresh": "",
            "refresh_expires": 0,
        }
        if "offline" in scopes:
            tokens["refresh_token"] = refresh
            facts |= {"refresh": digest(refresh), "refresh_expires": self.now + keeps}
        return tokens, facts

    def apply(self, fact: Fact) -> None:
        if fact["what"] == "granted":
            device = self._devices.all.get(fact["device"])
            self._grants[fact["grant"]] = Grant(
                id=fact["grant"],
                app=device is None,
                client_id=fact["client_id"],
                scopes=fact["scopes"],
                connected=device,
            )
        grant = self._grants[fact["grant"]]
        match fact["what"]:
            case "granted" | "refreshed":
                grant.access, grant.access_expires = fact["access"], fact["access_expires"]
                grant.refresh, grant.refresh_expires = fact["refresh"], fact["refresh_expires"]
                grant.revoked = frozenset()
                grant.identified = False
            case "identified":
                grant.identified = True
            case "connected":
                grant.connected = self._devices.all[fact["device"]]
                grant.identified = False
            case "revoked":
                grant.revoked |= {"access", "refresh"} if fact["which"] == "both" else {fact["which"]}


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
