"""A page before an API of few words, and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from page_rig import Browser, FakeApi, open_page


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
async def browser(state, api) -> AsyncIterator[Browser]:
    """Not signed in."""
    async with open_page(state, api) as found:
        yield found


@pytest.fixture
async def inside(browser) -> Browser:
    """Signed in."""
    assert (await browser.sign_in()).status == 200
    return browser
