"""Pairing, refresh and identity against the sandbox; secrets stay hidden."""

import json
import logging
import time

import pytest
import trio
import trio.testing

from rushes import NotAuthorised, Permanent, Unavailable
from rushes.cli.text import printable
from rushes.logs.log import open_log
from rushes.secrets import open_vault
from rushes.settings import Settings
from rushes.testing import FakeReport, open_stand_in
from rushes_frameio.account.connection import open_connection
from rushes_frameio.account.sealed import this_device
from rushes_frameio.account.tokens import Tokens
from rushes_frameio.actions import pairing
from rushes_frameio.actions.pairing import pair
from rushes_frameio.calls.api import Api, Grant
from rushes_frameio.calls.apps import Apps
from rushes_frameio.options import FrameioOptions
from rushes_frameio.refusal.failures import Refused
from rushes_frameio.sink import open_sink


async def _silent(_facts):
    await trio.lowlevel.checkpoint()


async def test_pairing_tells_the_code_and_returns_the_project(set_stage):
    async with set_stage(paired=False) as stage:
        with pytest.raises(Unavailable, match="not paired; run: pipeline frameio pair FILE"):
            async with stage.open():
                pass
        facts = await stage.pair()
        assert facts["connection"] == "connected"
        assert facts["project"] == "Sandbox Project"
        [told] = stage.told
        assert len(told["user_code"]) == 6
        assert told["verification_uri"].startswith("https://")
        assert (told["interval"], told["expires_in"]) == (0.05, 120)
        async with stage.open():
            assert stage.context.facts["project"] == facts["project"]
            assert "connection" not in stage.context.facts  # connected: nothing to say


def connected(stage):
    return open_connection(stage.options, stage.context)


async def ask(connection):
    """Any call that needs a token."""
    return await connection.call(connection.api.identity)


async def test_the_client_id_is_minted_once(set_stage):
    async with set_stage() as stage:
        first = stage.context.secrets.get("client_id")
        await stage.pair()
        assert stage.context.secrets.get("client_id") == first


async def test_the_secret_is_sealed_by_pairing(set_stage, monkeypatch):
    async with set_stage() as stage, connected(stage) as connection:
        monkeypatch.delenv("RUSHES_FRAMEIO_CLIENT_SECRET")
        stage.wall.ahead += 1e5
        await ask(connection)
        assert connection.tokens.rotations == 1


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
        assert (await stage.pair())["connection"] == "connected"


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


async def test_many_calls_at_once_cost_one_refresh(set_stage):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        stage.wall.ahead += 1e5  # the service calls the token dead
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask, connection)
        assert connection.tokens.rotations == 1


async def test_two_connections_of_one_component_have_one_refresher(set_stage):
    """An action has its own while the component is being opened."""
    async with set_stage(minute=0.0) as stage, connected(stage) as one, connected(stage) as other:
        stage.wall.ahead += 1e5
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, one)
            nursery.start_soon(ask, other)
        assert one.tokens.rotations + other.tokens.rotations == 1


async def test_a_rotation_is_told(set_stage):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        first = await connection.tokens.access()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.tokens.rotated)
            await trio.testing.wait_all_tasks_blocked()
            assert len(nursery.child_tasks) == 1
            second = await connection.tokens.renew(first)
        assert second != first
        assert await connection.tokens.renew(first) == second
        assert connection.tokens.rotations == 1


async def test_a_token_is_refreshed_early_and_its_old_one_serves_when_that_fails(set_stage):
    async with set_stage(token_life=100.0, minute=0.0) as stage, connected(stage) as connection:
        connection.tokens._clock = lambda: time.time() + 80
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "status": 503}])
        await ask(connection)
        await ask(connection)
        assert connection.tokens.rotations == 0  # not tried again for a while
        connection.tokens._again_at = trio.current_time()
        await ask(connection)
        assert connection.tokens.rotations == 1


async def test_the_new_pair_is_sealed_before_anyone_has_it(set_stage, monkeypatch):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        sealed = []
        original = stage.context.secrets.set

        def seal(name, value):
            original(name, value)
            sealed.append(json.loads(value)["access"])

        monkeypatch.setattr(stage.context.secrets, "set", seal)
        seen = []

        async def request(access):
            await trio.lowlevel.checkpoint()
            seen.append((access, list(sealed)))
            if len(seen) == 1:
                raise Refused(401, "Not Authorized")

        await connection.call(request)
        assert seen[0][1] == []
        assert seen[1] == (sealed[0], sealed)


async def test_a_fresh_token_is_in_no_log_although_it_could_not_be_sealed(set_stage, monkeypatch, tmp_path):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        secrets = open_vault(tmp_path / "state", Settings(config_dir=tmp_path / "config"), {}).of("frameio")
        for name, value in stage.context.secrets.values.items():
            secrets.set(name, value)
        stage.context.secrets = secrets
        fresh = {}

        def full(_self, _name, value):
            fresh.update(json.loads(value))
            raise Unavailable("the disk is full")

        monkeypatch.setattr(type(secrets), "set", full)
        stage.wall.ahead += 1e6
        with pytest.raises(Unavailable, match="the disk is full"):
            await ask(connection)
        tokens = [fresh["access"], fresh["refresh"]]
        with open_log(tmp_path, printable) as path:
            for token in tokens:
                logging.getLogger("rushes.test").info("x%sx, %r", token, token.encode())
        text = path.read_text()
        assert text.count("[secret]") == 4
        assert not any(token in text for token in tokens)


