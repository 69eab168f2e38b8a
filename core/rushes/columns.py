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
    Column("reel", "VARCHAR", "reel, roll or tape", "A001", "probe, record"),
    Column("scene", "VARCHAR", "scene", "12A", "probe, record"),
    Column("slate", "VARCHAR", "slate", "112", "record"),
    Column("take", "VARCHAR", "take", "3", "probe, record"),
    Column("circled", "BOOLEAN", "a circled (good) take", "true", "probe, record"),
    Column("waste", "BOOLEAN", "not to be used", "false", "record"),
    Column("project", "VARCHAR", "project or production", "Nocturne", "probe, record"),
    Column("note", "VARCHAR", "the recordist's or camera's remark", "plane overhead", "probe, record"),
    Column("container", "VARCHAR", "container format", "mov", "probe"),
    Column(
        "codec",
        "VARCHAR",
        "codec of the first picture stream, else of the first sound stream",
        "h264",
        "probe",
    ),
    Column("width", "INTEGER", "picture width in pixels", "1920", "probe"),
    Column("height", "INTEGER", "picture height in pixels", "1080", "probe"),
    Column("rate", "VARCHAR", "picture or timecode rate", "23.976", "probe"),
    Column("frames", "BIGINT", "number of picture frames, where the container tells", "240", "probe"),
    Column("duration", "DOUBLE", "seconds", "10.01", "probe"),
    Column("timecode", "VARCHAR", "start timecode; a semicolon marks drop frame", "01:00:00:00", "probe"),
    Column("timecode_rate", "VARCHAR", "rate the timecode counts at", "29.97df", "probe"),
    Column("timecode_from", "VARCHAR", "where the timecode was read", "tmcd", "probe"),
    Column("channels", "INTEGER", "sound channels over all sound streams", "2", "probe"),
    Column("sample_rate", "INTEGER", "sound samples a second", "48000", "probe"),
    Column("start_sample", "BIGINT", "first sample since midnight (bext)", "172800000", "probe"),
    Column("created", "TIMESTAMP", "creation time the file tells, UTC", "2026-11-22 09:29:50", "probe"),
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
