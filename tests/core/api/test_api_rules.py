"""Rules over the socket: asked of all that was seen, and read again; what is wrong comes back as it was."""

from __future__ import annotations

import pytest

from rushes.api.client import Client
from rushes.api.serve import open_api
from rushes.errors import ConfigError


@pytest.fixture
async def client(control, address, tmp_path):
    async with open_api(control, address, tmp_path):
        yield Client(address)


async def test_history(client, control, in_thread):
    rules = {"name": "onset", "match": "all", "routes": []}
    assert (await in_thread(client.history, rules))["compared"] is True
    assert control.asked == [("history", {"match": "all", "routes": []})]


async def test_reload_and_a_refusal_with_its_line(client, control, in_thread):
    assert (await in_thread(client.reload))["added"] == ["one"]
    control.broken = ConfigError("unknown key 'x'", where="onset.yaml:3:1", excerpt="x: 1\n^")
    with pytest.raises(ConfigError, match=r"^onset\.yaml:3:1: unknown key 'x'$") as caught:
        await in_thread(client.reload)
    assert caught.value.excerpt == "x: 1\n^"
