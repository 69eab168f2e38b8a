"""Every kind of fault on order, as a client sees it."""

import httpx
import pytest
import trio

BODY = b"x" * 90_000


@pytest.fixture
async def url(camera):
    await camera.pair()
    return (await camera.asset(BODY))["upload_urls"][0]


def part(sandbox):
    return sandbox.assets()[0]["parts"][0]


async def test_a_status_comes_as_often_as_asked_and_the_bytes_are_counted(camera, sandbox, url):
    rule = {"match": "PUT /uploads", "times": 2, "status": 503}
    answer = await camera.http.post("/_sandbox/faults", json=[rule])
    assert answer.json() == [rule]
    for _ in range(2):
        answer = await camera.put(url, BODY)
        assert answer.status_code == 503
        assert "<Code>SlowDown</Code>" in answer.text
    assert (await camera.put(url, BODY)).status_code == 200
    assert part(sandbox)["bytes_received"] == 3 * len(BODY)
    assert part(sandbox)["puts"] == 1
    assert (await camera.http.get("/_sandbox/faults")).json() == []


async def test_rules_take_the_place_of_all_others_at_once(camera, url):
    await camera.http.post("/_sandbox/faults", json=[{"match": "PUT /uploads", "times": 9, "status": 503}])
    rule = {"match": "PUT /uploads", "status": 400}
    assert (await camera.http.put("/_sandbox/faults", json=[rule])).json() == [rule]
    assert (await camera.http.put("/_sandbox/faults", json=[{"match": "PUT", "times": 0}])).status_code == 400
    assert [(await camera.put(url, BODY)).status_code for _ in range(2)] == [400, 200]


@pytest.mark.parametrize("status", [401, 409, 429, 500])
async def test_api_faults_come_in_the_detailed_shape(camera, sandbox, status):
    sandbox.faults([{"match": "GET /health", "status": status, "retry_after": 7}])
    answer = await camera.http.get("/health")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")
    assert answer.json()["errors"][0]["status"] == status
    assert (await camera.http.get("/health")).status_code == 200


async def test_html_is_a_captive_portal(camera, sandbox, url):
    sandbox.faults([{"match": "PUT", "html": True}, {"match": "GET", "html": True, "status": 502}])
    answer = await camera.put(url, BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await camera.http.get("/health")).status_code == 502
    assert sandbox.assets()[0]["state"] == "created"


async def test_cut_after_resets_within_the_body_and_counts_it(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "cut_after": 20_000}])
    with pytest.raises(httpx.TransportError):
        await camera.put(url, BODY)
    assert part(sandbox)["puts"] == 0
    assert 20_000 <= part(sandbox)["bytes_received"] < len(BODY)
    assert (await camera.put(url, BODY)).status_code == 200
    assert sandbox.assets()[0]["state"] == "complete"


async def test_a_swallowed_answer_has_done_its_work(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "swallow_answer": True}])
    with pytest.raises(httpx.TransportError):
        await camera.put(url, BODY)
    assert sandbox.assets()[0]["state"] == "complete"
    sandbox.faults([{"match": "POST /v2/devices/assets", "swallow_answer": True}])
    with pytest.raises(httpx.TransportError):
        await camera.create(10)
    assert [asset["filesize"] for asset in sandbox.assets()] == [len(BODY), 10]


async def test_a_black_hole_never_answers_until_the_faults_are_cleared(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "hang": True}])
    with pytest.raises(httpx.TimeoutException):
        await camera.http.put(url, content=BODY, timeout=0.1)
    sandbox.faults([{"match": "GET /health", "hang": True}])
    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def hung():
            with pytest.raises(httpx.TransportError):
                await camera.http.get("/health")

        while sandbox._faults.left():
            await trio.sleep(0.005)
        sandbox.clear_faults()
    assert (await camera.http.get("/health")).status_code == 200


async def test_a_delay_can_stand_alone(camera, sandbox):
    sandbox.faults([{"match": "GET /health", "delay_s": 0.2}])
    start = trio.current_time()
    assert (await camera.http.get("/health")).status_code == 200
    assert trio.current_time() - start >= 0.2


async def test_clearing_forgets_rules(camera, sandbox):
    sandbox.faults([{"match": "GET /health", "status": 500, "times": 100}])
    assert (await camera.http.get("/health")).status_code == 500
    assert (await camera.http.delete("/_sandbox/faults")).json() == []
    assert (await camera.http.get("/health")).status_code == 200


@pytest.mark.parametrize(
    "rules",
    [
        {},
        [{}],
        [{"match": "GET", "typo": 1}],
        [{"match": "GET", "status": "500"}],
        [{"match": 1}],
        [{"match": "PUT", "code": "NoSuchCode"}],
        [{"match": "PUT", "share": 0}],
        [{"match": "PUT", "rate": 0}],
        [{"match": "PUT", "status": 307, "location": "elsewhere"}],
    ],
)
async def test_bad_rules_are_refused(camera, rules):
    answer = await camera.http.post("/_sandbox/faults", json=rules)
    assert answer.status_code == 400
