"""The connection manager: its states, leaving, being forgotten, and the end of an authorisation."""

import logging
import time

import pytest
import trio

from rushes import NotAuthorised, NotFound, RushesError, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.account.connection import open_connection
from rushes_frameio.account.expiry import warn_of_expiry
from rushes_frameio.actions import manage
from rushes_frameio.calls.identity import Identity


async def silent(_facts):
    await trio.lowlevel.checkpoint()


async def act(stage, verb, part=None, **arguments):
    return await getattr(manage, verb)(stage.options, stage.context, part, arguments, silent)


def sealed(stage):
    return set(stage.context.secrets.values)


async def test_whoami_of_a_new_machine_says_what_to_do(set_stage):
    async with set_stage(paired=False) as stage:
        facts = await act(stage, "whoami")
        assert facts["connection"] == "not authorised"
        assert facts["missing"] == "not paired; run: pipeline frameio pair FILE"
        assert facts["way"] == "code"
        assert stage.sandbox.log() == []


async def test_whoami_with_and_without_an_open_component(set_stage):
    async with set_stage(minute=0.0) as stage:
        alone = await act(stage, "whoami")
        async with stage.open() as sink:
            assert await act(stage, "whoami", sink) == alone
        assert {name: alone[name] for name in ("connection", "project", "user", "paused", "reachable")} == {
            "connection": "connected",
            "project": "Sandbox Project",
            "user": "Sandy Box",
            "paused": False,
            "reachable": True,
        }


async def test_whoami_without_a_network_tells_what_was_known(stage):
    options = stage.options.model_copy(update={"api_url": "https://127.0.0.1:1"})
    facts = await manage.whoami(options, stage.context, None, {}, silent)
    assert (facts["connection"], facts["project"], facts["reachable"]) == (
        "connected",
        "Sandbox Project",
        False,
    )


async def test_disconnect_removes_the_device_and_keeps_its_id(stage):
    client_id = stage.context.secrets.get("client_id")
    facts = await act(stage, "disconnect")
    assert (facts["connection"], facts["project"], facts["user"]) == ("not authorised", None, None)
    assert [device["forgotten"] for device in stage.sandbox.devices()] == [True]
    assert sealed(stage) == {"client_id", "client_secret"}
    assert "identity" not in stage.context.store.values
    again = await act(stage, "disconnect")
    assert again["connection"] == "not authorised"
    await stage.pair()
    assert stage.context.secrets.get("client_id") == client_id


async def test_disconnect_that_cannot_be_told_changes_nothing(stage):
    stage.sandbox.faults([{"match": "POST /v2/auth/revoke", "cut_after": 0}])
    with pytest.raises(Unavailable, match="cannot be reached"):
        await act(stage, "disconnect")
    assert (await act(stage, "whoami"))["connection"] == "connected"


async def test_logout_wipes_all_but_the_id(stage):
    facts = await act(stage, "logout")
    assert (facts["connection"], facts["untold"]) == ("not authorised", None)
    assert sealed(stage) == {"client_id"}
    assert [device["forgotten"] for device in stage.sandbox.devices()] == [True]


@pytest.mark.parametrize("fault", [{"cut_after": 0}, {"status": 503}, {"html": True}])
async def test_logout_wipes_also_what_frameio_cannot_be_told(stage, fault):
    stage.sandbox.faults([{"match": "POST /v2/auth/revoke", **fault}])
    facts = await act(stage, "logout")
    assert facts["connection"] == "not authorised"
    assert "Frame.io" in facts["untold"]
    assert sealed(stage) == {"client_id"}


async def test_leaving_stops_a_running_sink_and_its_deliveries(stage):
    """Parts need no token: they would go on to a project that was left."""
    stage.sandbox.faults([{"match": "PUT ", "delay_s": 60, "times": 100}])
    report = FakeReport()
    with trio.fail_after(10), pytest.raises(BaseExceptionGroup) as failure:
        async with stage.open() as sink, trio.open_nursery() as nursery:
            nursery.start_soon(sink.deliver, stage.clip(), None, report)
            while report.head is None:
                await trio.sleep(0.01)
            await act(stage, "disconnect", sink)
    assert failure.group_contains(Unavailable, match="not paired", depth=None)
    assert report.parts == {}
    stage.sandbox.clear_faults()


