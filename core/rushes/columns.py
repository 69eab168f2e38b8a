"""The columns of a clip: what a rule may name, who writes it, how the ledger types it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column: `type` is DuckDB's, `writer` is `source`, `probe`, `record` or `engine`."""

    name: str
    type: str
    meaning: str
    example: str
    writer: str


#: Columns that identify a clip and its file.
FILE = (
    Column("id", "VARCHAR", "the clip's id", "c3k9x2m7q1", "engine"),
    Column("revision", "INTEGER", "counts changes of the clip's bytes", "1", "engine"),
    Column("volume", "VARCHAR", "identity of the volume", "uuid:4A21-0000", "source"),
    Column("card", "VARCHAR", "the volume's name for people", "A001", "source"),
    Column("path", "VARCHAR", "path within the volume, with forward slashes", "A001/A001C001.mov", "source"),
    Column("folder", "VARCHAR", "the path without the file name", "A001", "engine"),
    Column("name", "VARCHAR", "file name without its extension", "A001C001", "engine"),
    Column("extension", "VARCHAR", "extension in lower case, without the dot", "mov", "engine"),
    Column("kind", "VARCHAR", "video, audio, image or data", "video", "source, probe"),
    Column("role", "VARCHAR", "original, proxy, sound, still, lut, sidecar or report", "original", "source"),
    Column("size", "BIGINT", "bytes", "7340032", "source"),
    Column("modified", "TIMESTAMP", "the file's modification time, UTC", "2026-11-22 09:30:00", "source"),
    Column("first_seen", "TIMESTAMP", "when the pipeline first saw it, UTC", "2026-11-22 09:31:00", "engine"),
    Column("complete", "BOOLEAN", "whether the recording has ended", "true", "source"),
    Column(
        "completed_by",
        "VARCHAR",
        "the rule that found it complete: closed, renamed or quiet",
        "closed",
        "source",
    ),
    Column(
        "problem",
        "VARCHAR",
        "why the media is broken; NULL when it is sound",
        "truncated: no moov atom",
        "source, probe",
    ),
)

#: Core metadata: findings of annotators under these names become typed columns.
METADATA = (
    Column("camera", "VARCHAR", "camera letter or name", "A", "probe, record"),
    Column(
        "device",
        "VARCHAR",
        "id of the device on the set network that recorded it",
        "00a1b2c3d4e5f607",
        "source, record",
    ),
    Column("reel", "VARCHAR", "reel, roll or tape", "A001", "probe, record"),
    Column(
        "clip_name",
        "VARCHAR",
        "the clip's name by its camera or recorder, whatever the file is called",
        "A001C001_221122_R1AB",
        "probe, record",
    ),
    Column("scene", "VARCHAR", "scene", "12A", "probe, record"),
    Column("slate", "VARCHAR", "slate", "112", "record"),
    Column("take", "VARCHAR", "take", "3", "probe, record"),
    Column("circled", "BOOLEAN", "a circled (good) take", "true", "probe, record"),
    Column("waste", "BOOLEAN", "not to be used", "false", "record"),
    Column("project", "VARCHAR", "project or production", "Nocturne", "probe, record"),
    Column("mos", "BOOLEAN", "shot without sound", "true", "record"),
    Column("note", "VARCHAR", "the recordist's or camera's remark", "plane overhead", "probe, record"),
    Column("container", "VARCHAR", "container format", "mov", "probe"),
    Column(
        "codec",
        "VARCHAR",
        "codec of the first picture stream, else of the first sound stream",
        "h264",
        "probe",
    ),
    Column("profile", "VARCHAR", "profile of that codec", "High 4:2:2", "probe"),
    Column("pixel_format", "VARCHAR", "pixel format, as ffmpeg names it", "yuv422p10le", "probe"),
    Column("bit_depth", "INTEGER", "bits of a picture component, else of a sound sample", "10", "probe"),
    Column("colour_space", "VARCHAR", "colour primaries", "bt709", "probe"),
    Column("transfer", "VARCHAR", "transfer curve", "arib-std-b67", "probe"),
    Column("width", "INTEGER", "picture width in pixels", "1920", "probe"),
    Column("height", "INTEGER", "picture height in pixels", "1080", "probe"),
    Column("aspect", "VARCHAR", "display aspect ratio, turned as it is shown", "16:9", "probe"),
    Column(
        "rotation",
        "INTEGER",
        "degrees clockwise that a player turns the picture: 0, 90, 180 or 270",
        "90",
        "probe",
    ),
    Column("interlaced", "BOOLEAN", "whether a picture holds two fields", "false", "probe"),
    Column("variable_rate", "BOOLEAN", "whether pictures come at uneven times", "false", "probe"),
    Column("lens", "VARCHAR", "lens", "Signature Prime 40", "probe, record"),
    Column("iso", "INTEGER", "exposure index", "800", "probe, record"),
    Column("shutter", "VARCHAR", "shutter: degrees, or seconds as a fraction", "180", "probe, record"),
    Column("white_balance", "INTEGER", "white balance in kelvin", "5600", "probe, record"),
    Column("rate", "VARCHAR", "picture or timecode rate", "23.976", "probe"),
    Column("frames", "BIGINT", "number of picture frames, where the container tells", "240", "probe"),
    Column("duration", "DOUBLE", "seconds", "10.01", "probe"),
    Column("timecode", "VARCHAR", "start timecode; a semicolon marks drop frame", "01:00:00:00", "probe"),
    Column("timecode_end", "VARCHAR", "timecode of the first frame after the last", "01:00:09:15", "probe"),
    Column("timecode_rate", "VARCHAR", "rate the timecode counts at", "29.97df", "probe"),
    Column("timecode_from", "VARCHAR", "where the timecode was read", "tmcd", "probe"),
    Column(
        "user_bits", "VARCHAR", "user bits of the timecode, eight hexadecimal digits", "22112200", "probe"
    ),
    Column("channels", "INTEGER", "sound channels over all sound streams", "2", "probe"),
    Column("audio_layout", "VARCHAR", "channels of each sound stream", "stereo, mono", "probe"),
    Column(
        "tracks",
        "VARCHAR",
        "names of the sound tracks, in the order of the channels",
        "MixL, MixR, Boom",
        "probe",
    ),
    Column("sample_rate", "INTEGER", "sound samples a second", "48000", "probe"),
    Column("start_sample", "BIGINT", "first sample since midnight (bext)", "172800000", "probe"),
    Column("created", "TIMESTAMP", "creation time the file tells, UTC", "2026-11-22 09:29:50", "probe"),
    Column(
        "recorded",
        "TIMESTAMP",
        "start of the recording by its device's own clock, in a zone nobody tells",
        "2026-11-22 10:29:40",
        "probe",
    ),
    Column(
        "matched",
        "VARCHAR",
        "whether picture and sound found each other: matched, ambiguous or none",
        "matched",
        "match",
    ),
    Column(
        "part_of",
        "VARCHAR",
        "id of the first file of the take or recording that this file continues",
        "c3k9x2m7q1",
        "match",
    ),
    Column("proxy_of", "VARCHAR", "id of the original that this file is a proxy of", "c3k9x2m7q1", "match"),
)

META = Column(
    "meta",
    "MAP(VARCHAR, VARCHAR)",
    "every other finding: meta['key']",
    "meta['look'] = 'day'",
    "any annotator",
)

COLUMNS = (*FILE, *METADATA, META)
NAMES = frozenset(column.name for column in COLUMNS)
METADATA_NAMES = frozenset(column.name for column in METADATA)
