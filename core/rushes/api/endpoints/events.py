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
        async with trio.open_nursery() as nursery:
            if query.live:
                nursery.start_soon(_tell_status, service, answer)
            await follow(service.control, query.after, write, beat_s=service.beat_s)
            nursery.cancel_scope.cancel()

    return Stream(body, media_type="text/event-stream", closing=service.closing)


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
        query=EventsQuery,
        answer=None,
        media_type="text/event-stream",
        handle=_events,
    ),
)
