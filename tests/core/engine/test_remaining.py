"""What remains is told before it is known whole: what is still to be made, and what of an upload is there already."""

from __future__ import annotations

import shutil

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    clip_of,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
)
from reload_rig import Place, become
from rushes import Finding, Role
from rushes.engine.offline import open_offline
from rushes.engine.searches import JobSearch
from rushes.engine.speed import Speed
from rushes.ledger import FILE_NAME
from rushes.report.telling import undelivered

pytestmark = pytest.mark.timeout(60)


async def until(holds):
    while not await holds():
        await trio.sleep(0.05)


async def test_what_is_still_to_be_made_is_told_and_its_delivery_counts_before_there_is_one(
    tmp_path, autojump_clock
):
    async def proxy(context, clip):
        await made_now.wait()
        path = context.workspace() / f"{clip.name}.mp4"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    made_now = trio.Event()
    proxies = [component("transform", "proxy", FunctionTransform(proxy))]
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[component("sink", name, FunctionSink()) for name in ("raid", "cloud")],
        routes=[route("backup", to=["raid"]), route("dailies", steps=proxies, to=["cloud"])],
    )
    async with engine_of(made) as engine, running(engine):

        async def copied():
            return [(row["delivered"], row["deliveries"]) for row in (await engine.clips())["clips"]] == [
                (1, 2)
            ]

        await until(copied)
        counts = (await engine.status())["counts"]
        assert (counts["files_remaining"], counts["unmade"], counts["bytes_remaining"]) == (1, 1, 0)
        # A card is formatted by these words: its proxy is still owed, though no step says so yet.
        for told in (await engine.summary("last"), await engine.day("last")):
            assert (told["totals"]["undelivered"], told["totals"]["unrouted"]) == (1, 0)
            assert [(each["undelivered"], each["handed_over"]) for each in told["cards"]] == [(1, None)]
            assert told["cards"][0]["sinks"] == [
                {"sink": "cloud", "clips": 1, "delivered": 0},
                {"sink": "raid", "clips": 1, "delivered": 1},
            ]
        made_now.set()

        async def delivered():
            return (await engine.status())["counts"]["jobs"]["done"] == 2

        await until(delivered)
        counts = (await engine.status())["counts"]
        assert (counts["files_remaining"], counts["unmade"], counts["bytes_remaining"]) == (0, 0, 0)
        [row] = (await engine.clips())["clips"]
        assert (row["delivered"], row["deliveries"], row["has"]) == (2, 2, ["cloud", "raid"])
        for told in (await engine.summary("last"), await engine.day("last")):
            assert [(each["undelivered"], each["unrouted"]) for each in told["cards"]] == [(0, 0)]
            assert told["cards"][0]["handed_over"] > 0


async def test_a_card_of_which_a_clip_is_not_looked_at_yet_is_nowhere_whole(tmp_path, autojump_clock):
    """Who formats a card by "all delivered" must not lose what the annotators had no time for."""
    first, second = card(tmp_path / "A001", "a.mov", "b.mov")
    looked = trio.Event()

    class Looks:
        async def annotate(self, clips):
            if clips[0].filename == "b.mov":
                await looked.wait()
            return [Finding(clip=clip.id) for clip in clips]

    async def admit(intake):
        await intake.clips([first])
        await until(delivered(1))
        await intake.clips([second])

    def delivered(number):
        async def there():
            return len(raid.delivered) == number

        return there

    raid = FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", CallSource(admit))],
        prepare=[component("annotator", "looks", Looks())],
        sinks=[component("sink", "raid", raid)],
        routes=[route(to=["raid"])],
    )

    async def told(engine):
        for document in (await engine.cards(), await engine.summary("last"), await engine.day("last")):
            [one] = document["cards"]
            yield one, document.get("totals", one)

    async with engine_of(made) as engine, running(engine):
        await until(delivered(1))
        await trio.sleep(1)
        async for one, totals in told(engine):
            assert (one["clips"], one["undelivered"], one["unrouted"], one["handed_over"]) == (2, 1, 0, None)
            assert one["sinks"] == [{"sink": "raid", "clips": 2, "delivered": 1}]
            assert (totals["undelivered"], totals["unrouted"], one.get("alone", 0)) == (1, 0, 0)
        [line] = (await engine.summary("last"))["undelivered"]
        assert (line["name"], line["state"]) == ("b.mov", "running")
        assert list(undelivered(await engine.day("last"))) == ["A001: b.mov: in work"]
        looked.set()
        await until(delivered(2))
        await trio.sleep(1)
        async for one, _ in told(engine):
            assert (one["undelivered"], one["sinks"]) == (0, [{"sink": "raid", "clips": 2, "delivered": 2}])
            assert one["handed_over"]


