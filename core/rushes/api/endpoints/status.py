"""What is going on, and what was."""

from __future__ import annotations

from rushes.api.control import Document
from rushes.api.documents.status import AttentionList, Components, Devices, Networks, Status, Timecodes
from rushes.api.endpoint import Asked, Endpoint


async def _components(asked: Asked) -> Document:
    return {"components": (await asked.control.status())["components"]}


STATUS = (
    Endpoint(
        method="GET",
        path="/v1/status",
        summary="Everything that goes on now",
        answer=Status,
        handle=lambda asked: asked.control.status(),
    ),
    Endpoint(
        method="GET",
        path="/v1/components",
        summary="Sources, annotators, transforms, sinks and observers",
        answer=Components,
        handle=_components,
    ),
    Endpoint(
        method="GET",
        path="/v1/attention",
        summary="What needs a person",
        answer=AttentionList,
        handle=lambda asked: asked.control.attention(),
    ),
    Endpoint(
        method="GET",
        path="/v1/network",
        summary="The networks that sinks send over",
        answer=Networks,
        handle=lambda asked: asked.control.network(),
    ),
    Endpoint(
        method="GET",
        path="/v1/devices",
        summary="Sub-devices on the set network",
        answer=Devices,
        handle=lambda asked: asked.control.devices(),
    ),
    Endpoint(
        method="GET",
        path="/v1/timecode",
        summary="Live timecode",
        answer=Timecodes,
        handle=lambda asked: asked.control.timecode(),
    ),
)
