"""Growing clips against the sandbox: sent while they grow, whole in the end, never twice."""

import os
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
import trio

from rushes import Permanent
from rushes.testing import FakeReport
from rushes_frameio.live import asking, growing
from rushes_frameio.live.heads import final_from_start
from rushes_frameio.live.placeholder import ENDING
from rushes_frameio.live.rereading import Rereading

from .conftest import PART
from .recorder import Recorder, delivering, parts_of, quicken, until

TS = b"\x47" + bytes(187)


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch):
    quicken(monkeypatch)


async def test_a_clip_is_sent_while_it_grows_its_head_last_but_one(stage, report):
    recorder, results = Recorder(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            for number in range(1, 6):
                recorder.write(PART)
                # The newest part is held back until its successor has begun, the head until the end.
                await until(lambda number=number: report.parts.keys() == set(range(2, number)))
            [asset] = stage.sandbox.assets()
            assert (asset["realtime"], asset["filesize"], asset["state"]) == (True, None, "created")
            recorder.write(1000)
            await until(lambda: 5 in report.parts)
            recorder.rewrite(0, b"its final head")
            clip = recorder.close()
    [receipt], [asset] = results, await stage.assets()
    assert (asset["state"], asset["sha256"], asset["filesize"]) == ("complete", recorder.sha256, clip.size)
    assert (asset["name"], asset["filetype"]) == (clip.filename, "video/quicktime")
    assert await parts_of(stage) == dict.fromkeys(range(1, 7), 1)
    assert list(report.parts) == [2, 3, 4, 5, 1, ENDING, 6]
    assert (receipt.id, receipt.size, receipt.sent, receipt.placeholders) == (
        asset["id"],
        clip.size,
        clip.size,
        0,
    )
    assert receipt.checked == "every part compared with the ended file"
    assert report.in_doubt == 0
    assert stage.context.seen_progress[-1] == (clip.size, clip.size)


async def test_what_is_written_from_front_to_back_goes_from_the_start(stage, report):
    recorder, results = Recorder(stage, "A001.ts", TS * 500), []
    assert final_from_start(recorder.path.read_bytes())
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: 1 in report.parts)
            recorder.close()
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == recorder.sha256


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART])
async def test_every_length_has_one_part_that_ends_it(stage, report, size):
    recorder, results = Recorder(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.write(size)
            await until(stage.sandbox.assets)
            recorder.close()
    [asset] = await stage.assets("complete")
    assert (asset["sha256"], asset["filesize"]) == (recorder.sha256, size)
    assert len(asset["parts"]) == -(-size // PART)
    assert results[0].sent == size


async def test_no_asset_is_made_of_a_file_without_bytes(stage, report):
    recorder, results = Recorder(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.close()
    assert "empty file" in str(results[0])
    assert isinstance(results[0], Permanent)
    assert stage.sandbox.assets() == []


async def test_a_part_that_changed_after_it_was_sent_is_sent_again(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(5 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() >= {2, 3, 4})
            recorder.rewrite(2 * PART + 20_000, b"rewritten while it grows")
            await until(lambda: 3 in report.repeated)
            recorder.rewrite(3 * PART + 20_000, b"rewritten right before it is closed")
            recorder.close()
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == recorder.sha256
    assert await parts_of(stage) == {1: 1, 2: 1, 3: 2, 4: 2, 5: 1}
    assert results[0].sent == 7 * PART


async def test_a_part_that_keeps_changing_waits_for_the_end(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() >= {2, 3})
            recorder.rewrite(PART + 100, b"once")
            await until(lambda: report.repeated == [2])
            recorder.rewrite(PART + 100, b"twice")
            await until(lambda: stage.context.seen_progress[-1][0] == PART)
            recorder.rewrite(PART + 100, b"the last")
            recorder.close()
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == recorder.sha256
    assert (await parts_of(stage))[2] == 3


async def test_without_time_the_ends_of_parts_are_compared_first(stage, report, monkeypatch):
    monkeypatch.setattr(growing, "BUDGET_S", 0.0)
    recorder, results = Recorder(stage, start=os.urandom(3 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: 2 in report.parts)
            recorder.close()
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == recorder.sha256
    assert "compared with the ended file" in results[0].checked


async def test_a_preallocated_file_is_sent_as_far_as_it_is_written(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(PART)), []
    os.truncate(recorder.path, 50 * PART)
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.tell()
            recorder.rewrite(PART, os.urandom(3 * PART + 4096))
            await until(lambda: report.parts.keys() == {2, 3, 4})
            os.truncate(recorder.path, 4 * PART + 4096)
            recorder.close()
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)
    assert results[0].placeholders == 0


async def test_a_file_that_ends_before_what_was_sent_is_sent_whole(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(6 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() == {2, 3, 4, 5})
            os.truncate(recorder.path, 4 * PART + 10)
            clip = recorder.close()
    old, new = sorted(await stage.assets(), key=lambda asset: asset["state"] == "complete")
    assert (old["realtime"], old["state"]) == (True, "created")
    assert (new["realtime"], new["state"], new["sha256"]) == (False, "complete", recorder.sha256)
    assert (results[0].id, results[0].placeholders) == (new["id"], 1)
    assert results[0].sent == 4 * PART + clip.size
    assert any("ended shorter" in note for note in stage.context.notes)


async def test_a_copy_of_something_older_is_sent_whole_with_its_age(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() == {2, 3})
            then = recorder.path.stat().st_mtime - 3600
            os.utime(recorder.path, (then, then))
            recorder.close()
    old, new = sorted(await stage.assets(), key=lambda asset: asset["state"] == "complete")
    assert (old["realtime"], old["state"], old["offset"]) == (True, "created", 0)
    assert (new["realtime"], new["state"], new["sha256"]) == (False, "complete", recorder.sha256)
    assert new["offset"] >= 3600
    assert (results[0].id, results[0].placeholders) == (new["id"], 1)
    assert any("a copy of something older" in note for note in stage.context.notes)


async def test_no_end_is_told_of_a_file_that_goes_on_after_its_close(stage, report, monkeypatch):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    run = growing.Growing.run

    async def goes_on(self):
        await run(self)
        with recorder.path.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(growing.Growing, "run", goes_on)
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() == {2, 3})
            recorder.close()
    assert isinstance(results[-1], Permanent)
    assert [asset["state"] for asset in await stage.assets()] == ["created"]


async def test_recordings_share_the_rate_limit(stage, monkeypatch):
    recorders = [Recorder(stage, name, os.urandom(2 * PART)) for name in ("a.mov", "b.mov", "c.mov")]
    asked, urls = [], asking.Asking.urls

    async def note(self, sizes):
        asked.append((trio.current_time(), self.asset))
        return await urls(self, sizes)

    monkeypatch.setattr(asking, "EVERY_S", 0.15)
    monkeypatch.setattr(asking.Asking, "urls", note)
    async with stage.open() as sink, AsyncExitStack() as deliveries:
        scopes = [
            await deliveries.enter_async_context(delivering(sink, recorder, FakeReport(), []))
            for recorder in recorders
        ]
        while len({asset for _, asset in asked}) < len(recorders) or len(asked) < 8:
            for recorder in recorders:
                recorder.write(PART)
            await trio.sleep(0.03)
        for scope in scopes:
            scope.cancel()
    gaps = [after - before for (before, _), (after, _) in pairwise(asked)]
    assert min(gaps) >= 0.15


async def test_a_backlog_at_the_end_asks_for_many_parts_at_once(stage, report, monkeypatch):
    recorder, results, asked = Recorder(stage, start=os.urandom(2 * PART)), [], []
    urls = asking.Asking.urls

    async def count(self, sizes):
        asked.append(len(sizes))
        return await urls(self, sizes)

    monkeypatch.setattr(asking, "EVERY_S", 0.2)
    monkeypatch.setattr(asking.Asking, "urls", count)
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(stage.sandbox.assets)
            recorder.write(80 * PART)
            recorder.close()
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)
    # The head and all but the last; twice as many calls as it takes, at most.
    assert sum(asked) == 81
    assert len(asked) <= 2 * -(-81 // growing.MOST_ASKED)


async def test_a_later_call_goes_on_with_what_is_there(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.parts.keys() == {2, 3})
            scope.cancel()
        recorder.write(3 * PART)
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() == {2, 3, 4, 5, 6})
            recorder.close()
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)
    assert set((await parts_of(stage)).values()) == {1}
    assert results[-1].sent == 5 * PART


async def test_a_clip_that_was_closed_meanwhile_goes_on_to_its_end(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.parts.keys() == {2, 3})
            scope.cancel()
        recorder.write(3 * PART + 5)
        recorder.rewrite(PART, b"changed while nobody looked")
        recorder.close()
        async with delivering(sink, recorder, report, results):
            pass
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)
    assert await parts_of(stage) == {1: 1, 2: 2, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1}


async def test_what_ended_while_nobody_looked_is_compared_whatever_it_takes(stage, report, monkeypatch):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    compare = Rereading._compare

    async def slowly(self, number, *, last=False):
        await trio.sleep(0.1)
        await compare(self, number, last=last)

    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.parts.keys() == {2, 3})
            scope.cancel()
        monkeypatch.setattr(growing, "BUDGET_S", 0.0)
        monkeypatch.setattr(Rereading, "_compare", slowly)
        recorder.rewrite(2 * PART - PART // 2, b"repaired")
        async with delivering(sink, recorder, report, results):
            recorder.close()  # a source that looks again may take a moment
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)


async def test_other_bytes_under_the_name_are_never_sent_into_the_asset(stage, report):
    recorder, results = Recorder(stage, start=os.urandom(4 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.parts.keys() == {2, 3})
            scope.cancel()
        recorder.rewrite(0, os.urandom(5 * PART))
        recorder.close()
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[-1], Permanent)
    assert "not the recording that this upload was begun with" in str(results[-1])
    assert [asset["state"] for asset in await stage.assets()] == ["created"]


async def test_a_provisional_name_is_told_at_the_end(stage, report):
    recorder, results = Recorder(stage, "A001C001.MXF.tmp", os.urandom(2 * PART)), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(stage.sandbox.assets)
            assert stage.sandbox.assets()[0]["name"] == "[new file].mxf"
            recorder.path = recorder.path.rename(recorder.path.with_name("A001C001.MXF"))
            recorder.close()
    [asset] = await stage.assets("complete")
    assert (asset["name"], asset["filetype"]) == ("A001C001.MXF", "application/mxf")
