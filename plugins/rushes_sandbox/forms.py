"""Reading request bodies: `multipart/form-data` and `x-www-form-urlencoded` fields, and JSON objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.requests import Request

from rushes_sandbox.wire import read

#: Far above any honest request, far below what hurts.
MAX_BODY = 1024 * 1024
MAX_FIELDS = 100

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'^content-disposition:[ \t]*form-data;.*?\bname="([^"]*)"', re.IGNORECASE | re.MULTILINE)


class BadBody(ValueError):
    """The body is not what its content-type says; the text says why."""


async def read_body(request: Request) -> bytes:
    """Read a small body whole; one above MAX_BODY raises BadBody."""
    body = bytearray()

    def take(piece: bytes) -> None:
        if len(body) <= MAX_BODY:
            body.extend(piece)

    if not await read(request.receive, take):
        raise BadBody("the body broke off")
    if len(body) > MAX_BODY:
        raise BadBody(f"the body is larger than {MAX_BODY} bytes")
    return bytes(body)


async def read_form(request: Request) -> dict[str, str]:
    """Read the fields of a form; a repeated one raises BadBody, as OAuth demands (RFC 6749, section 3.2)."""
    content_type = request.headers.get("content-type", "")
    return parse_form(content_type, await read_body(request))


async def read_object(request: Request) -> dict[str, Any]:
    """Read a JSON object."""
    value = read_json(await read_body(request))
    if not isinstance(value, dict):
        raise BadBody("the body is not a JSON object")
    return value


def read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is not JSON") from None


def problems(error: ValidationError) -> list[str]:
    """What is wrong with a document, a line for each: where it is, and what."""
    return [
        f"{'.'.join(map(str, found['loc'])) or 'body'}: {found['msg'].removeprefix('Value error, ')}"
        for found in error.errors(include_url=False)
    ]


def media_type(content_type: str) -> str:
    """The type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def parse_form(content_type: str, body: bytes) -> dict[str, str]:
    kind = media_type(content_type)
    if kind == "multipart/form-data":
        boundary = _BOUNDARY.search(content_type)
        if boundary is None:
            raise BadBody("multipart/form-data without a boundary")
        pairs = list(_multipart((boundary[1] or boundary[2]).encode("latin-1"), body))
    elif kind == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
            )
        except ValueError:
            raise BadBody("the body is not a urlencoded form") from None
    else:
        raise BadBody(f"content-type {kind or '(none)'} is no form; send multipart/form-data")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadBody("a field is sent twice")
    return fields


def _multipart(boundary: bytes, body: bytes) -> Iterator[tuple[str, str]]:
    _preamble, *sections = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not sections or not sections[-1].startswith(b"--"):
        raise BadBody("the multipart body is not closed by its boundary")
    if len(sections) > MAX_FIELDS:
        raise BadBody(f"more than {MAX_FIELDS} fields")
    for section in sections[:-1]:
        padding, line_end, rest = section.partition(b"\r\n")
        head, blank, value = (b"\r\n" + rest).partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if padding.strip() or not line_end or not blank or name is None:
            raise BadBody("a section of the multipart body has no form-data name")
        try:
            yield name[1].decode(), value.decode()
        except UnicodeDecodeError:
            raise BadBody("a field is not UTF-8 text") from None
