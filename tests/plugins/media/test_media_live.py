"""Proxies that grow with their recordings: real files that real writers make longer, through an engine."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import asynccontextmanager
from fractions import Fraction

import imageio_ffmpeg
import pytest
import trio

from engine_rig import component, engine_of, pipeline, route, running
from growing_rig import FollowingSink, Recorder
from rushes import Kind
from rushes.config.pipeline import Component
from rushes.ledger import FILE_NAME
from rushes_media.look import look
from rushes_media.making.survey import count
from rushes_media.proxy import PROXY

pytestmark = pytest.mark.timeout(60)

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r={rate}:d={seconds}")
SOUND = ("-f", "lavfi", "-i", "aevalsrc=sin(440*2*PI*t)*lt(mod(t\\,0.7)\\,0.1):s=48000:d={seconds}")
#: How each container is written, so that it can be read while it grows.
WRITERS = {
    "A001.mxf": ("30000/1001", "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-timecode", "00:59:59;28"),
    "A002.ts": ("25", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-c:a", "aac"),
    "A003.mp4": (
        *("50", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac"),
        *(
            "-timecode",
            "10:00:00:00",
            "-movflags",
            "frag_keyframe+empty_moov+delay_moov",
            "-flush_packets",
            "1",
        ),
    ),
    "A004.mkv": (
        "24",
        "-c:v",
        "mpeg4",
        "-c:a",
        "pcm_s16le",
        "-timecode",
        "23:59:59:12",
        "-flush_packets",
        "1",
    ),
    "S001.wav": ("0", "-c:a", "pcm_s24le", "-metadata", "title=take", "-flush_packets", "1"),
}
SECONDS = 4


def write(path, *, live=False, seconds=SECONDS):
    """Start a writer of that file: as fast as it can, or as a recorder does, in real time."""
    rate, *codecs = WRITERS[path.name]
    pace = ("-re",) if live else ()
    sources = (SOUND,) if path.suffix == ".wav" else (PICTURE, SOUND)
    inputs = [word.format(rate=rate, seconds=seconds) for source in sources for word in (*pace, *source)]
    maps = [word for number in range(len(sources)) for word in ("-map", str(number))]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *inputs, *maps, *codecs, str(path)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Finished files, to be written again piece by piece."""
    folder = tmp_path_factory.mktemp("finished")
    writers = [write(folder / name) for name in WRITERS]
    assert [writer.wait() for writer in writers] == [0] * len(writers)
    return folder


class Sink(FollowingSink):
    """Tells besides which recordings were complete when the first bytes of their proxy were there."""

    def __init__(self, source):
        super().__init__()
        self.complete_at_first = {}
        self._source = source

    async def deliver(self, clip, resume, report):
        self.complete_at_first.setdefault(clip.name, clip.name in self._source.finished)
        return await super().deliver(clip, resume, report)


class Camera(Recorder):
    def __init__(self, folder):
        super().__init__(folder)
        self.finished = set()

    async def finish(self, name, data=b"", **changes):
        self.finished.add(name.partition(".")[0])
        await super().finish(name, data, **changes)


def live(tmp_path, source, sink, **options):
    config = PROXY.config(preset="ultrafast", **options)
    proxy = Component(
        id="proxy", use="proxy", kind="transform", spec=PROXY, options=config, slots=1, where="test:1"
    )
    return pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[component("sink", "sink", sink, live=True)],
        routes=[route(steps=[proxy], live=True)],
    )


@asynccontextmanager
async def at_work(tmp_path, *, ledger=None, **options):
    source = Camera(tmp_path / "A")
    sink = Sink(source)
    extra = {"ledger": ledger} if ledger else {}
    async with engine_of(live(tmp_path, source, sink, **options), **extra) as engine, running(engine):
        yield engine, source, sink


async def until(engine, holds, seconds=30):
    with trio.fail_after(seconds):
        while not holds():
            with trio.move_on_after(0.1):
                await engine._pulse.after(engine._pulse.count)


async def comes(engine, state, step=None, *, seconds=20):
    """Return the reason once that step, or every one, is in that state."""
    with trio.fail_after(seconds):
        while True:
            now = await steps(engine)
            print(now)

            chosen = [now[step]] if step else list(now.values())
            if {each for each, _ in chosen} == {state}:
                return chosen[0][1]
            await trio.sleep(0.1)


async def steps(engine):
    return {
        (step["name"], step["component"]): (step["state"], step["reason"])
        for job in (await engine.jobs())["jobs"]
        for step in job["steps"]
    }


