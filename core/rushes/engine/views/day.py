"""A shooting day as it is handed in: what was shot, where each file went and how that was verified, what is missing."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from rushes.engine.links import said_by
from rushes.engine.queue import load_jobs
from rushes.engine.views.days import calendar
from rushes.engine.views.document import Document
from rushes.engine.views.jobs import job_document, lay_over
from rushes.engine.views.last import Waits, last_pipeline
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import epoch

_COLUMNS = (
    "id", "path", "card", "kind", "role", "size", "complete", "problem", "first_seen", "camera", "reel", "scene",
    "slate", "take", "circled", "waste", "mos", "note", "timecode", "timecode_end", "rate", "duration", "matched",
)  # fmt: skip
#: Of recordings: slates and claps have no file of their own.
_RECORDS = """
    SELECT r.id, any_value(r.data), any_value(d.name), max(r.seen),
        any_value(coalesce(json_extract_string(r.data, '$.projectDay.date'), json_extract_string(r.data, '$.created')))
    FROM records r LEFT JOIN devices d ON d.id = r.device AND d.source = r.source
    WHERE NOT r.deleted AND r.kind NOT IN ('slate', 'clap') AND r.id NOT IN (
        SELECT other FROM links WHERE state IN ('matched', 'ambiguous'))
    GROUP BY r.id ORDER BY r.id
"""
#: Said by either side.
_SOUNDS = """
    SELECT said.picture, c.path, c.card FROM (
        SELECT clip AS picture, other AS sound, score FROM links WHERE kind = 'sound' AND state = 'matched'
        UNION ALL SELECT other, clip, score FROM links WHERE kind = 'picture' AND state = 'matched'
    ) said JOIN clips c ON c.id = said.sound
    WHERE {where} AND NOT c.superseded ORDER BY said.score DESC, c.path
"""
#: It may go to any sink.
_UNPLANNED = "SELECT clip FROM backlog WHERE annotator = '' AND {where}"
#: Of jobs: what was sent of bytes that a clip has no more is its past.
_OF_PRESENT = "revision = (SELECT c.revision FROM clips c WHERE c.id = jobs.clip)"
_STUCK = frozenset({"parked", "cancelled"})


def day(query: Query, wanted: str, waits: Waits, now: float) -> Document:
    """The document `Report` of that day ("" or "last": the last one). Raises NotFound."""
    known = calendar(query)
    chosen = known.chosen(wanted)
    where, ids = among("id", known.shot_on(chosen))
    rows = query(f"SELECT {', '.join(_COLUMNS)} FROM clips WHERE {where}", ids)  # noqa: S608 - our own words
    clips = [_clip(dict(zip(_COLUMNS, row, strict=True)), known.walls) for row in rows]
    clips.sort(key=lambda clip: (clip["began"], clip["card"], clip["path"]))
    _sounds(query, clips)
    owed = _deliveries(query, clips, waits)
    where, ids = among("clip", ids)
    unplanned = {name for (name,) in query(_UNPLANNED.format(where=where), ids)}
    for clip in clips:
        clip["open"] = clip["open"] or clip["clip"] in unplanned
    return {
        "day": chosen,
        "pipeline": last_pipeline(query)["name"],
        "made": now,
        "totals": _totals(clips),
        "cards": _cards(clips, owed, unplanned),
        "clips": clips,
        "records_without_media": records_alone(query, chosen),
        "pictures_without_sound": [clip["name"] for clip in clips if clip["silent"]],
        "handovers": _handovers(clips),
    }


def _clip(row: Mapping[str, Any], walls: Mapping[str, float]) -> Document:
    texts = ("camera", "reel", "scene", "slate", "take", "note", "timecode", "timecode_end", "rate")
    return {
        "clip": row["id"],
        "name": row["path"].rpartition("/")[2],
        "path": row["path"],
        "card": row["card"],
        "kind": row["kind"],
        "role": row["role"],
        "size": int(row["size"] or 0),
        "complete": bool(row["complete"]),
        "problem": row["problem"] or "",
        "first_seen": epoch(row["first_seen"]),
        "began": datetime.fromtimestamp(walls[row["id"]], UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        **{name: row[name] or "" for name in texts},
        **{name: row[name] for name in ("circled", "waste", "mos", "duration")},
        "matched": row["matched"] or "",
        "sounds": [],
        "silent": False,
        "open": False,
        "deliveries": [],
        "problems": [],
    }


def _sounds(query: Query, clips: Sequence[Document]) -> None:
    """Tell each picture's sounds, in place, and which pictures have none though nobody said MOS."""
    where, ids = among("said.picture", [clip["clip"] for clip in clips if clip["kind"] == "video"])
    sounds: defaultdict[str, list[str]] = defaultdict(list)
    alike = Counter(clip["name"] for clip in clips)
    for clip, path, card in query(_SOUNDS.format(where=where), ids):
        name = path.rpartition("/")[2]
        # Recorders give the same name to a take.
        sounds[clip].append(f"{name} ({card})" if alike[name] > 1 else name)
    for clip in clips:
        clip["sounds"] = list(dict.fromkeys(sounds[clip["clip"]]))
        shot = clip["kind"] == "video" and clip["role"] == "original"
        clip["silent"] = shot and not clip["sounds"] and clip["mos"] is not True and clip["waste"] is not True