async def test_of_a_clip_that_changed_only_its_present_bytes_count(tmp_path, autojump_clock):
    """On a card of one clip nobody reads "2 of 4 delivered", or that all is there because the old bytes are."""
    [first] = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    path = tmp_path / "A001" / "a.mov"

    async def admit(intake):
        await intake.clips([first])
        await until(copies(1))
        path.write_bytes(path.read_bytes()[:100] + b"other tail")
        await intake.clips([clip_of(path)])

    def copies(number):
        async def there():
            return raid.delivered == ["a.mov"] * number

        return there

    async def never(*_):
        await trio.sleep_forever()

    raid, cloud = FunctionSink(), FunctionSink(never)
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", CallSource(admit))],
        sinks=[component("sink", "raid", raid), component("sink", "cloud", cloud)],
        routes=[route(to=["raid", "cloud"])],
    )
    async with engine_of(made) as engine, running(engine):
        await until(copies(2))
        await trio.sleep(1)
        [row] = (await engine.clips())["clips"]
        assert (row["state"], row["jobs"], row["delivered"], row["deliveries"]) == ("running", 1, 1, 2)
        assert row["has"] == ["raid"]
        cards = (await engine.cards())["cards"]
        for told in (await engine.summary("last"), await engine.day("last")):
            assert {name: told["totals"][name] for name in ("deliveries", "delivered", "undelivered")} == {
                "deliveries": 2, "delivered": 1, "undelivered": 1,
            }  # fmt: skip
            cards += told["cards"]
            assert [(each["sink"], each["files"]) for each in told["handovers"]] == [
                ("cloud", 0),
                ("raid", 1),
            ]
        for each in cards:
            assert each["sinks"] == [
                {"sink": "cloud", "clips": 1, "delivered": 0},
                {"sink": "raid", "clips": 1, "delivered": 1},
            ]
        await engine.queue("cancel", [job["id"] for job in (await engine.jobs())["jobs"]])
        [row] = (await engine.clips())["clips"]
        assert row["state"] == "cancelled"


async def test_what_rules_took_back_is_no_delivery(tmp_path):
    place = Place(tmp_path)
    place.write(route())
    async with place.engine() as engine, running(engine):
        await engine.switch("pause", [])
        await become(engine, {"all": "waiting"})
        await place.follow(engine, route(when="false"))
        await become(engine, {"all": "withdrawn"})
        [row] = (await engine.clips())["clips"]
        [told] = (await engine.cards())["cards"]
    assert (row["state"], row["delivered"], row["deliveries"]) == ("withdrawn", 0, 0)
    assert (told["undelivered"], told["unrouted"], told["sinks"]) == (0, 1, [])


