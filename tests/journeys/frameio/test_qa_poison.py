"""Checklist, testing: media that will never upload is set aside with its evidence, and holds nothing up."""

from __future__ import annotations

import os
import shutil

import pytest

from journeys.frameio.live import NO_ROOT, PART_BYTES
from journeys.frameio.upload import Upload
from journeys.harness import sha256

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def healthy(live, request):
    """A clip that comes after the bad one: it must arrive whatever becomes of that."""
    paths = []
    yield lambda: paths.append(live.put(f"{request.node.name}.braw", 2 * PART_BYTES, card="P999"))
    [path] = paths
    live.wait_for(path)
    assert live.only(path)["sha256"] == sha256(path)


def parked(live, path, reason):
    """It is set aside for that reason, which people are shown with what helps."""
    job = live.wait_for(path, "parked", reason)
    assert "\n" not in job["reason"]
    [shown] = [note for note in live.client.status()["attention"] if path.name in note["subject"]]
    assert reason in shown["reason"]
    assert job["id"] in shown["remedy"]
    return job


def test_a_truncated_recording_is_parked(live, picture, healthy):
    path = live.cards / "P001" / "P001C001.mov"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])
    healthy()
    parked(live, path, "truncated: no moov atom")
    assert live.assets(path) == []


def test_an_empty_file_is_parked(live, healthy):
    path = live.put("P001C002.braw", 0, card="P001")
    healthy()
    parked(live, path, "empty file")
    assert live.assets(path) == []


def test_an_unreadable_file_is_parked(live, healthy):
    if os.geteuid() == 0 and not shutil.which(NO_ROOT[0]):
        pytest.skip("root reads every file, and setpriv is not here to change that")
    hidden = live.stage.root / "P001C003.braw"
    hidden.write_bytes(bytes(PART_BYTES))
    hidden.chmod(0)
    path = live.cards / "P001" / hidden.name
    path.parent.mkdir(exist_ok=True)
    hidden.rename(path)
    healthy()
    parked(live, path, "ermission denied")
    assert live.assets(path) == []


def test_a_file_that_changes_while_it_is_sent_never_arrives_mixed(live, healthy):
    upload = Upload(live)
    upload.until(3)
    with upload.path.open("r+b") as file:
        file.write(os.urandom(100))
        file.seek(0, os.SEEK_END)
        file.write(os.urandom(PART_BYTES))
    healthy()
    live.sandbox.clear()
    live.wait_for(upload.path)
    live.wait(lambda: live.states()["running"] == 0, "the old revision to end")
    complete = [asset for asset in live.assets(upload.path) if asset["state"] == "complete"]
    assert [asset["sha256"] for asset in complete] == [sha256(upload.path)]
    old, new = (job for job in live.jobs() if job["name"] == upload.path.name)
    assert (old["state"], new["state"]) == ("parked", "done")
    assert "another recording took the name" in old["reason"]


def test_a_clip_that_the_upload_host_always_refuses_is_parked_with_the_evidence(live, healthy):
    upload = Upload(live)
    upload.until(2)
    asset = live.only(upload.path)
    live.service.fault(f"PUT /parts/{asset['id']}/", alone=True, code="InvalidArgument")
    healthy()
    job = parked(live, upload.path, "was refused: 400 InvalidArgument")
    assert job["steps"][0]["attempts"] <= 5
    assert live.only(upload.path)["state"] == "created"


def test_a_clip_that_frameio_always_refuses_is_parked_with_the_evidence(live, healthy):
    live.service.fault("POST /v2/devices/assets", times=1, status=422, title="Invalid Arguments")
    path = live.put("P001C006.braw", PART_BYTES, card="P001")
    parked(live, path, "Frame.io answered 422 Invalid Arguments")
    healthy()
    assert live.assets(path) == []


def test_a_file_that_is_copied_again_over_itself_arrives(live):
    """As by a second offload with times kept: while that goes on the file is another one, afterwards the same."""
    upload = Upload(live)
    upload.until(3)
    content, times = upload.path.read_bytes(), upload.path.stat()
    with upload.path.open("wb") as file:
        file.write(content[:1000])
        file.flush()
        live.wait(lambda: not live.states()["running"], "the upload to see it")
        file.write(content[1000:])
    os.utime(upload.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    live.sandbox.clear()
    live.wait_for(upload.path)
    complete = [asset for asset in live.assets(upload.path) if asset["state"] == "complete"]
    assert [asset["sha256"] for asset in complete] == [sha256(upload.path)]
