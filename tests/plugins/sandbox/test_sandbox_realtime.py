"""A growing file: every rule of section 11 of the reference."""

import hashlib
import random

import pytest

SMALLEST = 100_000
BODY = random.Random(3).randbytes(3 * SMALLEST + 17)
PIECES = [
    BODY[:SMALLEST],
    BODY[SMALLEST : 2 * SMALLEST],
    BODY[2 * SMALLEST : 3 * SMALLEST],
    BODY[3 * SMALLEST :],
]


@pytest.fixture
async def growing(camera):
    await camera.pair()
    return (await camera.grow(name="A001.mov")).json()


def urls(answer):
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"upload_urls"}
    return answer.json()["upload_urls"]


def refused(answer, status, text):
    assert answer.status_code == status, answer.text
    assert text in answer.json()["errors"][0]["detail"]


async def test_a_clip_grows_part_by_part_and_is_whole_when_its_end_is_told(camera, sandbox, growing):
    assert growing.keys() == {"id", "name"}
    assert growing["name"] == "A001.mov"
    for number, piece in enumerate(PIECES[:3], 1):
        [url] = urls(await camera.ask(growing, (number, len(piece))))
        assert f"/parts/{growing['id']}/part_{number}?" in url
        assert (await camera.put(url, piece)).status_code == 200
    [listed] = sandbox.assets()
    assert (listed["state"], listed["filesize"], listed["realtime"]) == ("created", None, True)
    [last] = urls(await camera.ask(growing, (4, 17, True), asset_filesize=len(BODY)))
    assert (await camera.put(last, PIECES[3])).status_code == 200
    [listed] = sandbox.assets()
    assert (listed["state"], listed["filesize"]) == ("complete", len(BODY))
    assert listed["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert [part["number"] for part in listed["parts"]] == [1, 2, 3, 4]
    assert sandbox.file(growing["id"]).read_bytes() == BODY
    assert sandbox.violations() == []


async def test_numbers_may_be_skipped_and_come_in_any_order(camera, sandbox, growing):
    wanted = [(9_000, 17, True), (5, SMALLEST), (1, SMALLEST), (700, SMALLEST)]
    last, second, first, third = urls(await camera.ask(growing, *wanted, asset_filesize=len(BODY)))
    for url, piece in zip([third, last, first, second], [PIECES[2], PIECES[3], *PIECES[:2]], strict=True):
        assert sandbox.assets()[0]["state"] == "created"
        assert (await camera.put(url, piece)).status_code == 200
    assert sandbox.file(growing["id"]).read_bytes() == BODY
    assert sandbox.violations() == []


async def test_a_part_asked_for_again_gets_a_fresh_url_and_its_last_bytes_win(
    camera, sandbox, growing, clock
):
    [first] = urls(await camera.ask(growing, (1, SMALLEST)))
    assert (await camera.put(first, b"0" * SMALLEST)).status_code == 200
    clock.now += 3600
    [again] = urls(await camera.ask(growing, (1, SMALLEST)))
    assert again != first
    assert (await camera.put(again, b"1" * SMALLEST)).status_code == 200
    assert (await camera.put(first, PIECES[0])).status_code == 200  # the first url still counts
    [last] = urls(await camera.ask(growing, (2, 1, True), asset_filesize=SMALLEST + 1))
    assert (await camera.put(last, b"z")).status_code == 200
    assert sandbox.file(growing["id"]).read_bytes() == PIECES[0] + b"z"
    assert sandbox.assets()[0]["parts"][0]["puts"] == 3
    assert sandbox.violations() == []


async def test_a_part_may_change_its_size_until_the_end(camera, sandbox, growing):
    [short] = urls(await camera.ask(growing, (1, SMALLEST)))
    assert (await camera.put(short, PIECES[0])).status_code == 200
    [longer] = urls(await camera.ask(growing, (1, len(BODY), True), asset_filesize=len(BODY)))
    assert sandbox.assets()[0]["state"] == "created"
    assert (await camera.put(longer, BODY)).status_code == 200
    assert sandbox.file(growing["id"]).read_bytes() == BODY


async def test_an_expired_url_is_replaced_by_asking_again(camera, sandbox, growing, clock):
    [old] = urls(await camera.ask(growing, (1, 5, True), asset_filesize=5))
    clock.now += 86_400
    assert "Request has expired" in (await camera.put(old, b"bytes")).text
    camera.tokens = (await camera.refresh()).json()
    [fresh] = urls(await camera.ask(growing, (1, 5, True), asset_filesize=5))
    assert (await camera.put(fresh, b"bytes")).status_code == 200
    assert sandbox.assets()[0]["state"] == "complete"


async def test_wrong_lengths_are_stored_noted_and_never_whole(camera, sandbox, growing):
    [url] = urls(await camera.ask(growing, (1, 10, True), asset_filesize=10))
    assert (await camera.put(url, b"x" * 9)).status_code == 200
    assert sandbox.assets()[0]["state"] == "created"
    assert [found["violation"] for found in sandbox.violations()] == ["part 1 has 9 bytes, not 10"]
    assert (await camera.put(url, b"x" * 10)).status_code == 200
    assert sandbox.assets()[0]["state"] == "complete"


async def test_after_completion_parts_are_refused_and_other_bytes_are_noted(camera, sandbox, growing):
    [url] = urls(await camera.ask(growing, (1, 5, True), asset_filesize=5))
    assert (await camera.put(url, b"right")).status_code == 200
    refused(await camera.ask(growing, (1, 5, True), asset_filesize=5), 400, "complete")
    assert (await camera.put(url, b"right")).status_code == 200
    assert sandbox.violations() == []
    assert (await camera.put(url, b"wrong")).status_code == 200
    assert "other bytes" in sandbox.violations()[0]["violation"]
    assert sandbox.file(growing["id"]).read_bytes() == b"right"


async def test_both_headers_are_signed(camera, growing):
    [url] = urls(await camera.ask(growing, (1, 5, True), asset_filesize=5))
    assert (await camera.put(url, b"bytes", filetype="video/mp4")).status_code == 403
    assert (await camera.put(url, b"bytes", x_amz_acl=None)).status_code == 403
    assert (await camera.put(url, b"bytes")).status_code == 200


@pytest.mark.parametrize(
    ("parts", "fields", "why"),
    [
        ([(0, SMALLEST)], {}, "parts.0.number"),
        ([(10_001, SMALLEST)], {}, "parts.0.number"),
        ([(1, SMALLEST - 1)], {}, "all but the final one"),
        ([(1, 0, True)], {"asset_filesize": 0}, "parts.0.size"),
        ([(1, 5 * 1024**3 + 1)], {}, "parts.0.size"),
        ([(1, "100000")], {}, "parts.0.size"),
        ([(1, 5, True)], {}, "asset_filesize: Field required"),
        ([(1, 5, True)], {"asset_filesize": 6}, "it is 6, the parts have 5 bytes"),
        ([(1, 5, True)], {"asset_filesize": 5 * 1024**4 + 1}, "asset_filesize"),
        ([(1, SMALLEST), (1, SMALLEST)], {}, "a number is there twice"),
        ([(1, 5, True), (2, 5, True)], {"asset_filesize": 10}, "only one part"),
        ([(1, 5, True), (2, SMALLEST)], {"asset_filesize": SMALLEST + 5}, "has not the highest number"),
        ([], {}, "parts"),
    ],
)
async def test_what_cannot_become_a_file_is_refused(camera, sandbox, growing, parts, fields, why):
    refused(await camera.ask(growing, *parts, **fields), 422, why)
    assert sandbox.assets()[0]["parts"] == []


async def test_the_end_once_told_binds_what_is_asked_later(camera, growing):
    wanted = [(1, SMALLEST), (3, 5, True)]
    assert (await camera.ask(growing, *wanted, asset_filesize=SMALLEST + 5)).status_code == 200
    refused(await camera.ask(growing, (2, SMALLEST)), 422, "the parts have 200005 bytes together")
    refused(await camera.ask(growing, (4, 5, True), asset_filesize=SMALLEST + 10), 422, "only one part")
    assert (await camera.ask(growing, (1, SMALLEST))).status_code == 200
    # As a client does whose first answer was lost.
    assert (await camera.ask(growing, *wanted, asset_filesize=SMALLEST + 5)).status_code == 200


async def test_a_name_may_come_at_the_end(camera, sandbox):
    await camera.pair()
    asset = (await camera.grow(extension=".mov")).json()
    assert asset["name"] == "[new file].mov"
    end = {"asset_filesize": 5, "asset_name": "A001.mov"}
    refused(await camera.ask(asset, (1, 5, True), asset_filesize=5, asset_name="A001.wav"), 422, "asset_name")
    for _answer_lost in range(2):
        [url] = urls(await camera.ask(asset, (1, 5, True), **end))
    assert sandbox.violations() == []
    assert (await camera.ask(asset, (1, 5, True), asset_filesize=5, asset_name="B.mov")).status_code == 200
    assert [found["violation"] for found in sandbox.violations()] == [
        "asset_name for an asset that has its name"
    ]
    assert (await camera.put(url, b"bytes")).status_code == 200
    assert sandbox.assets()[0]["name"] == "A001.mov"


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({}, 422, "name: Field required"),
        ({"name": "A001"}, 422, "ends in an extension"),
        ({"name": "A001.mov", "extension": ".mp4"}, 422, "not the one of the name"),
        ({"extension": "mov"}, 422, "with its dot"),
        ({"extension": ".m v"}, 422, "with its dot"),
        ({"name": "A001.mov", "filesize": 10}, 422, "filesize"),
        ({"name": "A001.mov", "filetype": None}, 422, "filetype"),
        ({"name": "A001.mov", "channel": 1}, 404, "no channel 1"),
    ],
)
async def test_bad_creates_are_refused(camera, sandbox, fields, status, why):
    await camera.pair()
    refused(await camera.grow(**fields), status, why)
    assert sandbox.assets() == []


