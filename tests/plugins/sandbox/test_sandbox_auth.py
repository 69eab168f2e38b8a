"""Pairing, tokens, refresh, revoke: answers and refusals as the reference's sections 2, 4 and 12 say."""

import httpx
import pytest

from rushes import NotFound
from rushes_sandbox import Settings, open_sandbox

VERSION = {"x-client-version": "1.2.3"}


def error(answer):
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


def not_authorised(answer):
    assert answer.status_code == 401, answer.text
    body = answer.json()
    assert body["message"] == body["errors"][0]["title"] == "Not Authorized"
    return True


async def test_a_code_has_the_fields_of_the_reference(camera):
    code = await camera.code()
    assert len(code["user_code"]) == 6
    assert code["user_code"].isdigit()
    assert (code["expires_in"], code["interval"]) == (120, 0)
    assert code["verification_uri"]
    assert code["verification_uri_complete"] is None
    linked = await camera.auth(
        "device/code", {"scope": "offline"}, headers={**VERSION, "x-client-platypus-enabled": "true"}
    )
    assert linked.json()["user_code"] in linked.json()["verification_uri_complete"]


async def test_polling_waits_for_the_person_then_gives_tokens_once(sandbox, camera):
    code = await camera.code()
    assert error(await camera.poll(code["device_code"])) == "authorization_pending"
    sandbox.confirm(code["user_code"])
    answer = await camera.poll(code["device_code"])
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (answer.json()["expires_in"], answer.json()["token_type"]) == (28800, "bearer")
    assert error(await camera.poll(code["device_code"])) == "invalid_grant"


async def test_a_code_expires(sandbox, camera, clock):
    code = await camera.code()
    clock.now += 120
    assert error(await camera.poll(code["device_code"])) == "expired_token"
    with pytest.raises(NotFound, match="no device waits"):
        sandbox.confirm(code["user_code"])


async def test_polling_too_fast_is_slowed_down_and_noted(tmp_path, clock, connect):
    async with open_sandbox(tmp_path / "state", settings=Settings(clock=clock)) as sandbox:
        async with connect(sandbox.url, sandbox.ca_file) as camera:
            code = await camera.code()
            assert code["interval"] == 5
            assert error(await camera.poll(code["device_code"])) == "authorization_pending"
            clock.now += 1
            assert error(await camera.poll(code["device_code"])) == "slow_down"
            clock.now += 5
            assert error(await camera.poll(code["device_code"])) == "authorization_pending"
        assert [violation["violation"] for violation in sandbox.violations()] == [
            "polled before the interval was over"
        ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": "päßwort"}, "invalid_client"),
        ({"client_secret": None}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "x" * 256}, "invalid_request"),
        ({"scope": "everything"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
    ],
)
async def test_bad_code_requests(camera, fields, expected):
    assert error(await camera.auth("device/code", {"scope": "asset_create offline", **fields})) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"grant_type": "password"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "guess"}, "invalid_request"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "invalid_request"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"}, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "refresh_token": "guess", "client_secret": "wrong"},
            "invalid_client",
        ),
    ],
)
async def test_bad_token_requests(camera, fields, expected):
    assert error(await camera.auth("token", fields)) == expected


async def test_a_code_belongs_to_its_client(sandbox, camera):
    code = await camera.code()
    sandbox.confirm(code["user_code"])
    camera.client_id = "another"
    assert error(await camera.poll(code["device_code"])) == "invalid_grant"


async def test_refresh_rotates_and_kills_the_old_pair(camera, sandbox):
    await camera.pair()
    old = camera.tokens
    answer = await camera.refresh()
    assert answer.status_code == 200
    assert not_authorised(await camera.me())
    assert error(await camera.refresh(old["refresh_token"])) == "invalid_request"
    camera.tokens = answer.json()
    assert (await camera.me()).status_code == 200
    assert camera.tokens["refresh_token"] != old["refresh_token"]


