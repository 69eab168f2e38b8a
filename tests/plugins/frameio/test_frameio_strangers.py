"""Answers that no service of Frame.io's gives, and what is told to it just before they come."""

import time

import httpx
import pytest
import trio

from rushes import Transient
from rushes_frameio.calls.wire import Wire
from rushes_frameio.refusal.failures import Refused, Unreachable
from rushes_frameio.refusal.refusals import Action


def wire(answer):
    return Wire(httpx.AsyncClient(base_url="https://api.frame.io", transport=httpx.MockTransport(answer)))


async def test_a_body_that_is_not_in_the_encoding_it_claims_is_the_network():
    def answer(request):
        raise httpx.DecodingError(
            "Error -3 while decompressing data: incorrect header check", request=request
        )

    with pytest.raises(Unreachable, match="the answer cannot be read") as failure:
        await wire(answer).call("GET", "/health", {})
    assert failure.value.lost


async def test_a_status_that_no_standard_knows_is_trouble_on_the_way():
    with pytest.raises(Refused) as failure:
        await wire(lambda _request: httpx.Response(999)).call("GET", "/health", {})
    assert failure.value.row().action is Action.LATER


async def test_a_creation_that_is_answered_with_something_else_counts_against_its_clip(
    stage, report, monkeypatch
):
    """Else one placeholder after the other would be made for ever."""
    async with stage.open() as sink:
        api = sink.connection.api
        post = api.wire.post

        async def without_urls(path, access, document):
            answer = await post(path, access, document)
            return {name: value for name, value in answer.items() if name != "upload_urls"}

        monkeypatch.setattr(api.wire, "post", without_urls)
        with pytest.raises(Transient, match="does not look like a new asset") as failure:
            await sink.deliver(stage.clip(), None, report)
    assert failure.value.blame == "clip"
    assert report.in_doubt == 1


async def test_an_offset_is_not_older_than_the_wait_for_the_rate_limit(stage, report):
    """A clip that was made just before a pause ended would pass as one made after it."""
    made = time.time() - 100
    async with stage.open() as sink:
        stage.sandbox.faults([{"match": "POST /v2/devices/assets", "status": 429, "retry_after": 3}])
        with pytest.raises(Transient):
            await sink.deliver(stage.clip("other.mov"), None, report)
        clip = stage.clip(size=1000, first_seen=made, meta={"duration": 0.0})
        began = trio.current_time()
        await sink.deliver(clip, None, report.__class__())
        assert trio.current_time() - began > 2
    [asset] = [each for each in await stage.assets() if each["name"] == clip.filename]
    assert asset["offset"] >= 102
