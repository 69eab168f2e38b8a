"""The Frame.io sink keeps the contract: the kit against the sandbox, which fails by a seed."""

from contextlib import contextmanager

import pytest

from rushes.testing import check_sink
from rushes_frameio import rushes_sinks
from rushes_frameio.actions.pairing import pair
from rushes_frameio.options import FrameioOptions, addresses
from rushes_frameio.sending import part
from rushes_sandbox import Settings, open_sandbox

from .conftest import PART, SECRET

FAULTS = [
    {"match": "PUT /parts", "status": 503, "times": 3},
    {"match": "PUT /parts", "swallow_answer": True, "times": 2},
    {"match": "PUT /parts", "cut_after": 20_000, "times": 3},
    {"match": "PUT /parts", "html": True, "times": 1000},
    {"match": "PUT /parts", "expired": True},
    {"match": "PUT /parts", "hang": True},
    {"match": "POST /v2/devices/assets", "swallow_answer": True},
    {"match": "POST /v2/devices/assets", "status": 401, "times": 2},
    {"match": "POST /v2/devices/assets", "status": 429, "retry_after": 0},
    {"match": "POST /v2/devices/assets", "html": True},
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(part.Backoff, "wait", lambda _self, failures, rng=None: 0.002 * failures)


async def test_the_contract(tmp_path):
    async with open_sandbox(
        tmp_path / "sandbox", settings=Settings(part_size=PART, interval=0.05, rates={})
    ) as sandbox:
        options = {"api_url": sandbox.url, "ca_file": sandbox.ca_file}

        async def paired(context):
            async def tell(facts):
                sandbox.confirm(facts["user_code"])

            await pair(FrameioOptions(**options), context, None, {}, tell)

        async def landed(clip):
            await sandbox.settled()
            whole = [a for a in sandbox.assets() if a["name"] == clip.filename and a["state"] == "complete"]
            return sandbox.file(whole[-1]["id"]).read_bytes() if whole else None

        @contextmanager
        def fail(dice):
            sandbox.faults([dict(dice.choice(FAULTS))])
            yield
            sandbox.clear_faults()

        [spec] = rushes_sinks()
        await check_sink(
            spec,
            options,
            folder=tmp_path,
            landed=landed,
            ready=paired,
            fail=fail,
            cuts=6,
            seeds=7,
            secrets=[SECRET],
        )
        assert sandbox.violations() == []


def test_the_doctor_looks_for_the_login_only_where_there_is_one():
    own = {"api_url": "https://api.example:8443", "login_url": "https://login.example"}
    assert addresses(FrameioOptions(**own)) == ("https://api.example:8443",)
    assert addresses(FrameioOptions(**own, app_client_id="x")) == (
        "https://api.example:8443",
        "https://login.example",
    )
