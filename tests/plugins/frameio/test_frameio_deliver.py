"""Uploads against the sandbox: whole, resumed, retried; never two complete assets."""

import hashlib
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trio

from rushes import MediaGone, Permanent, Transient, Unavailable
from rushes.testing import FakeReport
from rushes_frameio import sink as sink_module
from rushes_frameio.sending import line, part
from rushes_frameio.sink import open_sink

from .conftest import PART


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Backoff in milliseconds: order and counts are what is tested."""
    monkeypatch.setattr(part.Backoff, "wait", lambda self, failures, rng=None: 0.002 * failures)


def sha256(stage, clip):
    return hashlib.sha256(stage.content(clip)).hexdigest()


async def test_a_clip_arrives_whole_and_once(stage, report):
    clip = stage.clip(meta={"created": datetime.now(UTC) - timedelta(seconds=100)})
    async with stage.open() as sink:
        receipt = await sink.deliver(clip, None, report)
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", sha256(stage, clip))
    assert (asset["name"], asset["filetype"], asset["filesize"]) == (
        clip.filename,
        "video/quicktime",
        clip.size,
    )
    assert 100 <= asset["offset"] <= 110
    assert [part["puts"] for part in asset["parts"]] == [1] * 7
    assert receipt.id == asset["id"]
    assert (receipt.size, receipt.sent, receipt.placeholders) == (clip.size, clip.size, 0)
    assert receipt.where.endswith(f"/{clip.filename}")
    assert report.proceeded == 7
    assert stage.context.seen_progress[-1] == (clip.size, clip.size)


async def test_asset_and_urls_are_stored_before_the_first_byte(stage):
    class Watching(FakeReport):
        async def begin(self, head, /):
            assert [part["bytes_received"] for part in stage.sandbox.assets()[0]["parts"]] == [0] * 7
            assert set(head) == {
                "asset", "urls", "filetype", "size", "mark", "part_bytes", "issued_at", "project",
                "abandoned",
            }  # fmt: skip
            await super().begin(head)

    async with stage.open() as sink:
        await sink.deliver(stage.clip(), None, Watching())


async def test_files_in_a_row_share_connections(stage, monkeypatch):
    opened = []

    class Counted(line.Line):
        def __init__(self, *args):
            opened.append(args)
            super().__init__(*args)

    monkeypatch.setattr(line, "Line", Counted)
    async with stage.open(parts_in_flight=2) as sink:
        for number in range(3):
            await sink.deliver(stage.clip(f"C{number}.wav"), None, FakeReport())
    assert len(opened) == 2


async def test_a_resumed_upload_sends_only_what_is_missing(stage, report):
    clip = stage.clip()
    async with stage.open(parts_in_flight=2) as sink:
        with trio.CancelScope() as scope:

            class Stopping(FakeReport):
                async def part(self, number, value="", /):
                    await super().part(number, value)
                    if len(self.parts) == 3:
                        scope.cancel()

            report = Stopping()
            await sink.deliver(clip, None, report)
        there = set(report.parts)
        assert 3 <= len(there) < 7
        receipt = await sink.deliver(clip, report.resume, report)
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == sha256(stage, clip)
    assert report.repeated == []
    assert [part["puts"] for part in asset["parts"] if part["number"] in there] == [1] * len(there)
    assert receipt.sent == clip.size - len(there) * report.head["part_bytes"]


class CutReport(FakeReport):
    """Cancels the delivery at its nth fact, before or after it is stored."""

    def __init__(self):
        super().__init__()
        self.left, self.scope = 0, trio.CancelScope()

    async def _cut(self):
        self.left -= 1
        if self.left == 0:
            self.scope.cancel()
        await trio.lowlevel.checkpoint()

    async def intend(self):
        await self._cut()
        await super().intend()
        await self._cut()

    async def begin(self, head, /):
        await self._cut()
        await super().begin(head)
        await self._cut()

    async def proceed(self):
        await super().proceed()
        await self._cut()

    async def part(self, number, value="", /):
        await self._cut()
        await super().part(number, value)
        await self._cut()


async def test_cut_between_any_two_facts_it_ends_with_one_complete_asset(set_stage):
    async with set_stage(rates={}) as stage, stage.open(parts_in_flight=2) as sink:
        for at in range(1, 20):
            clip = stage.clip(f"C{at:03}.mov", size=3 * PART + at)
            report = CutReport()
            report.left = at
            with report.scope:
                await sink.deliver(clip, None, report)
            report.left = 0
            before = report.resume
            receipt = await sink.deliver(clip, before, report)
            assets = [asset for asset in await stage.assets() if asset["name"] == clip.filename]
            [complete] = [asset for asset in assets if asset["state"] == "complete"]
            assert complete["sha256"] == sha256(stage, clip)
            assert receipt.id == complete["id"]
            assert receipt.placeholders >= len(assets) - 1
            assert receipt.placeholders <= (before.in_doubt if before else 0)
            assert report.repeated == []
            wasted = sum(part["bytes_received"] for part in complete["parts"]) - clip.size
            assert wasted <= 2 * PART


async def test_a_drain_lets_the_parts_in_flight_end(stage):
    scope = trio.CancelScope()

    class Draining(FakeReport):
        async def part(self, number, value="", /):
            await super().part(number, value)
            self.draining = True
            if len(self.parts) == self.proceeded:
                scope.cancel()

    report = Draining()
    clip = stage.clip()
    async with stage.open(parts_in_flight=3) as sink:
        with scope, trio.fail_after(10):
            await sink.deliver(clip, None, report)
        assert scope.cancelled_caught
        assert 1 <= report.proceeded == len(report.parts) < 7
        report = replace_report(report)
        await sink.deliver(clip, report.resume, report)
    assert len(await stage.assets("complete")) == 1


def replace_report(old):
    new = FakeReport()
    new.head, new.parts, new.in_doubt = old.head, dict(old.parts), old.in_doubt
    return new


async def test_a_lost_create_answer_leaves_one_reported_placeholder(stage, report):
    clip = stage.clip()
    stage.sandbox.faults([{"match": "POST /v2/devices/assets", "swallow_answer": True}])
    async with stage.open() as sink:
        with pytest.raises(Transient, match="answer to its creation was lost") as failure:
            await sink.deliver(clip, None, report)
        assert failure.value.blame == "world"
        receipt = await sink.deliver(clip, report.resume, report)
    assert receipt.placeholders == 1
    assert [asset["state"] for asset in await stage.assets()] == ["created", "complete"]


@pytest.mark.parametrize("status", [500, 503, 429, 400])
async def test_one_refused_part_does_not_cancel_its_siblings(stage, report, status):
    clip = stage.clip()
    stage.sandbox.faults([{"match": "PUT /parts", "status": status, "times": 5, "retry_after": 0}])
    async with stage.open() as sink:
        receipt = await sink.deliver(clip, None, report)
    [asset] = await stage.assets("complete")
    assert receipt.sent == sum(part["bytes_received"] for part in asset["parts"])
    assert report.proceeded == 7


@pytest.mark.parametrize("fault", [{"cut_after": 0}, {"cut_after": 30_000}, {"swallow_answer": True}])
async def test_cut_connections_are_tried_again(stage, report, fault):
    clip = stage.clip()
    stage.sandbox.faults([{"match": "PUT /parts", "times": 6, **fault}])
    async with stage.open() as sink:
        await sink.deliver(clip, None, report)
    [asset] = await stage.assets("complete")
    assert asset["sha256"] == sha256(stage, clip)


@pytest.mark.parametrize("fault", [{"status": 403}, {}], ids=["403", "200"])
async def test_html_instead_of_s3_is_the_network(stage, report, fault):
    stage.sandbox.faults([{"match": "PUT /parts", "html": True, "times": 1000, **fault}])
    async with stage.open() as sink:
        with pytest.raises(Unavailable, match=rf"something on the way answers {fault.get('status', 200)}"):
            await sink.deliver(stage.clip(), None, report)
    assert report.resume.parts == {}


async def test_a_busy_host_gives_the_slot_back_in_the_end(stage, report):
    stage.sandbox.faults([{"match": "PUT /parts", "status": 503, "times": 1000}])
    async with stage.open() as sink:
        with pytest.raises(Transient, match="keeps answering 503 SlowDown"):
            await sink.deliver(stage.clip(), None, report)


async def test_html_instead_of_a_created_asset_is_no_placeholder(stage, report):
    stage.sandbox.faults([{"match": "POST /v2/devices/assets", "html": True}])
    clip = stage.clip()
    async with stage.open() as sink:
        with pytest.raises(Transient, match="an answer of something on the way"):
            await sink.deliver(clip, None, report)
        receipt = await sink.deliver(clip, report.resume, report)
    assert receipt.placeholders == 0


async def test_expired_urls_mean_another_asset_and_a_counted_placeholder(set_stage, report):
    async with set_stage(url_life=100) as stage:
        clip = stage.clip()
        async with stage.open(parts_in_flight=1) as sink:
            with trio.CancelScope() as scope:

                class Stopping(FakeReport):
                    async def part(self, number, value="", /):
                        await super().part(number, value)
                        scope.cancel()

                await sink.deliver(clip, None, report := Stopping())
            scope = trio.CancelScope()
            stage.wall.ahead += 200
            report = replace_report(report)
            receipt = await sink.deliver(clip, report.resume, report)
        assert receipt.placeholders == 1
        [complete] = await stage.assets("complete")
        assert complete["id"] == receipt.id
        assert complete["sha256"] == sha256(stage, clip)
        assert len(await stage.assets()) == 2


async def test_urls_that_always_expire_count_against_the_clip(set_stage, report):
    async with set_stage(url_life=0.0) as stage, stage.open() as sink:
        stage.wall.ahead += 1
        with pytest.raises(Transient, match="expired before the upload ended") as failure:
            await sink.deliver(stage.clip(), None, report)
        assert failure.value.blame == "clip"


async def test_an_asset_that_may_be_complete_is_not_made_again(set_stage, report):
    async with set_stage(url_life=100) as stage, stage.open() as sink:
        clip = stage.clip(size=1000)
        stage.sandbox.faults([{"match": "PUT ", "swallow_answer": True}])

        async def age():
            while not [a for a in stage.sandbox.assets() if a["parts"][0]["puts"]]:
                await trio.sleep(0.001)
            stage.wall.ahead += 200

        async with trio.open_nursery() as nursery:
            nursery.start_soon(age)
            with pytest.raises(Permanent, match="may be complete"):
                await deliver_slowly(sink, clip, report)
        assert len(await stage.assets()) == 1
        receipt = await sink.deliver(clip, report.resume, report)  # a person said retry
        assert receipt.placeholders == 1


async def deliver_slowly(sink, clip, report):
    wait = part.Backoff.wait
    try:
        part.Backoff.wait = lambda *_: 0.3
        await sink.deliver(clip, None, report)
    finally:
        part.Backoff.wait = wait


async def test_a_new_token_in_the_middle_costs_nothing(set_stage, report):
    async with set_stage(token_life=1000) as stage, stage.open() as sink:
        first = stage.clip("one.mov")
        await sink.deliver(first, None, report)
        stage.wall.ahead += 2000  # dead for the service, fresh by our own clock
        second = stage.clip("two.mov")
        await sink.deliver(second, None, FakeReport())
        assert sink.connection.tokens.rotations == 1
        assert len(await stage.assets("complete")) == 2


async def test_a_file_that_shrinks_meanwhile_parks(stage):
    clip = stage.clip()

    class Shrinking(FakeReport):
        async def proceed(self):
            await super().proceed()
            (stage.context.volumes["vol"] / clip.path).write_bytes(b"short")

    async with stage.open() as sink:
        with pytest.raises(Permanent, match=r"became shorter|changed since"):
            await sink.deliver(clip, None, Shrinking())
    assert await stage.assets("complete") == []


@pytest.mark.parametrize(("after", "complete"), [(2, 0), (7, 1)])
async def test_a_file_that_changes_meanwhile_is_no_delivery(stage, after, complete):
    """Nor a complete asset, unless all of it had gone by then."""
    clip = stage.clip()

    class Touching(FakeReport):
        async def part(self, number, value="", /):
            await super().part(number, value)
            if len(self.parts) == after:
                (stage.context.volumes["vol"] / clip.path).write_bytes(b"x" * clip.size)

    async with stage.open() as sink:
        with pytest.raises(Permanent, match="changed"):
            await sink.deliver(clip, None, Touching())
    assert len(await stage.assets("complete")) == complete


async def test_other_bytes_are_never_sent_into_an_old_asset(stage, report):
    clip = stage.clip()
    async with stage.open() as sink:
        with trio.CancelScope() as scope:

            class Stopping(FakeReport):
                async def proceed(self):
                    scope.cancel()
                    await trio.lowlevel.checkpoint()

            await sink.deliver(clip, None, report := Stopping())
        with pytest.raises(Permanent, match="not the bytes"):
            await sink.deliver(replace(clip, mtime_ns=clip.mtime_ns + 1), report.resume, FakeReport())


async def test_a_pulled_card_is_media_gone(stage, monkeypatch):
    clip = stage.clip()

    class Pulling(FakeReport):
        async def begin(self, head, /):
            await super().begin(head)
            (stage.context.volumes["vol"] / clip.path).write_bytes(b"")
            del stage.context.volumes["vol"]

    async with stage.open() as sink:
        with pytest.raises(MediaGone, match="insert card A001"):
            await sink.deliver(clip, None, Pulling())


async def test_an_empty_file_parks_without_an_asset(stage, report):
    async with stage.open() as sink:
        with pytest.raises(Permanent, match="empty file"):
            await sink.deliver(stage.clip(content=b""), None, report)
    assert await stage.assets() == []


async def test_after_a_success_while_paused_the_identity_is_wanted_again(stage, report, monkeypatch):
    wishes = []  # who wished: presence may too
    async with stage.open() as sink:
        monkeypatch.setattr(
            sink.connection, "wish", lambda: wishes.append(sys._getframe(1).f_code.co_filename)
        )
        await sink.deliver(stage.clip("one.mov"), None, report)
        assert sink_module.__file__ not in wishes
        sink.connection.identity = replace(sink.connection.identity, paused=True)
        await sink.deliver(stage.clip("two.mov"), None, FakeReport())
        assert sink_module.__file__ in wishes


@pytest.mark.parametrize(
    ("part_size", "stuck_in"),
    [(PART, "_answer"), (16 * 1024 * 1024, "_send_body")],
    ids=["no answer", "not read"],
)
async def test_a_black_hole_is_left_at_once(set_stage, report, monkeypatch, part_size, stuck_in):
    async with set_stage(part_size=part_size) as stage, stage.open() as sink:
        stage.sandbox.faults([{"match": "PUT /parts", "hang": True, "times": 100}])
        clip = stage.clip(size=4 * part_size)
        await left_at_once(sink, clip, report, monkeypatch, stuck_in)
        stage.sandbox.clear_faults()


async def left_at_once(sink, clip, report, monkeypatch, stuck_in):
    """Cancel once four lines are in that method, and measure until `deliver` is over."""
    entered, method = [], getattr(line.Line, stuck_in)

    def noted(*args):
        entered.append(args[0])
        return method(*args)

    monkeypatch.setattr(line.Line, stuck_in, noted)
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sink.deliver, clip, None, report)
            while len(entered) < 4:
                await trio.sleep(0.001)
            started = trio.current_time()
            scope.cancel()
    assert scope.cancelled_caught
    assert trio.current_time() - started < 0.2


async def test_no_answer_to_the_handshake_is_left_at_once(stage, report, monkeypatch):
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener, stage.open() as sink:
        port = listener.socket.getsockname()[1]
        clip = stage.clip()
        create = sink.connection.api.create_asset

        async def elsewhere(access, body):
            created = await create(access, body)
            return replace(created, urls=tuple(f"https://127.0.0.1:{port}/{n}" for n in range(7)))

        sink.connection.api.create_asset = elsewhere
        await left_at_once(sink, clip, report, monkeypatch, "put")


async def test_a_dead_upload_host_makes_the_sink_unavailable(stage, report):
    async with stage.open() as sink:
        create = sink.connection.api.create_asset

        async def elsewhere(access, body):
            created = await create(access, body)
            return replace(created, urls=tuple(f"https://127.0.0.1:1/{n}" for n in range(7)))

        sink.connection.api.create_asset = elsewhere
        with pytest.raises(Unavailable, match="upload host cannot be reached") as failure:
            await sink.deliver(stage.clip(), None, report)
        assert "127.0.0.1:1/" not in str(failure.value)


async def test_a_wrong_authority_is_refused_for_api_and_parts(stage, tmp_path, report):
    from rushes_sandbox import open_sandbox

    async with open_sandbox(tmp_path / "other") as other:
        options = stage.options.model_copy(update={"ca_file": other.ca_file})
        with pytest.raises(Unavailable, match=r"cannot be reached.*its certificate is not trusted"):
            async with open_sink(options, stage.context):
                pass
        async with (
            stage.open() as sink,
            open_sink(options.model_copy(update={"ca_file": stage.options.ca_file}), stage.context) as second,
        ):
            from rushes_frameio.calls.api import trusted
            from rushes_frameio.sending.line import Lines

            second.lines = Lines(trusted(other.ca_file))
            with pytest.raises(
                Unavailable, match=r"upload host cannot be reached.*its certificate is not trusted"
            ):
                await second.deliver(stage.clip(), None, report)
            assert sink is not second
        assert await stage.assets("complete") == []


async def test_a_mismatching_etag_is_tried_again_then_parks(stage, report, monkeypatch):
    from rushes_frameio.sending.line import Line

    put = Line.put
    wrong = {"left": 2}

    def flipping(self, request):
        answer = put(self, request)
        if request.number == 3 and wrong["left"]:
            wrong["left"] -= 1
            answer = replace(answer, headers={**answer.headers, "etag": '"' + "0" * 32 + '"'})
        return answer

    monkeypatch.setattr(Line, "put", flipping)
    async with stage.open() as sink:
        await sink.deliver(stage.clip("one.mov"), None, report)
        wrong["left"] = 1000
        with pytest.raises(Permanent, match=r"part 3 has MD5 .* check_etag: false"):
            await sink.deliver(stage.clip("two.mov"), None, FakeReport())
        assert wrong["left"] == 1000 - part.GARBLED
    async with stage.open(check_etag=False) as sink:
        receipt = await sink.deliver(stage.clip("three.mov"), None, FakeReport())
        assert receipt.checked == ""


async def test_parts_that_may_have_arrived_before_a_kill_are_a_persons_to_judge(set_stage):
    """Killed before the last answers were durable, on again when the urls have expired: no second complete asset."""
    async with set_stage(url_life=100) as stage:
        clip = stage.clip()
        async with stage.open() as sink:
            first = FakeReport()
            await sink.deliver(clip, None, first)
            del first.parts[7], first.parts[6]
            stage.wall.ahead += 200
            again = FakeReport()
            again.head, again.parts = first.head, dict(first.parts)
            with pytest.raises(Permanent, match=r"may be complete at Frame\.io"):
                await sink.deliver(clip, again.resume, again)
        assert len(await stage.assets("complete")) == 1