async def test_the_code_of_a_pairing_and_the_client_secret_are_in_no_log(set_stage):
    async with set_stage(paired=False) as stage:
        await stage.pair()
        remembered = stage.context.secrets.remembered
        tokens = json.loads(stage.context.secrets.get("tokens"))
        assert {"sandbox-secret", tokens["access"], tokens["refresh"]} <= set(remembered)
        assert len(set(remembered)) >= 4  # the device code, too
        assert stage.told[0]["user_code"] not in remembered


async def test_identity_is_asked_right_after_each_refresh(set_stage):
    async with set_stage() as stage, connected(stage) as connection:
        await connection.tokens.renew(await connection.tokens.access())
        asked = [entry["path"] for entry in stage.sandbox.log() if entry["path"].startswith("/v2/")]
        assert asked[-2:] == ["/v2/auth/token", "/v2/devices/me"]


async def test_identity_that_could_not_be_asked_after_a_refresh_is_asked_before_the_next_call(set_stage):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        stage.sandbox.faults([{"match": "GET /v2/devices/me", "html": True}])
        await connection.tokens.renew(await connection.tokens.access())
        stage.sandbox.rename("Nocturne")
        await connection.tokens.access()
        assert connection.identity.project == "Nocturne"


async def test_a_lost_refresh_answer_ends_as_not_paired(set_stage):
    async with set_stage(minute=0.0) as stage:
        stage.wall.ahead += 1e5
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "swallow_answer": True}])
        async with connected(stage) as connection:
            with pytest.raises(Unavailable, match="cannot be reached"):
                await ask(connection)
            with pytest.raises(Unavailable, match="not paired"):
                await ask(connection)
            assert connection.state == "not authorised"
        assert stage.context.secrets.get("tokens") is None


async def test_a_wrong_secret_costs_no_pairing(set_stage, monkeypatch):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        stage.wall.ahead += 1e5
        monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "mistyped")
        with pytest.raises(Unavailable, match="does not accept the client secret"):
            await ask(connection)
        monkeypatch.undo()
        monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "sandbox-secret")
        await ask(connection)
        assert connection.tokens.rotations == 1


async def test_cancelling_a_refresh_keeps_the_new_pair(set_stage):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        stage.wall.ahead += 1e5
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "delay_s": 0.3}])
        before = stage.context.secrets.get("tokens")
        with trio.move_on_after(0.1) as scope:
            await ask(connection)
        assert scope.cancelled_caught
        assert stage.context.secrets.get("tokens") != before
        await ask(connection)
        assert connection.tokens.rotations == 1


class Service:
    """Tokens of 8 hours by virtual time; each is good until it was rotated or is too old."""

    def __init__(self):
        self.number, self.issued_at, self.spent = 0, 0.0, set()

    @property
    def access(self):
        return f"access-{self.number}"

    def grant(self):
        self.number += 1
        self.issued_at = trio.current_time()
        return Grant(access=self.access, refresh=f"refresh-{self.number}", expires_in=8 * 3600.0)

    async def refresh(self, _device, refresh):
        await trio.sleep(0.2)
        assert refresh == f"refresh-{self.number}"
        return self.grant()

    async def identity(self, access):
        await self.check(access)

    async def check(self, access):
        await trio.sleep(0.1)
        if access != self.access or trio.current_time() - self.issued_at >= 8 * 3600:
            raise Refused(401, "Not Authorized")


async def test_a_ten_hour_upload_never_meets_an_expired_token(autojump_clock, tmp_path):
    service, asked, refused = Service(), [], []

    async def identified(identity):
        await trio.lowlevel.checkpoint()
        asked.append(trio.current_time())

    async def request(access):
        try:
            await service.check(access)
        except Refused as failure:
            refused.append(failure)
            raise

    async with open_stand_in(tmp_path) as context:
        tokens = Tokens(service, Apps(None, FrameioOptions()), context, identified, trio.lowlevel.checkpoint,
                        clock=trio.current_time)  # fmt: skip
        this_device(context)
        await tokens.adopt("device", service.grant())
        begun = trio.current_time()
        while trio.current_time() < begun + 10 * 3600:
            await tokens.call(request)
            await trio.sleep(60)
        assert tokens.rotations == 2  # the pairing's, and one refresh
        assert len(asked) == 2
        assert refused == []


@pytest.mark.parametrize(
    "fault", [{"html": True}, {"html": True, "status": 404}, {"cut_after": 0}, {"status": 500}]
)
async def test_open_is_unavailable_while_the_service_is_not_itself(stage, fault):
    stage.context.store.values.clear()  # nothing is known of an earlier life
    stage.sandbox.faults([{"match": "GET /v2/devices/me", **fault}])
    with pytest.raises(Unavailable, match=r"Frame\.io (cannot be reached|answered 500)"):
        async with stage.open():
            pass


async def test_nobody_listening_is_unavailable(stage):
    options = stage.options.model_copy(update={"api_url": "https://127.0.0.1:1"})
    with pytest.raises(Unavailable, match=r"cannot be reached: connection refused$"):
        async with open_sink(options, stage.context):
            pass


async def test_a_lasting_401_is_not_paired(set_stage):
    async with set_stage(minute=0.0) as stage, connected(stage) as connection:
        stage.sandbox.faults([{"match": "GET /v2/devices/me", "status": 401, "times": 10}])
        with pytest.raises(Unavailable, match="not paired"):
            await ask(connection)
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
            tokens = sink.connection.tokens
            seen += [repr(sink), repr(tokens), repr(vars(tokens)), repr(tokens.held)]
        seen += [repr(stage.context.facts), repr(stage.told), caplog.text]
    assert len(hidden) >= 10
    text = "\n".join(seen)
    assert [secret for secret in hidden if secret in text] == []