async def test_an_upload_that_rests_says_how_much_of_it_is_there(tmp_path, autojump_clock):
    async def most(_clip, _resume, report):
        await report.proceed()
        sink.context.progress(60, 100)
        await trio.sleep_forever()

    sink = FunctionSink(most)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine, running(engine):

        async def step():
            return (await engine.jobs())["jobs"][0]["steps"][0]

        async def sending():
            return (await engine.jobs())["total"] == 1 and (await step())["state"] == "running"

        async def rests():
            return (await step())["state"] == "waiting"

        await until(sending)
        await trio.sleep(1)
        assert (await step())["sent"] == 0  # while it runs, its work tells
        await engine.switch("pause", ["sink"])
        await until(rests)
        assert (await step())["sent"] == 60
        [job] = (await engine.jobs())["jobs"]
        assert (await engine.job(job["id"]))["steps"][0]["sent"] == 60
        await engine.switch("resume", ["sink"])
        await until(sending)
        assert (await step())["sent"] == 0


async def test_what_was_sent_is_told_after_a_restart_too(tmp_path, autojump_clock):
    """Else it looks as if the plug had thrown it away."""

    async def most(_clip, _resume, report):
        await report.begin({"asset": "x"})
        sink.context.progress(60, 100)
        await report.part(1, "etag")
        sink.context.progress(80, 100)  # of a part that is not there yet
        await trio.sleep_forever()

    sink = FunctionSink(most)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    made, file = simple(tmp_path, ListSource(clips), sink), tmp_path / FILE_NAME
    async with engine_of(made, ledger=file) as engine, running(engine):
        while sink.context is None or not sink.calls:
            await trio.sleep(0.1)
        await trio.sleep(1)
        await engine.switch("pause", ["sink"])
    async with engine_of(made, ledger=file) as engine, running(engine):
        await trio.sleep(1)
        [job] = (await engine.jobs())["jobs"]
        assert (job["state"], job["steps"][0]["sent"]) == ("waiting", 60)
        assert (await engine.status())["counts"]["bytes_remaining"] == clips[0].size - 60


async def test_the_slowest_sink_says_when_all_is_delivered(tmp_path, autojump_clock):
    """A disk beside an upload would make it look as if the upload were nearly done."""

    def sending(per_second):
        async def deliver(_clip, _resume, report):
            await report.begin({})
            for done in range(0, 1001, per_second):
                sinks[per_second].context.progress(done, 1000)
                await trio.sleep(1)
            await trio.sleep_forever()

        return deliver

    sinks = {speed: FunctionSink(sending(speed)) for speed in (1, 20)}
    made = pipeline(
        tmp_path,
        sources=[
            component("source", "source", ListSource(card(tmp_path / "A001", "a.mov", content=b"x" * 1000)))
        ],
        sinks=[component("sink", name, sinks[speed]) for name, speed in (("cloud", 1), ("raid", 20))],
        routes=[route(to=("cloud", "raid"))],
    )
    async with engine_of(made) as engine, running(engine):
        await trio.sleep(25)
        counts = (await engine.status())["counts"]
        cloud, raid = counts["sinks"]
        assert (cloud["rate"], raid["rate"]) == (pytest.approx(1, rel=0.1), pytest.approx(20, rel=0.1))
        assert (cloud["eta_s"], raid["eta_s"]) == (pytest.approx(975, rel=0.1), pytest.approx(25, rel=0.2))
        assert counts["eta_s"] == cloud["eta_s"]
        assert counts["rate"] == cloud["rate"] + raid["rate"]
        assert counts["bytes_remaining"] == cloud["bytes"] + raid["bytes"]
        sinks[1].context.show(silent_since=1.7e9)
        counts = (await engine.status())["counts"]
        # Nobody knows when the cloud goes on; what still moves is told.
        assert (counts["eta_s"], counts["rate"]) == (None, raid["rate"])


