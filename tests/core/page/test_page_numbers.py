"""The page's own arithmetic, in a JavaScript engine: timecode that runs on, and numbers for people."""

from __future__ import annotations

import base64
import json
import math
import random
import shutil
import subprocess
from fractions import Fraction
from typing import Any

import pytest

from rushes.page.assets import FOLDER
from rushes.timecode import Rate, Timecode

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the page's modules")

SPACE = "\u00a0"
RATES = ("23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94df", "60")


def run(module: str, calls: list[tuple[str, list[Any]]]) -> list[Any]:
    """What functions of a module that imports nothing answer."""
    source = base64.b64encode((FOLDER / "lib" / module).read_bytes()).decode()
    script = (
        f'import * as it from "data:text/javascript;base64,{source}";'
        f"const calls = {json.dumps(calls)};"
        "console.log(JSON.stringify(calls.map(([name, given]) => it[name](...given) ?? null)));"
    )
    done = subprocess.run(
        ["node", "--input-type=module"], input=script, capture_output=True, text=True, timeout=30, check=True
    )
    answers: list[Any] = json.loads(done.stdout)
    return answers


def test_timecode_runs_on_as_ours_does():
    chance = random.Random(1)
    calls, wanted = [], []
    for turn in range(300 * len(RATES)):
        exact = Rate.parse(RATES[turn % len(RATES)])
        now = Timecode.from_frames(chance.randrange(exact.frames_per_day), exact)
        # The middle of a frame: what a clock reads is never exactly an edge.
        frames = chance.choice([0, 1, 2, 29, 1800, chance.randrange(200_000)])
        seconds = float((frames + Fraction(1, 2)) / exact.exact)
        calls.append(("later", [str(now), [exact.exact.numerator, exact.exact.denominator], seconds]))
        wanted.append(str(now + frames))
    assert run("timecode.js", calls) == wanted


def test_between_two_labels_it_takes_the_shorter_way_round_midnight():
    chance = random.Random(2)
    calls, wanted = [], []
    for turn in range(50 * len(RATES)):
        exact = Rate.parse(RATES[turn % len(RATES)])
        now = Timecode.from_frames(chance.randrange(exact.frames_per_day), exact)
        frames = chance.randrange(-100_000, 100_000)
        calls.append(("between", [str(now), str(now + frames), exact.exact.as_integer_ratio()]))
        wanted.append(float(frames / exact.exact))
    assert run("timecode.js", calls) == pytest.approx(wanted)


def test_a_rate_is_read_exactly():
    exact = [Rate.parse(rate).exact for rate in RATES]
    for spellings in (RATES, [f"{rate.numerator}/{rate.denominator}" for rate in exact]):
        answers = run("timecode.js", [("readRate", [spelling]) for spelling in spellings])
        assert [Fraction(*answer) for answer in answers] == exact


def test_what_is_no_rate_or_no_timecode_counts_nothing():
    calls: list[tuple[str, list[Any]]] = [("readRate", [rate]) for rate in (None, "", "fast", "0", "25/0")]
    calls += [
        ("later", ["01:00:00:00", None, 1]),
        ("later", ["soon", [25, 1], 1]),
        ("between", ["01:00:00:00", "", [25, 1]]),
        ("later", [None, [25, 1], 1]),
    ]
    assert run("timecode.js", calls) == [None] * len(calls)


PEOPLE = {
    "bytes": {0: "0 B", 999: "999 B", 999_999: "1.00 MB", 1_284_000_000: "1.28 GB", None: "–"},
    "rate": {6_300_000: "6.30 MB/s", 1250: "1.25 kB/s", 1.2e9: "1.20 GB/s", None: "–"},
    "duration": {9: "0:09", 3727: "1:02:07", None: "–"},
    "left": {
        3: "a few seconds", 41: "45 s", 58: "1 min", 720: "12 min", 3595: "1 h", 12_000: "3 h 20 min",
        172_800: "2 days",
        None: "–",
    },
    "number": {12_480: "12,480", None: "–"},
}  # fmt: skip


def test_numbers_for_people():
    calls = [(name, [given]) for name, table in PEOPLE.items() for given in table]
    shown = [text.replace(SPACE, " ") for text in run("format.js", calls)]
    assert shown == [text for table in PEOPLE.values() for text in table.values()]


def test_it_is_never_done_before_all_is():
    given = [[999_999, 1_000_000], [1_000_000, 1_000_000], [1, 0]]
    assert run("format.js", [("percent", each) for each in given]) == [f"99{SPACE}%", f"100{SPACE}%", "–"]


def test_time_left_never_falls_while_more_is_left():
    """Coarse, but in order: what is shown for more seconds is never less."""
    seconds = [*range(0, 7300, 7), *range(7300, 200_000, 601)]
    units = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
    shown = run("format.js", [("left", [each]) for each in seconds])
    values = [
        0.0 if text == "a few seconds" else math.fsum(
            int(number) * units[unit] for number, unit in zip(*[iter(text.split(SPACE))] * 2, strict=True)
        )
        for text in shown
    ]  # fmt: skip
    assert values == sorted(values)
