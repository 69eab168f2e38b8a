"""The components of this package keep the contract: five lines each, and the world that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from rushes import Clip
from rushes.testing import check_sink, check_transform

from rushes_plugin_example import rushes_sinks, rushes_transforms
from tus_server import TOKEN, tus_server

PART = 64 * 1024  # a clip of the kit has 200 kB, and should have several parts


async def test_the_transform(tmp_path: Path) -> None:
    [checksum] = rushes_transforms()
    await check_transform(checksum, {"algorithm": "sha256"}, folder=tmp_path)


async def test_the_sink(tmp_path: Path) -> None:
    [tus] = rushes_sinks()
    with tus_server() as server:

        def landed(clip: Clip) -> bytes | None:
            return server.whole(clip.filename)

        @contextmanager
        def fail(dice: Random) -> Iterator[None]:
            """While this is open, the server or the line to it is in trouble."""
            troubles: list[int | str] = [429, 500, 503, 401, "cut", "half"]
            server.fault = dice.choice(troubles)
            yield
            server.fault = ""

        options = {"url": server.url, "token": TOKEN, "part_size": PART}
        await check_sink(tus, options, folder=tmp_path, landed=landed, fail=fail, secrets=[TOKEN])
