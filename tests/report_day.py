"""A document `Report` with everything that may stand in one, and texts that mean harm."""

from __future__ import annotations

HOSTILE = '=HYPERLINK("http://evil")<script>alert(1)</script>\u202egpj.\x1b[2J"&\ud800'
MADE = 1_795_392_000.0
DAY = "2026-11-22"


def delivery(**changes):
    return {
        "job": "j1", "route": "dailies", "sink": "cloud", "name": "A001C001.mov", "role": "proxy", "state": "done",
        "reason": "", "at": MADE - 60, "where": "Frame.io: Nocturne", "id": "a1", "size": 5_000_000, "checked": "md5",
    } | changes  # fmt: skip


def clip(**changes):
    return {
        "clip": "c1", "name": "A001C001.mov", "path": "DCIM/A001C001.mov", "card": "A001", "kind": "video",
        "role": "original", "size": 1_000_000_000, "complete": True, "problem": "", "first_seen": MADE - 600,
        "began": "2026-11-22T10:00:00", "camera": "A", "reel": "A001", "scene": "12A", "slate": "112", "take": "3",
        "note": "", "timecode": "10:00:00:00", "timecode_end": "10:01:00:00", "rate": "25", "circled": True,
        "waste": False, "mos": False, "duration": 60.0, "matched": "matched", "sounds": ["12A-3.WAV"], "silent": False,
        "open": False, "deliveries": [delivery()], "problems": [],
    } | changes  # fmt: skip


FAILED = delivery(state="parked", reason="refused", at=None, where="", checked="")
REPORT = {
    "day": DAY,
    "pipeline": "onset",
    "made": MADE,
    "totals": {
        "clips": 2, "duration": 120.0, "bytes": 2_000_000_000, "pictures": 2, "sounds": 0, "circled": 1,
        "deliveries": 2, "delivered": 1, "delivered_bytes": 5_000_000, "unverified": 0, "failed": 1,
        "cancelled": 0, "waiting": 0, "undelivered": 1, "unrouted": 0, "silent": 1,
    },
    "cards": [
        {
            "card": "A001", "camera": "A", "clips": 2, "duration": 120.0, "bytes": 2_000_000_000,
            "timecode": "10:00:00:00", "timecode_end": "10:05:00:00", "seen": MADE - 600, "undelivered": 1,
            "unrouted": 0, "handed_over": None,
            "sinks": [{"sink": "cloud", "clips": 2, "delivered": 1}, {"sink": "raid", "clips": 2, "delivered": 2}],
        },
    ],
    "clips": [
        clip(),
        clip(
            clip="c2", name=HOSTILE, path=f"DCIM/{HOSTILE}", scene="場面十二" * 9, note=HOSTILE, circled=None,
            sounds=[], silent=True, open=True, deliveries=[FAILED],
            problems=[{"job": "j2", "route": "dailies", "state": "parked", "reason": "refused by the service"}],
        ),
    ],
    "records_without_media": [{"record": "r1", "device": "A-Cam", "says": "scene 12A, take 4"}],
    "pictures_without_sound": [HOSTILE],
    "handovers": [
        {"sink": "cloud", "files": 1, "bytes": 5_000_000, "left": 0, "failed": 1, "first": MADE - 60, "last": MADE - 60}
    ],
}  # fmt: skip
