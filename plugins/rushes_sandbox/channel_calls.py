"""`/v2/devices/channels/...`: sub-devices come and go (the guide on channels)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.forms import BadBody, media_type, read_object
from rushes_sandbox.guard import authorised
from rushes_sandbox.newasset import invalid, invalid_body, unreadable
from rushes_sandbox.project import sub_channel
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described

_Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class NewChannel(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    client_id: _Id
    device_model_id: _Id


class ChannelCalls:
    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        at = "/v2/devices/channels"
        return [
            Route(f"{at}/connect", self.connect, methods=["POST"]),
            Route(at, self.connect, methods=["POST"]),  # as the reference's page names it
            Route(f"{at}/disconnect", self.disconnect_all, methods=["POST"]),
            Route(f"{at}/{{channel_id}}/disconnect", self.disconnect, methods=["POST"]),
        ]

    async def connect(self, request: Request) -> Response:
        device = authorised(self._store, request).device
        wanted = await _read(request)
        models = self._store.settings.channel_models
        if models and wanted.device_model_id not in models:
            raise invalid(f"device_model_id: {wanted.device_model_id} is no model of this integration")
        for name in wanted.model_extra or {}:
            self._store.violations.note(described(request), f"unknown field {name[:40]}")
        channel = self._store.channels.connect(device, wanted.client_id, wanted.device_model_id)
        return json_answer(sub_channel(self._store, device, channel))

    async def disconnect(self, request: Request) -> Response:
        device, channel_id = authorised(self._store, request).device, request.path_params["channel_id"]
        if channel_id == device.channel_id:
            raise invalid("the primary channel of a device cannot be disconnected")
        self._store.channels.disconnect(device.id, channel_id)
        return Response(status_code=204)

    async def disconnect_all(self, request: Request) -> Response:
        self._store.channels.disconnect_all(authorised(self._store, request).device.id)
        return Response(status_code=204)


async def _read(request: Request) -> NewChannel:
    if media_type(request.headers.get("content-type", "")) != "application/json":
        raise ApiRefused(400, "The request cannot be read: send application/json.")
    try:
        return NewChannel.model_validate(await read_object(request))
    except BadBody as error:
        raise unreadable(error) from None
    except ValidationError as error:
        raise invalid_body(error) from None
