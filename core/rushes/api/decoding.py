"""What a request says, as the types of its endpoint; what does not fit is refused in one line that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from rushes.api.queries import Query

BODY_LIMIT = 1 << 20
MOST_PARAMETERS = 100

_Q = TypeVar("_Q", bound=Query)
_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)


class UnprocessableError(Exception):
    """The request says something that cannot be meant; its text is the answer."""


def decode_query(raw: bytes, into: type[_Q]) -> _Q:
    """What stands behind the question mark; lists are told by commas or again and again, nothing is as if left out."""
    fields = {field.name: field for field in msgspec.structs.fields(into)}
    told: dict[str, Any] = {}
    for name, text in _pairs(raw):
        if name not in fields:
            known = f"there are {', '.join(fields)}" if fields else "this takes none"
            raise UnprocessableError(f"no parameter {name!r:.40}; {known}")
        if isinstance(fields[name].default, frozenset):
            told.setdefault(name, []).extend(word for word in text.split(",") if word)
        elif name in told:
            raise UnprocessableError(f"{name}: given more than once")
        elif text:
            told[name] = text
    if missing := [name for name, field in fields.items() if field.required and name not in told]:
        raise UnprocessableError(f"{missing[0]}: is missing")
    return into(**{name: _parameter(fields[name], text) for name, text in told.items()})


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except UnicodeError as error:
        raise UnprocessableError("the parameters are not UTF-8") from error
    except ValueError as error:
        raise UnprocessableError(f"more than {MOST_PARAMETERS} parameters") from error


def _parameter(field: msgspec.structs.FieldInfo, told: str | list[str]) -> Any:
    try:
        return msgspec.convert(told, field.type, strict=False)
    except msgspec.ValidationError as error:
        words = list(_words(field.type))
        why = f"is none of {', '.join(words)}" if words else f"does not fit: {_fact(error)[1]}"
        raise UnprocessableError(f"{field.name}: {_shown(told)} {why}") from error


def _words(kind: Any) -> Iterator[str]:
    """The words that a type has to choose from."""
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    else:
        for inner in get_args(kind):
            yield from _words(inner)


def _shown(told: str | list[str]) -> str:
    text = told if isinstance(told, str) else ",".join(told)
    return ascii(text if len(text) <= 40 else f"{text[:40]}...")


async def read_body(request: Request) -> bytes:
    """All of it, also where nobody wants it: who is answered before all is sent may not hear the answer."""
    raw = bytearray()
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            raw += piece
            if len(raw) > BODY_LIMIT:
                raise UnprocessableError(f"the body is longer than {BODY_LIMIT} bytes")
    return bytes(raw)


def decode_body(raw: bytes, into: Any) -> Any:
    """The JSON of a request, of that type; no body is an empty object."""
    try:
        return msgspec.json.decode(raw or b"{}", type=into)
    except msgspec.ValidationError as error:
        place, fact = _fact(error)
        raise UnprocessableError(f"the body: {place}: {fact}" if place else f"the body: {fact}") from error
    except (ValueError, RecursionError) as error:
        raise UnprocessableError("the body is not JSON in UTF-8") from error


def _fact(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where in the value, "" for all of it, and what is wrong with it."""
    found = _PLACE.fullmatch(str(error))
    text, place = (found[1], found[2].replace("[...]", "")) if found else (str(error), "")
    fact = " ".join(text.replace("`", "").split())
    return place, fact[:1].lower() + fact[1:]
