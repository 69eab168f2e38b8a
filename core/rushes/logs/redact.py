"""Takes secrets out of what is told: known values in every form, values under telling names, and telling shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from rushes.logs.known import known

HIDDEN = "[secret]"
#: Deeper than anybody logs; also ends what holds itself.
DEEPEST = 8
_NAME = (
    r"(?:authori[sz]ation|(?:set[-_ ]?)?cookies?|[\w-]*(?:secret|token|passw(?:or)?d|passwort|passphrase|credentials?"
    r"|api[-_]?key|access[-_]?key|private[-_]?key|signature)|(?:device|user|enter)[-_]code|pwd|sig|session[-_]?id)"
)
_KEY = re.compile(rf"{_NAME}[\w-]*", re.IGNORECASE)
_SHAPES = (
    # The whole header, in text or in the repr of one.
    re.compile(
        r"(?P<keep>\b(?:proxy-)?(?:authorization|(?:set-)?cookie)[\"']?\s*[:=,]\s*b?[\"']?)[^\"'\r\n]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\b(?:bearer|basic|digest)\s+)[\w.~+/=%-]{4,}", re.IGNORECASE),
    re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]{0,30}://)[^/?#\s@\"'<>]{1,2000}@", re.IGNORECASE),
    # Presigned addresses.
    re.compile(
        r"(?P<keep>(?:[?&;]|%3F|%26)(?:X-(?:Amz|Goog)-[\w-]{1,40}|AWSAccessKeyId|GoogleAccessId|Key-Pair-Id|Policy"
        r"|Signature|sig|code|key|auth|hdnts)(?:=|%3D))[^&#\s\"'<>]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>#/enter/)[\w-]+"),
    re.compile(r"(?P<keep>)\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?"),
    re.compile(
        r"(?P<keep>)-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
    ),
    # `token=...`, `"client_secret": "..."`, `password = '...'`.
    re.compile(
        rf"(?P<keep>(?<![\w-]){_NAME}\\?[\"']?\s{{0,4}}(?:=|:|%3D)\s{{0,4}}b?)"
        r"(?:\\?\"(?:[^\"\\]|\\(?!\").)*\\?\"?|'(?:[^'\\]|\\.)*'?|[^\s&,;\"'}\])]+)",
        re.IGNORECASE,
    ),
)


def named_secret(key: str) -> bool:
    """Whether what stands under such a name is a secret, whatever it is."""
    return _KEY.fullmatch(key.strip()) is not None


def redact_text(text: str) -> str:
    """The text, with `[secret]` for each secret in it."""
    text = known().sub(HIDDEN, text)
    for shape in _SHAPES:
        text = shape.sub(rf"\g<keep>{HIDDEN}", text)
    return text


def redact(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it, without secrets; what is no plain value becomes the text of its repr."""
    match value:
        case None | bool() | int() | float():
            return _number(value)
        case str():
            return redact_text(str(value))
        case bytes() | bytearray() | memoryview():
            return redact_text(bytes(value).decode("utf-8", "backslashreplace"))
        case _ if depth >= DEEPEST:
            return "..."
        case Mapping():
            return {redact_text(_text(key)): _under(_text(key), each, depth) for key, each in value.items()}
        case [name, _] if (
            isinstance(value, tuple) and isinstance(name, str | bytes) and named_secret(_text(name))
        ):
            return [_text(name), HIDDEN]
        case list() | tuple() | AbstractSet():
            return [redact(each, depth + 1) for each in value]
        case BaseException():
            return redact_text(f"{type(value).__name__}: {value}")
        case _:
            return redact_text(repr(value))


def processor(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """For structlog: the last before the renderer. What cannot be cleaned is not told at all."""
    try:
        cleaned = redact(event)
    except Exception as error:  # noqa: BLE001 - a repr may do anything, and the log goes on
        cleaned = {"event": f"a line that could not be told ({type(error).__name__})"}
        cleaned |= {key: event[key] for key in ("time", "level") if isinstance(event.get(key), str)}
    assert isinstance(cleaned, dict)
    return cleaned


def _number(value: float | None) -> Any:
    """A number may be a secret, too."""
    return value if value is None or known().search(text := str(value)) is None else redact_text(text)


def _under(key: str, value: Any, depth: int) -> Any:
    if named_secret(key) and value is not None and not isinstance(value, bool):
        return HIDDEN
    return redact(value, depth + 1)


def _text(key: Any) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key)
