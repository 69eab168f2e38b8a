"""Devices and what they may do: project devices and their grants (reference, sections 1, 2 and 5)."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, field

from rushes import NotFound
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.journal import Fact, Journal
from rushes_sandbox.projects import Project, Projects, fixed


@dataclass(kw_only=True)
class ProjectDevice:
    """One physical device in one project; pairing it there again keeps its ids, elsewhere makes another.

    `client_id` and `device_id` stay with the physical device. `expires_at` ends the connection, None never
    does. `identified_at` and `seen_at` are moments of the wall clock; `heartbeats` counts both ways of one.
    """

    id: str
    device_id: str
    authorization_id: str
    channel_id: str
    client_id: str
    name: str
    project_id: str
    account_id: str
    inserted_at: float
    expires_at: float | None = None
    forgotten: bool = False
    identified_at: list[float] = field(default_factory=list)
    polled_at: float = float("-inf")
    beaten_at: float = float("-inf")
    seen_at: float = float("-inf")
    heartbeats: int = 0


@dataclass(kw_only=True)
class Grant:
    """What one pairing, or one login of an app, allows.

    `access` and `refresh` are digests of the last tokens issued, `revoked` says which of the two were taken back.
    `identified` says whether the identity was fetched with the present access token.
    """

    id: str
    app: bool
    client_id: str
    scopes: list[str]
    connected: ProjectDevice | None = None
    access: str = ""
    access_expires: float = 0.0
    refresh: str = ""
    refresh_expires: float = 0.0
    revoked: frozenset[str] = frozenset()
    identified: bool = False

    @property
    def device(self) -> ProjectDevice:
        """The device that acts; a guarded call has one."""
        assert self.connected is not None
        return self.connected


class Devices(Book):
    name = "devices"

    def __init__(self, journal: Journal, settings: Settings, projects: Projects) -> None:
        super().__init__(journal, settings)
        self._projects = projects
        self.all: dict[str, ProjectDevice] = {}

    def project(self, device: ProjectDevice) -> Project:
        return self._projects.all[device.project_id]

    def connect(self, client_id: str, project: Project) -> ProjectDevice:
        """Put a physical device into a project; the project it was in before loses it."""
        for known in self.all.values():
            if known.client_id == client_id and not known.forgotten:
                if known.project_id == project.id and self.alive(known):
                    return known
                self.forget(known)
        device = ProjectDevice(
            id=str(uuid.uuid4()),
            device_id=fixed(f"device:{client_id}"),
            authorization_id=str(uuid.uuid4()),
            channel_id=str(uuid.uuid4()),
            client_id=client_id,
            name=f"RUSHES-SANDBOX-{fixed(f'device:{client_id}')[:8].upper()}",
            project_id=project.id,
            account_id=project.account_id,
            inserted_at=self.now,
            seen_at=self.now,
        )
        self.record("connected", device=asdict(device))
        return self.all[device.id]

    def find(self, wanted: str) -> ProjectDevice:
        """Return the device of an id or, failing that, the latest of a name."""
        named = (device for device in reversed(self.all.values()) if device.name == wanted)
        found = self.all.get(wanted) or next(named, None)
        if found is None:
            raise NotFound(f"device {wanted!r}: there is none; GET /_sandbox/devices lists them")
        return found

    def connected(self) -> list[ProjectDevice]:
        """Every device that nobody has forgotten, in the order in which they were connected."""
        return [device for device in self.all.values() if not device.forgotten]

    def alive(self, device: ProjectDevice) -> bool:
        """Whether the connection to the project still holds."""
        return not device.forgotten and (device.expires_at is None or device.expires_at > self.now)

    def forget(self, device: ProjectDevice) -> None:
        """Remove it from its project: nothing it holds is valid any more."""
        if not device.forgotten:
            self.record("forgotten", id=device.id)

    def expire(self, device: ProjectDevice, at: float | None) -> None:
        """Set when the connection ends; None is never."""
        self.record("expires", id=device.id, at=at)

    def heard(self, device: ProjectDevice) -> None:
        """It called or beat: for five minutes it is not offline."""
        device.seen_at = self.now

    def quiet(self, device: ProjectDevice) -> bool:
        """Whether it has been silent for more than five minutes."""
        return self.now - device.seen_at > 5 * self._settings.minute

    def identify(self, device: ProjectDevice, *, asked_for: bool) -> bool:
        """Take an identity call in; return whether it came too soon after the one before.

        The first after a token was issued is `asked_for` by the guide, and does not count.
        """
        # A tenth of tolerance: timers are not exact.
        early = not asked_for and self.now - device.polled_at < 0.9 * self._settings.minute
        self.record("identified", id=device.id, at=self.now, polled=not asked_for)
        self.heard(device)
        return early

    def beat(self, device: ProjectDevice, *, by_socket: bool) -> bool:
        """Take a heartbeat in; return whether one over HTTP came too soon after the one before."""
        early = not by_socket and self.now - device.beaten_at < 0.9 * self._settings.minute
        self.record("beat", id=device.id, at=self.now, by_socket=by_socket)
        self.heard(device)
        return early

    def apply(self, fact: Fact) -> None:
        if fact["what"] == "connected":
            self._keep(ProjectDevice(**fact["device"]))
            return
        device = self.all[fact["id"]]
        match fact["what"]:
            case "forgotten":
                device.forgotten = True
            case "expires":
                device.expires_at = fact["at"]
            case "identified":
                device.identified_at.append(fact["at"])
                if fact["polled"]:
                    device.polled_at = fact["at"]
            case "beat":
                device.heartbeats += 1
                if not fact["by_socket"]:
                    device.beaten_at = fact["at"]

    def _keep(self, device: ProjectDevice) -> None:
        self.all[device.id] = device


def whole(seconds: float) -> float:
    """An integer where it is one, as the API prints it."""
    return int(seconds) if seconds == int(seconds) else seconds
