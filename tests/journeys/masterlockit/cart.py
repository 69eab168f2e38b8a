"""A set: a hub's pipeline on the service's side of a network, carts that follow it on the other, all real processes."""

from __future__ import annotations

import base64
import json
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import netns
from forked import QuickStage
from journeys.harness import wait_until
from journeys.masterlockit.seed_client import SeedClient
from journeys.masterlockit.seed_wire import CAMERA, KEY, SECRET, video
from rushes import RushesError
from rushes.api.client import connect
from rushes_sandbox.stage import Process, Stage

PORT = 42000
CAM = 0xC1
#: A link that is gone is noticed after three seconds of silence and one unanswered question.
QUICK = {"ping_interval": "1s", "ping_timeout": "2s"}


class SetStage(QuickStage):
    """Carts run on the device's side of a network, if there is one; `hosts` is their /etc/hosts."""

    def __init__(self, root: Path, network: netns.Network | None = None) -> None:
        super().__init__(root)
        self.env["RUSHES_MASTERLOCKIT_API_KEY"] = KEY.decode()
        self.env["RUSHES_MASTERLOCKIT_API_SECRET"] = SECRET.decode()
        self.hosts = root / "hosts"
        self.hosts.write_text("127.0.0.1 localhost\n")
        self._network = network

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        own = super().command(arguments)
        if self._network is None or arguments[:2] == ("masterlockit", "hub"):
            return own
        named = f'mount --bind {self.hosts} /etc/hosts && exec "$@"'
        return (*self._network.inside, "sh", "-c", named, "sh", *own)


class Running:
    """One pipeline whose only component is a masterlockit source."""

    def __init__(self, stage: Stage, process: Process, state: Path, file: Path) -> None:
        self.stage, self.process, self.state, self.file = stage, process, state, file

    def facts(self) -> dict[str, Any]:
        """What the source shows; empty while nothing answers."""
        client = connect(self.state)
        if client is None:
            return {}
        try:
            return dict(client.status()["components"][0]["facts"])
        except RushesError:
            return {}

    def wait(self, what: str, true: Callable[[dict[str, Any]], bool], *, within: float = 30) -> None:
        """Until the facts are so."""
        seen: dict[str, Any] = {}

        def now() -> bool:
            nonlocal seen
            seen = self.facts()
            return bool(seen) and true(seen)

        try:
            wait_until(now, timeout_s=within, what=what, process=self.process)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; facts: {seen}{self.process.last_words()}") from None

    def wait_connected(self, *, clips: int | None = None, within: float = 30) -> None:
        self.wait(
            f"connected, with {clips} clips",
            lambda facts: (
                facts.get("connection") == "connected"
                and (clips is None or facts.get("clips") == clips)
                and "synced_at" in facts
            ),
            within=within,
        )

    def act(self, action: str, **arguments: str) -> dict[str, Any]:
        """What the running source answers. Raises RushesError."""
        client = connect(self.state)
        assert client is not None
        return client.act("set", action, arguments, lambda _facts: None)

    def clips(self) -> dict[str, dict[str, Any]]:
        """All that it holds, by id."""
        report = self.act("export", kind="json")
        document = json.loads(base64.b64decode(report["data"]))
        return {clip["id"]: clip for clip in document}

    def devices(self) -> dict[str, dict[str, Any]]:
        """Those that it knows, by name."""
        return {device["name"]: device for device in self.act("devices")["devices"]}

    def no_bug(self) -> None:
        """Nothing went wrong that people should not see."""
        said = self.process.out.read_text("utf-8") + self.process.err.read_text("utf-8")
        log = "".join(path.read_text("utf-8", "replace") for path in self.state.glob("**/*.log*"))
        for text in (said, log):
            assert not re.search("Traceback|bug in", text), text[-4000:]
            assert not re.search(f"{SECRET.decode()}|{KEY.decode()}", text)


class LockitSet:
    """Leave its `with` and no process and no device of it is left."""

    def __init__(self, root: Path, network: netns.Network | None = None) -> None:
        self.root = root
        self.stage = SetStage(root, network)
        self._devices: list[SeedClient] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for device in self._devices:
            device.close()
        self.stage.__exit__(None, None, None)

    def hub(self, order: str, *options: str, listen: str, folder: str = "hub") -> Running:
        """`pipeline masterlockit hub`, once it listens."""
        state = self.root / folder
        process = self.stage.start(
            *("masterlockit", "hub", "--listen", listen, "--state", str(state)),
            *("--byte-order", {"<": "little", ">": "big"}[order], "--rate", "25", *options),
            name="hub",
        )
        hub = Running(self.stage, process, state / "state", state / "hub.yaml")
        hub.wait("the hub listens", lambda facts: "listening" in facts)
        return hub

    def cart_file(self, name: str, **options: Any) -> Path:
        """A pipeline that follows a hub."""
        source = {"id": "set", "use": "masterlockit", "alias": name, **QUICK, **options}
        document = {"pipeline": name, "state": f"./{name}", "sources": [source]}
        return self.stage.write(json.dumps(document), f"{name}.yaml")

    def cart(self, name: str, **options: Any) -> Running:
        """One that runs."""
        file = self.cart_file(name, **options)
        return Running(self.stage, self.stage.run(file), self.root / name, file)

    def device(self, port: int, order: str, device: int, *types: int, alias: str = "A-Cam") -> SeedClient:
        """One that is let in, registered as each of the types, and has said its name."""
        client = SeedClient(port, order, device, alias=alias.encode())
        self._devices.append(client)
        client.register(*types)
        for type_ in types:
            client.tell(type_, {"common": {"alias": alias, "connected": True}, "vendorTyped": {}})
        return client


def port_of(hub: Running) -> int:
    return int(hub.facts()["listening"].rpartition(":")[2])


def shoot(camera: SeedClient, names: Sequence[str], count: int = 1, **members: Any) -> None:
    """Clips, acknowledged."""
    answers = [
        camera.begin(0x07, bytes([CAMERA]) + json.dumps(clip).encode())
        for name in names
        if (clip := video(name, camera.device, count, **members))
    ]
    for answer in answers:
        assert answer().code is None


class Relay:
    """A TCP relay with a way of `delay_s` each way. While `deaf` it takes connections and nothing else happens."""

    def __init__(self, port: int, delay_s: float) -> None:
        self.deaf = False
        self._to, self._delay = port, delay_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._socks: list[socket.socket] = [self._listener]
        self._thread(self._accept)

    def close(self) -> None:
        for sock in self._socks:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._socks.append(near)
                if self.deaf:
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._socks.append(far)
                for one, other in ((near, far), (far, near)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
                    self._thread(self._take, one, way)
                    self._thread(self._give, other, way)

    def _take(self, sock: socket.socket, way: queue.SimpleQueue[tuple[float, bytes]]) -> None:
        data = b"?"
        while data:
            try:
                data = sock.recv(65536)
            except OSError:
                data = b""
            way.put((time.monotonic() + self._delay, data))

    def _give(self, sock: socket.socket, way: queue.SimpleQueue[tuple[float, bytes]]) -> None:
        with suppress(OSError):
            while True:
                at, data = way.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not data:
                    sock.shutdown(socket.SHUT_RDWR)
                    return
                sock.sendall(data)

    @staticmethod
    def _thread(work: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()
