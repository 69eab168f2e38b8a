"""The disk sink keeps the contract: the kit, in small parts, on a disk that is full or broken by a seed."""

import errno
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import rushes_disk
from rushes.testing import check_sink
from rushes_disk.options import DiskOptions
from rushes_disk.sink import DiskSink, open_sink

PART = 64 * 1024


@asynccontextmanager
async def in_small_parts(options: DiskOptions, context):
    async with open_sink(options, context):
        yield DiskSink(options.path, context, part_bytes=PART)


async def test_the_contract(tmp_path, monkeypatch):
    (raid := tmp_path / "raid").mkdir()
    [spec] = rushes_disk.rushes_sinks()

    def landed(clip):
        there = raid / "A001" / clip.path
        return there.read_bytes() if there.exists() else None

    @contextmanager
    def fail(dice):
        """The n-th call of the system that writes fails, for good: a disk that is full, dying, or was pulled."""
        name, left = dice.choice(["pwrite", "fsync", "rename"]), dice.randrange(4)
        why, real = (
            dice.choice([errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.EROFS]),
            getattr(os, name),
        )

        def failing(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(why, os.strerror(why))
            return real(*arguments, **options)

        with monkeypatch.context() as patched:
            patched.setattr(os, name, failing)
            yield

    await check_sink(
        replace(spec, open=in_small_parts), {"path": raid}, folder=tmp_path, landed=landed, fail=fail
    )