async def test_the_time_left_outlasts_the_change_from_one_clip_to_the_next(tmp_path, autojump_clock):
    """It must not jump because a person moved another clip to the top, or a clip was done."""

    async def deliver(_clip, _resume, report):
        await report.begin({})
        await trio.sleep(2)  # an upload begins with questions
        for done in range(0, 1001, 50):
            sink.context.progress(done, 1000)
            await trio.sleep(1)
        return await FunctionSink().deliver(_clip, _resume, report)

    sink = FunctionSink(deliver)
    clips = card(tmp_path / "A001", *(f"{n}.mov" for n in range(40)), content=b"x" * 1000)
    async with engine_of(simple(tmp_path, ListSource(clips), sink, slots=1)) as engine, running(engine):
        await trio.sleep(30)
        ends = []
        for _ in range(60):
            counts = (await engine.status())["counts"]
            ends.append(trio.current_time() + counts["eta_s"])
            await trio.sleep(1)
        assert max(ends) < 1.25 * min(ends)


async def test_what_stood_still_begins_anew(autojump_clock):
    speed = Speed(30)
    assert speed.rate is None
    speed.begin()
    for _ in range(10):
        await trio.sleep(1)
        speed.moved(5)
    assert speed.rate == pytest.approx(5)
    await trio.sleep(15)
    assert speed.rate == pytest.approx(2, rel=0.1)
    await trio.sleep(31)
    assert speed.rate == 0
    speed.begin()
    await trio.sleep(1)
    speed.moved(5)
    assert speed.rate == pytest.approx(5)
    speed.moved(-5)  # a part is sent once more
    assert speed.rate == 0


async def test_after_a_silence_the_time_left_is_not_measured_over_it(tmp_path, autojump_clock):
    """A service that hangs takes a little into buffers now and then, and all of that is sent again."""

    async def hang(_clip, _resume, report):
        sent = 0.0
        for second in range(200):
            await report.proceed()
            if 60 <= second < 120:
                sink.context.show(silent_since=second)
                sink.context.progress(sent + 64 * (9 - second % 10), 100_000)
            else:
                sink.context.show(silent_since=None)
                sent += 100
                sink.context.progress(sent, 100_000)
            await trio.sleep(1)

    sink = FunctionSink(hang)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 100_000)
    told = {}
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine, running(engine):
        await trio.sleep(0.5)
        for second in range(150):
            status = await engine.status()
            told[second] = status["counts"]["eta_s"], status["current"][0]["eta_s"]
            await trio.sleep(1)
    assert told[50] == pytest.approx((949, 949), rel=0.1)
    assert told[90] == (None, None)
    for second in range(124, 150):
        assert told[second] == pytest.approx((1000 - (second - 60),) * 2, rel=0.3)


async def test_what_a_run_left_that_was_cut_off_is_in_nobodys_hands(tmp_path, autojump_clock):
    async def most(_clip, _resume, report):
        await report.begin({"asset": "x"})
        sink.context.progress(60, 100)
        await report.part(1, "etag")
        await trio.sleep_forever()

    sink = FunctionSink(most)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    ledger = tmp_path / FILE_NAME
    copy = tmp_path / "copy"
    copy.mkdir()
    async with engine_of(simple(tmp_path, ListSource(clips), sink), ledger=ledger) as engine, running(engine):

        async def there():
            return [row[0] for row in await engine.read(lambda query: query("SELECT sent FROM parts"))] == [
                60
            ]

        await until(there)
        # As a kill leaves it.
        for each in tmp_path.glob(f"{FILE_NAME}*"):
            shutil.copy(each, copy / each.name)
    with open_offline(copy) as at_rest:
        status = at_rest.status()
        counts, [job] = status["counts"], at_rest.jobs(JobSearch(states=frozenset({"ready"})))["jobs"]
        assert (status["since"], status["seq"] > 0) == (None, True)
        assert (counts["jobs"]["running"], counts["jobs"]["ready"]) == (0, 1)
        assert (job["state"], job["steps"][0]["state"]) == ("ready", "ready")
        size = clips[0].size
        still = {"paused": False, "rate": 0.0, "eta_s": None}
        assert counts["sinks"] == [{"sink": "sink", "files": 1, "bytes": size - 60, **still}]
        assert counts["bytes_remaining"] == size - 60
    with open_offline(tmp_path) as at_rest:
        assert at_rest.status()["since"] > 0
