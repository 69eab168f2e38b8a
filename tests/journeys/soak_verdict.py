"""What the soak saw, and whether all of it holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journeys.frameio.live import Live
from journeys.frameio.secrecy import Secrets, ledger_rows
from journeys.harness import sha256
from journeys.soak_card import Made
from journeys.torture_verdict import Figures, repeated_events, wait_for_orphans
from rushes.ledger import FILE_NAME

MADE_IN_PAUSE = "made while the project was paused"
#: How far the told begin of a recording may be from the true one: its clock and `offset` count whole seconds.
NEAR_S = 1.5
#: What only an upload url has.
SIGNATURE = b"X-Amz-Signature"
#: Seen where the call right after a refresh was lost on its way: it is not repeated within its minute.
UNASKED = "no identity call since the access token was issued"


@dataclass
class SoakFigures(Figures):
    """Beside those of any trial: what people had to do, what was told, which parts may never come again."""

    released: int = 0
    pairings: int = 0
    retried: list[str] = field(default_factory=list)
    told: set[bytes] = field(default_factory=set)
    started: set[bytes] = field(default_factory=set)
    puts: dict[tuple[str, int], int] = field(default_factory=dict)


def judge(
    live: Live,
    made: Sequence[Made],
    pauses: Sequence[tuple[float, float]],
    secrets: Secrets,
    figures: SoakFigures,
) -> None:
    """Every clip arrived once, or is set aside because of a pause; nothing was told that is secret."""
    assets = live.sandbox.assets()
    jobs = live.by_name()
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for asset in assets:
        by_name.setdefault(asset["name"], []).append(asset)
    ends: Counter[str] = Counter()
    for clip in made:
        end = judge_clip(clip, jobs.get(clip.path.name), by_name.pop(clip.path.name, []), pauses, figures)
        ends[end] += 1
    figures.check(not by_name, f"assets of no clip: {sorted(by_name)[:3]}")
    judge_parts(assets, figures)
    judge_secrecy(live, secrets, figures)
    unasked = [breach for breach in live.sandbox.breaches() if UNASKED in breach]
    breaches = [breach for breach in live.sandbox.breaches() if UNASKED not in breach]
    figures.check(not breaches, f"{len(breaches)} violations: {sorted(set(breaches))[:3]}")
    events = repeated_events(live.stage.state)
    figures.check(not events, f"told more than once: {events[:3]}")
    orphans = wait_for_orphans(live, figures)
    figures.check(not orphans, f"processes left: {orphans}")
    show(made, assets, ends, pauses, figures)
    print(f"  {'created before a lost identity call':36}{len(unasked)}")


def judge_clip(
    clip: Made,
    job: Mapping[str, Any] | None,
    assets: Sequence[Mapping[str, Any]],
    pauses: Sequence[tuple[float, float]],
    figures: SoakFigures,
) -> str:
    """One word for its end."""
    name = clip.path.name
    inside = any(begin + NEAR_S < clip.began and clip.ended < end - NEAR_S for begin, end in pauses)
    near = any(begin - NEAR_S < clip.began < end + NEAR_S for begin, end in pauses)
    complete = [asset for asset in assets if asset["state"] == "complete"]
    state = "never queued" if job is None else f"{job['state']}: {job['reason']}"
    if inside:
        figures.check(not assets, f"{name} was made in a pause, and an asset was made of it ({state})")
        figures.check(
            job is not None and MADE_IN_PAUSE in job["reason"], f"{name}, made in a pause, is {state}"
        )
        return "made in a pause"
    figures.check(len(complete) <= 1, f"{name} has {len(complete)} complete assets")
    if complete:
        figures.check(complete[0]["sha256"] == sha256(clip.path), f"{name}: other bytes arrived")
        doubted = job is not None and "may be complete at Frame.io" in job["reason"]
        settled = job is not None and (job["state"] == "done" or doubted)
        figures.check(settled, f"{name} is complete at Frame.io, here it is {state}")
        return "delivered, and asked about" if doubted else "delivered"
    if near and MADE_IN_PAUSE in state:
        return "at an end of a pause, and refused"
    figures.failures.append(f"{name} is lost: {state}")
    return "lost"


def judge_parts(assets: Sequence[Mapping[str, Any]], figures: SoakFigures) -> None:
    """No part that the ledger knew after a kill was sent again."""
    now = {
        (asset["id"], part["number"]): (asset["name"], part["puts"])
        for asset in assets
        for part in asset["parts"]
    }
    for part, puts in figures.puts.items():
        name, seen = now[part]
        figures.check(seen == puts, f"{name}: part {part[1]} was sent again although it was reported")


def judge_secrecy(live: Live, secrets: Secrets, figures: SoakFigures) -> None:
    """No token, id or secret in anything that is written, told or started; no upload url in what people see."""
    logs = [path.read_bytes() for path in live.stage.logs.iterdir()]
    rows = list(ledger_rows(live.stage.state / FILE_NAME))
    places: Mapping[str, Iterator[bytes] | list[bytes]] = {
        "status": list(figures.told),
        "process list": list(figures.started),
        "logs": logs,
        "ledger and its events": rows,
        "files": (text for text in Secrets.of_files(live.stage.root)),
    }
    for what, texts in places.items():
        try:
            secrets.assert_in_none(texts, what)
        except AssertionError as error:
            figures.failures.append(str(error))
    seen = [*figures.told, *figures.started, *logs, *events(live)]
    figures.check(not any(SIGNATURE in text for text in seen), "an upload url was told")


def events(live: Live) -> list[bytes]:
    """What `pipeline explain` tells of every clip."""
    return [json.dumps(live.ask("explain", job["clip"])).encode() for job in live.jobs()[:20]]


def note(live: Live, figures: SoakFigures) -> None:
    """What can be seen of a running pipeline now."""
    figures.told.add(json.dumps(live.client.status()).encode())
    figures.started.add(Path(f"/proc/{live.process.pid}/cmdline").read_bytes())
    figures.started.update(Secrets.of_children(live.process.pid))


def show(
    made: Sequence[Made],
    assets: Sequence[Mapping[str, Any]],
    ends: Counter[str],
    pauses: Sequence[tuple[float, float]],
    figures: SoakFigures,
) -> None:
    """The table of figures."""
    complete = [asset for asset in assets if asset["state"] == "complete"]
    received = sum(part["bytes_received"] for asset in assets for part in asset["parts"])
    size = sum(asset["filesize"] for asset in complete)
    rows = [
        ("kills", f"{len(figures.lives)}"),
        ("clips", f"{len(made)}"),
        ("  begun while they were recorded", f"{sum(asset['realtime'] for asset in complete)}"),
        *((f"  {end}", str(number)) for end, number in sorted(ends.items())),
        ("pauses", f"{len(pauses)}, {sum(end - begin for begin, end in pauses):.0f} s"),
        ("bytes delivered", f"{size:,}"),
        ("bytes sent for them", f"{received:,} ({received / max(1, size):.2f} times)"),
        ("parts known at a kill, sent once", f"{len(figures.puts)}"),
        ("assets left behind", f"{len(assets) - len(complete)}"),
        ("people: released", f"{figures.released}"),
        ("people: retried", f"{len(figures.retried)}"),
        ("people: paired again", f"{figures.pairings}"),
        ("documents searched for secrets", f"{len(figures.told) + len(figures.started)}"),
    ]
    print()
    for name, value in rows:
        print(f"  {name:36}{value}")
    for reason, number in Counter(figures.retried).most_common():
        print(f"  retried {number} times: {reason}")
