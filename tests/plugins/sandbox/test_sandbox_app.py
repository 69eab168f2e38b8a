"""The app flow: a person logs in with PKCE, an app lists accounts and projects and connects."""

import base64
import hashlib
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from rushes_sandbox import Settings, open_sandbox

VERSION = {"x-client-version": "1.2.3"}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
TARGET = "http://127.0.0.1:51234/callback"
ALL = "offline device.connect asset.create"


class App:
    """An app without a secret."""

    def __init__(self, http):
        self.http = http
        self.tokens = {}

    async def ask(self, **changed):
        query = {
            "response_type": "code",
            "client_id": "rushes-app",
            "redirect_uri": TARGET,
            "scope": ALL,
            "state": "s 1&2",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changed,
        }
        sent = {name: value for name, value in query.items() if value is not None}
        return await self.http.get("/oauth2/auth", params=sent)

    async def told(self, **changed):
        answer = await self.ask(**changed)
        assert answer.status_code == 302, answer.text
        where, _, query = answer.headers["location"].partition("?")
        assert where == TARGET
        return dict(parse_qsl(query))

    async def token(self, headers=VERSION, **fields):
        form = {"client_id": "rushes-app", **fields}
        sent = {name: value for name, value in form.items() if value is not None}
        return await self.http.post("/oauth2/token", data=sent, headers=headers)

    async def redeem(self, code, **changed):
        fields = {"code": code, "redirect_uri": TARGET, "code_verifier": VERIFIER, **changed}
        return await self.token(grant_type="authorization_code", **fields)

    async def refresh(self, token=None, **changed):
        token = token or self.tokens["refresh_token"]
        fields = {"refresh_token": token, "scope": ALL, **changed}
        return await self.token(grant_type="refresh_token", **fields)

    async def log_in(self, **changed):
        answer = await self.redeem((await self.told(**changed))["code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()

    @property
    def headers(self):
        return {**VERSION, "authorization": f"Bearer {self.tokens['access_token']}"}

    async def get(self, path):
        return await self.http.get(path, headers=self.headers)

    async def post(self, path, **query):
        return await self.http.post(path, params=query, headers=self.headers)

    async def connect(self, project_id, **query):
        return await self.post("/v2/devices/connect", project_id=project_id, **query)


@pytest.fixture
def app(camera):
    return App(camera.http)


def error(answer, status=400):
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error", "error_description"}
    return answer.json()["error"]


async def test_a_person_logs_in_and_connects_the_app(app, sandbox):
    told = await app.told()
    assert told.keys() == {"code", "scope", "state"}
    assert told["state"] == "s 1&2"
    app.tokens = (await app.redeem(told["code"])).json()
    assert app.tokens.keys() == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert (app.tokens["expires_in"], app.tokens["scope"]) == (3599, ALL)
    me = (await app.get("/v2/me")).json()
    assert (me["name"], me["email"]) == ("Sandy Box", "sandy.box@example.com")
    [account] = (await app.get("/v2/devices/accounts")).json()
    assert account.keys() == {"_type", "id", "display_name"}
    [project] = (await app.get(f"/v2/devices/accounts/{account['id']}/projects")).json()
    assert project["name"] == "Sandbox Project"
    assert (await app.get("/v2/devices/me")).status_code == 403
    connected = (await app.connect(project["id"])).json()
    assert connected["project_id"] == project["id"]
    identity = (await app.get("/v2/devices/me")).json()
    assert identity["id"] == connected["id"] == sandbox.devices()[0]["id"]
    created = await app.http.post(
        "/v2/devices/assets",
        json={"name": "a.mov", "filetype": "video/quicktime", "filesize": 5},
        headers=app.headers,
    )
    assert created.status_code == 200
    assert (await app.post("/v2/devices/disconnect")).status_code == 204
    assert sandbox.devices()[0]["forgotten"]
    assert (await app.get("/v2/devices/me")).status_code == 403
    assert (await app.get("/v2/me")).status_code == 200
    assert sandbox.violations() == []


async def test_several_accounts_and_a_move(app, sandbox):
    other = sandbox.add_project("Elsewhere", "Another Account")
    await app.log_in()
    accounts = (await app.get("/v2/devices/accounts")).json()
    assert [account["display_name"] for account in accounts] == ["Sandbox Account", "Another Account"]
    shown = [(await app.get(f"/v2/devices/accounts/{account['id']}/projects")).json() for account in accounts]
    assert [[project["name"] for project in projects] for projects in shown] == [
        ["Sandbox Project"],
        ["Elsewhere"],
    ]
    first = (await app.connect(shown[0][0]["id"])).json()
    again = (await app.connect(shown[0][0]["id"])).json()
    moved = (await app.connect(other)).json()
    assert first["id"] == again["id"] != moved["id"]
    assert [device["forgotten"] for device in sandbox.devices()] == [True, False]
    assert (await app.get("/v2/devices/me")).json()["project"]["name"] == "Elsewhere"


async def test_an_install_is_known_again_by_its_device_id(app, sandbox):
    [project] = sandbox.projects()
    await app.log_in()
    first = (await app.connect(project["id"], device_id="install-1")).json()
    await app.log_in()
    assert (await app.connect(project["id"], device_id="install-1")).json()["id"] == first["id"]
    assert (await app.connect(project["id"], device_id="install-2")).json()["id"] != first["id"]


async def test_forgotten_by_people_the_app_stays_logged_in(app, sandbox):
    await app.log_in()
    await app.connect(sandbox.projects()[0]["id"])
    sandbox.forget()
    assert (await app.get("/v2/devices/me")).status_code == 403
    app.tokens = (await app.refresh()).json()
    assert (await app.get("/v2/me")).status_code == 200


async def test_a_user_without_c2c_accounts(tmp_path, connect):
    async with open_sandbox(tmp_path / "s", settings=Settings(c2c=False)) as sandbox:
        async with connect(sandbox.url, sandbox.ca_file) as camera:
            app = App(camera.http)
            await app.log_in()
            assert (await app.get("/v2/devices/accounts")).json() == []
            assert (await app.get("/v2/me")).status_code == 200
            assert (await app.connect(sandbox.projects()[0]["id"])).status_code == 403


async def test_consent_can_be_denied_once(app, sandbox):
    await app.http.post("/_sandbox/deny")
    told = await app.told()
    assert (told["error"], told["state"]) == ("access_denied", "s 1&2")
    assert "code" in await app.told()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "asset_create"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
async def test_a_bad_question_is_told_to_the_app(app, changed, expected):
    assert (await app.told(**changed))["error"] == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"redirect_uri": "http://127.0.0.1/#x"},
        {"redirect_uri": "http://[x"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
async def test_nobody_is_redirected_off_the_machine(app, changed):
    assert error(await app.ask(**changed)) == "invalid_request"


@pytest.mark.parametrize("target", ["http://localhost:1/x", "http://[::1]:5/x?y=1", "http://127.0.0.1:9"])
async def test_any_loopback_will_do(app, target):
    location = urlsplit((await app.ask(redirect_uri=target)).headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == target.partition("?")[0]
    assert "code" in parse_qs(location.query)


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "guess"},
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": "v" * 42},
        {"redirect_uri": "http://127.0.0.1:1/other"},
        {"client_id": "another"},
    ],
)
async def test_a_code_is_bound(app, changed):
    sent = {"code": (await app.told())["code"], **changed}
    assert error(await app.redeem(**sent)) == "invalid_grant"


