"""One open websocket of a device: a reader, a writer, and the reasons to end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import trio
from starlette.websockets import WebSocket

from rushes_sandbox.devices import Grant, ProjectDevice
from rushes_sandbox.phoenix import BadMessage, Channel, Message, Version, decode, encode
from rushes_sandbox.store import Store
from rushes_sandbox.wire import connection

PATH = "/devices/websocket"

#: Messages that may wait for a client that does not read; more cut it off.
_MOST_WAITING = 100
#: Seconds that a client has to answer a close.
_GOODBYE = 1


class Socket:
    """Lives while `run` runs; everything else may be called from any task and does not wait."""

    def __init__(self, store: Store, websocket: WebSocket, grant: Grant, spoken: Version) -> None:
        self.device: ProjectDevice = grant.device
        self._channel = Channel(f"devices:{grant.device.id}")
        self._store = store
        self._websocket = websocket
        self._grant = grant
        self._access = grant.access
        self._spoken: Version = spoken
        self._beat_at = float("-inf")
        self._alive_until = trio.current_time() + store.settings.idle_cut
        self._closing = False
        self._scope = trio.CancelScope()
        self._outbox, self._waiting = trio.open_memory_channel[str | int](_MOST_WAITING)

    @property
    def joined(self) -> bool:
        """Whether the device is online by it."""
        return self._channel.joined and not self._closing

    async def run(self) -> None:
        """Serve it until either side has closed it."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                await self._read()
                self._scope.cancel()

    def push(self, event: str, payload: Any) -> None:
        if self.joined:
            self._send_all(self._channel.push(event, payload))

    def review(self) -> None:
        """End it when its token was rotated or revoked, or its device is connected no longer."""
        valid = self._store.tokens.valid(self._grant, self._access)
        if not valid or not self._store.devices.alive(self.device):
            self._send_all(self._channel.close())
            self.close(1000)

    def close(self, code: int) -> None:
        if not self._closing:
            self._closing = True
            self._send(code)

    def cut(self) -> None:
        """Break it off without a goodbye."""
        connection(self._websocket.scope).reset()

    def _send_all(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._send(encode(message, self._spoken))

    def _send(self, item: str | int) -> None:
        """Queue a message, or the code to close with."""
        try:
            self._outbox.send_nowait(item)
        except trio.WouldBlock:
            self.cut()

    async def _write(self) -> None:
        async for item in self._waiting:
            if isinstance(item, int):
                await self._websocket.close(item)
                await trio.sleep(_GOODBYE)
                self._scope.cancel()
                return
            await self._websocket.send_text(item)

    async def _read(self) -> None:
        while True:
            with trio.move_on_at(self._alive_until) as patience:
                message = await self._websocket.receive()
            if patience.cancelled_caught:
                self._alive_until = float("inf")
                self.close(1000)
            elif message["type"] == "websocket.disconnect":
                return
            elif not self._closing:
                self._take(message.get("text"))

    def _take(self, text: str | None) -> None:
        try:
            message = decode(text, self._spoken)
        except BadMessage as error:
            self._note(str(error))
            self.close(1011)
            return
        if message.heartbeat:
            self._beat()
        answers = self._channel.take(message)
        if any(answer.event == "phx_error" for answer in answers):
            self._note(f"unknown event {message.event[:40]}")
        self._send_all(answers)

    def _beat(self) -> None:
        """Take a heartbeat in: it keeps the socket. Being a fact of the device, it also has it reviewed."""
        now, idle_cut = trio.current_time(), self._store.settings.idle_cut
        # A tenth of tolerance: timers are not exact.
        if now - self._beat_at < 0.9 * idle_cut / 12:
            self._note(f"heartbeat on the socket more often than every {idle_cut / 12:g} s")
        self._beat_at, self._alive_until = now, now + idle_cut
        self._store.devices.beat(self.device, by_socket=True)

    def _note(self, what: str) -> None:
        self._store.violations.note(f"WS {PATH}", what)