def _deliveries(query: Query, clips: Sequence[Document], waits: Waits) -> Mapping[str, Mapping[str, bool]]:
    """Tell, in place, where each clip goes, when it came there, how that was checked, and what stands in the way.

    Returns of each clip by sink whether that has all that it is to get of it.
    """
    owed: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    of = {clip["clip"]: clip for clip in clips}
    where, ids = among("clip", list(of))
    loaded = load_jobs(query, f"{where} AND {_OF_PRESENT}", ids, meta=False)
    changed = {step.id: step.changed for each in loaded for step in each.steps}
    documents = [job_document(each) for each in loaded]
    lay_over(documents, waits)
    for job in documents:
        clip = of[job["clip"]]
        clip["open"] = clip["open"] or job["state"] not in {"done", "withdrawn"}
        if job["state"] != "withdrawn":
            has = owed[job["clip"]]
            for sink in job["sinks"]:
                has[sink] = has.get(sink, True) and _has_all(job, sink)
        for step in job["steps"]:
            if step["verb"] == "deliver" and step["state"] != "withdrawn":
                clip["deliveries"].append(_delivery(job, step, changed[step["id"]]))
        if job["state"] in {"parked", "waiting", "cancelled"}:
            clip["problems"].append(
                {"job": job["id"], "route": job["route"], "state": job["state"], "reason": job["reason"]}
            )
    for clip in clips:
        if clip["problem"] and not clip["problems"]:
            clip["problems"].append({"job": "", "route": "", "state": "broken", "reason": clip["problem"]})
            clip["open"] = True
    return owed


def _has_all(job: Document, sink: str) -> bool:
    """What is still to be made may have a delivery to the sink that nobody knows yet."""
    steps = [step for step in job["steps"] if step["verb"] == "apply" or step["component"] == sink]
    left = [step for step in steps if step["state"] not in {"done", "withdrawn"}]
    return job["state"] == "done" or (not left and any(step["verb"] == "deliver" for step in steps))


def _delivery(job: Document, step: Document, changed: float) -> Document:
    receipt = step["receipt"] or {}
    done = step["state"] == "done"
    return {
        "job": job["id"],
        "route": job["route"],
        "sink": step["component"],
        "name": step["name"],
        "role": step["role"],
        "state": step["state"],
        "reason": step["reason"],
        "at": changed if done else None,
        "where": receipt.get("where", ""),
        "id": receipt.get("id", ""),
        "size": receipt.get("size", 0) if done else step["size"],
        "checked": receipt.get("checked", ""),
    }


def _totals(clips: Sequence[Document]) -> Document:
    deliveries = [each for clip in clips for each in clip["deliveries"]]
    done = [each for each in deliveries if each["state"] == "done"]
    return {
        **_sums(clips),
        "pictures": _number(clips, lambda clip: clip["kind"] == "video"),
        "sounds": _number(clips, lambda clip: clip["kind"] == "audio"),
        "circled": _number(clips, lambda clip: clip["circled"] is True),
        "deliveries": len(deliveries),
        "delivered": len(done),
        "delivered_bytes": sum(each["size"] for each in done),
        "unverified": sum(1 for each in done if not each["checked"]),
        "failed": _with(clips, "parked", "broken"),
        "cancelled": _with(clips, "cancelled"),
        "waiting": _with(clips, "waiting"),
        "undelivered": _number(clips, lambda clip: clip["open"]),
        "unrouted": _number(clips, _unrouted),
        "silent": _number(clips, lambda clip: clip["silent"]),
    }


