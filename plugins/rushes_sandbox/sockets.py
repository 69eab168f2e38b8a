"""`GET /devices/websocket`: who is connected, who is told of a pause, whose socket ends (reference, section 7)."""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

from starlette.responses import HTMLResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from rushes_sandbox.answers import Refused
from rushes_sandbox.devices import ProjectDevice
from rushes_sandbox.journal import Fact
from rushes_sandbox.phoenix import version
from rushes_sandbox.store import Store
from rushes_sandbox.websocket import PATH, Socket
from rushes_sandbox.wire import connection

#: How a network keeps sockets away: it resets the connection, or a proxy answers 503 with a page.
Block = Literal["reset", "html"]
#: What goes wrong with an event on its way.
Trouble = Literal["drop", "duplicate", "reorder"]
#: The payload of `status_updated`: "paused" or {"status": "paused"}.
Shape = Literal["string", "object"]

_PAGE = "<!doctype html><title>Proxy</title><h1>Upgrade is not allowed here</h1>"


class Sockets:
    """Every open socket, and the ways to disturb them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[Socket] = set()
        self._troubles: deque[Trouble] = deque()
        self._held: list[tuple[ProjectDevice, Any]] = []
        self.blocked: Block | None = None
        self.shape: Shape = store.settings.status_shape
        store.devices.watchers.append(self._review)
        store.tokens.watchers.append(self._review)
        store.pauses.watchers.append(self._tell)

    def routes(self) -> list[WebSocketRoute]:
        return [WebSocketRoute(PATH, self.connect)]

    def joined(self, device: ProjectDevice) -> bool:
        """Whether it is online: connected, and joined to its topic."""
        return any(socket.device is device and socket.joined for socket in self._open)

    @property
    def count(self) -> int:
        return len(self._open)

    async def connect(self, websocket: WebSocket) -> None:
        if self.blocked == "reset":
            await connection(websocket.scope).cut()
            return
        if self.blocked == "html":
            await websocket.send_denial_response(HTMLResponse(_PAGE, 503, {"connection": "close"}))
            return
        spoken = version(websocket.query_params.get("vsn", ""))
        try:
            grant = self._store.tokens.authorise_device(websocket.query_params.get("Authorization", ""))
        except Refused:
            grant = None
        if grant is None or spoken is None:
            await websocket.close()  # before it is accepted: HTTP 403
            return
        await websocket.accept()
        socket = Socket(self._store, websocket, grant, spoken)
        self._open.add(socket)
        try:
            await socket.run()
        finally:
            self._open.discard(socket)

    def close_all(self) -> None:
        """Close every socket, as a server that is taken down for maintenance does."""
        for socket in self._open:
            socket.close(1001)

    def block(self, how: Block | None) -> None:
        """Let no socket through from now on; the open ones break off. None lifts it."""
        self.blocked = how
        if how:
            for socket in self._open:
                socket.cut()

    def trouble(self, kind: Trouble, times: int) -> None:
        """Disturb the next events: lose them, send them twice, or send each after the one that follows it."""
        self._troubles.extend([kind] * times)

    def _tell(self, fact: Fact) -> None:
        """Tell a device that was paused or resumed, or whose primary channel was."""
        if fact["what"] in {"paused", "resumed"} and fact["channel"] in {None, 0}:
            device = self._store.devices.all[fact["device"]]
            word = "paused" if self._store.pauses.paused(device) else "resumed"
            self._push(device, word if self.shape == "string" else {"status": word})

    def _push(self, device: ProjectDevice, payload: Any) -> None:
        trouble = self._troubles.popleft() if self._troubles else None
        if trouble == "reorder":
            self._held.append((device, payload))
            return
        held, self._held = self._held, []
        copies = {"drop": 0, "duplicate": 2}.get(trouble or "", 1)
        for receiver, told in [(device, payload)] * copies + held:
            for socket in self._open:
                if socket.device is receiver:
                    socket.push("status_updated", told)

    def _review(self, _fact: Fact) -> None:
        """End the sockets whose token was rotated or revoked, or whose device was forgotten."""
        for socket in self._open:
            socket.review()
