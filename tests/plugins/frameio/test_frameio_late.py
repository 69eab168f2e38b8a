"""What comes late, or is stopped half way, never makes a delivery go to a project that is not its own."""

import json

import pytest
import trio

from rushes import NotYet, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.account.connection import open_connection
from rushes_frameio.actions import manage

from .test_frameio_login import act, app, log_in, silent  # noqa: F401 - `app` is a fixture
from .test_frameio_projects import pair_with, planned_now, two  # noqa: F401 - `two` is a fixture


class SlowIdentity:
    """Holds the next answer to "who am I" until `go`."""

    def __init__(self, connection):
        self._ask, self._api = connection.api.identity, connection.api
        self.answered, self.go = trio.Event(), trio.Event()
        connection.api.identity = self
        connection.asked.wait = self._at_once  # as when the minute is over

    @staticmethod
    async def _at_once():
        await trio.lowlevel.checkpoint()
        return 0.0

    async def __call__(self, access):
        self._api.identity = self._ask
        identity = await self._ask(access)
        self.answered.set()
        await self.go.wait()
        return identity


async def test_an_answer_about_the_project_before_does_not_bring_it_back(two):  # noqa: F811
    async with two.open() as sink:
        slow = SlowIdentity(sink.connection)
        with trio.fail_after(10):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(sink.connection.identify)
                await slow.answered.wait()
                await pair_with(two, "Nocturne", sink)
                slow.go.set()
        assert sink.connection.identity.project == "Nocturne"
        planned_now(two)
        receipt = await sink.deliver(two.clip(), None, FakeReport())
        assert receipt.where == "Nocturne/A001C001.mov"
    assert json.loads(two.context.store.values["identity"])["identity"]["project"] == "Nocturne"


async def test_an_answer_that_comes_after_leaving_brings_no_name_back(two):  # noqa: F811
    async with open_connection(two.options, two.context) as connection:
        slow = SlowIdentity(connection)
        with trio.fail_after(10):
            async with trio.open_nursery() as nursery:

                async def ask():
                    with pytest.raises(Unavailable):
                        await connection.identify()

                nursery.start_soon(ask)
                await slow.answered.wait()
                await connection.tokens.surrender(silent)
                slow.go.set()
        assert (connection.facts["project"], connection.facts["user"]) == (None, None)
        assert "identity" not in two.context.store.values


async def connected_app(app):  # noqa: F811
    await log_in(app)
    await act(app, "connect", project="Nocturne")


async def test_a_choice_that_is_cancelled_half_way_leaves_no_old_project_behind(app, monkeypatch):  # noqa: F811
    await connected_app(app)
    async with open_connection(app.options, app.context) as connection:

        class Part:
            pass

        part = Part()
        part.connection = connection
        with trio.CancelScope() as scope:
            connect = connection.apps.connect

            async def cut_off(access, project):
                await connect(access, project)
                scope.cancel()
                await trio.lowlevel.checkpoint()

            monkeypatch.setattr(connection.apps, "connect", cut_off)
            await act(app, "connect", part, project="Sandbox Project")
        assert scope.cancelled_caught
        assert connection.identity is None
    assert "identity" not in app.context.store.values


async def test_a_choice_that_is_killed_half_way_leaves_no_old_project_behind(app, monkeypatch):  # noqa: F811
    await connected_app(app)
    stored = []

    async def killed(connection, _project, _access):
        stored.append(app.context.store.values.get("identity"))
        raise Unavailable("killed")

    monkeypatch.setattr(manage, "_connect", killed)
    with pytest.raises(Unavailable, match="killed"):
        await act(app, "connect", project="Sandbox Project")
    assert stored == [None]


async def test_two_choices_at_once_are_made_one_after_the_other(app, monkeypatch):  # noqa: F811
    await connected_app(app)
    async with app.open() as sink:
        made, connect = [], sink.connection.apps.connect

        async def told(access, project):
            made.append("begins")
            await connect(access, project)
            await trio.sleep(0.05)
            made.append("ends")

        monkeypatch.setattr(sink.connection.apps, "connect", told)
        async with trio.open_nursery() as nursery:
            for project, account in (("Sandbox Project", "Sandbox Account"), ("Feature", "Studio")):
                chosen = {"project": project, "account": account}
                nursery.start_soon(lambda chosen=chosen: act(app, "connect", sink, **chosen))
        assert made == ["begins", "ends"] * 2


async def test_a_rotated_pair_that_cannot_be_sealed_is_kept_until_it_can(two, monkeypatch):  # noqa: F811
    """The disk is full just when the token is refreshed: the sealed pair is spent by then."""
    context, full = two.context, True
    seal = context.secrets.set

    def set_or_full(name, value):
        if name == "tokens" and full:
            raise Unavailable(
                "secrets.sealed: cannot be written (No space left on device); free some space there"
            )
        seal(name, value)

    monkeypatch.setattr(context.secrets, "set", set_or_full)
    async with open_connection(two.options, context) as connection:
        stale = connection.tokens.held.access
        for _ in range(2):
            with pytest.raises(Unavailable, match="free some space"):
                await connection.tokens.renew(stale)
    full = False
    async with open_connection(two.options, context) as connection:
        await connection.call(connection.api.identity)
        assert connection.tokens.held.access != stale
        assert connection.state == "connected"
    refreshes = [
        entry for entry in two.sandbox.log() if entry["path"] == "/v2/auth/token" and entry["status"] == 200
    ]
    assert len(refreshes) == 2  # the pairing's and one


async def test_a_component_that_opened_beside_a_choice_does_not_go_on_with_the_old_project(app):  # noqa: F811
    """The action found it closed, for the network was away, and has a connection of its own."""
    await connected_app(app)
    planned_now(app)
    try:
        async with app.open() as sink:
            await act(app, "connect", None, project="Sandbox Project")
            await sink.deliver(app.clip(), None, FakeReport())
    except* (Unavailable, NotYet):
        pass
    ids = {project["name"]: project["id"] for project in app.sandbox.projects()}
    assert ids["Sandbox Project"] not in [asset["project"] for asset in await app.assets()]
