"""The body of an asset create, standard or realtime (reference, sections 9 and 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request

from rushes_sandbox.answers import ApiRefused
from rushes_sandbox.assets import MOST_PARTS
from rushes_sandbox.forms import BadBody, media_type, problems, read_form, read_object

#: The largest file, in bytes.
LARGEST_FILE = 5 * 1024**4
#: A hundred years: older media than this is a mistake.
_LONGEST_OFFSET = 100 * 365 * 86400
_EXTENSION = r"\.[A-Za-z0-9]{1,10}"

Name = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Mime = Annotated[
    str, StringConstraints(max_length=255, pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")
]
_Uuid = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class NewAsset(BaseModel):
    """A standard asset's bytes all exist: it has a `filesize`; a realtime one's are yet to come."""

    model_config = ConfigDict(extra="allow")

    name: Name | None = None
    filetype: _Mime
    filesize: Annotated[int, Field(ge=1, le=LARGEST_FILE)] | None = None
    offset: Annotated[int, Field(ge=0, le=_LONGEST_OFFSET)] = 0
    channel: Annotated[int, Field(ge=0, le=100)] = 0
    parts: Annotated[int, Field(ge=1, le=MOST_PARTS)] | None = None
    is_realtime_upload: bool = False
    extension: str | None = None
    auto_version_id: _Uuid | None = None


async def read_new_asset(request: Request) -> NewAsset:
    """Read and check the body: what cannot be read is a 400, what is wrong in it a 422."""
    kind = media_type(request.headers.get("content-type", ""))
    try:
        if kind == "application/json":
            body: Mapping[str, Any] = await read_object(request)
        elif kind == "application/x-www-form-urlencoded":
            body = await read_form(request)
        else:
            raise BadBody("send application/json or application/x-www-form-urlencoded")
    except BadBody as error:
        raise unreadable(error) from None
    try:
        wanted = NewAsset.model_validate(body, strict=kind == "application/json")
    except ValidationError as error:
        raise invalid_body(error) from None
    if wanted.is_realtime_upload and kind != "application/json":
        raise ApiRefused(400, "A realtime asset is created with application/json.")
    if found := list(_realtime(wanted) if wanted.is_realtime_upload else _standard(wanted)):
        raise invalid(*found)
    return wanted


def extension_of(name: str) -> str:
    """The extension with its dot, in lower case; empty where there is no valid one."""
    found = re.fullmatch(rf"[\s\S]+({_EXTENSION})", name)
    return found[1].lower() if found else ""


def unreadable(error: BadBody) -> ApiRefused:
    return ApiRefused(400, f"The request cannot be read: {error}.")


def invalid(*details: str) -> ApiRefused:
    return ApiRefused(422, *details, title="Invalid Arguments")


def invalid_body(error: ValidationError) -> ApiRefused:
    return invalid(*problems(error))


def _standard(wanted: NewAsset) -> Iterator[str]:
    if wanted.name is None:
        yield "name: Field required"
    if wanted.filesize is None:
        yield "filesize: Field required"


def _realtime(wanted: NewAsset) -> Iterator[str]:
    if wanted.filesize is not None:
        yield "filesize: a realtime asset has none yet"
    if wanted.name is None and wanted.extension is None:
        yield "name: Field required where there is no extension"
    if wanted.name is not None and not extension_of(wanted.name):
        yield "name: a realtime asset's name ends in an extension"
    if wanted.extension is None:
        return
    if not re.fullmatch(_EXTENSION, wanted.extension):
        yield "extension: write it with its dot, like .mov"
    elif wanted.name is not None and extension_of(wanted.name) != wanted.extension.lower():
        yield "extension: it is not the one of the name"
