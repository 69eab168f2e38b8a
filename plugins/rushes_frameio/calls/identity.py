"""Who the service says this device is: `GET /v2/devices/me` (seed manage-status-and-state; reference, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A sub-device as the service lists it; `index` is what an asset's `channel` names, 0 the device itself."""

    id: str
    name: str
    device_id: str
    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What the service knows about this device. `expires_at` is when its authorisation ends, seconds since the
    epoch, or None. The service's raw status is not kept: only whether it said `paused`.
    """

    id: str
    device_id: str
    name: str
    project_id: str
    project: str
    user: str
    email: str = ""
    paused: bool = False
    expires_at: float | None = None
    channels: tuple[Channel, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """What people are shown."""
        return {
            "project": self.project,
            "user": self.user,
            "email": self.email or None,
            "device": self.name,
            "paused": self.paused,
            "expires_at": self.expires_at,
        }


def read_identity(answer: Mapping[str, Any]) -> Identity:
    """The identity in an answer. Raises KeyError, TypeError, ValueError or AttributeError for another shape."""
    authorization = answer.get("authorization") or {}
    creator = authorization.get("creator") or {}
    project = answer.get("project") or {}
    return Identity(
        id=str(answer["id"]),
        device_id=str(answer.get("device_id", "")),
        name=str(answer.get("name", "")),
        project_id=str(answer.get("project_id") or project["id"]),
        project=str(project.get("name", "")),
        user=str(creator.get("name", "")),
        email=str(creator.get("email") or ""),
        paused=answer.get("status") == "paused",
        expires_at=_moment(authorization.get("expires_at")),
        channels=tuple(read_channel(each) for each in answer.get("channels") or ()),
    )


def read_channel(answer: Mapping[str, Any]) -> Channel:
    """A channel in an answer; raises as `read_identity`."""
    return Channel(
        id=str(answer["id"]),
        name=str(answer.get("name", "")),
        device_id=str(answer.get("device_id", "")),
        index=int(answer.get("external_index") or 0),
    )


def _moment(text: Any) -> float | None:
    if not text:
        return None
    return datetime.fromisoformat(str(text)).timestamp()
