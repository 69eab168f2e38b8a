"""Schemathesis over the API of a real run, briefly; `make api-fuzz` is the long one."""

from __future__ import annotations

import re

import pytest

from journeys.api_fuzz import fuzz


@pytest.mark.timeout(110)
def test_nothing_that_is_asked_breaks_a_promise(tmp_path):
    """No 500, no status and no document that is not documented, whatever is asked; the pipeline runs on."""
    done = fuzz(tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "3", "--max-failures", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Tested: [1-9]", done.stdout), done.stdout
