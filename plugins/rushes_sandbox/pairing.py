"""Pairing by six digits: the codes on their way (reference, section 2). They are kept as SHA-256 digests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from rushes import NotFound
from rushes_sandbox.answers import AuthRefused
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.devices import Devices, ProjectDevice
from rushes_sandbox.journal import Fact, Journal
from rushes_sandbox.projects import Project
from rushes_sandbox.tokens import digest


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


class Pairing(Book):
    name = "pairing"

    def __init__(self, journal: Journal, settings: Settings, devices: Devices) -> None:
        super().__init__(journal, settings)
        self._devices = devices
        self._codes: dict[str, Code] = {}

    def request_code(self, client_id: str, scopes: list[str]) -> tuple[str, str]:
        """Start a pairing; return the secret device code and the six digits."""
        pending = {code.user_code for code in self._codes.values() if code.expires_at > self.now}
        user_code = f"{secrets.randbelow(1_000_000):06}"
        while user_code in pending:
            user_code = f"{secrets.randbelow(1_000_000):06}"
        device_code = secrets.token_urlsafe(32)
        self.record(
            "code",
            code=digest(device_code),
            user_code=user_code,
            client_id=client_id,
            scopes=scopes,
            expires_at=self.now + self._settings.code_life,
        )
        return device_code, user_code

    def confirm(self, user_code: str, project: Project) -> ProjectDevice:
        """Do what a person does in a project: type the six digits. NotFound when no such code waits."""
        for code_digest, code in self._codes.items():
            if code.user_code == user_code and not code.device and code.expires_at > self.now:
                device = self._devices.connect(code.client_id, project)
                self.record("confirmed", code=code_digest, device=device.id)
                return device
        raise NotFound(f"user code {user_code}: no device waits with it; ask the device for a new code")

    def poll(self, device_code: str, client_id: str) -> bool:
        """Take one poll in; return whether it came before the interval was over.

        AuthRefused says why there are no tokens yet, or will never be; `redeem` is next otherwise.
        """
        code = self._codes.get(digest(device_code))
        if code is None or code.client_id != client_id or code.used:
            raise AuthRefused("invalid_grant")
        # A tenth of tolerance: timers are not exact.
        early = self.now - code.polled_at < 0.9 * self._settings.interval
        code.polled_at = self.now
        if code.expires_at <= self.now:
            raise AuthRefused("expired_token")
        if not code.device:
            raise AuthRefused("slow_down" if early else "authorization_pending")
        return early

    def redeem(self, device_code: str) -> tuple[ProjectDevice, list[str]]:
        """Use the code up; return the device and the scopes it stands for."""
        code = self._codes[digest(device_code)]
        device = self._devices.all[code.device]
        if device.forgotten:
            raise AuthRefused("invalid_grant")
        self.record("redeemed", code=digest(device_code))
        return device, code.scopes

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
                self._codes[fact["code"]].device = fact["device"]
            case "redeemed":
                self._codes[fact["code"]].used = True
