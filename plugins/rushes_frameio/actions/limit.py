"""The action `limit`: how fast this machine may send, changed by a person while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from rushes import Context, Permanent, Size, Store, Tell
from rushes_frameio.options import LEAST_RATE

if TYPE_CHECKING:
    from rushes_frameio.options import FrameioOptions
    from rushes_frameio.sink import FrameioSink

#: The key of a person's own limit in the component's store: bits a second, or None for none.
STORED = "limit"
_SIZE = TypeAdapter[int](Size)


async def rate_allowed(options: FrameioOptions, store: Store) -> int | None:
    """Bits a second: what a person said last, else the file; None for no limit."""
    said: int | None = await store.get(STORED, options.max_rate)
    return said


async def limit(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Send no faster than `rate` (`50M` bits a second; `off`; `file`: as the file says), also after a restart.

    Returns `max_rate` in bits a second or None. Raises Permanent for anything else.
    """
    match arguments.get("rate", "file"):
        case "file":
            await context.store.delete(STORED)
        case "off":
            await context.store.set(STORED, None)
        case text:
            await context.store.set(STORED, _parse(text))
    allowed = await rate_allowed(options, context.store)
    if part is not None:
        part.flow.cap(allowed)
        part.connection.network.cap = allowed
    return {"max_rate": allowed}


def _parse(text: str) -> int:
    remedy = "write bits a second such as 50M, or off, or file"
    try:
        bits = _SIZE.validate_python(text)
    except ValidationError:
        raise Permanent(f"'{text}' is no rate; {remedy}") from None
    if bits < LEAST_RATE:
        raise Permanent(f"{text} is less than {LEAST_RATE // 1000}k; {remedy}, or: pipeline queue FILE pause")
    return bits
