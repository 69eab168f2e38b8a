"""Our client against our hub, as real processes in network namespaces: see `worlds.py`. They run side by side."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import netns
from journeys.masterlockit.worlds import LONGEST_S, WORLDS

SCRIPT = Path(__file__).with_name("worlds.py")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Every world, started."""
    if why := netns.possible():
        pytest.skip(why)
    started = {
        name: netns.start_alone([sys.executable, str(SCRIPT), name, str(tmp_path_factory.mktemp(name))])
        for name in WORLDS
    }
    yield started
    for run in started.values():
        run.kill()
        run.wait()


@pytest.mark.parametrize("name", WORLDS)
def test_a_cart_holds_all_that_was_said_in(name, runs):
    said, _ = runs[name].communicate(timeout=LONGEST_S)
    assert runs[name].returncode == 0, said[-4000:]
