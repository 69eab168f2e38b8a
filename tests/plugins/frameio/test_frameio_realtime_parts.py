"""The pure parts of growing uploads: how files are cut, which heads are final, what tells a changed part."""

import errno
import os

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes import Clip
from rushes_frameio.live import rereading
from rushes_frameio.live.heads import LOOKED_AT, final_from_start
from rushes_frameio.live.placeholder import Ending, Placeholder, creation, has_name
from rushes_frameio.live.proof import END_BYTES, Reading, StoppedError, Sums, read_value
from rushes_frameio.live.recording import measure
from rushes_frameio.live.rereading import Rereading
from rushes_frameio.live.stride import MOST_PARTS, SMALLEST, Stride

GIB = 1024**3
LARGEST_FILE = 5_497_558_138_880
SMALL = st.integers(min_value=4096, max_value=64 * 1024 * 1024)
NUMBERS = st.integers(min_value=1, max_value=MOST_PARTS)


class TestStride:
    def test_ten_thousand_parts_take_the_largest_file(self):
        stride = Stride()
        assert stride.span(1) == (0, 5_242_880)
        assert stride.end(MOST_PARTS) >= LARGEST_FILE
        assert stride.last(LARGEST_FILE) <= MOST_PARTS

    def test_no_part_is_smaller_or_larger_than_the_service_takes(self):
        sizes = [Stride().span(number)[1] for number in range(1, MOST_PARTS + 1)]
        assert sizes == sorted(sizes)
        assert min(sizes) == SMALLEST
        assert max(sizes) <= 5 * GIB

    def test_parts_follow_one_another_without_a_gap(self):
        stride = Stride()
        end = 0
        for number in range(1, MOST_PARTS + 1):
            offset, size = stride.span(number)
            assert offset == end
            end = offset + size

    @given(SMALL, st.integers(min_value=1, max_value=MOST_PARTS - 1))
    def test_so_do_those_that_begin_with_any_size(self, smallest, number):
        stride = Stride(smallest)
        assert stride.end(number) == stride.span(number + 1)[0]
        assert smallest <= stride.span(number)[1] <= stride.span(number + 1)[1]

    @given(SMALL, NUMBERS, st.floats(min_value=0, max_value=1, exclude_max=True))
    def test_the_last_part_is_the_one_that_holds_the_last_byte(self, smallest, number, share):
        stride = Stride(smallest)
        offset, size = stride.span(number)
        assert stride.last(offset + 1 + int(size * share)) == number
        assert stride.last(stride.end(number)) == number

    @pytest.mark.parametrize(("minutes", "share"), [(1, 0.01), (10, 0.002), (60, 0.0008), (600, 0.0008)])
    def test_the_newest_part_is_a_small_share_of_what_there_is(self, minutes, share):
        length = minutes * 60 * 20_000_000
        stride = Stride()
        assert stride.span(stride.last(length))[1] <= length * share

    def test_what_is_too_much_is_refused(self):
        for number in (0, MOST_PARTS + 1):
            with pytest.raises(ValueError, match="no part"):
                Stride().span(number)
        with pytest.raises(ValueError, match="more than 10000 parts"):
            Stride().last(Stride().end(MOST_PARTS) + 1)


def box(kind, body=b""):
    return (8 + len(body)).to_bytes(4) + kind + body


class TestHeads:
    @pytest.mark.parametrize(
        "beginning",
        [
            (b"\x47" + bytes(187)) * 4,
            (bytes(4) + b"\x47" + bytes(187)) * 4,
            box(b"ftyp", b"iso5")
            + box(b"moov", box(b"mvhd", bytes(100)) + box(b"mvex", box(b"trex")))
            + box(b"moof"),
            box(b"ftyp") + box(b"styp") + box(b"moof"),
            box(b"styp") + box(b"sidx"),
        ],
        ids=["ts", "m2ts", "fragmented", "moof", "segment"],
    )
    def test_final_from_the_start(self, beginning):
        assert final_from_start(beginning)

    @pytest.mark.parametrize(
        "beginning",
        [
            box(b"ftyp", b"qt  ") + box(b"wide") + box(b"mdat", bytes(100)),
            box(b"ftyp") + b"\0\0\0\1mdat" + (2**40).to_bytes(8) + bytes(100),
            box(b"ftyp") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat"),
            box(b"ftyp") + b"\0\0\0\0mdat" + box(b"moof"),
            b"RIFF\0\0\0\0WAVEfmt ",
            b"RF64\xff\xff\xff\xffWAVEds64",
            b"RIFF\0\0\0\0AVI LIST",
            b"\x06\x0e\x2b\x34\x02\x05\x01\x01",
            b"\x1a\x45\xdf\xa3",
            bytes(LOOKED_AT),
            b"",
        ],
        ids=[
            "mov",
            "large mdat",
            "moov first",
            "mdat to the end",
            "wav",
            "rf64",
            "avi",
            "mxf",
            "mkv",
            "zeros",
            "none",
        ],
    )
    def test_rewritten_at_the_end(self, beginning):
        assert not final_from_start(beginning)

    @given(st.binary(max_size=300), st.sampled_from([b"", box(b"ftyp"), box(b"moov", box(b"mvhd"))]))
    def test_any_bytes_have_an_answer(self, noise, start):
        assert final_from_start(start + noise) in {True, False}


@pytest.fixture
def opened(tmp_path):
    file = tmp_path / "clip"
    with file.open("w+b", buffering=0) as stream:
        yield stream


