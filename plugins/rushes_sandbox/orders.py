"""The bodies of `POST /_sandbox/...` that ask for what people do: each is checked, then obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rushes_sandbox.people import People
from rushes_sandbox.sockets import Block, Shape, Trouble
from rushes_sandbox.tokens import What

_Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
_Seconds = Annotated[float, Field(ge=-(10**9), le=10**9, allow_inf_nan=False)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    def obey(self, people: People) -> Any:
        """Do it; return what is answered."""
        raise NotImplementedError


class Confirm(Order):
    user_code: str
    project: str | None = None

    def obey(self, people: People) -> Any:
        return people.confirm(self.user_code, self.project)


class AddProject(Order):
    name: _Name
    account: _Name | None = None

    def obey(self, people: People) -> Any:
        added = people.add_project(self.name, self.account)
        return next(project for project in people.projects() if project["id"] == added)


class Rename(Order):
    name: _Name
    project: str | None = None

    def obey(self, people: People) -> Any:
        people.rename(self.name, self.project)
        return people.projects()


class _OfDevice(Order):
    device: str | None = None


class Pause(_OfDevice):
    channel: Annotated[int, Field(ge=0, le=100)] | None = None

    def obey(self, people: People) -> Any:
        people.pause(self.device, self.channel)
        return people.devices()


class Resume(Pause):
    def obey(self, people: People) -> Any:
        people.resume(self.device, self.channel)
        return people.devices()


class Forget(_OfDevice):
    def obey(self, people: People) -> Any:
        people.forget(self.device)
        return people.devices()


class Expire(_OfDevice):
    in_s: _Seconds | None

    def obey(self, people: People) -> Any:
        people.expire(self.in_s, self.device)
        return people.devices()


class Revoke(_OfDevice):
    what: What = "both"

    def obey(self, people: People) -> Any:
        people.revoke(self.what, self.device)
        return people.devices()


class Deny(Order):
    def obey(self, people: People) -> Any:
        people.deny()
        return {}


class Clock(Order):
    skew_s: _Seconds

    def obey(self, people: People) -> Any:
        people.skew(self.skew_s)
        return {"skew_s": self.skew_s}


class DisturbSockets(Order):
    """One or more of: `blocked` (true is "reset"), `close`, `events` (for the next `times`), `shape`."""

    blocked: bool | Block | None = None
    close: bool = False
    events: Trouble | None = None
    times: Annotated[int, Field(ge=1, le=1000)] = 1
    shape: Shape | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> DisturbSockets:
        if not self.model_fields_set - {"times"}:
            raise ValueError("name one of blocked, close, events, shape")
        return self

    def obey(self, people: People) -> Any:
        if self.close:
            people.close_sockets()
        if "blocked" in self.model_fields_set:
            people.block_sockets("reset" if self.blocked is True else self.blocked or None)
        if self.events:
            people.trouble_events(self.events, self.times)
        if self.shape:
            people.shape_events(self.shape)
        return people.sockets()


ORDERS: Mapping[str, type[Order]] = {
    "clock": Clock,
    "confirm": Confirm,
    "deny": Deny,
    "expire": Expire,
    "forget": Forget,
    "pause": Pause,
    "projects": AddProject,
    "rename": Rename,
    "resume": Resume,
    "revoke": Revoke,
    "sockets": DisturbSockets,
}
