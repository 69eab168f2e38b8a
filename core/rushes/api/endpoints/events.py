"""Everything that happens, as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import trio
from msgspec import structs
from starlette.responses import Response

from rushes.api.decoding import UnprocessableError
from rushes.api.endpoint import Asked, Endpoint, Service
from rushes.api.events import follow
from rushes.api.queries import MOST_SEQ, EventsQuery
from rushes.api.stream import Answer, Stream
from rushes.api.wire import encode
from rushes.events import Event


async def _events(asked: Asked) -> Response:
    service, query = asked.service, asked.query
    if (last := asked.request.headers.get("last-event-id")) is not None:
        query = structs.replace(query, after=_seq(last))

    async def body(answer: Answer) -> None:
        async def write(batch: Sequence[Event]) -> None:
            await answer.write(b"".join(map(_frame, batch)) or b": beat\n\n")

        await answer.write(b": events of rushes\n\n")
        newest = int(service.control.health()["seq"])
        if query.after > newest:  # of a ledger that was put back, or of another one
            await answer.write(_RESET % (newest, encode({"after": query.after, "seq": newest})))
        async with trio.open_nursery() as nursery:
            if query.live:
                nursery.start_soon(_tell_status, service, answer)
            await follow(service.control, min(query.after, newest), write, beat_s=service.beat_s)
            nursery.cancel_scope.cancel()

    return Stream(body, media_type="text/event-stream", closing=service.closing)


#: What a reader knows is not what is here: it forgets that, and goes on from the number of this frame.
_RESET = b"id: %d\nevent: reset\ndata: %s\n\n"


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_SEQ)) and int(text) <= MOST_SEQ):
        raise UnprocessableError("Last-Event-ID must be the number of an event")
    return int(text)


async def _tell_status(service: Service, answer: Answer) -> None:
    version: int | None = None
    while True:
        version, data = await service.live.after(version)
        # Without an id: who comes again goes on with the last event.
        await answer.write(b"event: live\ndata: %s\n\n" % data)


def _frame(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, event.kind.encode(), encode(asdict(event)))


EVENTS = (
    Endpoint(
        method="GET",
        path="/v1/events",
        summary="Events as they happen, as SSE; `Last-Event-ID` goes on behind one. With `live` also the status",
        description=(
            "Each frame has the event's `seq` as `id`, its kind as `event` and the event as `data`. Who asks for what "
            "is behind an event newer than the newest, as when the ledger is another one, first gets one frame "
            "`reset` with `{after, seq}`: what was asked and the newest event. What it knows is of another ledger: "
            "load everything again; the stream goes on behind `seq`, which is the frame's `id`. Frames `live` "
            "(without an `id`) hold the document `Status`; lines that begin with a colon are beats."
        ),
        query=EventsQuery,
        answer=None,
        media_type="text/event-stream",
        handle=_events,
    ),
)