async def test_good_creates(camera, sandbox):
    await camera.pair()
    for fields in [
        {"name": "A001.MOV", "extension": ".mov", "filesize": None},
        {"extension": ".wav", "offset": 7, "channel": 0},
    ]:
        assert (await camera.grow(**fields)).status_code == 200
    assert [asset["offset"] for asset in sandbox.assets()] == [0, 7]
    assert sandbox.violations() == []


async def test_a_form_cannot_make_a_realtime_asset(camera):
    await camera.pair()
    form = {"name": "A001.mov", "filetype": "video/quicktime", "is_realtime_upload": "true"}
    answer = await camera.http.post("/v2/devices/assets", data=form, headers=camera.headers)
    refused(answer, 400, "application/json")


async def test_parts_are_for_realtime_assets_of_the_same_device(camera, sandbox, growing):
    standard = await camera.asset(b"x" * 10)
    refused(await camera.ask(standard, (1, 10, True), asset_filesize=10), 400, "not a realtime one")
    refused(await camera.ask({"id": "nowhere"}, (1, 10, True), asset_filesize=10), 404, "no asset")
    tokens = camera.tokens
    camera.client_id = "serial-0002"
    await camera.pair()
    refused(await camera.ask(growing, (1, SMALLEST)), 404, "no asset")
    camera.tokens = {}
    assert (await camera.ask(growing, (1, SMALLEST))).status_code == 401
    camera.tokens = tokens
    url = f"/v2/devices/assets/{growing['id']}/realtime_upload/parts"
    for content in (b"nonsense", b"[1]"):
        headers = {**camera.headers, "content-type": "application/json"}
        refused(await camera.http.post(url, content=content, headers=headers), 400, "cannot be read")
    refused(await camera.http.post(url, data={"parts": "1"}, headers=camera.headers), 400, "application/json")


async def test_unknown_fields_are_noted(camera, sandbox, growing):
    assert (await camera.ask(growing, (1, SMALLEST), checksum="x")).status_code == 200
    assert [found["violation"] for found in sandbox.violations()] == ["unknown field checksum"]