async def test_forgotten_at_the_server_is_noticed_and_the_names_are_dropped(set_stage):
    async with set_stage(minute=0.0) as stage:
        with pytest.raises(BaseExceptionGroup) as failure, trio.fail_after(10):
            async with stage.open() as sink:
                stage.sandbox.forget()
                with pytest.raises(Unavailable, match="not paired; run: pipeline frameio pair FILE"):
                    await sink.deliver(stage.clip(), None, FakeReport())
                assert "project" not in stage.context.facts
                assert "user" not in stage.context.facts
                assert stage.context.facts["connection"] == "not authorised"
                await trio.sleep_forever()  # the sink closes by itself
        assert failure.group_contains(Unavailable, match="not paired", depth=None)
        assert "tokens" not in sealed(stage)
        with pytest.raises(Unavailable, match="not paired"):
            async with stage.open():
                pass
        await stage.pair()
        async with stage.open() as sink:
            await sink.deliver(stage.clip("again.mov"), None, FakeReport())


@pytest.mark.parametrize("which", ["refresh", "both"])
async def test_a_revoked_refresh_token_ends_as_not_paired(set_stage, which):
    async with set_stage(minute=0.0) as stage, open_connection(stage.options, stage.context) as connection:
        stage.sandbox.revoke(which)
        with pytest.raises(Unavailable, match="not paired"):
            await connection.tokens.renew(await connection.tokens.access())
        assert connection.state == "not authorised"


async def test_a_revoked_access_token_costs_one_refresh(set_stage):
    async with set_stage(minute=0.0) as stage, open_connection(stage.options, stage.context) as connection:
        stage.sandbox.revoke("access")
        await connection.call(connection.api.identity)
        assert connection.tokens.rotations == 1


async def test_choosing_here_is_for_those_who_logged_in(stage):
    for verb, arguments in (("accounts", {}), ("projects", {}), ("connect", {"project": "x"})):
        with pytest.raises(RushesError, match="paired by code"):
            await act(stage, verb, **arguments)


async def test_choosing_without_a_login_is_not_authorised(set_stage):
    async with set_stage(paired=False) as stage:
        for verb, arguments in (("accounts", {}), ("projects", {}), ("connect", {"project": "x"})):
            with pytest.raises(NotAuthorised, match="not logged in"):
                await act(stage, verb, **arguments)
        assert not issubclass(NotAuthorised, NotFound)


class Ending:
    """As much of a connection as the warnings look at."""

    def __init__(self, context):
        self.context = context
        self.identity = None
        self._changed = trio.Event()

    def end(self, at):
        self.identity = Identity(
            id="i", device_id="d", name="n", project_id="p", project="P", user="U", expires_at=at
        )
        self._changed.set()
        self._changed = trio.Event()

    async def changed(self):
        await self._changed.wait()


async def test_the_end_of_an_authorisation_is_told_once_each_time(autojump_clock, stage, caplog, monkeypatch):
    """24 hours before, and one: by the wall clock, which goes with trio's here."""
    begun, offset = time.time(), trio.current_time()
    monkeypatch.setattr(
        "rushes_frameio.account.expiry.time.time", lambda: begun + trio.current_time() - offset, raising=True
    )
    caplog.set_level(logging.WARNING)
    connection = Ending(stage.context)

    def warnings():
        return [
            record.message for record in caplog.records if "connection to the project ends" in record.message
        ]

    async with trio.open_nursery() as nursery:
        nursery.start_soon(warn_of_expiry, connection)
        connection.end(begun + 48 * 3600)
        await trio.sleep(23 * 3600)
        assert warnings() == []
        assert "attention" not in stage.context.facts
        await trio.sleep(2 * 3600)
        assert len(warnings()) == 1
        assert "pipeline frameio pair FILE" in stage.context.facts["attention"]
        await trio.sleep(20 * 3600)
        assert len(warnings()) == 1
        await trio.sleep(3 * 3600)
        assert len(warnings()) == 2
        connection.end(None)
        await trio.sleep(61)
        assert "attention" not in stage.context.facts
        nursery.cancel_scope.cancel()


async def test_the_end_is_shown(set_stage):
    async with set_stage(minute=0.0) as stage, open_connection(stage.options, stage.context) as connection:
        stage.sandbox.expire(3600)
        await connection.tokens.renew(await connection.tokens.access())
        facts = await act(stage, "whoami")
        assert facts["expires_at"] == pytest.approx(time.time() + 3600, abs=60)
        stage.sandbox.expire(-1)
        with pytest.raises(Unavailable, match="not paired"):
            await connection.call(connection.api.identity)
