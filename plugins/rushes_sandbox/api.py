"""`/v2/devices/assets`: asset creation (reference, sections 9 and 11)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.asset import DEFAULT_NAME, Asset, split
from rushes_sandbox.devices import Grant
from rushes_sandbox.guard import authorised
from rushes_sandbox.newasset import NewAsset, invalid, read_new_asset
from rushes_sandbox.project import account
from rushes_sandbox.store import Store
from rushes_sandbox.urls import upload_urls
from rushes_sandbox.wire import described


class Api:
    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        # Shipping cameras still use the older path.
        return [Route(path, self.create, methods=["POST"]) for path in ("/v2/devices/assets", "/v2/assets")]

    async def create(self, request: Request) -> Response:
        grant = authorised(self._store, request)
        if "asset_create" not in grant.scopes:
            raise ApiRefused(403, "The device was paired without the scope asset_create.")
        wanted = await read_new_asset(request)
        channel_id = self._channel_id(grant, wanted.channel)
        self._store.pauses.check(grant.device, wanted.channel, wanted.offset)
        if wanted.auto_version_id and wanted.auto_version_id not in self._store.assets.all:
            raise ApiRefused(404, f"There is no asset {wanted.auto_version_id} to make a version of.")
        count = None if wanted.filesize is None else self._count(wanted.filesize, wanted.parts)
        self._note_manners(request, grant, wanted)
        asset = self._store.assets.create(
            name=wanted.name or f"{DEFAULT_NAME}{wanted.extension}",
            filetype=wanted.filetype,
            filesize=wanted.filesize,
            device=grant.device.id,
            project=grant.device.project_id,
            channel=wanted.channel,
            channel_id=channel_id,
            offset=wanted.offset,
            count=count,
        )
        if asset.realtime:
            return json_answer({"id": asset.id, "name": asset.name})
        urls = upload_urls(self._store, request, asset, asset.ordered)
        return json_answer(self._described(asset, grant, urls))

    def _channel_id(self, grant: Grant, index: int) -> str:
        """The channel of that index; 0 is the device itself."""
        if index == 0:
            return grant.device.channel_id
        channel = self._store.channels.find(grant.device.id, index)
        if channel is None:
            raise ApiRefused(404, f"The device has no channel {index}.")
        return channel.id

    def _count(self, filesize: int, parts: int | None) -> int:
        if parts is None:
            return self._store.assets.default_count(filesize)
        sizes, smallest = split(filesize, parts), self._store.assets.smallest_part
        if sizes[-1] < 1 or any(size < smallest for size in sizes[:-1]):
            raise invalid(
                f"parts: {parts} of {sizes[0]} bytes; all but the last need {smallest} bytes or more"
            )
        return parts

    def _note_manners(self, request: Request, grant: Grant, wanted: NewAsset) -> None:
        if not grant.identified:
            self._store.violations.note(
                described(request), "no identity call since the access token was issued"
            )
        for field in wanted.model_extra or {}:
            self._store.violations.note(described(request), f"unknown field {field[:40]}")

    def _described(self, asset: Asset, grant: Grant, urls: list[str]) -> dict[str, Any]:
        return {
            "_type": "file",
            "id": asset.id,
            "name": asset.name,
            "filetype": asset.filetype,
            "filesize": asset.filesize,
            "upload_urls": urls,
            "status": "created",
            **account(grant, asset),
        }
