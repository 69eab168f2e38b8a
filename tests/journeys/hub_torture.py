"""A hub, its client and a crew of devices, the first two killed at random moments: `make hub-torture KILLS=50`.

Each kill is a SIGKILL of `pipeline masterlockit hub`, of the `pipeline run` that follows it, or of both. Devices go on
editing, also the same clips, also while nobody is there; cameras drop some hundred clips at once now and then. After
each kill of the hub its ledger holds all that was acknowledged. After the last one both come to rest and hold the
same. Ends with 0 if all of it holds, else with 1.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import trio

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from journeys.hub_crew import Crew  # noqa: E402 - run as a script
from journeys.hub_verdict import (  # noqa: E402 - as above
    Figures,
    Row,
    alike,
    is_clip,
    judge_hub,
    judge_invented,
    judge_later,
    judge_pair,
    opened,
    peek,
)
from journeys.hub_wire import KEY, SECRET  # noqa: E402 - as above
from journeys.trial import conduct  # noqa: E402 - as above
from rushes_sandbox.stage import Process, Stage  # noqa: E402 - as above

#: Clips that there are before the first kill: enough for a client that is killed while it fetches them.
AT_START = 3000
#: How often a killed client is followed by one with an empty folder, which has to fetch all of them.
NEW_CLIENT = 0.25
#: Mean time between two things that one device does.
PACE_S = 0.1
STARTUP_S, MEAN_S, LONGEST_S = 1.5, 1.2, 6.0
REST_S = 90.0
MOST_MB = 500.0
IDLE_CPU = 0.35


class Side:
    """The hub or the client: started again after each kill."""

    def __init__(self, name: str, state: Path, start: Callable[[], Process], figures: Figures) -> None:
        self.name, self.state = name, state
        self._start = start
        self._figures = figures
        self.process = start()

    def kill(self) -> None:
        self.look()
        self.process.kill()
        self._figures.kills[self.name] += 1

    def start(self) -> None:
        self.process = self._start()

    def look(self) -> None:
        """That it runs, and how much memory it has taken."""
        figures, process = self._figures, self.process
        figures.check(
            process.running, f"{process.name} ended by itself with {process.status}{process.last_words()}"
        )
        said = process.err.read_text("utf-8", "replace")
        figures.check("Traceback" not in said, f"{process.name}: a traceback: {said.strip()[-300:]}")
        if process.running:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) / 1024
                    figures.peak_mb[self.name] = max(figures.peak_mb.get(self.name, 0), peak)

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Below those that the system gives to clients, which would not let a hub come back."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def sides(stage: Stage, port: int, chance: random.Random, figures: Figures) -> tuple[Side, Side]:
    """Both, started. The client is another one each time: with or without giving back, a storage device or none."""
    stage.env["RUSHES_MASTERLOCKIT_API_KEY"] = KEY.decode()
    stage.env["RUSHES_MASTERLOCKIT_API_SECRET"] = SECRET.decode()
    listen = ("--listen", f"127.0.0.1:{port}", "--state", str(stage.root / "hub"))

    def client() -> Process:
        gives = str(chance.random() < 0.5).lower()
        options = f"host: 127.0.0.1, port: {port}, send_back: {gives}, storage: {gives}"
        file = stage.write(
            f"pipeline: follower\nstate: ./client\nsources: [{{id: set, use: masterlockit, {options}}}]\n"
        )
        return stage.run(file)

    hub = Side(
        "hub",
        stage.root / "hub/state",
        lambda: stage.start("masterlockit", "hub", *listen, name="hub"),
        figures,
    )
    return hub, Side("client", stage.root / "client", client, figures)


class Torture:
    def __init__(self, stage: Stage, kills: int, clips: int, seed: int, figures: Figures) -> None:
        self._chance = random.Random(seed)
        self._port = free_port()
        self._crew = Crew(seed, PACE_S)
        self._client_held: dict[str, Row] = {}
        self._deck: list[list[Side]] = []
        self._kills = kills
        self._clips = clips
        self._figures = figures
        self._devices = {device.text: device.alias for device in self._crew.devices}
        self._hub, self._client = sides(stage, self._port, self._chance, figures)

    async def run(self) -> None:
        crew = self._crew
        for device, share in ((crew.cameras[0], 2), (crew.mixer, 1)):
            device.shoot(self._clips * share // 3)
        async with trio.open_nursery() as nursery:
            for device in crew.devices:
                nursery.start_soon(device.live, self._port)
            for number in range(self._kills):
                await self._kill(number)
            await self._rest()
            nursery.cancel_scope.cancel()
        self._judge()

    async def _kill(self, number: int) -> None:
        chance, began = self._chance, time.monotonic()
        if chance.random() < 0.3:
            chance.choice(self._crew.cameras).shoot(chance.randrange(self._clips // 10 + 1))
        if chance.random() < 0.3:
            await trio.sleep(chance.uniform(0.05, STARTUP_S))
        else:
            await self._up()
            await trio.sleep(min(LONGEST_S, chance.expovariate(1 / MEAN_S)))
        victims = self._victims()
        for side in victims:
            side.kill()
        life = time.monotonic() - began
        acked = sum(said.acked is not None for said in self._crew.log.all())
        if self._hub in victims:
            rows = await trio.to_thread.run_sync(opened, self._figures, self._hub.state)
            judge_hub(rows, self._crew.log, self._devices, self._at(number))
        if self._client in victims:
            rows = await trio.to_thread.run_sync(opened, self._figures, self._client.state)
            judge_invented(rows, self._crew.log, self._devices, self._at(number))
            judge_later(self._client_held, rows, self._at(number))
            self._client_held = rows
        new = self._client in victims and chance.random() < NEW_CLIENT
        if new:
            shutil.rmtree(self._client.state, ignore_errors=True)
            self._client_held = {}
        for side in victims:
            side.start()
        names = " and ".join(side.name for side in victims)
        told = f"kill {number + 1:3} of {names:14} after {life:4.1f} s: {acked:6} acknowledged"
        print(told + ", then an empty client" * new, flush=True)

    async def _up(self) -> None:
        """Return when the hub listens."""
        with trio.move_on_after(LONGEST_S):
            while True:
                try:
                    stream = await trio.open_tcp_stream("127.0.0.1", self._port)
                except OSError:
                    await trio.sleep(0.05)
                else:
                    await stream.aclose()
                    return

    def _victims(self) -> list[Side]:
        """All kinds come up in every three kills."""
        if not self._deck:
            self._deck = [[self._hub], [self._client], [self._hub, self._client]]
            self._chance.shuffle(self._deck)
        return self._deck.pop()

    def _at(self, number: int) -> Callable[[bool, str], None]:
        return lambda holds, text: self._figures.check(holds, f"{text} (after kill {number + 1})")

    async def _rest(self) -> None:
        """Nothing new is said; what waits is; then the client has it."""
        self._crew.rest()
        began = time.monotonic()
        with trio.move_on_after(REST_S) as resting:
            while not self._crew.idle:
                self._look()
                await trio.sleep(0.1)
            while not await trio.to_thread.run_sync(self._alike):
                self._look()
                await trio.sleep(0.3)
        self._figures.rest_s = time.monotonic() - began
        waiting = {device.alias: len(device.waiting) for device in self._crew.devices if not device.idle}
        self._figures.check(not waiting, f"not acknowledged after {REST_S:.0f} s: {waiting}")
        self._figures.check(not resting.cancelled_caught, f"not at rest after {REST_S:.0f} s")
        await trio.sleep(1)
        before = {side.name: side.cpu_s() for side in (self._hub, self._client)}
        await trio.sleep(2)
        for side in (self._hub, self._client):
            self._figures.idle_cpu[side.name] = (side.cpu_s() - before[side.name]) / 2
            side.look()

    def _look(self) -> None:
        self._hub.look()
        self._client.look()

    def _alike(self) -> bool:
        hub, client = peek(self._hub.state), peek(self._client.state)
        return hub is not None and client is not None and alike(hub, client)

    def _judge(self) -> None:
        figures, log = self._figures, self._crew.log
        for side in (self._client, self._hub):
            side.process.signal(15)
            figures.check(side.process.wait(30) == 0, f"the {side.name} ended with {side.process.status}")
        hub, client = opened(figures, self._hub.state), opened(figures, self._client.state)
        figures.check(all(said.acked for said in log.all()), "something was never acknowledged")
        judge_hub(hub, log, self._devices, figures.check)
        judge_pair(hub, client, figures.check)
        judge_invented(client, log, self._devices, figures.check)
        judge_later(self._client_held, client, figures.check)
        figures.check(not log.nacks, f"{len(log.nacks)} requests were refused: {log.nacks[:3]}")
        for name, peak in figures.peak_mb.items():
            figures.check(peak <= MOST_MB, f"the {name} took {peak:.0f} MB")
        for name, share in figures.idle_cpu.items():
            figures.check(share <= IDLE_CPU, f"the {name} at rest took {share:.0%} of a processor")
        clips = [row for row in hub.values() if is_clip(row)]
        figures.rows = [
            *((f"kills of the {name}", count) for name, count in figures.kills.items()),
            *log.counts().items(),
            ("deleted at the end", sum(row.deleted for row in clips)),
            ("clips with conflicts", sum(bool(row.conflicts) for row in clips)),
            ("ledgers opened and read", f"{figures.openings}, {figures.opening_s * 1000:.0f} ms at most"),
            *((f"memory of the {name}", f"{peak:.0f} MB at most") for name, peak in figures.peak_mb.items()),
            *(
                (f"processor of the {name} at rest", f"{share:.0%}")
                for name, share in figures.idle_cpu.items()
            ),
            ("from the last kill to rest", f"{figures.rest_s:.1f} s"),
        ]


def torture(root: Path, kills: int, seed: int, *, clips: int = AT_START) -> Figures:
    """Run it all in an empty folder."""
    figures = Figures()
    with Stage(root) as stage:
        trio.run(Torture(stage, kills, clips, seed, figures).run)
    print()
    for name, value in figures.rows:
        print(f"  {name:32}{value}")
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clips", type=int, default=AT_START, help="that there are before the first kill")
    return conduct(
        parser,
        lambda root, options: torture(root, options.kills, options.seed, clips=options.clips),
        "both hold the same, and all that was acknowledged",
    )


if __name__ == "__main__":
    sys.exit(main())
