"""What the demo found: one line a clip, and everything that is not as it must be.

Nothing is taken on trust from the pipeline but which asset it says it made, and what its ledger remembers of the
set: the sandbox's SHA-256 of the assembled asset is compared with ours of the file that was to be sent, an original
in its folder or a proxy in the disk sink's copy; timecode and frames are read again from the bytes that were sent,
and compared with what was shot and, for what devices of the set recorded, with the record in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rushes_sandbox.card import CardFile
from rushes_sandbox.evidence import Delivered, Evidence, states
from rushes_sandbox.shoot import SetFile


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`clips` in the order of set and card, `parked` as (name, reason), `problems` of no single clip."""

    clips: Sequence[Delivered]
    parked: Sequence[tuple[str, str]]
    placeholders: int
    problems: Sequence[str]

    @property
    def holds(self) -> bool:
        """Every hash matches, no clip has two complete assets, each record is there and right, the broken file is
        parked with its reason.
        """
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
    day: Sequence[SetFile],
    jobs: Sequence[Mapping[str, Any]],
    assets: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
    *,
    sound: Mapping[str, Sequence[str]],
    breaches: Sequence[str],
    card: Path,
    media: Path,
    copies: Path,
) -> Verdict:
    """Compare what was shot, on the set and on the card, with what the service holds and the ledger remembers.

    `jobs` as `pipeline queue FILE list --json` lists them, `assets` as the sandbox does, `records` as `pipeline
    masterlockit export FILE --kind json` writes them, `sound` as `Evidence` has it; `breaches` of the protocol are
    problems; `card` and `media` are where the originals lie, `copies` where the disk sink put the proxies.
    """
    complete = {asset["id"]: asset for asset in assets if asset["state"] == "complete"}
    names = Counter(asset["name"] for asset in complete.values())
    problems = [
        *breaches,
        *(f"{name} has {count} complete assets" for name, count in names.items() if count > 1),
        *_records_of_nothing(day, records),
    ]
    told = {record["id"]: record for record in records}
    evidence = Evidence(day, sound, jobs, complete, told, card, media, copies)
    clips, parked, claimed = [], [], set()
    for shot in day:
        clip, id_ = evidence.of_set(shot)
        clips.append(clip)
        claimed.add(id_)
    for file in files:
        if file.broken:
            mine = evidence.jobs_of(file.filename)
            reasons = [str(job["reason"]) for job in mine if job["state"] == "parked" and job["reason"]]
            parked += [(file.filename, reason) for reason in reasons]
            if len(mine) != 1 or not reasons:
                problems.append(
                    f"{file.filename} is broken and must be parked with its reason: {states(mine)}"
                )
            continue
        clip, id_ = evidence.of_card(file)
        clips.append(clip)
        claimed.add(id_)
    strays = complete.keys() - claimed
    problems += [f"asset {complete[id_]['name']} belongs to no clip" for id_ in strays]
    return Verdict(clips=clips, parked=parked, placeholders=len(assets) - len(complete), problems=problems)


def _records_of_nothing(day: Sequence[SetFile], records: Sequence[Mapping[str, Any]]) -> list[str]:
    known = {shot.clip for shot in day}
    if not day:
        return ["nobody on the set recorded anything"]
    return [f"record {record['id']} is of no file" for record in records if record["id"] not in known]
