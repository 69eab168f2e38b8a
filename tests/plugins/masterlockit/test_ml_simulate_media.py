"""The files of a simulated day are what their records say, by the word of readers that we did not write."""

from __future__ import annotations

import av
import pytest
import trio
import wavinfo

from rushes import Permanent, RushesError
from rushes.timecode import Timecode
from rushes_masterlockit.simulate import Media, make_day
from rushes_masterlockit.simulate.media import SAMPLE_RATE
from rushes_masterlockit.simulate.script import Kind


async def shot(folder, day):
    """All files of a day, made and cut."""
    media = Media(folder)
    media.expect(list(day.recordings))
    async with trio.open_nursery() as nursery:
        for recording in day.recordings:
            nursery.start_soon(media.make, recording)
            nursery.start_soon(media.cut, recording)
    return media


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df"])
async def test_pictures_and_sound_begin_and_end_with_their_records(tmp_path, rate):
    day = make_day(takes=1, seconds=2, rate=rate)
    await shot(tmp_path, day)
    assert len(day.recordings) == 3
    for recording in day.recordings:
        path, frames = tmp_path / recording.path, recording.stop - recording.start
        start = day.timecode(recording.start)
        if path.suffix == ".WAV":
            info = wavinfo.WavInfoReader(str(path))
            assert info.bext.time_reference == start.to_samples(SAMPLE_RATE)
            stop = Timecode.from_frames(recording.stop, day.rate).to_samples(SAMPLE_RATE)
            assert info.data.frame_count == stop - start.to_samples(SAMPLE_RATE)
            assert info.fmt.channel_count == len(recording.clip["tracks"])
            assert info.bext.originator_date == recording.clip["projectDay"]["date"]
            continue
        with av.open(str(path)) as container:
            labels = {stream.metadata.get("timecode") for stream in container.streams} - {None}
            assert labels == {str(start)}
            video = container.streams.video[0]
            assert (video.frames, video.average_rate) == (frames, day.rate.exact)
            assert len(container.streams.audio) == 1
        assert path.name == recording.clip["fileName"]


async def test_a_shot_without_sound_has_none(tmp_path):
    day = make_day(takes=5, seconds=2)
    [mos] = [recording for recording in day.recordings if recording.shot.kind is Kind.MOS]
    media = Media(tmp_path)
    media.expect([mos])
    await media.make(mos)
    await media.cut(mos)
    with av.open(str(tmp_path / mos.path)) as container:
        assert not container.streams.audio


async def test_the_same_day_makes_the_same_bytes_in_folders_of_its_devices(tmp_path):
    day = make_day(takes=1, seconds=2)
    await shot(tmp_path / "one", day)
    await shot(tmp_path / "two", day)
    for recording in day.recordings:
        parts = recording.path.split("/")
        assert parts[0] == recording.device.name
        assert (tmp_path / "one" / recording.path).read_bytes() == (
            tmp_path / "two" / recording.path
        ).read_bytes()
    assert {path.split("/")[1] for path in (r.path for r in day.recordings)} >= {"A001", "B001"}


async def test_a_file_is_hidden_until_its_cut(tmp_path):
    recording = make_day(takes=1, seconds=2).recordings[1]
    media = Media(tmp_path)
    media.expect([recording])
    await media.make(recording)
    path = tmp_path / recording.path
    assert not path.exists()
    assert [each.name for each in path.parent.iterdir()] == [f".{path.name}.part"]
    media.clean()
    assert list(path.parent.iterdir()) == []


async def test_what_is_there_is_not_written_over(tmp_path):
    day = make_day(takes=1, seconds=2)
    path = tmp_path / day.recordings[0].path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a take")
    with pytest.raises(RushesError, match=r"\.WAV: is there already; name an empty --media folder$"):
        Media(tmp_path).expect(list(day.recordings))
    assert path.read_bytes() == b"a take"


async def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RushesError, match=r"cannot be made \(Not a directory\); name another --media$"):
        Media(tmp_path / "file").expect(list(make_day(takes=1, seconds=2).recordings))


@pytest.mark.parametrize(
    ("binary", "line"),
    [
        ("/nowhere/ffmpeg", r"^/nowhere/ffmpeg: No such file or directory; media files"),
        ("/bin/false", r"^ffmpeg failed on .*\.mov: no output$"),
    ],
)
async def test_a_failing_ffmpeg_is_one_line(tmp_path, binary, line):
    recording = make_day(takes=1, seconds=2).recordings[1]
    media = Media(tmp_path, ffmpeg=binary)
    media.expect([recording])
    with pytest.raises(Permanent, match=line):
        await media.make(recording)