async def grow(source, path, *, pieces=8, pause=0.1, upto=None, then=""):
    """Write a finished file again, piece by piece, to the card; all of it where `upto` does not say less."""
    data = path.read_bytes()
    size = -(-len(data) // pieces)
    for number in range(upto or pieces):
        await source.write(path.name, data[number * size : (number + 1) * size], admit=False)
        await source.seen(path.name)
        await trio.sleep(pause)
    if upto is None:
        await source.finish(path.name)


def told(path, *names):
    values = look(str(path), "video").values
    return {name: values.get(name) for name in names}


async def test_every_container_that_grows_has_a_proxy_that_grows(tmp_path):
    async with at_work(tmp_path) as (engine, source, sink):

        async def record(name):
            path = source.folder / name
            writer = write(path, live=True)
            while writer.poll() is None:
                if path.exists() and path.stat().st_size:
                    await source.seen(name)
                await trio.sleep(0.3)
            assert writer.returncode == 0
            # It stays open until somebody watches: on a busy machine that may be later than it took to record.
            await source.seen(name)
            await until(engine, lambda: path.with_suffix(".mp4").name in sink.seen)
            await source.finish(name)

        async with trio.open_nursery() as nursery:
            for name in WRITERS:
                nursery.start_soon(record, name)
        await until(engine, lambda: len(sink.received) == len(WRITERS))
        await comes(engine, "done")
    # Somebody watched each of them before its recording ended, and got the whole of it at last.
    assert sink.complete_at_first == {name.partition(".")[0]: False for name in WRITERS}
    folder = tmp_path / "received"
    folder.mkdir()
    for name in WRITERS:
        original, proxy = source.folder / name, folder / (name.partition(".")[0] + ".mp4")
        proxy.write_bytes(sink.received[proxy.name])
        assert all(complete is False for _, complete in sink.seen[proxy.name][:-1])
        same = ("timecode", "timecode_rate", "channels")
        assert told(proxy, *same) == told(original, *same), name
        sizes = [size for size, _ in sink.seen[proxy.name]]
        assert sizes == sorted(sizes)
        if original.suffix == ".wav":
            assert told(proxy, "streams") == {"streams": "aac"}
            continue
        frames = SECONDS * Fraction(WRITERS[name][0])
        assert count(str(proxy), 0) == count(str(original), 0) == round(frames)
        assert told(proxy, "rate", "codec") == told(original, "rate") | {"codec": "h264"}


async def test_it_says_of_itself_what_the_file_tells(tmp_path, recordings):
    async with at_work(tmp_path, height=90) as (engine, source, sink):
        await grow(source, recordings / "A004.mkv")
        await until(engine, lambda: sink.received)
        [(meta, kind, role)] = await engine._ledger.query(
            "SELECT to_json(c), kind, role FROM clips c WHERE parent <> '' AND path LIKE '%.mp4'"
        )
    assert (kind, role) == (Kind.VIDEO, "proxy")
    assert '"timecode":"23:59:59:12"' in meta
    assert '"height":90' in meta


@pytest.mark.parametrize("name", ["movie.mov", "movie.avi"])
async def test_what_cannot_be_read_while_it_grows_waits_and_says_so(tmp_path, ffmpeg, recordings, name):
    finished = ffmpeg("-i", recordings / "A004.mkv", "-c:v", "mpeg4", "-c:a", "pcm_s16le", tmp_path / name)
    async with at_work(tmp_path) as (engine, source, sink):
        await grow(source, finished, upto=5)
        reason = await comes(engine, "waiting", (name, "proxy"))
        assert reason.startswith("its proxy waits until it is complete: ")
        assert "index" in reason or "only MXF, MPEG-TS" in reason
        assert (await engine.status())["attention"] == []  # nobody need do anything about it
        (source.folder / name).write_bytes(finished.read_bytes())
        await source.finish(name)
        await comes(engine, "done")
    assert list(sink.received) == ["movie.mov"]  # as any proxy
    assert sink.seen["movie.mov"][0][1] is True


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"no_timecode": "wait"}, "so far it has no timecode"),
        ({"audio": "mp3"}, "mp3 has no place in a file that grows"),
    ],
)
async def test_what_a_growing_file_cannot_be_waits(tmp_path, recordings, options, why):
    async with at_work(tmp_path, **options) as (engine, source, _):
        await grow(source, recordings / "A002.ts", upto=5)
        assert (await comes(engine, "waiting", ("A002.ts", "proxy"))).endswith(why)


async def test_a_timecode_that_counts_beside_its_pictures_waits(tmp_path, monkeypatch):
    """Its writer held the first picture for the sound's priming, so that they seem to come at no rate."""
    monkeypatch.setitem(WRITERS, "A005.mp4", (*WRITERS["A003.mp4"][:-3], "frag_keyframe+empty_moov"))
    (tmp_path / "finished").mkdir()
    finished = tmp_path / "finished" / "A005.mp4"
    assert write(finished).wait() == 0
    async with at_work(tmp_path) as (engine, source, _):
        await grow(source, finished, upto=5)
        why = await comes(engine, "waiting", ("A005.mp4", "proxy"))
    assert why.endswith("its timecode counts at another rate than its pictures seem to come at")


