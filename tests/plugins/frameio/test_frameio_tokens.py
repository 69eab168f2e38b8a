"""Pairing, refresh and identity against the sandbox; secrets stay hidden."""

import logging
import time
from contextlib import asynccontextmanager

import pytest
import trio

from rushes import NotAuthorised, Permanent, Unavailable
from rushes.testing import FakeReport
from rushes_frameio import pairing
from rushes_frameio.api import Api
from rushes_frameio.pairing import pair
from rushes_frameio.sink import open_sink, whoami


async def _silent(_facts):
    await trio.lowlevel.checkpoint()


async def test_pairing_tells_the_code_and_returns_the_project(set_stage):
    async with set_stage(paired=False) as stage:
        with pytest.raises(Unavailable, match="not paired; run: pipeline frameio pair FILE"):
            async with stage.open():
                pass
        facts = await stage.pair()
        assert facts["paired"] is True
        assert facts["project"] == "Sandbox Project"
        [told] = stage.told
        assert len(told["user_code"]) == 6
        assert told["verification_uri"].startswith("https://")
        assert (told["interval"], told["expires_in"]) == (0.05, 120)
        async with stage.open():
            assert stage.context.facts["project"] == facts["project"]
            assert stage.context.facts["connected"] is True
        assert stage.context.facts["connected"] is False


async def test_the_client_id_is_minted_once(set_stage):
    async with set_stage() as stage:
        first = stage.context.secrets.get("client_id")
        await stage.pair()
        assert stage.context.secrets.get("client_id") == first


async def test_the_secret_is_sealed_by_pairing(set_stage, monkeypatch):
    async with set_stage() as stage:
        monkeypatch.delenv("RUSHES_FRAMEIO_CLIENT_SECRET")
        stage.wall.ahead += 1e6
        async with stage.open() as sink:
            assert sink.tokens.rotations == 1


async def test_pairing_without_a_secret_says_what_is_missing(set_stage, monkeypatch):
    async with set_stage(paired=False) as stage:
        monkeypatch.delenv("RUSHES_FRAMEIO_CLIENT_SECRET")
        with pytest.raises(NotAuthorised, match="set RUSHES_FRAMEIO_CLIENT_SECRET"):
            await pair(stage.options, stage.context, None, {}, _silent)


async def test_a_wrong_secret_is_told(set_stage, monkeypatch):
    async with set_stage(paired=False) as stage:
        monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "wrong-secret")
        with pytest.raises(NotAuthorised, match="does not accept the client secret") as failure:
            await pair(stage.options, stage.context, None, {}, _silent)
        assert "wrong-secret" not in str(failure.value)


async def test_polling_outlasts_a_dead_network_and_a_busy_service(set_stage):
    async with set_stage(paired=False) as stage:
        stage.sandbox.faults(
            [
                {"match": "POST /v2/auth/token", "cut_after": 0, "times": 2},
                {"match": "POST /v2/auth/token", "html": True},
                {"match": "POST /v2/auth/token", "status": 503},
            ]
        )
        assert (await stage.pair())["paired"] is True


async def test_a_lapsed_code_is_followed_by_a_new_one(set_stage, monkeypatch):
    monkeypatch.setattr(pairing, "CODES", 2)
    async with set_stage(paired=False, code_life=0.2) as stage:
        codes = []

        async def tell(facts):
            codes.append(facts["user_code"])
            await trio.lowlevel.checkpoint()

        with pytest.raises(NotAuthorised, match="nobody entered the code"):
            await pair(stage.options, stage.context, None, {}, tell)
        assert len(set(codes)) == 2
        assert stage.context.secrets.get("tokens") is None


async def test_cancelling_the_pairing_changes_nothing(set_stage):
    async with set_stage(paired=False) as stage:
        with trio.CancelScope() as scope:

            async def tell(_facts):
                scope.cancel()
                await trio.lowlevel.checkpoint()

            await pair(stage.options, stage.context, None, {}, tell)
        assert scope.cancelled_caught
        assert stage.context.secrets.get("tokens") is None


async def test_pairing_again_while_open_uses_the_same_refresher(stage):
    async with stage.open() as sink:
        before = stage.context.secrets.get("tokens")
        await stage.pair(sink)
        assert stage.context.secrets.get("tokens") != before
        await sink.deliver(stage.clip(), None, FakeReport())


async def test_many_calls_at_once_cost_one_refresh(stage):
    async with stage.open() as sink:
        stage.wall.ahead += 1e5  # the service calls the token dead
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(sink.identify)
        assert sink.tokens.rotations == 1


async def test_a_token_is_refreshed_early_and_its_old_one_serves_when_that_fails(set_stage):
    async with set_stage(token_life=100.0) as stage, stage.open() as sink:
        sink.tokens._clock = lambda: time.time() + 80
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "status": 503}])
        await sink.identify()
        assert sink.tokens.rotations == 0
        await sink.identify()
        assert sink.tokens.rotations == 1


