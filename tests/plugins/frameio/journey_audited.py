"""Pairs, uploads and refreshes against a sandbox of its own; prints, as JSON, whom this process talked to."""

import json
import os
import socket
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

LOOKED_UP: list[str] = []
CONNECTED: list[tuple] = []
ROUTED: list[tuple] = []


def audit(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        name = arguments[0]
        LOOKED_UP.append(name.decode() if isinstance(name, bytes) else str(name))
    elif event == "socket.connect" and arguments[0].family in {socket.AF_INET, socket.AF_INET6}:
        # A datagram socket that is connected says nothing: that is how the way to a host is found out.
        seen = CONNECTED if arguments[0].type == socket.SOCK_STREAM else ROUTED
        seen.append(tuple(arguments[1][:2]))
    elif event == "socket.sendto" and arguments[1]:
        CONNECTED.append(tuple(arguments[1][:2]))


async def journey(folder):
    import trio

    from rushes import Clip
    from rushes.testing import FakeReport, open_stand_in
    from rushes_frameio.actions.pairing import pair
    from rushes_frameio.options import FrameioOptions
    from rushes_frameio.sink import open_sink
    from rushes_sandbox import Settings, open_sandbox

    settings = Settings(part_size=64 * 1024, interval=0.05)
    async with (
        open_sandbox(folder / "sandbox", settings=settings) as sandbox,
        open_stand_in(folder) as context,
    ):
        port = urlsplit(sandbox.url).port
        card = folder / "card"
        card.mkdir()
        context.volumes["vol"] = card
        (card / "C1.mov").write_bytes(os.urandom(500_000))
        stat = (card / "C1.mov").stat()
        clip = Clip(
            id=uuid.uuid4().hex[:8],
            volume="vol",
            path="C1.mov",
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
        )
        options = FrameioOptions(api_url=f"https://localhost:{port}", ca_file=sandbox.ca_file)

        async def tell(facts):
            sandbox.confirm(facts["user_code"])
            await trio.lowlevel.checkpoint()

        sys.addaudithook(audit)
        await pair(options, context, None, {}, tell)
        report = FakeReport()
        async with open_sink(options, context) as sink:
            await sink.connection.tokens.renew(await sink.connection.tokens.access())
            await sink.deliver(clip, None, report)
        uploads = urlsplit(report.head["urls"][0])
        return {
            "api": {"host": "localhost", "port": port},
            "uploads": {"host": uploads.hostname, "port": uploads.port},
            "looked_up": LOOKED_UP,
            "connected": [address for address in CONNECTED if address[0] != "::1"],
            "routed": ROUTED,
            "violations": sandbox.violations(),
            "log": list(sandbox.log()),
        }


if __name__ == "__main__":
    import trio

    print(json.dumps(trio.run(journey, Path(sys.argv[1]))))
