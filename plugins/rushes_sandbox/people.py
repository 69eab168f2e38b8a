"""What people do in the project and what breaks on the way: the direct doors to it, for tests in process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rushes import NotFound
from rushes_sandbox.book import iso
from rushes_sandbox.devices import ProjectDevice
from rushes_sandbox.oauth import Consent
from rushes_sandbox.project import channels_of, status
from rushes_sandbox.sockets import Block, Shape, Sockets, Trouble
from rushes_sandbox.store import Store
from rushes_sandbox.tokens import What


class People:
    """A device is named by its id or name; None means every device that is connected to a project.

    NotFound where nothing has that name, or None means nothing.
    """

    def __init__(self, store: Store, sockets: Sockets, consent: Consent) -> None:
        self._store = store
        self._sockets = sockets
        self._consent = consent

    def devices(self) -> list[dict[str, Any]]:
        """Every project device there ever was, in the order in which they were connected."""
        return [self._listed(device) for device in self._store.devices.all.values()]

    def projects(self) -> list[dict[str, Any]]:
        return [
            {"id": project.id, "name": project.name, "account": project.account}
            for project in self._store.projects.all.values()
        ]

    def add_project(self, name: str, account: str | None = None) -> str:
        """Make a project, and its account when that is new; return its id."""
        return self._store.projects.add(name, account).id

    def confirm(self, user_code: str, project: str | None = None) -> dict[str, Any]:
        """Type the six digits, as a person does in a project (id or name); NotFound when no device waits."""
        device = self._store.pairing.confirm(user_code, self._store.projects.find(project))
        return self._listed(device)

    def pause(self, device: str | None = None, channel: int | None = None) -> None:
        """Protect what the device, or one of its channels, makes from now on."""
        for found in self._meant(device):
            self._store.pauses.pause(found, channel)

    def resume(self, device: str | None = None, channel: int | None = None) -> None:
        """End the pause of a channel, or every pause of the device."""
        for found in self._meant(device):
            self._store.pauses.resume(found, channel)

    def forget(self, device: str | None = None) -> None:
        """Remove it from its project: its tokens are refused, its socket is closed."""
        for found in self._meant(device):
            self._store.devices.forget(found)

    def rename(self, name: str, project: str | None = None) -> None:
        """Give a project another name; None means the one of the latest device, else the first."""
        here = self._store.devices.connected()
        if project is None and here:
            project = here[-1].project_id
        self._store.projects.rename(project, name)

    def expire(self, in_s: float | None, device: str | None = None) -> None:
        """Let the connection end in so many seconds (`authorization.expires_at`), or never."""
        at = None if in_s is None else self._store.devices.now + in_s
        for found in self._meant(device):
            self._store.devices.expire(found, at)

    def revoke(self, what: What = "both", device: str | None = None) -> None:
        """Take the tokens of a device back; it stays in its project."""
        for found in self._meant(device):
            for grant in self._store.tokens.of_device(found):
                self._store.tokens.revoke(grant, what)

    def deny(self) -> None:
        """Refuse consent to the next app that asks a person to log in."""
        self._consent.deny()

    def block_sockets(self, how: Block | None = "reset") -> None:
        """Let no websocket through, open ones included, until it is lifted by None."""
        self._sockets.block(how)

    def close_sockets(self) -> None:
        """Close every websocket, as a server does that goes down for maintenance."""
        self._sockets.close_all()

    def trouble_events(self, kind: Trouble, times: int = 1) -> None:
        """Lose the next events of the websocket, send them twice, or each after the one that follows it."""
        self._sockets.trouble(kind, times)

    def shape_events(self, shape: Shape) -> None:
        """Choose the payload of `status_updated`: a bare word or an object."""
        self._sockets.shape = shape

    def sockets(self) -> dict[str, Any]:
        """How many websockets are open, and what keeps others away."""
        return {"open": self._sockets.count, "blocked": self._sockets.blocked, "shape": self._sockets.shape}

    def skew(self, seconds: float) -> None:
        """Put the server's clock wrong: the Date header, and the clock that pauses are judged by."""
        self._store.pauses.put_clock_wrong(seconds)

    def _meant(self, device: str | None) -> Sequence[ProjectDevice]:
        if device is not None:
            return [self._store.devices.find(device)]
        here = self._store.devices.connected()
        if not here:
            raise NotFound("no device is connected to a project; pair one first")
        return here

    def _listed(self, device: ProjectDevice) -> dict[str, Any]:
        project = self._store.devices.project(device)
        return {
            "id": device.id,
            "name": device.name,
            "client_id": device.client_id,
            "project": project.name,
            "project_id": project.id,
            "status": status(self._store, device),
            "online": self._sockets.joined(device),
            "paused": self._store.pauses.paused(device),
            "forgotten": device.forgotten,
            "expires_at": None if device.expires_at is None else iso(device.expires_at),
            "identified_at": [iso(moment) for moment in device.identified_at],
            "heartbeats": device.heartbeats,
            "channels": channels_of(self._store, device),
        }
