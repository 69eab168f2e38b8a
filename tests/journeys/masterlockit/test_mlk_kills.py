"""`make hub-torture` in short: four kills, one of them of both."""

from __future__ import annotations

import pytest

from journeys.hub_torture import torture


@pytest.mark.timeout(90)
def test_what_was_acknowledged_survives_kills_of_hub_and_client(tmp_path):
    assert torture(tmp_path, kills=4, seed=4, clips=600).failures == []
