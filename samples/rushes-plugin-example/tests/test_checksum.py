"""What the list says is what other programs compute."""

import hashlib
from pathlib import Path

import pytest
from rushes import Clip
from rushes.testing import open_stand_in

from rushes_plugin_example import rushes_transforms


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
async def test_the_list_is_one_that_other_programs_read(tmp_path: Path, algorithm: str) -> None:
    [spec] = rushes_transforms()
    file = tmp_path / "A001C001.mov"
    file.write_bytes(b"picture" * 1000)
    status = file.stat()
    clip = Clip(
        id="c1", volume="card", path=file.name, size=status.st_size, mtime_ns=status.st_mtime_ns
    )
    async with open_stand_in(tmp_path / "kit") as context:
        context.volumes["card"] = tmp_path
        async with spec.open(spec.config(algorithm=algorithm), context) as checksum:
            original, listed = await checksum.apply(clip)
        text = context.path(listed).read_text()
    digest = hashlib.new(algorithm, file.read_bytes()).hexdigest()
    assert original == clip
    assert listed.filename == f"A001C001.mov.{algorithm}"
    assert text == f"{digest} *A001C001.mov\n"
    assert listed.meta["checksum"] == digest
