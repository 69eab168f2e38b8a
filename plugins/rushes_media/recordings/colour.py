"""Code points of colour by the names that ffmpeg gives them (ITU-T H.273); PyAV tells the numbers."""

from __future__ import annotations

from collections.abc import Mapping

#: 0 and 2 mean that nobody said.
PRIMARIES: Mapping[int, str] = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020",
    10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS: Mapping[int, str] = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100",
    10: "log316", 11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12",
    16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
MATRICES: Mapping[int, str] = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
RANGES: Mapping[int, str] = {1: "tv", 2: "pc"}
#: How the two fields of a picture are stored and shown: t(op) or b(ottom) first; 1 is progressive.
FIELDS: Mapping[int, str] = {2: "tt", 3: "bb", 4: "tb", 5: "bt"}
PROGRESSIVE = 1