class TestProof:
    @given(
        st.integers(min_value=1, max_value=5 * END_BYTES),
        st.integers(min_value=0, max_value=5 * END_BYTES - 1),
    )
    def test_any_changed_byte_is_seen_those_at_the_ends_twice(self, size, at):
        at %= size
        content = bytearray(os.urandom(size))
        descriptor = os.memfd_create("clip")
        try:
            os.pwrite(descriptor, content, 1000)
            before = Reading(descriptor).sums(1000, size)
            assert Reading(descriptor).sums(1000, size) == before
            os.pwrite(descriptor, bytes([content[at] ^ 1]), 1000 + at)
            after = Reading(descriptor).sums(1000, size)
        finally:
            os.close(descriptor)
        assert after.whole != before.whole
        assert (after.ends != before.ends) == (at < END_BYTES or at >= size - END_BYTES)

    def test_values_are_read_back(self):
        sums = Sums("0123456789abcdef", "fedcba9876543210")
        assert read_value(sums.value("9e107d9d372bb6826bd81d3542a419d6-2")) == sums
        assert read_value(sums.value("")) == sums

    def test_a_file_that_ends_early_is_told(self, opened):
        opened.write(bytes(10))
        with pytest.raises(EOFError):
            Reading(opened.fileno()).sums(0, 11)
        with pytest.raises(EOFError):
            Reading(opened.fileno()).ends(5, 6)

    def test_a_stopped_reading_ends(self, opened):
        opened.write(bytes(10))
        reading = Reading(opened.fileno())
        reading.stop()
        with pytest.raises(StoppedError):
            reading.sums(0, 10)
        with pytest.raises(StoppedError):
            reading.ends(0, 10)


async def test_parts_never_compared_come_before_those_that_were(autojump_clock, opened, monkeypatch):
    """However many are due again: a long take's newest parts would wait behind all its old ones."""
    monkeypatch.setattr(rereading, "AGAIN_S", 1.0)  # all 40 are due again before they were compared once
    stride, order = Stride(4096), []
    opened.write(bytes(stride.end(50)))
    told = Rereading(opened.fileno(), stride, order.append)

    async def at_once(number, size):
        await trio.lowlevel.checkpoint()
        order.append(number)
        return Sums("same", "same")

    monkeypatch.setattr(told, "sums", at_once)
    async with trio.open_nursery() as nursery:
        for number in range(1, 41):
            told.sent(number, Sums("same", "same"))
        nursery.start_soon(told.keep)
        await trio.sleep(60)
        assert set(order) == set(range(1, 41))
        told.sent(41, Sums("same", "same"))
        order.clear()
        await trio.sleep(rereading.FIRST_S + 0.5)
        nursery.cancel_scope.cancel()
    assert order.count(41) == 1


class TestMeasure:
    def test_what_is_set_aside_but_not_written_does_not_count(self, opened):
        os.truncate(opened.fileno(), 10_000_000)
        assert measure(opened.fileno(), 65536) == (10_000_000, 65536)
        os.pwrite(opened.fileno(), bytes(1_000_000), 65536)
        size, written = measure(opened.fileno(), 65536)
        assert size == 10_000_000
        assert 65536 + 1_000_000 <= written < 65536 + 1_000_000 + 65536

    def test_a_short_file_is_written_to_its_end(self, opened):
        opened.write(bytes(100))
        assert measure(opened.fileno(), 65536) == (100, 100)

    @pytest.mark.parametrize("code", [errno.ENXIO, errno.EINVAL])
    def test_a_file_system_that_cannot_tell_is_believed(self, opened, monkeypatch, code):
        opened.write(bytes(100))

        def seek(*_):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "lseek", seek)
        assert measure(opened.fileno(), 10) == (100, 100)

    def test_a_dead_disk_is_not(self, opened, monkeypatch):
        opened.write(bytes(100))

        def seek(*_):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "lseek", seek)
        with pytest.raises(OSError, match="Input/output"):
            measure(opened.fileno(), 10)


class TestPlaceholder:
    def test_a_recording_is_created_under_its_name(self):
        body = creation(Clip(volume="v", path="A/A001.mov", complete=False), offset=3, channel=0)
        assert body == {
            "is_realtime_upload": True,
            "name": "A001.mov",
            "filetype": "video/quicktime",
            "offset": 3,
        }

    @pytest.mark.parametrize(
        "path", ["A001.mov.tmp", "A001.MOV.part", "A001.Mov.partial", "A001.mov.recording"]
    )
    def test_a_provisional_name_is_not_told(self, path):
        body = creation(Clip(volume="v", path=path, complete=False), offset=0, channel=2)
        assert body == {
            "is_realtime_upload": True,
            "extension": ".mov",
            "filetype": "video/quicktime",
            "offset": 0,
            "channel": 2,
        }

    @pytest.mark.parametrize(
        ("path", "has"), [("A.mov", True), ("A.mov.tmp", True), ("A", False), ("A.tmp", False), ("A.", False)]
    )
    def test_without_an_extension_there_is_no_realtime_asset(self, path, has):
        assert has_name(Clip(volume="v", path=path)) is has

    def test_what_is_stored_is_read_back(self):
        asset = Placeholder(
            id="a",
            filetype="video/mp2t",
            smallest=SMALLEST,
            unnamed=True,
            made_at=1.5,
            project="p",
            abandoned=2,
        )
        assert Placeholder.from_head(asset.head) == asset
        assert Placeholder.from_head({"asset": "standard"}) is None
        assert Placeholder.from_head({}) is None
        ending = Ending(size=9, mark="m", url="https://host/part")
        assert Ending.read(ending.value) == ending
        assert "https" not in repr(ending)