async def test_a_code_is_good_once_and_for_ten_minutes(app, clock):
    told = await app.told()
    assert (await app.redeem(told["code"])).status_code == 200
    assert error(await app.redeem(told["code"])) == "invalid_grant"
    late = await app.told()
    clock.now += 600
    assert error(await app.redeem(late["code"])) == "invalid_grant"


async def test_refresh_rotates_and_a_spent_one_is_inactive(app, clock):
    await app.log_in()
    old = app.tokens
    app.tokens = (await app.refresh()).json()
    assert app.tokens["refresh_token"] != old["refresh_token"]
    assert error(await app.refresh(old["refresh_token"]), 401) == "token_inactive"
    assert error(await app.refresh(scope="everything")) == "invalid_scope"
    assert error(await app.refresh(client_id="another"), 401) == "token_inactive"
    clock.now += 3600
    assert (await app.get("/v2/me")).status_code == 401
    app.tokens = (await app.refresh()).json()
    assert (await app.get("/v2/me")).status_code == 200
    clock.now += 30 * 86400
    assert error(await app.refresh(), 401) == "token_inactive"


async def test_an_app_has_no_secret_and_sends_its_version(app, sandbox):
    told = await app.told()
    refused = await app.token({**VERSION, "authorization": "Basic eDp5"}, grant_type="authorization_code")
    assert error(refused, 401) == "invalid_client"
    answer = await app.token(
        {}, grant_type="authorization_code", code=told["code"], redirect_uri=TARGET, code_verifier=VERIFIER
    )
    assert answer.status_code == 200
    assert [violation["violation"] for violation in sandbox.violations()] == ["x-client-version is missing"]
    assert error(await app.token(grant_type="password")) == "unsupported_grant_type"


async def test_scopes_and_kinds_are_kept_apart(app, camera, sandbox):
    [project] = sandbox.projects()
    await app.log_in(scope="asset.create")
    assert "refresh_token" not in app.tokens
    assert (await app.connect(project["id"])).status_code == 403
    await app.log_in(scope="device.connect")
    assert (await app.connect("nowhere")).status_code == 404
    assert (await app.connect(project["name"])).status_code == 404
    assert (await app.connect(project["id"])).status_code == 200
    assert (await app.get("/v2/devices/accounts/nowhere/projects")).status_code == 404
    await camera.pair()
    assert (await camera.http.get("/v2/me", headers=camera.headers)).status_code == 403
