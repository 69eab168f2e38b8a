"""The whole way of a clip: pairing, asset, parts, assembly."""

import hashlib
import random
import stat

import httpx
import pytest

BODY = random.Random(1).randbytes(250_001)


async def test_pairing_and_upload_leave_one_whole_asset_and_no_violation(sandbox, camera, clock):
    await camera.pair()
    identity = (await camera.me()).json()
    asset = await camera.upload(BODY, offset=12)
    assert len(asset["upload_urls"]) == 3
    [listed] = (await camera.http.get("/_sandbox/assets")).json()
    assert listed == {
        "id": asset["id"],
        "name": "A001.mov",
        "filesize": 250_001,
        "filetype": "video/quicktime",
        "state": "complete",
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "parts": [
            {"number": 1, "size": 83_334, "puts": 1, "bytes_received": 83_334},
            {"number": 2, "size": 83_334, "puts": 1, "bytes_received": 83_334},
            {"number": 3, "size": 83_333, "puts": 1, "bytes_received": 83_333},
        ],
        "realtime": False,
        "device": identity["id"],
        "project": identity["project_id"],
        "channel": 0,
        "channel_id": identity["channels"][0]["id"],
        "channel_model": "",
        "offset": 12,
        "created_at": "2023-11-14T22:13:20.000000Z",
        "completed_at": "2023-11-14T22:13:20.000000Z",
    }
    assert sandbox.assets() == [listed]
    assert sandbox.file(asset["id"]).read_bytes() == BODY
    assert not list((sandbox.file(asset["id"]).parents[1] / "parts").iterdir())
    assert sandbox.violations() == []


async def test_asset_answer_has_the_fields_of_the_reference(camera):
    await camera.pair()
    asset = await camera.asset(b"x" * 10)
    assert asset["_type"] == "file"
    assert asset["status"] == "created"
    assert asset["filesize"] == 10
    assert asset["upload_completed_at"] is None
    assert f"/uploads/{asset['id']}/original.mov?X-Amz-Algorithm=AWS4-HMAC-SHA256" in asset["upload_urls"][0]
    assert "X-Amz-Expires=86400" in asset["upload_urls"][0]
    two = await camera.asset(b"x" * 100_001)
    assert [url.split("?")[0].rpartition("/parts/")[2] for url in two["upload_urls"]] == [
        f"{two['id']}/part_1",
        f"{two['id']}/part_2",
    ]


async def test_parts_come_in_any_order_and_again(sandbox, camera, cut):
    await camera.pair()
    asset = await camera.asset(BODY)
    parts = list(zip(asset["upload_urls"], cut(BODY, 3), strict=True))
    for url, piece in [parts[2], parts[0], parts[0], parts[1]]:
        assert (await camera.put(url, piece)).status_code == 200
    assert (await camera.put(*parts[1])).status_code == 200  # after completion too
    [listed] = sandbox.assets()
    assert [(part["puts"], part["bytes_received"]) for part in listed["parts"]] == [
        (2, 166_668),
        (2, 166_668),
        (1, 83_333),
    ]
    assert listed["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert sandbox.violations() == []


async def test_other_bytes_for_a_complete_part_change_nothing_and_are_a_violation(sandbox, camera):
    await camera.pair()
    asset = await camera.upload(b"a" * 1000)
    assert (await camera.put(asset["upload_urls"][0], b"b" * 1000)).status_code == 200
    assert sandbox.file(asset["id"]).read_bytes() == b"a" * 1000
    [violation] = sandbox.violations()
    assert "other bytes" in violation["violation"]


async def test_a_part_of_a_wrong_size_leaves_the_asset_incomplete_until_it_is_right(sandbox, camera):
    await camera.pair()
    asset = await camera.asset(b"a" * 1000)
    assert (await camera.put(asset["upload_urls"][0], b"a" * 999)).status_code == 200
    assert sandbox.assets()[0]["state"] == "created"
    assert sandbox.violations()[0]["violation"] == "part 1 has 999 bytes, not 1000"
    assert (await camera.put(asset["upload_urls"][0], b"a" * 1000)).status_code == 200
    assert sandbox.assets()[0]["state"] == "complete"


async def test_the_client_may_choose_the_number_of_parts(camera):
    await camera.pair()
    assert len((await camera.asset(BODY, parts=2))["upload_urls"]) == 2
    refused = await camera.create(len(BODY), parts=100)
    assert refused.status_code == 422
    assert "parts" in refused.json()["errors"][0]["detail"]


async def test_urls_name_the_host_the_client_used(camera):
    await camera.pair()
    url = camera.http.base_url.copy_with(host="localhost")
    answer = await camera.http.post(
        f"{url}/v2/devices/assets",
        json={"name": "a.wav", "filetype": "audio/wav", "filesize": 3},
        headers=camera.headers,
    )
    [part] = answer.json()["upload_urls"]
    assert part.startswith(f"{url}")
    assert (await camera.put(part, b"abc", filetype="audio/wav")).status_code == 200


async def test_tls_is_only_trusted_through_the_authority(sandbox):
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError) as refused:
            await http.get(f"{sandbox.url}/health")
        cause = refused.value
        while cause.__cause__ or cause.__context__:
            cause = cause.__cause__ or cause.__context__
        assert "CERTIFICATE_VERIFY_FAILED" in str(cause)
        plain = await http.get(f"{sandbox.url.replace('https', 'http')}/health")
    assert plain.status_code == 400
    [violation] = sandbox.violations()
    assert violation["request"] == "plain HTTP"


async def test_what_is_secret_is_readable_by_its_owner_only(sandbox):
    state = sandbox.ca_file.parents[1]
    assert sandbox.ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for name in ("tls/ca.key", "tls/server.key", "signing.key", "journal.jsonl"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600, name


async def test_tokens_are_not_in_the_journal(sandbox, camera):
    await camera.pair()
    journal = (sandbox.ca_file.parents[1] / "journal.jsonl").read_text()
    assert camera.tokens["access_token"] not in journal
    assert camera.tokens["refresh_token"] not in journal
