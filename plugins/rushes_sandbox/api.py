"""`/v2/devices/...` and `/health`: identity, heartbeat, asset creation (reference, sections 5, 6 and 9)."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.assets import MOST_PARTS, Asset, split
from rushes_sandbox.devices import Grant
from rushes_sandbox.forms import BadBody, media_type, read_form, read_object
from rushes_sandbox.guard import authorised, client_version
from rushes_sandbox.project import account, identity
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described

#: A hundred years: older media than this is a mistake.
_LONGEST_OFFSET = 100 * 365 * 86400
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")

_Name = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Mime = Annotated[
    str, StringConstraints(max_length=255, pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")
]
_Uuid = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class NewAsset(BaseModel):
    """The body of an asset create: a standard asset, whose bytes all exist."""

    model_config = ConfigDict(extra="allow")

    name: _Name
    filetype: _Mime
    filesize: Annotated[int, Field(ge=1, le=5 * 1024**4)]
    offset: Annotated[int, Field(ge=0, le=_LONGEST_OFFSET)] = 0
    channel: Annotated[int, Field(ge=0, le=100)] = 0
    parts: Annotated[int, Field(ge=1, le=MOST_PARTS)] | None = None
    is_realtime_upload: bool = False
    extension: str | None = None
    auto_version_id: _Uuid | None = None


class Api:
    def __init__(self, store: Store, host: str) -> None:
        self._store = store
        self._host = host

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/v2/devices/me", self.me, methods=["GET"]),
            Route("/v2/devices/heartbeat", self.heartbeat, methods=["POST"]),
            Route("/v2/devices/assets", self.create, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        return json_answer({"ok": True})

    async def me(self, request: Request) -> Response:
        grant = authorised(self._store, request)
        self._store.devices.identify(grant)
        return json_answer(
            identity(grant, client_version(self._store, request), self._store.settings.clock())
        )

    async def heartbeat(self, request: Request) -> Response:
        authorised(self._store, request)
        return Response(status_code=204)

    async def create(self, request: Request) -> Response:
        grant = authorised(self._store, request)
        if "asset_create" not in grant.scopes:
            raise ApiRefused(403, "The device was paired without the scope asset_create.")
        wanted = await self._wanted(request)
        if wanted.channel != 0:
            raise ApiRefused(404, f"The device has no channel {wanted.channel}; it has channel 0 only.")
        if wanted.auto_version_id and wanted.auto_version_id not in self._store.assets.all:
            raise ApiRefused(404, f"There is no asset {wanted.auto_version_id} to make a version of.")
        count = self._count(wanted)
        self._note_manners(request, grant, wanted)
        asset = self._store.assets.create(
            name=wanted.name,
            filetype=wanted.filetype,
            filesize=wanted.filesize,
            channel=wanted.channel,
            offset=wanted.offset,
            count=count,
        )
        return json_answer(self._described(asset, grant, self._urls(request, asset)))

    async def _wanted(self, request: Request) -> NewAsset:
        kind = media_type(request.headers.get("content-type", ""))
        try:
            if kind == "application/json":
                body: dict[str, Any] = await read_object(request)
            elif kind == "application/x-www-form-urlencoded":
                body = dict(await read_form(request))
            else:
                raise BadBody("send application/json or application/x-www-form-urlencoded")
        except BadBody as error:
            raise ApiRefused(400, f"The request cannot be read: {error}.") from None
        if str(body.get("is_realtime_upload")).lower() in {"true", "1"}:
            raise ApiRefused(400, "The sandbox takes standard assets only: is_realtime_upload must be false.")
        try:
            return NewAsset.model_validate(body, strict=kind == "application/json")
        except ValidationError as error:
            details = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
            raise ApiRefused(422, *details, title="Invalid Arguments") from None

    def _count(self, wanted: NewAsset) -> int:
        if wanted.parts is None:
            return self._store.assets.default_count(wanted.filesize)
        sizes, smallest = split(wanted.filesize, wanted.parts), self._store.assets.smallest_part
        if sizes[-1] < 1 or any(size < smallest for size in sizes[:-1]):
            detail = (
                f"parts: {wanted.parts} of {sizes[0]} bytes; all but the last need {smallest} bytes or more"
            )
            raise ApiRefused(422, detail, title="Invalid Arguments")
        return wanted.parts

    def _note_manners(self, request: Request, grant: Grant, wanted: NewAsset) -> None:
        if not grant.identified:
            self._store.violations.note(
                described(request), "no identity call since the access token was issued"
            )
        for field in wanted.model_extra or {}:
            self._store.violations.note(described(request), f"unknown field {field[:40]}")

    def _urls(self, request: Request, asset: Asset) -> list[str]:
        settings = self._store.settings
        # The host the client used, so that a proxy between the two stays between them.
        asked = request.headers.get("host", "")
        host = asked if _HOST.fullmatch(asked) else self._host
        urls = []
        for part in asset.parts:
            path = asset.path(part)
            query = self._store.signer.presign(
                path, host=host, content_type=asset.filetype, now=settings.clock(), life=settings.url_life
            )
            urls.append(f"https://{host}{path}?{query}")
        return urls

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
