"""Growing clips through lost answers, dead networks, expired urls, pauses and drains."""

import os
from dataclasses import replace

import pytest
import trio

from rushes import MediaGone, NotYet, Order, Permanent, Transient, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.live.placeholder import ENDING

from .conftest import PART
from .recorder import Recorder, delivering, parts_of, quicken, until

CREATE = "POST /v2/devices/assets"
PARTS = "POST /v2/devices/assets/"


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch):
    quicken(monkeypatch)


def recorder_of(stage, parts=4, **fields):
    return Recorder(stage, start=os.urandom(parts * PART), **fields)


async def whole(stage, recorder):
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == recorder.sha256
    return asset


async def test_the_asset_is_stored_before_its_first_byte(stage):
    class Watching(FakeReport):
        async def begin(self, head, /):
            assert stage.sandbox.assets()[0]["parts"] == []
            await super().begin(head)

    recorder, report, results = recorder_of(stage), Watching(), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts)
            recorder.close()
    assert results[0].id == report.head["realtime"]
    await whole(stage, recorder)


async def test_a_lost_answer_to_its_creation_may_have_left_a_placeholder(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        stage.sandbox.faults([{"match": CREATE, "swallow_answer": True}])
        async with delivering(sink, recorder, report, results):
            pass
        assert isinstance(results[0], Transient)
        assert report.in_doubt == 1
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts)
            recorder.close()
    await whole(stage, recorder)
    assert results[1].placeholders == 1
    assert len(stage.sandbox.assets()) == 2


@pytest.mark.parametrize(
    "fault", [{"swallow_answer": True}, {"reset": True}, {"status": 503}, {"status": 429}]
)
async def test_urls_are_asked_for_again(stage, report, fault):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.head)
            stage.sandbox.faults([{"match": PARTS, **fault}])
            await until(lambda: 3 in report.parts)
            stage.sandbox.faults([{"match": PARTS, **fault}])
            recorder.close()
    await whole(stage, recorder)
    assert set((await parts_of(stage)).values()) == {1}


async def test_a_dead_network_is_unavailable_and_the_parts_are_kept(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts.keys() == {2, 3})
            stage.sandbox.faults([{"match": PARTS, "times": 100, "reset": True}])
            recorder.write(2 * PART)
        assert isinstance(results[0], Unavailable)
        stage.sandbox.clear_faults()
        async with delivering(sink, recorder, report, results):
            await until(lambda: 5 in report.parts)
            recorder.close()
    await whole(stage, recorder)
    assert set((await parts_of(stage)).values()) == {1}
    assert report.in_doubt == 0


async def test_an_expired_url_is_asked_for_again(stage, report):
    recorder, results = recorder_of(stage, parts=3), []
    stage.sandbox.faults([{"match": "PUT /parts", "expired": True}])
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: 2 in report.parts)
            stage.sandbox.faults([{"match": "PUT /parts", "expired": True, "times": 2}])
            recorder.close()
    await whole(stage, recorder)
    assert results[0].placeholders == 0
    # Once for each part and one for the end: a drain waits for parts that proceeded and were not reported.
    assert report.proceeded == len(report.parts)


async def test_so_is_the_last_one(stage, report):
    recorder, results = recorder_of(stage, parts=1), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.head)
            stage.sandbox.faults([{"match": "PUT /parts", "expired": True}])
            recorder.close()
    await whole(stage, recorder)
    assert (await parts_of(stage)) == {1: 1}
    # The end is told twice.
    assert report.proceeded == 3
    assert report.repeated == [ENDING]


async def test_fresh_urls_that_are_refused_count_against_the_clip(stage, report):
    recorder, results = recorder_of(stage), []
    stage.sandbox.faults([{"match": "PUT /parts", "expired": True, "times": 100}])
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[0], Transient)
    assert results[0].blame == "clip"


async def test_a_lost_last_answer_makes_no_second_asset(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: 3 in report.parts)
            stage.sandbox.faults([{"match": "PUT /parts", "swallow_answer": True, "times": 2}])
            recorder.close()
            await until(lambda: any(asset["state"] == "complete" for asset in stage.sandbox.assets()))
            stage.sandbox.faults([{"match": "PUT /parts", "hang": True, "times": 100}])
            scope.cancel()
        stage.sandbox.clear_faults()
        report.parts.pop(4, None)
        async with delivering(sink, recorder, report, results):
            pass
    asset = await whole(stage, recorder)
    assert len(stage.sandbox.assets()) == 1
    assert results[-1].id == asset["id"]


async def test_where_even_the_url_is_gone_a_person_looks(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.close()
        del report.parts[4]
        stage.sandbox.faults([{"match": "PUT /parts", "expired": True}])
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[1], Permanent)
    assert "may be complete at Frame.io" in str(results[1])
    assert len(stage.sandbox.assets()) == 1


