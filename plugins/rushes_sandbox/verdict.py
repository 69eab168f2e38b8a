"""What the demo found: one line a clip, and everything that is not as it must be.

Nothing is taken on trust from the pipeline but which asset it says it made: the sandbox's SHA-256 of the
assembled asset is compared with ours of the file that was to be sent, an original on its card or a proxy in
the disk sink's copy; a proxy's timecode and frames are read again and compared with the card's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av

from rushes_sandbox.card import CardFile

ROUTES = {"video": "dailies", "audio": "sound", "image": "stills"}


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One clip of the card. Sizes in bytes; `resent` counts bytes that arrived more often than once.

    `proxy` is the name of the file made of it and `timecode` that file's start, both empty where the original
    was sent. `problem` is empty when the asset is there, whole, alone, and the same bytes.
    """

    name: str
    route: str
    proxy: str = ""
    timecode: str = ""
    size: int = 0
    parts: int = 0
    resent: int = 0
    sha256: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`clips` in the card's order, `parked` as (name, reason), `problems` of no single clip."""

    clips: Sequence[Delivered]
    parked: Sequence[tuple[str, str]]
    placeholders: int
    problems: Sequence[str]

    @property
    def holds(self) -> bool:
        """Every hash matches, no clip has two complete assets, the broken file is parked with its reason."""
        return not self.problems and not any(clip.problem for clip in self.clips)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "ok": self.holds,
            "clips": [{**asdict(clip), "verified": not clip.problem} for clip in self.clips],
            "parked": [{"name": name, "reason": reason} for name, reason in self.parked],
            "placeholders": self.placeholders,
            "problems": list(self.problems),
        }


def judge(
    files: Sequence[CardFile],
    jobs: Sequence[Mapping[str, Any]],
    assets: Sequence[Mapping[str, Any]],
    *,
    breaches: Sequence[str],
    card: Path,
    copies: Path,
) -> Verdict:
    """Compare what was shot with what the service holds.

    `jobs` as `pipeline queue FILE list --json` lists them, `assets` as the sandbox does; `breaches` of the
    protocol are problems; `card` is where the originals lie, `copies` where the disk sink put the proxies.
    """
    complete = {asset["id"]: asset for asset in assets if asset["state"] == "complete"}
    names = Counter(asset["name"] for asset in complete.values())
    problems = [
        *breaches,
        *(f"{name} has {count} complete assets" for name, count in names.items() if count > 1),
    ]
    clips, parked, claimed = [], [], set()
    for file in files:
        mine = [job for job in jobs if job["name"] in {file.filename, Path(file.filename).stem}]
        if file.broken:
            reasons = [str(job["reason"]) for job in mine if job["state"] == "parked" and job["reason"]]
            parked += [(file.filename, reason) for reason in reasons]
            if len(mine) != 1 or not reasons:
                problems.append(
                    f"{file.filename} is broken and must be parked with its reason: {_states(mine)}"
                )
            continue
        clip, id_ = _delivered(file, mine, complete, card, copies)
        clips.append(clip)
        claimed.add(id_)
    strays = complete.keys() - claimed
    problems += [f"asset {complete[id_]['name']} belongs to no clip" for id_ in strays]
    return Verdict(clips=clips, parked=parked, placeholders=len(assets) - len(complete), problems=problems)


def _delivered(
    file: CardFile,
    jobs: Sequence[Mapping[str, Any]],
    complete: Mapping[str, Mapping[str, Any]],
    card: Path,
    copies: Path,
) -> tuple[Delivered, str]:
    """The clip's line and the id of its asset."""
    route = ROUTES[file.kind]
    done = [job for job in jobs if job["route"] == route and job["state"] == "done"]
    if len(jobs) != 1 or not done:
        return Delivered(name=file.filename, route=route, problem=f"not delivered once: {_states(jobs)}"), ""
    step = next(step for step in done[0]["steps"] if step["component"] == "frameio")
    asset = complete.get(step["receipt"]["id"])
    if asset is None:
        return Delivered(name=file.filename, route=route, problem="its asset is not complete"), ""
    proxied = file.kind == "video"
    sent = next(iter(copies.rglob(asset["name"])), None) if proxied else card / file.path
    clip = Delivered(
        name=file.filename,
        route=route,
        proxy=str(asset["name"]) if proxied else "",
        timecode=file.timecode if proxied else "",
        size=asset["filesize"],
        parts=len(asset["parts"]),
        resent=sum(part["bytes_received"] for part in asset["parts"]) - asset["filesize"],
        sha256=asset["sha256"],
        problem=_difference(file, sent, asset["sha256"]),
    )
    return clip, str(asset["id"])


def _difference(file: CardFile, sent: Path | None, sha256: str) -> str:
    if sent is None:
        return "the disk sink has no copy of its proxy"
    with sent.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != sha256:
            return "the asset's bytes are not those that were sent"
    if file.kind != "video":
        return ""
    with av.open(str(sent)) as container:
        frames = container.streams.video[0].frames
        labels = {stream.metadata.get("timecode") for stream in container.streams} - {None}
    if labels != {file.timecode}:
        return f"the proxy's timecode is {labels or 'absent'}, the original's {file.timecode}"
    return "" if frames == file.frames else f"the proxy has {frames} frames, the original {file.frames}"


def _states(jobs: Sequence[Mapping[str, Any]]) -> str:
    return (
        "; ".join(f"{job['route']} {job['state']} {job['reason'] or ''}".strip() for job in jobs) or "no job"
    )
