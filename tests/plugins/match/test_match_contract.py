"""The annotator match keeps the contract: the kit over a picture, its sound and a sidecar, with an empty ledger."""

from dataclasses import replace

from rushes.testing import check_annotator
from rushes_match import rushes_annotators

from .match_rig import picture, sidecar, sound


async def test_the_contract(tmp_path):
    clips = [
        picture("A001C001.mov", "10:00:00:00"),
        sound("S001.wav", "09:59:55:00"),
        sidecar("report.csv", {"file": "A001C001", "scene": "12"}),
    ]
    [spec] = rushes_annotators()
    await check_annotator(spec, {}, folder=tmp_path, clips=[replace(clip, id=clip.name) for clip in clips])
