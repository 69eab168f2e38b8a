"""What the first bytes of a recording tell of how it can be read; sound that is not followed by what is none."""

from __future__ import annotations

from dataclasses import replace
from struct import pack

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes import Kind, NotYet
from rushes_media.look import look
from rushes_media.making.growing import sound_ends, verdict
from rushes_media.proxy import PROXY


def box(name, payload=b""):
    return pack(">I", 8 + len(payload)) + name + payload


FTYP = box(b"ftyp", b"isom" + bytes(8))
FRAGMENTED = FTYP + box(b"moov", box(b"mvex", box(b"trex", bytes(24))))


@pytest.mark.parametrize(
    ("head", "container", "waits"),
    [
        (b"", "", False),
        (FTYP, "", False),
        (FRAGMENTED, "", False),
        (FRAGMENTED + box(b"moof") + box(b"mdat", bytes(9))[:12], "", False),
        (FRAGMENTED + box(b"moof") + box(b"mdat", bytes(9)), "mp4", False),
        (FTYP + box(b"moov", box(b"mvhd", bytes(100))), "", True),
        (FTYP + pack(">I4sQ", 1, b"mdat", 1 << 40), "", True),
        (FTYP + box(b"wide") + pack(">I4s", 0, b"mdat") + bytes(50), "", True),
        (b"RIFF" + bytes(4) + b"WAVE" + bytes(600), "wav", False),
        (b"RF64" + b"\xff" * 4 + b"WAVE" + bytes(600), "wav", False),
        (b"RIFF" + bytes(4) + b"AVI " + bytes(600), "", True),
        (bytes.fromhex("1a45dfa3") + bytes(600), "matroska", False),
        (bytes.fromhex("060e2b34020501010d010201010201007a") + bytes(600), "mxf", False),
        ((b"\x47" + bytes(187)) * 4, "mpegts", False),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, "mpegts", False),
        (b"ITU" + bytes(600), "", True),
    ],
)
def test_the_first_bytes_tell(head, container, waits):
    seen = verdict(head)
    assert (seen.container, bool(seen.wait)) == (container, waits)


@given(st.binary(max_size=2000), st.sampled_from([b"", FTYP, FRAGMENTED, b"RIFF\0\0\0\0WAVE"]))
def test_any_bytes_tell_something_or_nothing(data, front):
    seen = verdict(front + data)
    assert not (seen.container and seen.wait)


@given(st.binary(max_size=300), st.integers(0, 1 << 40))
def test_sound_never_ends_behind_its_file(data, size):
    ends = sound_ends(b"RIFF\0\0\0\0WAVE" + data, size)
    assert ends is None or ends <= size


def test_where_sound_ends():
    front = b"RIFF\0\0\0\0WAVE" + pack("<4sI", b"bext", 5) + bytes(6)
    assert sound_ends(front + pack("<4sI", b"data", 1000) + bytes(9), 2000) == len(front) + 8 + 1000
    assert sound_ends(front + pack("<4sI", b"data", 0), 2000) is None
    large = b"RF64\xff\xff\xff\xffWAVE" + pack("<4sIQQQI", b"ds64", 28, 0, 5 << 30, 0, 0)
    assert sound_ends(large + pack("<4sI", b"data", 0xFFFFFFFF), 6 << 30) == len(large) + 8 + (5 << 30)


async def test_chunks_behind_the_sound_are_not_heard(stage, ffmpeg, tmp_path):
    """A recorder whose header says nothing until it stops, and that then writes its iXML behind the sound."""
    tone = "aevalsrc=sin(440*2*PI*t)*lt(mod(t\\,0.7)\\,0.1):s=48000:d=3"
    whole = ffmpeg(
        "-f", "lavfi", "-i", tone, "-c:a", "pcm_s24le", "-bitexact", tmp_path / "S.wav"
    ).read_bytes()
    at = whole.index(b"data") + 4
    sound = whole[at + 4 :]
    ixml = b"<BWFXML><SCENE>12A</SCENE>" + b" " * 40_000 + b"</BWFXML>"
    tail = pack("<4sI", b"iXML", len(ixml)) + ixml + bytes(len(ixml) % 2)
    path = tmp_path / "card" / "S001.wav"
    path.parent.mkdir()
    path.write_bytes(whole[:4] + bytes(4) + whole[8:at] + bytes(4) + sound[:300_000])
    clip = replace(stage.admit(path, kind=Kind.AUDIO), complete=False)
    made = []
    with trio.fail_after(20):
        async with PROXY.open(PROXY.config(), stage) as proxy, trio.open_nursery() as nursery:

            async def make():
                made.extend(await proxy.apply(clip))

            nursery.start_soon(make)
            while not stage.announced:
                await trio.sleep(0.05)
            with path.open("ab") as file:
                file.write(sound[300_000:] + tail)
            stage.grow(replace(stage.admit(path, kind=Kind.AUDIO), complete=False))
            await trio.sleep(0.3)
            with path.open("r+b") as file:
                file.seek(4)
                file.write(pack("<I", path.stat().st_size - 8))
                file.seek(at)
                file.write(pack("<I", len(sound)))
            stage.grow(stage.admit(path, kind=Kind.AUDIO))
    [output] = made
    assert (output.filename, output.kind, output.meta["scene"]) == ("S001.mp4", Kind.AUDIO, "12A")
    assert look(str(stage.path(output)), "audio").values["duration"] == pytest.approx(3, abs=0.03)
    assert stage.announced[0].id == output.id


async def test_a_recording_that_takes_bytes_back_is_no_proxy(stage, ffmpeg, tmp_path):
    path = ffmpeg("-f", "lavfi", "-i", "testsrc2=d=2:r=25", "-c:v", "mpeg4", tmp_path / "A001.mkv")
    clip = replace(stage.admit(path), complete=False)
    with (
        trio.fail_after(20),
        pytest.RaisesGroup(
            pytest.RaisesExc(NotYet, match="it ends before what was read"), flatten_subgroups=True
        ),
    ):
        async with PROXY.open(PROXY.config(), stage) as proxy, trio.open_nursery() as nursery:
            nursery.start_soon(proxy.apply, clip)
            while not (stage.seen_progress and stage.seen_progress[-1][0] == clip.size):
                await trio.sleep(0.05)
            with path.open("r+b") as file:
                file.truncate(clip.size // 2)
            stage.grow(stage.admit(path))
    assert list(stage.workspace().iterdir()) == []