async def test_an_answer_and_a_url_lost_in_one_life_make_no_second_asset_either(stage, report):
    recorder, results = recorder_of(stage, parts=1), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.head)
            stage.sandbox.faults(
                [{"match": "PUT", "swallow_answer": True}, {"match": "PUT", "expired": True}]
            )
            recorder.close()
        assert "may be complete at Frame.io" in str(results[0])
        assert [asset["state"] for asset in await stage.assets()] == ["complete"]
        # A person has looked, and has it sent again all the same.
        async with delivering(sink, recorder, report, results):
            pass
    assert results[1].placeholders == 1


async def test_a_finished_upload_is_not_repeated(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.close()
        before = len(stage.sandbox.log())
        async with delivering(sink, recorder, report, results):
            pass
        assert not [
            e for e in stage.sandbox.log()[before:] if e["method"] == "PUT" or e["path"].endswith("/parts")
        ]
    assert results[1].id == results[0].id
    assert results[1].sent == 0


async def test_what_changed_after_the_end_was_told_parks(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.close()
        recorder.write(10)
        recorder.close()
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[1], Permanent)
    assert len(stage.sandbox.assets()) == 1


async def test_a_crash_between_asking_and_sending_past_the_end_makes_a_standard_asset(stage, report):
    """Parts were asked for that the file does not have in the end, and nobody remembers."""
    recorder, results = recorder_of(stage, parts=6), []
    stage.sandbox.faults([{"match": "PUT /parts", "hang": True, "times": 100}])
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.head and stage.sandbox.assets()[0]["parts"])
            scope.cancel()
        stage.sandbox.clear_faults()
        assert report.parts == {}
        os.truncate(recorder.path, PART + 7)
        recorder.close()
        async with delivering(sink, recorder, report, results):
            pass
    asset = await whole(stage, recorder)
    assert not asset["realtime"]
    assert results[-1].placeholders == 1


async def test_a_pause_stops_what_is_being_recorded_until_a_person_releases_it(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: 3 in report.parts)
            await sink.connection.saw_paused(True)
        assert isinstance(results[0], NotYet)
        assert (results[0].until, "overlaps a pause" in str(results[0])) == ("", True)
        recorder.write(2 * PART)
        async with delivering(sink, recorder, report, results):
            pass
        assert isinstance(results[1], NotYet)
        stage.context.order = Order(consent=True)
        async with delivering(sink, recorder, report, results):
            await until(lambda: 5 in report.parts)
            recorder.close()
    await whole(stage, recorder)
    assert set((await parts_of(stage)).values()) == {1}


async def test_what_was_recorded_before_the_pause_goes_on(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: 3 in report.parts)
            scope.cancel()
        recorder.close()
        stat = recorder.path.stat()
        os.utime(recorder.path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 10 * 10**9))
        recorder.close()
        report.head["made_at"] -= 20
        await sink.connection.saw_paused(True)
        async with delivering(sink, recorder, report, results):
            pass
    await whole(stage, recorder)


async def test_a_pause_that_came_and_went_unseen_from_here_still_counts(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: 3 in report.parts)
            scope.cancel()
        await sink.connection.saw_paused(True)
        await sink.connection.saw_paused(False)
        recorder.write(PART)
        recorder.close()
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[-1], NotYet)
    assert await stage.assets("complete") == []


async def test_made_while_paused_parks(stage, report):
    recorder, results = recorder_of(stage), []
    stage.sandbox.faults([{"match": CREATE, "status": 409, "title": "Channel Paused"}])
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            pass
    assert isinstance(results[0], Permanent)
    assert "made while the project was paused" in str(results[0])
    assert (report.head, report.in_doubt) == ({"abandoned": 0}, 0)


async def test_parts_refused_for_a_pause_wait_for_a_person(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.head)
            stage.sandbox.faults([{"match": PARTS, "status": 409, "title": "Channel Paused", "times": 9}])
            recorder.write(PART)
            recorder.close()
    assert isinstance(results[0], NotYet)


async def test_a_drain_begins_no_part(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results) as scope:
            await until(lambda: report.parts.keys() == {2, 3})
            report.draining = True
            recorder.write(3 * PART)
            recorder.close()
            await until(lambda: len(stage.sandbox.assets()[0]["parts"]) > 2)
            await trio.testing.wait_all_tasks_blocked(0.05)
            assert report.parts.keys() == {2, 3}
            scope.cancel()
        report.draining = False
        async with delivering(sink, recorder, report, results):
            pass
    await whole(stage, recorder)


async def test_a_pulled_card_is_told_as_such(stage, report):
    recorder, results = recorder_of(stage), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            await until(lambda: report.parts)
            stage.context.volumes.pop("vol")
            recorder.stage.context.grow(replace(recorder.told, size=recorder.told.size + 1))
    assert isinstance(results[0], MediaGone)


async def test_a_file_without_an_extension_is_sent_when_it_is_complete(stage, report):
    recorder, results = recorder_of(stage, name="A001C001"), []
    async with stage.open() as sink:
        async with delivering(sink, recorder, report, results):
            recorder.write(PART)
            recorder.close()
    asset = await whole(stage, recorder)
    assert not asset["realtime"]
    assert ENDING not in report.parts