async def test_a_lost_refresh_answer_ends_as_not_paired(stage):
    stage.wall.ahead += 1e5
    stage.sandbox.faults([{"match": "POST /v2/auth/token", "swallow_answer": True}])
    with pytest.raises(Unavailable, match="cannot be reached"):
        async with stage.open():
            pass
    with pytest.raises(Unavailable, match="not paired"):
        async with stage.open():
            pass
    with pytest.raises(NotAuthorised):
        await whoami(stage.options, stage.context, None, {}, _silent)
    assert stage.context.secrets.get("tokens") is None


async def test_cancelling_a_refresh_keeps_the_new_pair(stage):
    stage.wall.ahead += 1e5
    async with stage_without_opening(stage) as sink:
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "delay_s": 0.3}])
        before = stage.context.secrets.get("tokens")
        with trio.move_on_after(0.1) as scope:
            await sink.identify()
        assert scope.cancelled_caught
        assert stage.context.secrets.get("tokens") != before
        await sink.identify()
        assert sink.tokens.rotations == 1


@asynccontextmanager
async def stage_without_opening(stage):
    """The sink as after a long idle time: nothing was asked yet."""
    from rushes_frameio.api import open_api
    from rushes_frameio.line import Lines
    from rushes_frameio.sink import FrameioSink

    async with open_api(stage.options) as (api, tls):
        yield FrameioSink(stage.options, stage.context, api, Lines(tls))


@pytest.mark.parametrize(
    "fault", [{"html": True}, {"html": True, "status": 404}, {"cut_after": 0}, {"status": 500}]
)
async def test_open_is_unavailable_while_the_service_is_not_itself(stage, fault):
    stage.sandbox.faults([{"match": "GET /v2/devices/me", **fault}])
    with pytest.raises(Unavailable, match=r"Frame\.io (cannot be reached|answered 500)"):
        async with stage.open():
            pass


async def test_nobody_listening_is_unavailable(stage):
    options = stage.options.model_copy(update={"api_url": "https://127.0.0.1:1"})
    with pytest.raises(Unavailable, match=r"cannot be reached: .*refused"):
        async with open_sink(options, stage.context):
            pass


async def test_whoami_with_and_without_an_open_component(stage):
    alone = await whoami(stage.options, stage.context, None, {}, _silent)
    async with stage.open() as sink:
        assert await whoami(stage.options, stage.context, sink, {}, _silent) == alone
    assert set(alone) == {"project", "user", "device", "paused"}


async def test_a_lasting_401_is_not_paired(stage, monkeypatch):
    async with stage.open() as sink:
        stage.sandbox.faults([{"match": "GET /v2/devices/me", "status": 401, "times": 10}])
        with pytest.raises(Unavailable, match="not paired"):
            await sink.identify()
        stage.sandbox.clear_faults()


async def test_a_refused_pairing_tells_why(set_stage):
    async with set_stage(paired=False) as stage:
        stage.sandbox.faults([{"match": "POST /v2/auth/device/code", "status": 422}])
        with pytest.raises(Permanent, match="refused the pairing: 422"):
            await pair(stage.options, stage.context, None, {}, _silent)


async def test_no_secret_leaves_by_logs_facts_errors_or_repr(set_stage, caplog, monkeypatch):
    """A whole life with its failures; then everything that people could see is searched."""
    caplog.set_level(logging.DEBUG)
    seen, hidden = [], {"sandbox-secret"}
    for name in ("redeem", "refresh"):
        original = getattr(Api, name)

        async def spied(self, *args, _original=original):
            grant = await _original(self, *args)
            hidden.update({grant.access, grant.refresh})
            seen.append(repr(grant))
            return grant

        monkeypatch.setattr(Api, name, spied)
    async with set_stage() as stage:
        hidden.add(stage.context.secrets.get("client_id"))
        async with stage.open() as sink:
            report = FakeReport()
            await sink.deliver(stage.clip(), None, report)
            hidden.update(report.head["urls"])
            stage.wall.ahead += 1e6
            stage.sandbox.faults([{"match": "POST /v2/devices/assets", "status": 400}])
            for fault in ({"html": True}, {"cut_after": 0}, {"status": 400}):
                stage.sandbox.faults([{"match": "POST /v2/auth/token", **fault}])
                try:
                    await sink.deliver(stage.clip("two.mov"), None, FakeReport())
                except (Unavailable, Permanent) as failure:
                    seen += [str(failure), repr(failure), repr(failure.__cause__)]
            seen += [repr(sink), repr(sink.tokens), repr(vars(sink.tokens))]
        seen += [repr(stage.context.facts), repr(stage.told), caplog.text]
    assert len(hidden) >= 10
    text = "\n".join(seen)
    assert [secret for secret in hidden if secret in text] == []
