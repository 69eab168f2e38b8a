"""Forty clips through the whole road while the pipeline is killed at random moments: `make torture KILLS=50`.

Proxies of some, originals of others and sound go to a Frame.io sandbox and to a disk. Each kill is a SIGKILL
of the process alone: its workers and ffmpeg are left to themselves, as a crash would. After the last one a run
to the end must have delivered everything once. Ends with 0 if all of it holds, else with 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from journeys.harness import Journey, sha256  # noqa: E402 - run as a script
from journeys.torture_card import Camera, make_clips  # noqa: E402 - as above
from journeys.torture_verdict import (  # noqa: E402 - as above
    PART_BYTES,
    PARTS_IN_FLIGHT,
    SLOTS,
    Figures,
    durable_parts,
    judge,
    lost_bytes,
)
from journeys.trial import conduct  # noqa: E402 - as above
from rushes_sandbox.stage import Stage  # noqa: E402 - as above

PART_DELAY_S = 0.6
#: What the killed process had sent is in by then.
QUIET_S = PART_DELAY_S + 0.2
#: Clips that are on the card when the first run starts; the others come while kills go on.
AT_START = 16
SHORTEST_S, MEAN_S, LONGEST_S = 0.1, 2.2, 9.0
LAST_RUN_S = 150.0


def write_pipeline(journey: Journey) -> None:
    """Three routes, each to both sinks."""
    (journey.stage.root / "raid").mkdir()
    document = f"""\
pipeline: torture
state: ./state
sources: [{{id: cards, use: folder, path: ./cards, settle: 1s, patience: 2s}}]
prepare: [probe]
sinks:
  - id: frameio
    use: frameio
    slots: {SLOTS}
    parts_in_flight: {PARTS_IN_FLIGHT}
    api_url: {journey.sandbox.url}
    ca_file: "{journey.sandbox.ca_file}"
  - {{id: raid, use: disk, path: ./raid}}
routes:
  - id: proxies
    when: card = 'PROXY'
    steps: [{{use: proxy, height: 180, bitrate: 3M, preset: ultrafast}}]
    to: [frameio, raid]
  - {{id: originals, when: card = 'ORIGINAL', to: [frameio, raid]}}
  - {{id: sounds, when: kind = 'audio', to: [frameio, raid]}}
"""
    journey.stage.write(document, journey.file.name)


def kill_again_and_again(
    journey: Journey, clips: list[Path], kills: int, chance: random.Random, figures: Figures
) -> None:
    """Start, kill, look; the clips that are not on the card yet come while this goes on."""
    camera = Camera(journey.cards)
    waiting = list(clips)
    before: dict[str, int] = {}
    durable_before: dict[str, set[int]] = {}
    received_before: dict[tuple[str, int], int] = {}
    for number in range(kills):
        due = AT_START + (len(clips) - AT_START) * number // max(1, kills - 3)
        while waiting and len(clips) - len(waiting) < due:
            camera.record(waiting.pop(0))
        run = journey.run()
        figures.sessions.append(run.pid)
        life = min(LONGEST_S, SHORTEST_S + chance.expovariate(1 / MEAN_S))
        time.sleep(life)
        if not run.running:
            figures.failures.append(f"run {number + 1} ended by itself with {run.status}{run.last_words()}")
            continue
        run.kill()
        figures.lives.append(life)
        time.sleep(QUIET_S)
        assets = journey.sandbox.assets()
        durable = durable_parts(journey.stage.state, figures, assets)
        now = lost_bytes(assets, durable)
        fresh = {name: now[name] - before.get(name, 0) for name in now}
        figures.lost.append(sum(fresh.values()))
        figures.lost_by_asset = max([figures.lost_by_asset, *fresh.values()])
        received = {
            (asset["id"], part["number"]): part["bytes_received"]
            for asset in assets
            for part in asset["parts"]
        }
        for name, numbers in durable_before.items():
            for part in numbers:
                figures.check(
                    received[name, part] == received_before[name, part],
                    f"part {part} of {name} was sent again although it was reported",
                )
        before, durable_before, received_before = now, durable, received
        told = f"kill {number + 1:3} after {life:4.1f} s: {len(assets):3} assets, {figures.lost[-1]:8,} bytes lost"
        print(told, flush=True)
    for clip in waiting:
        camera.record(clip)
    camera.wait()


def finish(journey: Journey, figures: Figures) -> None:
    """One run to the end."""
    journey.sandbox.clear()
    run = journey.run("--once")
    figures.sessions.append(run.pid)
    status = run.wait(LAST_RUN_S)
    figures.check(status == 0, f"the last run ended with {status}")
    for job in journey.jobs():
        figures.check(job["state"] == "done", f"{job['name']}: {job['state']}: {job['reason']}")


def torture(root: Path, kills: int, seed: int) -> Figures:
    """Run it all in an empty folder."""
    figures = Figures()
    chance = random.Random(seed)
    made = root / "made"
    made.mkdir()
    clips = make_clips(made)
    chance.shuffle(clips)
    originals = {clip: sha256(clip) for clip in clips}
    with Journey(root, Stage(root)) as journey:
        journey.start_sandbox("--part-size", f"{PART_BYTES // 1024}KiB")
        write_pipeline(journey)
        journey.pair()
        journey.sandbox.slow(PART_DELAY_S)
        kill_again_and_again(journey, clips, kills, chance, figures)
        finish(journey, figures)
        judge(journey, clips, originals, figures)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    return conduct(
        parser, lambda root, options: torture(root, options.kills, options.seed), "everything arrived once"
    )


if __name__ == "__main__":
    sys.exit(main())
