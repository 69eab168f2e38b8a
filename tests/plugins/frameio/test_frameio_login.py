"""The app flow: log in with a browser, choose account and project; the browser is the test."""

import base64
import dataclasses
import hashlib
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import trio

from rushes import NotAuthorised, NotFound, NotYet, RushesError, Transient, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.account.connection import open_connection
from rushes_frameio.actions import login as logins
from rushes_frameio.actions import manage
from rushes_frameio.actions.login import login
from rushes_frameio.actions.loopback import LONGEST_HEAD, open_loopback
from rushes_frameio.actions.pairing import pair
from rushes_frameio.calls.api import trusted
from rushes_frameio.options import FrameioOptions


async def silent(_facts):
    await trio.lowlevel.checkpoint()


@pytest.fixture
async def app(set_stage):
    """A stage for an application, with a second account; nobody has logged in."""
    async with set_stage(paired=False, minute=0.0, projects=("Nocturne",)) as stage:
        stage.options = FrameioOptions(
            api_url=stage.sandbox.url,
            login_url=stage.sandbox.url,
            ca_file=stage.sandbox.ca_file,
            app_client_id="rushes-app",
        )
        stage.sandbox.add_project("Feature", "Studio")
        stage.sandbox.add_project("Feature", "Agency")
        yield stage


async def browse(stage, url, **changes):
    """Follow the login page to our own port, as a browser does; `changes` are of the redirect's query."""
    async with httpx.AsyncClient(verify=trusted(stage.options.ca_file)) as browser:
        answer = await browser.get(url, headers={"x-client-version": "1.0.0"})
        assert answer.status_code == 302, answer.text
        target = urlsplit(answer.headers["location"])
        query = {name: values[0] for name, values in parse_qs(target.query).items()} | changes
        return await browser.get(target._replace(query=urlencode(query)).geturl())


async def log_in(stage, part=None, **changes):
    pages = []
    async with trio.open_nursery() as nursery:

        async def visit(url):
            pages.append(await browse(stage, url, **changes))

        async def tell(facts):
            stage.told.append(facts)
            nursery.start_soon(visit, facts["login_url"])
            await trio.lowlevel.checkpoint()

        facts = await login(stage.options, stage.context, part, {}, tell)
    return facts, pages[0]


async def act(stage, verb, part=None, **arguments):
    return await getattr(manage, verb)(stage.options, stage.context, part, arguments, silent)


async def test_a_login_shows_who_and_is_not_connected(app):
    facts, page = await log_in(app)
    assert (facts["connection"], facts["user"], facts["email"]) == (
        "not connected",
        "Sandy Box",
        "sandy.box@example.com",
    )
    assert page.status_code == 200
    assert "You are logged in" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    with pytest.raises(Unavailable, match="not connected to a project; run: pipeline frameio connect FILE"):
        async with app.open():
            pass
    whoami = await act(app, "whoami")
    assert (whoami["connection"], whoami["user"], whoami["way"]) == ("not connected", "Sandy Box", "login")