async def test_tokens_expire_after_8_hours_and_14_days(camera, clock):
    await camera.pair()
    clock.now += 28_799
    assert (await camera.me()).status_code == 200
    clock.now += 1
    assert not_authorised(await camera.me())
    clock.now += 14 * 86400
    assert error(await camera.refresh()) == "invalid_request"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoke_ends_the_connection(camera, which):
    await camera.pair()
    answer = await camera.auth("revoke", {"token": camera.tokens[which]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert not_authorised(await camera.me())
    assert not_authorised(await camera.refresh())
    assert (await camera.auth("revoke", {"token": "unknown"})).json() == {"success": True}
    assert error(await camera.auth("revoke", {})) == "invalid_request"


async def test_identity_shows_project_and_person(camera):
    await camera.pair()
    me = (await camera.me()).json()
    assert me["_type"] == "project_device"
    assert me["project"]["name"] == "Sandbox Project"
    assert me["project_id"] == me["project"]["id"]
    assert me["authorization"]["creator"]["name"] == "Sandy Box"
    assert me["authorization"]["scopes"]["asset_create"] is True
    assert me["channels"][0]["device_id"] == me["device_id"]
    assert me["last_known_firmware_version"] == "1.2.3"
    await camera.pair()
    assert (await camera.me()).json()["id"] == me["id"]


async def test_without_the_scope_offline_there_is_no_refresh_token(camera):
    await camera.pair("asset_create")
    assert "refresh_token" not in camera.tokens


async def test_without_the_scope_asset_create_nothing_can_be_uploaded(camera):
    await camera.pair("offline")
    assert (await camera.create(10)).status_code == 403


async def test_health_needs_nothing_and_heartbeat_needs_a_token(camera):
    health = await camera.http.get("/health")
    assert (health.status_code, health.json()) == (200, {"ok": True})
    assert not_authorised(await camera.http.post("/v2/devices/heartbeat", headers=VERSION))
    await camera.pair()
    assert (await camera.http.post("/v2/devices/heartbeat", headers=camera.headers)).status_code == 204


@pytest.mark.parametrize("header", ["Bearer", "Basic eDp5", "x", "Bearer \xff\xfe", "bearer a b"])
async def test_bad_authorization_headers(camera, header):
    headers = {**VERSION, "authorization": header.encode("latin-1")}
    assert not_authorised(await camera.http.get("/v2/devices/me", headers=headers))


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3.4", "1.2.3-", "latest"])
async def test_a_call_without_a_version_is_refused_and_noted(camera, sandbox, version):
    headers = {"x-client-version": version} if version else {}
    answer = await camera.http.get("/v2/devices/me", headers=headers)
    assert answer.status_code == 400
    assert "x-client-version" in answer.json()["errors"][0]["detail"]
    assert answer.json().keys() == {"code", "errors", "message"}
    assert (await camera.auth("token", {"grant_type": "refresh_token"}, headers=headers)).status_code == 400
    assert len(sandbox.violations()) == 2


@pytest.mark.parametrize("version", ["1.2.3-rc.1+build.5", "0.0.0", "10.20.30"])
async def test_semver_is_taken(camera, version):
    answer = await camera.http.get("/v2/devices/me", headers={"x-client-version": version})
    assert answer.status_code == 401


async def test_manners_are_noted(camera, sandbox):
    camera.client_id = "00:1B:44:11:3A:B7"
    await camera.pair()
    camera.tokens = (await camera.refresh()).json()
    assert (await camera.create(10, metadata={})).status_code == 200
    assert [violation["violation"] for violation in sandbox.violations()] == [
        "client_id is an e-mail or MAC address",
        "no identity call since the access token was issued",
        "unknown field metadata",
    ]


async def test_urlencoded_auth_is_taken(camera):
    form = {"client_id": "a", "client_secret": camera.secret, "scope": "asset_create"}
    answer = await camera.http.post("/v2/auth/device/code", data=form, headers=VERSION)
    assert answer.status_code == 200


async def test_unknown_paths_and_methods_answer_in_the_detailed_shape(camera):
    for method, path, status in [
        ("GET", "/v2/auth/token", 405),
        ("POST", "/v2/nothing", 404),
        ("GET", "/v2/devices/me/", 404),
        ("PUT", "//evil/..%2f", 404),
    ]:
        url = httpx.URL(camera.http.base_url).copy_with(raw_path=path.encode())
        answer = await camera.http.request(method, url, content=b"x" * 300_000, headers=VERSION)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["status"] == status
