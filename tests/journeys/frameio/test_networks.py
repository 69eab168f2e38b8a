"""The checklist's list of networks, each as a profile in network namespaces of its own.

They run side by side: what each costs is waiting for its network.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import netns
from journeys.frameio.profiles import LONGEST_S, PROFILES

SCRIPT = Path(__file__).with_name("profiles.py")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Every profile, started."""
    if why := netns.possible():
        pytest.skip(why)
    started = {
        name: netns.start_alone([sys.executable, str(SCRIPT), name, str(tmp_path_factory.mktemp(name))])
        for name in PROFILES
    }
    yield started
    for run in started.values():
        run.kill()
        run.wait()


@pytest.mark.parametrize("name", PROFILES)
def test_uploads_over(runs, name):
    said, _ = runs[name].communicate(timeout=LONGEST_S)
    assert runs[name].returncode == 0, said[-4000:]
