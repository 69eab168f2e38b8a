"""The checklist's list of networks, each as a profile in network namespaces of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import netns
from journeys.frameio.profiles import PROFILES

SCRIPT = Path(__file__).with_name("profiles.py")


@pytest.fixture(scope="module", autouse=True)
def _namespaces():
    if why := netns.possible():
        pytest.skip(why)


@pytest.mark.parametrize("name", PROFILES)
def test_uploads_over(name, tmp_path):
    done = netns.alone(
        [sys.executable, str(SCRIPT), name, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout[-4000:]
