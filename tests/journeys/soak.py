"""Two hundred clips on a bad day: `make soak SOAK_S=300 KILLS=20 CLIPS=200`.

Cards, stills, sound and sound that grows go to a Frame.io sandbox while networks, service, tokens and sockets
fail at random, the project is paused and resumed, and the pipeline is killed. Then all is well again, people do
what the pipeline asks them to (release, pair again), and everything must have arrived once, but for what was made
in a pause. Ends with 0 if all of it holds, else with 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from journeys.frameio.live import Live, Service  # noqa: E402 - run as a script
from journeys.frameio.secrecy import Secrets  # noqa: E402 - as above
from journeys.soak_card import Crew, Made  # noqa: E402 - as above
from journeys.soak_verdict import SoakFigures, judge, note  # noqa: E402 - as above
from journeys.soak_world import World, pair_again  # noqa: E402 - as above
from journeys.torture_verdict import durable_parts  # noqa: E402 - as above
from journeys.trial import conduct  # noqa: E402 - as above
from rushes import RushesError  # noqa: E402 - as above
from rushes_sandbox.stage import Stage  # noqa: E402 - as above

#: Until everything has arrived once all is well; a component that was held asks again after a minute.
CALM_S = 180.0
#: Share of the time in which clips are shot; the rest of it is for those that were shot last.
SHOOTING = 0.85
#: Of one clip: who retries more often than that has learned something.
RETRIES = 3


def kill(live: Live, world: World, figures: SoakFigures) -> None:
    """Pull the plug, look at what the ledger knows, and start again."""
    live.process.kill()
    figures.lives.append(0.0)
    if world.reachable:
        assets = live.sandbox.assets()
        known = durable_parts(live.stage.state, figures, assets)
        for asset in assets:
            for part in asset["parts"]:
                if part["number"] in known.get(asset["id"], ()):
                    figures.puts.setdefault((asset["id"], part["number"]), part["puts"])
    live.process = live.run()
    figures.sessions.append(live.process.pid)


def bad_day(live: Live, world: World, crew: Crew, options: argparse.Namespace, figures: SoakFigures) -> None:
    """Until the time is over, the last clip is shot and the last kill done."""
    chance = random.Random(options.seed)
    began = time.monotonic()
    kills = sorted(began + chance.uniform(2, options.seconds) for _ in range(options.kills))
    look = 0.0
    while time.monotonic() < began + options.seconds:
        world.turn()
        if kills and kills[0] <= time.monotonic():
            kills.pop(0)
            kill(live, world, figures)
        elif not live.process.running:
            figures.failures.append(
                f"a run ended by itself with {live.process.status}{live.process.last_words()}"
            )
            live.process = live.run()
            figures.sessions.append(live.process.pid)
        if time.monotonic() >= look:
            look = time.monotonic() + 2
            with suppress(RushesError, AssertionError, OSError):  # it is just starting
                note(live, figures)
            figures.pairings += world.reachable and pair_again(live)
        time.sleep(0.05)
    crew.wait()


def people(live: Live, figures: SoakFigures) -> bool:
    """Do what the pipeline asks people to; whether it has nothing left to do or to ask."""
    figures.pairings += pair_again(live)
    open_jobs = 0
    for job in live.jobs():
        if job["state"] == "waiting" and "release it to send it" in job["reason"]:
            live.client.queue("release", [job["id"]])
            figures.released += 1
            open_jobs += 1
        elif job["state"] == "parked" and worth_a_retry(live, job, figures):
            live.client.queue("retry", [job["id"]])
            open_jobs += 1
        elif job["state"] in {"ready", "running", "waiting"}:
            open_jobs += 1
    return not open_jobs


def worth_a_retry(live: Live, job: Mapping[str, Any], figures: SoakFigures) -> bool:
    """Whether a person would: what Frame.io has already, or will never have, is left alone."""
    if "made while the project was paused" in job["reason"]:
        return False
    made = [asset for asset in live.sandbox.assets() if asset["name"] == job["name"]]
    if "may be complete at Frame.io" in job["reason"] and any(each["state"] == "complete" for each in made):
        return False
    reason = f"{job['name']}: {job['reason'].removeprefix(job['name'] + ': ')}"
    if figures.retried.count(reason) >= RETRIES:
        return False
    figures.retried.append(reason)
    return True


def settled(live: Live, made: list[Made], figures: SoakFigures) -> Callable[[], bool]:
    def holds() -> bool:
        try:
            return len(live.by_name()) >= len(made) and people(live, figures)
        except (RushesError, AssertionError):  # it is just starting
            assert live.process.running, f"the last run ended{live.process.last_words()}"
            return False

    return holds


def soak(root: Path, options: argparse.Namespace) -> SoakFigures:
    """Run it all in an empty folder."""
    figures = SoakFigures()
    for name in ("service", "live"):
        (root / name).mkdir()
    live_root = root / "live"
    with (
        Service(root / "service", "--retry-after") as service,
        Live(live_root, service, Stage(live_root)) as live,
    ):
        crew_route = {"id": "live", "when": "card = 'GROW'", "live": True, "to": ["frameio"]}
        live.begin(
            when="card <> 'GROW'",
            prepare=["probe"],
            routes=[crew_route],
            source={"growing": True, "settle": "2s", "patience": "5s"},
        )
        figures.sessions.append(live.process.pid)
        secrets = Secrets(live)
        world = World(service, live, options.seconds, options.seed)
        crew = Crew(live.cards, options.clips, options.seconds * SHOOTING, options.seed)
        bad_day(live, world, crew, options, figures)
        world.calm()
        print(
            f"{dict(sorted(world.happened.items()))}, {len(figures.lives)} kills; now all is well", flush=True
        )
        made = list(crew.wait())
        until = time.monotonic() + CALM_S
        done = settled(live, made, figures)
        while not done():
            if time.monotonic() > until:
                figures.failures.append(f"not settled after {CALM_S:.0f} s: {dict(live.states())}")
                break
            time.sleep(0.3)
        note(live, figures)
        live.process.signal(15)
        status = live.process.wait(30)
        figures.check(status == 0, f"the last run ended with {status}")
        secrets.stop()
        judge(live, made, world.pauses, secrets, figures)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--clips", type=int, default=200)
    return conduct(parser, soak, "everything arrived once, or is kept back as it should be")


if __name__ == "__main__":
    sys.exit(main())