async def test_what_turns_out_otherwise_is_made_again(tmp_path, recordings):
    """The timecode of the head was not that of the recording: nobody gets the proxy that was begun with it."""
    data = (recordings / "A004.mkv").read_bytes()
    assert data.count(b"23:59:59:12")
    async with at_work(tmp_path) as (engine, source, sink):
        for piece in range(6):
            size = len(data) // 6
            part = data[piece * size : (piece + 1) * size].replace(b"23:59:59:12", b"01:00:00:00")
            await source.write("A004.mkv", part, admit=False)
            await source.seen("A004.mkv")
            await trio.sleep(0.3)
        await until(engine, lambda: sink.seen)
        (source.folder / "A004.mkv").write_bytes(data)
        await source.finish("A004.mkv")
        await until(engine, lambda: sink.received)
        notes = [
            event["detail"]["text"]
            for event in (await engine.clip("A004.mkv"))["events"]
            if event["kind"] == "step.note"
        ]
    assert notes == [
        "A004.mkv: its live proxy differs, it is made again: timecode 23:59:59:12 != 01:00:00:00"
    ]
    assert [(name, complete) for name, complete, _ in sink.started] == [
        ("A004.mp4", False),
        ("A004.mov", True),
    ]
    assert list(sink.received) == ["A004.mov"]
    (tmp_path / "made.mov").write_bytes(sink.received["A004.mov"])
    assert told(tmp_path / "made.mov", "timecode") == {"timecode": "23:59:59:12"}


async def test_a_recording_pauses_and_its_run_is_killed(tmp_path, recordings):
    """What the next run finds is begun again; the ended run left its pipe and its half proxy behind."""
    ledger, finished = tmp_path / FILE_NAME, recordings / "A001.mxf"
    data = finished.read_bytes()
    async with at_work(tmp_path, ledger=ledger) as (engine, source, sink):
        await grow(source, finished, upto=5)
        await until(engine, lambda: sink.seen)
        before = sink.seen["A001.mp4"][0][0]
        folder = next((tmp_path / "state" / "work").glob("*/A001.mp4")).parent
        kept = tmp_path / "kept"
        shutil.copytree(folder, kept, ignore=shutil.ignore_patterns(".recording"))
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    async with at_work(tmp_path, ledger=ledger) as (engine, source, sink):
        await source.seen(finished.name)
        await until(engine, lambda: sink.seen)
        await trio.sleep(0.5)
        await source.finish(finished.name, data[5 * -(-len(data) // 8) :])
        await until(engine, lambda: sink.received)
    assert before
    (tmp_path / "made.mp4").write_bytes(sink.received["A001.mp4"])
    assert count(str(tmp_path / "made.mp4"), 0) == count(str(finished), 0)
    assert sink.started == [("A001.mp4", False, True)]


async def test_a_card_that_is_pulled_is_waited_for(tmp_path, recordings):
    finished = recordings / "A003.mp4"
    data = finished.read_bytes()
    async with at_work(tmp_path) as (engine, source, sink):
        await grow(source, finished, upto=5)
        await until(engine, lambda: sink.seen)
        source.folder.rename(tmp_path / "pulled")
        assert await comes(engine, "waiting", ("A003.mp4", "proxy")) == "insert card A"
        assert not list((tmp_path / "state" / "work").glob("*/*.mp4"))
        (tmp_path / "pulled").rename(source.folder)
        await source.finish(finished.name, data[5 * -(-len(data) // 8) :])
        await comes(engine, "done")
        assert sink.received


async def test_a_recording_cut_off_is_no_proxy(tmp_path, recordings):
    finished = recordings / "A003.mp4"
    async with at_work(tmp_path) as (engine, source, sink):
        await grow(source, finished, upto=5)
        await until(engine, lambda: sink.seen)
        await source.finish(finished.name)
        reason = await comes(engine, "parked", ("A003.mp4", "proxy"))
        assert reason.startswith("truncated: ")
    assert sink.received == {}


async def test_a_drain_and_a_cancellation_end_it(tmp_path, recordings):
    async with at_work(tmp_path) as (engine, source, sink):
        await grow(source, recordings / "A002.ts", upto=5)
        await until(engine, lambda: sink.seen)
        [job] = (await engine.jobs())["jobs"]
        await engine.queue("cancel", [job["id"]])
        await trio.sleep(0.3)
        assert not list((tmp_path / "state" / "work").glob("*/*"))
        await grow(source, recordings / "A004.mkv", upto=6)
        await until(engine, lambda: "A004.mp4" in sink.seen)
        asked = trio.current_time()
        engine.drain()
        await until(engine, lambda: not engine._worker.running, seconds=5)
        assert trio.current_time() - asked < 2
