"""The parts of a growing file: asked for as its bytes become final (reference, section 11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.asset import Asset
from rushes_sandbox.assets import MOST_PARTS
from rushes_sandbox.forms import BadBody, media_type, read_object
from rushes_sandbox.guard import authorised
from rushes_sandbox.newasset import LARGEST_FILE, Name, extension_of, invalid, invalid_body, unreadable
from rushes_sandbox.store import Store
from rushes_sandbox.uploads import LARGEST_PART, Uploads
from rushes_sandbox.urls import upload_urls
from rushes_sandbox.wire import described


class WantedPart(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    number: Annotated[int, Field(ge=1, le=MOST_PARTS)]
    size: Annotated[int, Field(ge=1, le=LARGEST_PART)]
    is_final: bool = False


class WantedParts(BaseModel):
    """`asset_filesize` counts once the final part is known, `asset_name` while the asset has none."""

    model_config = ConfigDict(extra="allow", strict=True)

    parts: Annotated[list[WantedPart], Field(min_length=1, max_length=MOST_PARTS)]
    asset_filesize: Annotated[int, Field(ge=1, le=LARGEST_FILE)] | None = None
    asset_name: Name | None = None


class Realtime:
    def __init__(self, store: Store, uploads: Uploads) -> None:
        self._store = store
        self._uploads = uploads

    def routes(self) -> list[Route]:
        at = "/v2/devices/assets/{asset_id}/realtime_upload/parts"
        return [Route(at, self.parts, methods=["POST"])]

    async def parts(self, request: Request) -> Response:
        """Answer one url a part, in the request's order; a number asked for again gets another one."""
        grant = authorised(self._store, request)
        if "asset_create" not in grant.scopes:
            raise ApiRefused(403, "The device was paired without the scope asset_create.")
        asset = self._store.assets.all.get(request.path_params["asset_id"])
        if asset is None or asset.device != grant.device.id:
            raise ApiRefused(404, f"The device has no asset {request.path_params['asset_id']}.")
        if not asset.realtime:
            raise ApiRefused(400, "The asset is not a realtime one: its urls came with it.")
        wanted = await _read(request)
        if asset.closed:
            raise ApiRefused(400, "The asset is complete: it takes no more parts.")
        self._note_unknown(request, wanted)
        self._ask(request, asset, wanted)
        urls = upload_urls(self._store, request, asset, [asset.parts[part.number] for part in wanted.parts])
        self._uploads.assemble(asset)
        return json_answer({"upload_urls": urls})

    def _ask(self, request: Request, asset: Asset, wanted: WantedParts) -> None:
        """Write down what is promised, or refuse with 422 what cannot become a file."""
        final = next((part.number for part in wanted.parts if part.is_final), asset.last)
        filesize = None
        if final is not None:
            filesize = asset.filesize if wanted.asset_filesize is None else wanted.asset_filesize
        sizes = {number: part.size for number, part in asset.parts.items()}
        sizes |= {part.number: part.size for part in wanted.parts}
        problems = [*self._numbers(asset, wanted, final), *self._sizes(sizes, final, filesize)]
        if problems:
            raise invalid(*problems)
        name = self._name(request, asset, wanted.asset_name)
        asked = [(part.number, part.size) for part in wanted.parts]
        self._store.assets.ask(asset, asked, last=final, filesize=filesize, name=name)

    @staticmethod
    def _numbers(asset: Asset, wanted: WantedParts, final: int | None) -> Iterator[str]:
        numbers = [part.number for part in wanted.parts]
        if len(set(numbers)) != len(numbers):
            yield "parts: a number is there twice"
        if sum(part.is_final for part in wanted.parts) > 1 or asset.last not in {None, final}:
            yield "parts: only one part can be the final one"
        elif final is not None and max(*numbers, *asset.parts, final) > final:
            yield f"parts: part {final} is the final one and has not the highest number"

    def _sizes(self, sizes: dict[int, int], final: int | None, filesize: int | None) -> Iterator[str]:
        smallest = self._store.assets.smallest_part
        for number, size in sizes.items():
            if size < smallest and number != final:
                yield f"parts: part {number} has {size} bytes; all but the final one need {smallest} or more"
        total = sum(sizes.values())
        if final is not None and filesize is None:
            yield "asset_filesize: Field required once a part is final"
        elif final is not None and filesize != total:
            yield f"asset_filesize: it is {filesize}, the parts have {total} bytes together"

    def _name(self, request: Request, asset: Asset, name: str | None) -> str:
        """The name from now on: one is taken once, and only where the asset came with its extension alone."""
        if name is None or name == asset.name:
            return asset.name
        if not asset.unnamed:
            self._store.violations.note(described(request), "asset_name for an asset that has its name")
            return asset.name
        if extension_of(name) != f".{asset.extension}":
            raise invalid(f"asset_name: it does not end in .{asset.extension}, with which the asset was made")
        return name

    def _note_unknown(self, request: Request, wanted: WantedParts) -> None:
        fields = {
            *(wanted.model_extra or {}),
            *(key for part in wanted.parts for key in part.model_extra or {}),
        }
        for field in sorted(fields):
            self._store.violations.note(described(request), f"unknown field {field[:40]}")


async def _read(request: Request) -> WantedParts:
    if media_type(request.headers.get("content-type", "")) != "application/json":
        raise ApiRefused(400, "The request cannot be read: send application/json.")
    try:
        return WantedParts.model_validate(await read_object(request))
    except BadBody as error:
        raise unreadable(error) from None
    except ValidationError as error:
        raise invalid_body(error) from None
