"""Rushes: what a plugin author imports.

This façade re-exports; beside it the public modules are `rushes.retry`, `rushes.templates`, `rushes.timecode`,
`rushes.tls`, `rushes.volumes`, `rushes.commands` and `rushes.testing`. A name is imported when it is first used:
`pipeline --help` and `pipeline status` import `rushes` too, and must not pay for pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rushes.config.types import Duration, Secret, Size
    from rushes.contract import (
        Action,
        Affecting,
        Annotator,
        AnySpec,
        Catalog,
        Completed,
        Context,
        Devices,
        Illustrator,
        Intake,
        Observer,
        Options,
        Report,
        Secrets,
        Sink,
        Source,
        Spec,
        Store,
        Tell,
        Transform,
    )
    from rushes.errors import (
        Changed,
        CommandFailed,
        ConfigError,
        MediaGone,
        NotAuthorised,
        NotFound,
        NotYet,
        Permanent,
        RushesError,
        Transient,
        Unavailable,
        WorkerDied,
    )
    from rushes.events import Event
    from rushes.hooks import hookimpl
    from rushes.model import (
        WORK,
        Admission,
        Clip,
        Device,
        Finding,
        Kind,
        Link,
        LinkState,
        Order,
        Receipt,
        Record,
        Resume,
        Role,
        Scalar,
    )
    from rushes.templates import Template

_HOMES = {
    "rushes.config.types": (
        "Duration",
        "Secret",
        "Size",
    ),
    "rushes.contract": (
        "Action",
        "Affecting",
        "Annotator",
        "AnySpec",
        "Catalog",
        "Completed",
        "Context",
        "Devices",
        "Illustrator",
        "Intake",
        "Observer",
        "Options",
        "Report",
        "Secrets",
        "Sink",
        "Source",
        "Spec",
        "Store",
        "Tell",
        "Transform",
    ),
    "rushes.errors": (
        "Changed",
        "CommandFailed",
        "ConfigError",
        "MediaGone",
        "NotAuthorised",
        "NotFound",
        "NotYet",
        "Permanent",
        "RushesError",
        "Transient",
        "Unavailable",
        "WorkerDied",
    ),
    "rushes.events": ("Event",),
    "rushes.hooks": ("hookimpl",),
    "rushes.model": (
        "WORK",
        "Admission",
        "Clip",
        "Device",
        "Finding",
        "Kind",
        "Link",
        "LinkState",
        "Order",
        "Receipt",
        "Record",
        "Resume",
        "Role",
        "Scalar",
    ),
    "rushes.templates": ("Template",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "WORK",
    "Action",
    "Admission",
    "Affecting",
    "Annotator",
    "AnySpec",
    "Catalog",
    "Changed",
    "Clip",
    "CommandFailed",
    "Completed",
    "ConfigError",
    "Context",
    "Device",
    "Devices",
    "Duration",
    "Event",
    "Finding",
    "Illustrator",
    "Intake",
    "Kind",
    "Link",
    "LinkState",
    "MediaGone",
    "NotAuthorised",
    "NotFound",
    "NotYet",
    "Observer",
    "Options",
    "Order",
    "Permanent",
    "Receipt",
    "Record",
    "Report",
    "Resume",
    "Role",
    "RushesError",
    "Scalar",
    "Secret",
    "Secrets",
    "Sink",
    "Size",
    "Source",
    "Spec",
    "Store",
    "Tell",
    "Template",
    "Transform",
    "Transient",
    "Unavailable",
    "WorkerDied",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