async def test_the_login_page_is_asked_with_pkce_on_a_loopback_address(app, monkeypatch):
    redeemed = {}
    original = logins.Apps.redeem

    async def redeem(self, **fields):
        redeemed.update(fields)
        return await original(self, **fields)

    monkeypatch.setattr(logins.Apps, "redeem", redeem)
    await log_in(app)
    url = urlsplit(app.told[0]["login_url"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    digest = hashlib.sha256(redeemed["verifier"].encode()).digest()
    assert url.path == "/oauth2/auth"
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query["redirect_uri"] == redeemed["redirect_uri"]
    assert query["redirect_uri"].startswith("http://127.0.0.1:")
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert query["scope"] == "offline device.connect asset.create"
    assert len(query["state"]) >= 32


async def test_accounts_projects_and_search(app):
    await log_in(app)
    accounts = (await act(app, "accounts"))["accounts"]
    assert [account["name"] for account in accounts] == ["Sandbox Account", "Studio", "Agency"]
    every = (await act(app, "projects"))["projects"]
    assert [project["name"] for project in every] == ["Sandbox Project", "Nocturne", "Feature", "Feature"]
    found = (await act(app, "projects", search="NOCT"))["projects"]
    assert [project["name"] for project in found] == ["Nocturne"]
    studio = (await act(app, "projects", account="studio"))["projects"]
    assert [(project["name"], project["account"]) for project in studio] == [("Feature", "Studio")]
    with pytest.raises(NotFound, match="no account Nowhere; there is Sandbox Account, Studio, Agency"):
        await act(app, "projects", account="Nowhere")


async def test_connect_upload_choose_another_disconnect_log_out(app):
    await log_in(app)
    with pytest.raises(NotFound, match="no project Nothing"):
        await act(app, "connect", project="Nothing")
    with pytest.raises(RushesError, match="several are called Feature; say which by its id"):
        await act(app, "connect", project="Feature")
    facts = await act(app, "connect", project="Feature", account="Studio")
    assert (facts["connection"], facts["project"], facts["user"]) == ("connected", "Feature", "Sandy Box")
    async with app.open() as sink:
        receipt = await sink.deliver(app.clip(), None, FakeReport())
        assert receipt.where == "Feature/A001C001.mov"
        before = len(app.sandbox.log())
        assert (await act(app, "connect", sink, project="Feature", account="Studio"))["project"] == "Feature"
        assert "/v2/devices/connect" not in {entry["path"] for entry in app.sandbox.log()[before:]}
    assert (await act(app, "connect", project="Nocturne"))["project"] == "Nocturne"
    assert [device["project"] for device in app.sandbox.devices() if not device["forgotten"]] == ["Nocturne"]
    facts = await act(app, "disconnect")
    assert (facts["connection"], facts["project"], facts["user"]) == ("not connected", None, "Sandy Box")
    assert all(device["forgotten"] for device in app.sandbox.devices())
    await act(app, "connect", project="Nocturne")
    facts = await act(app, "logout")
    assert (facts["connection"], facts["user"], facts["untold"]) == ("not authorised", None, None)
    assert all(device["forgotten"] for device in app.sandbox.devices())
    assert "tokens" not in app.context.secrets.values
    facts = await act(app, "whoami")
    assert (facts["missing"], facts["way"]) == ("not logged in; run: pipeline frameio login FILE", "login")


async def test_a_logout_with_an_expired_token_still_leaves_the_project(app):
    await log_in(app)
    await act(app, "connect", project="Nocturne")
    app.wall.ahead += 2 * 3600
    await act(app, "logout")
    assert all(device["forgotten"] for device in app.sandbox.devices())


async def test_choosing_another_project_while_parts_fly(app):
    """The login's token is the same one: nothing may be asked with it while the project changes."""
    await log_in(app)
    await act(app, "connect", project="Nocturne")
    app.context.order = dataclasses.replace(app.context.order, planned_at=time.time())
    report, waits = FakeReport(), []
    async with app.open() as sink:
        app.sandbox.faults([{"match": "PUT ", "delay_s": 60, "times": 100}])

        async def deliver():
            with pytest.raises((Transient, NotYet)) as failure:
                await sink.deliver(app.clip(), None, report)
            waits.append(failure.value)

        with trio.fail_after(10):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(deliver)
                while report.head is None:
                    await trio.sleep(0.01)
                facts = await act(app, "connect", sink, project="Sandbox Project")
        app.sandbox.clear_faults()
        assert facts["project"] == app.context.facts["project"] == "Sandbox Project"
        assert "another project is being chosen" in str(waits[0])
        with pytest.raises(NotYet, match="belongs to the project Nocturne"):
            await sink.deliver(app.clip("other.mov"), None, FakeReport())


async def test_a_lost_answer_to_connect_is_looked_into(app):
    await log_in(app)
    app.sandbox.faults([{"match": "POST /v2/devices/connect", "swallow_answer": True}])
    with pytest.raises(Unavailable, match="cannot be reached"):
        await act(app, "connect", project="Nocturne")
    assert (await act(app, "whoami"))["project"] == "Nocturne"


async def test_app_tokens_are_refreshed_and_a_spent_one_asks_to_log_in_again(app):
    await log_in(app)
    await act(app, "connect", project="Nocturne")
    async with open_connection(app.options, app.context) as connection:
        stale = connection.tokens.held
        app.wall.ahead += 2 * 3600
        await connection.call(connection.api.identity)
        assert connection.tokens.rotations == 1
        assert connection.tokens.held.authorisation == stale.authorisation
        connection.tokens._seal("app", stale.authorisation, _grant_of(stale))
        app.wall.ahead += 2 * 3600
        with pytest.raises(Unavailable, match="not logged in; run: pipeline frameio login FILE"):
            await connection.call(connection.api.identity)
        assert connection.state == "not authorised"
        assert connection.facts["user"] is None


def _grant_of(pair):
    from rushes_frameio.calls.api import Grant

    return Grant(access=pair.access, refresh=pair.refresh, expires_in=pair.life)


async def test_removed_from_the_project_is_not_connected_and_still_logged_in(app):
    await log_in(app)
    await act(app, "connect", project="Nocturne")
    app.sandbox.forget()
    app.context.store.values.pop("identity_asked", None)
    facts = await act(app, "whoami")
    assert (facts["connection"], facts["project"], facts["user"]) == ("not connected", None, "Sandy Box")


async def test_nobody_with_camera_to_cloud_is_told_where_to_read(set_stage):
    async with set_stage(paired=False, c2c=False) as stage:
        stage.options = stage.options.model_copy(
            update={"login_url": stage.sandbox.url, "app_client_id": "rushes-app"}
        )
        await log_in(stage)
        facts = await act(stage, "accounts")
        assert facts["accounts"] == []
        assert "https://help.frame.io/" in facts["support"]
        with pytest.raises(
            NotFound, match=r"no account of yours has Camera to Cloud; see https://help\.frame\.io/"
        ):
            await act(stage, "connect", project="Nocturne")


async def test_a_declined_login_changes_nothing(app):
    app.sandbox.deny()
    with pytest.raises(BaseExceptionGroup) as failure:
        await log_in(app)
    assert failure.group_contains(NotAuthorised, match="did not log you in: access_denied", depth=None)
    assert app.context.secrets.values == {}


async def test_a_code_that_is_not_ours_is_refused(app):
    with pytest.raises(BaseExceptionGroup) as failure:
        await log_in(app, code="stolen")
    assert failure.group_contains(NotAuthorised, match="refused the login: 400 invalid_grant", depth=None)
    assert app.context.secrets.values == {}


async def test_a_login_that_nobody_does_ends(app, monkeypatch):
    monkeypatch.setattr(logins, "PATIENCE_S", 0.05)
    with pytest.raises(NotAuthorised, match="nobody logged in in time"):
        await login(app.options, app.context, None, {}, silent)


async def test_cancelling_a_login_changes_nothing_and_frees_the_port(app):
    with trio.CancelScope() as scope:

        async def tell(facts):
            app.told.append(facts)
            scope.cancel()
            await trio.lowlevel.checkpoint()

        await login(app.options, app.context, None, {}, tell)
    assert scope.cancelled_caught
    assert app.context.secrets.values == {}
    [uri] = parse_qs(urlsplit(app.told[0]["login_url"]).query)["redirect_uri"]
    with pytest.raises(OSError, match="all attempts to connect"):
        await trio.open_tcp_stream("127.0.0.1", urlsplit(uri).port)


async def test_one_way_in_at_a_time(app):
    await log_in(app)
    with pytest.raises(RushesError, match="logged in already; run: pipeline frameio logout FILE first"):
        await pair(app.options, app.context, None, {}, silent)


async def test_who_is_paired_logs_out_first(stage):
    with pytest.raises(RushesError, match="paired by code; run: pipeline frameio logout FILE first"):
        await login(stage.options, stage.context, None, {}, silent)


async def test_a_login_needs_an_app_id(set_stage):
    async with set_stage(paired=False) as stage:
        with pytest.raises(NotAuthorised, match="no app_client_id in the pipeline file"):
            await login(stage.options, stage.context, None, {}, silent)


async def request(loopback, head):
    stream = await trio.open_tcp_stream("127.0.0.1", urlsplit(loopback.redirect_uri).port)
    async with stream:
        await stream.send_all(head)
        answer = b""
        while received := await stream.receive_some(65536):
            answer += received
    return answer.split(b"\r\n", 1)[0].decode()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /favicon.ico HTTP/1.1\r\n\r\n", "404"),
        (b"GET /callback?code=x&state=wrong HTTP/1.1\r\n\r\n", "400"),
        (b"GET /callback?code=x HTTP/1.1\r\n\r\n", "400"),
        (b"POST /callback?code=x&state=right HTTP/1.1\r\n\r\n", "404"),
        (b"nonsense\r\n\r\n", "404"),
        (b"GET /callback?code=x&state=\xff HTTP/1.1\r\n\r\n", "400"),
        (b"GET http://[/callback?state=right HTTP/1.1\r\n\r\n", "400"),
        (b"x" * (LONGEST_HEAD + 1), "404"),
    ],
)
async def test_strangers_at_the_door_end_no_login(head, status):
    async with open_loopback("right") as loopback:
        assert (await request(loopback, head)).split()[1] == status
        line = await request(loopback, b"GET /callback?code=abc&state=right HTTP/1.1\r\n\r\n")
        assert line == "HTTP/1.1 200 OK"
        with trio.fail_after(20):
            assert (await loopback.answer())["code"] == "abc"
        line = await request(loopback, b"GET /callback?code=abc&state=right HTTP/1.1\r\n\r\n")
        assert line == "HTTP/1.1 410 Gone"
