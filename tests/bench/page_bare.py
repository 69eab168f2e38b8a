"""The least that a page can be, served as the product's is (Hypercorn under trio): fifty rows, and an echo of events.

`page_bare.py PORT`. `/` has the rows, `/echo` shows what it is told last; `POST /happen` answers when it told it.
"""

from __future__ import annotations

import functools
import json
import sys
import time

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ROWS = "".join(
    f"<li class=row><a href='#/clips/{number}'>A001C{number:03}.braw</a></li>" for number in range(50)
)
STATIC = f"<!doctype html><title>bare</title><ol>{ROWS}</ol>"
ECHO = """<!doctype html><title>bare</title><p id=told></p><script>
new EventSource("/events").onmessage = (event) => {
  document.getElementById("told").textContent = JSON.parse(event.data).told;
};
</script>"""


class Echo:
    def __init__(self) -> None:
        self.count = 0
        self.readers: list[trio.MemorySendChannel[int]] = []

    async def happen(self, _request: Request) -> Response:
        self.count += 1
        at = time.time()
        for reader in self.readers:
            reader.send_nowait(self.count)
        return JSONResponse({"told": f"event {self.count}", "at": at})

    async def events(self, _request: Request) -> Response:
        send, receive = trio.open_memory_channel[int](100)
        self.readers.append(send)

        async def stream():
            yield b": begun\n\n"
            async for count in receive:
                yield b"data: " + json.dumps({"told": f"event {count}"}).encode() + b"\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")


async def page(text: str, _request: Request) -> Response:
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def main(port: str) -> None:
    echo = Echo()
    app = Starlette(
        routes=[
            Route("/", functools.partial(page, STATIC)),
            Route("/echo", functools.partial(page, ECHO)),
            Route("/events", echo.events),
            Route("/happen", echo.happen, methods=["POST"]),
        ]
    )
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = None
    trio.run(serve, app, config)


if __name__ == "__main__":
    main(sys.argv[1])
