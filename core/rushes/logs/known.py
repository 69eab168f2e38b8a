"""Values that must not be told: whoever opens a secret says so here, and the log leaves it out in every form."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeGuard
from urllib.parse import quote, quote_plus

#: Shorter values are no secrets, and taking them out would take out words.
SHORTEST = 6
#: A word within a sealed document is a secret from this length on; `device` is none.
LONG = 16
#: Tokens are renewed for weeks on end; the oldest are long invalid.
MOST = 2000

_LOCK = threading.Lock()
_VALUES: dict[str, None] = {}
_NEVER = re.compile(r"(?!)")
_pattern: re.Pattern[str] | None = _NEVER


def remember(values: Iterable[str]) -> None:
    """These are secrets from now on, for this process; at most `MOST`, the latest."""
    global _pattern  # noqa: PLW0603 - one log a process, and one set of what it must not tell
    fresh = [part for value in values for part in _parts(value) if len(part) >= SHORTEST]
    with _LOCK:
        for value in fresh:
            if value not in _VALUES:
                _VALUES[value] = None
                _pattern = None
        while len(_VALUES) > MOST:
            del _VALUES[next(iter(_VALUES))]


def known() -> re.Pattern[str]:
    """Matches each known secret, as it is or encoded."""
    global _pattern  # noqa: PLW0603 - as above
    with _LOCK:
        if _pattern is None:
            forms = {form for value in _VALUES for form in forms_of(value)}
            longest_first = sorted(forms, key=lambda form: (-len(form), form))
            _pattern = re.compile("|".join(map(_matching, longest_first)) or _NEVER.pattern)
        return _pattern


def _parts(value: str) -> Iterator[str]:
    """The value, and the long words in it where it is a JSON object: a sealed pair of tokens is one."""
    yield value
    if value.startswith("{"):
        with suppress(ValueError, RecursionError):
            yield from (part for part in json.loads(value).values() if _long_word(part))


def _long_word(part: object) -> TypeGuard[str]:
    return isinstance(part, str) and len(part) >= LONG and not re.search(r"\s", part)


def forms_of(value: str) -> Iterator[str]:
    """The value and how it looks percent-encoded, escaped, in hex and within something in base64."""
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield repr(raw)[2:-1]
    yield raw.hex()
    yield raw.hex().upper()
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = _within(encode, raw, shift)
            if len(inner) >= SHORTEST:
                yield inner


def _within(encode: Callable[[bytes], bytes], raw: bytes, shift: int) -> str:
    """What is the same of it in base64 wherever `shift` bytes modulo three stand before it."""
    text = encode(b"\0" * shift + raw).decode()
    begin = (0, 2, 3)[shift]
    spare = (len(raw) + shift) % 3
    end = len(text) - (0, 3, 2)[spare]
    return text[begin:end]


def _matching(form: str) -> str:
    """Percent escapes in either case."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda found: "%(?i:" + found[1] + ")", re.escape(form))