def _unrouted(clip: Document) -> bool:
    """Nothing of it goes anywhere: what is still made of it has no delivery yet, and is not that."""
    return not clip["deliveries"] and not clip["open"]


def _with(clips: Sequence[Document], *states: str) -> int:
    return _number(clips, lambda clip: any(each["state"] in states for each in clip["problems"]))


def _number(clips: Sequence[Document], right: Callable[[Document], bool]) -> int:
    return sum(1 for clip in clips if right(clip))


def _sums(clips: Sequence[Document]) -> Document:
    return {
        "clips": len(clips),
        "duration": round(sum(clip["duration"] or 0.0 for clip in clips), 3),
        "bytes": sum(clip["size"] for clip in clips),
    }


def _cards(
    clips: Sequence[Document], owed: Mapping[str, Mapping[str, bool]], unplanned: Collection[str]
) -> list[Document]:
    """A line for each card and camera; the span is from its first label to the end of its last recording."""
    groups: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for clip in clips:
        groups[clip["card"], clip["camera"]].append(clip)
    found = []
    for (card, camera), those in sorted(groups.items()):
        labelled = [clip for clip in those if clip["timecode"]]
        arrivals = [
            each["at"]
            for clip in those
            for each in clip["deliveries"]
            if each["state"] == "done" and each["at"]
        ]
        left = _number(those, lambda clip: clip["open"])
        found.append(
            {
                "card": card,
                "camera": camera,
                **_sums(those),
                "timecode": labelled[0]["timecode"] if labelled else "",
                "timecode_end": labelled[-1]["timecode_end"] if labelled else "",
                "seen": min(clip["first_seen"] for clip in those),
                "undelivered": left,
                "unrouted": _number(those, _unrouted),
                "sinks": _sinks(those, owed, _number(those, lambda clip: clip["clip"] in unplanned)),
                "handed_over": max(arrivals) if arrivals and not left else None,
            }
        )
    return found


def _sinks(
    clips: Sequence[Document], owed: Mapping[str, Mapping[str, bool]], unplanned: int
) -> list[Document]:
    """Who has what of a card: what is not planned yet may go to each."""
    sinks: defaultdict[str, list[bool]] = defaultdict(list)
    for clip in clips:
        for sink, there in owed.get(clip["clip"], {}).items():
            sinks[sink].append(there)
    return [
        {"sink": sink, "clips": len(those) + unplanned, "delivered": sum(those)}
        for sink, those in sorted(sinks.items())
    ]


def _handovers(clips: Sequence[Document]) -> list[Document]:
    """By sink: the first and the last arrival, and what arrived."""
    sinks: defaultdict[str, list[Document]] = defaultdict(list)
    for clip in clips:
        for each in clip["deliveries"]:
            sinks[each["sink"]].append(each)
    found = []
    for sink, each in sorted(sinks.items()):
        done = [one for one in each if one["state"] == "done"]
        found.append(
            {
                "sink": sink,
                "files": len(done),
                "bytes": sum(one["size"] for one in done),
                "left": sum(1 for one in each if one["state"] not in {"done", *_STUCK}),
                "failed": sum(1 for one in each if one["state"] == "parked"),
                "first": min((one["at"] for one in done), default=None),
                "last": max((one["at"] for one in done), default=None),
            }
        )
    return found


def records_alone(query: Query, chosen: str) -> list[Document]:
    """Records of the day of which no file came."""
    found = []
    for name, data, device, seen, told in query(_RECORDS):
        if _day_of(told, seen) == chosen:
            found.append({"record": name, "device": device or "", "says": said_by(json.loads(data))})
    return found


def _day_of(told: object, seen: float) -> str:
    """The shooting day that the record tells; else the local one on which it was heard."""
    try:
        return date.fromisoformat(str(told)[:10]).isoformat()
    except ValueError:
        return f"{datetime.fromtimestamp(seen, UTC).astimezone():%Y-%m-%d}"
