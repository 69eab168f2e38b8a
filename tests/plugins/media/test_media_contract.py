"""Probe and proxy keep the contract: the kit over a camera's clip."""

from functools import partial

import trio

from rushes.testing import check_annotator, check_transform
from rushes_media import rushes_annotators, rushes_transforms


def in_threads(context):
    """A worker process takes a second to start, and the contract is not about them."""

    async def call(function, /, *arguments, **options):
        return await trio.to_thread.run_sync(partial(function, *arguments, **options))

    context.call = call


async def test_probe(tmp_path, camera, off_speed):
    [spec] = rushes_annotators()
    await check_annotator(spec, {}, folder=tmp_path, media=[camera["25"], off_speed], ready=in_threads)


async def test_proxy(tmp_path, camera):
    [spec] = rushes_transforms()
    options = {"height": 90}
    await check_transform(
        spec, options, folder=tmp_path, media=camera["25"], ready=in_threads, cuts=5,
        meta={"codec": "h264", "rate": "25", "timecode": "10:00:00:00", "timecode_rate": "25"},
    )  # fmt: skip
