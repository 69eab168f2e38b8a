"""The clock of this machine beside that of the service."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from rushes_frameio.reach.date import skew

NOW = 1_800_000_000.0


@pytest.mark.parametrize(("told", "ahead"), [(0, 0.0), (1, 0.0), (-1.9, 0.0), (40, 40.0), (-3600, -3600.0)])
def test_a_date_tells_how_far_the_clock_is_ahead(told, ahead):
    assert skew(formatdate(NOW, usegmt=True), NOW + told) == ahead


@pytest.mark.parametrize(
    "date", [None, "", "soon", "Tue, 99 Foo 2026 00:00:00 GMT", "Thu, 01 Jan 99999 00:00:00 GMT"]
)
def test_what_is_no_date_tells_nothing(date):
    assert skew(date, NOW) is None
