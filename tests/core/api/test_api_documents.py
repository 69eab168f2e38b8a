"""Every route over a real socket: documents, errors as documents, nothing that ends the server."""

from __future__ import annotations

import json
import socket

import pytest

from rushes.api import client as client_module
from rushes.api.client import PAGE, _Connection
from rushes.engine.searches import MOST_JOBS, JobSearch
from rushes.errors import NotAuthorised, NotFound, RushesError


def ask(address, method: str, path: str, body: bytes | None = None) -> tuple[int, dict]:
    connection = _Connection(address, 10)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


async def test_documents_go_through(client, control, in_thread):
    assert (await in_thread(client.status))["pipeline"] == "onset"
    assert (await in_thread(client.jobs))["jobs"][0]["id"] == "j1aaa"
    await in_thread(client.jobs, ["parked", "waiting"])
    assert (await in_thread(client.add, "c1", "disk")) == {"job": "j2"}
    assert (await in_thread(client.queue, "top", ["j1aaa"])) == {"changed": ["j1aaa"]}
    assert (await in_thread(client.switch, "pause", ["disk"])) == {"paused": ["disk"], "auto": {}}
    assert control.asked.pop() == ("switch", "pause", ("disk",))
    assert control.asked == [
        JobSearch(order="newest", limit=PAGE),
        JobSearch(order="newest", limit=PAGE, states=frozenset({"parked", "waiting"})),
        ("add", "c1", "disk", ""),
        ("top", ("j1aaa",), False),
    ]


async def test_components(client, address, in_thread):
    status, document = await in_thread(ask, address, "GET", "/v1/components")
    assert status == 200
    assert [component["id"] for component in document["components"]] == ["cloud"]


@pytest.mark.parametrize("ref", ["c1", "A001/x y.mov"])
async def test_clip_by_any_reference(client, in_thread, ref):
    assert (await in_thread(client.clip, ref))["clip"]["path"] == ref


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/v1/clips/nothing", None, 404, "no clip nothing"),
        ("GET", "/nowhere", None, 404, "nothing is at '/nowhere'"),
        ("POST", "/v1/status", None, 405, "Method Not Allowed"),
        ("GET", "/v1/jobs?state=lost", None, 422, "state: 'lost' is none of ready, running"),
        ("POST", "/v1/switches/explode", b"{}", 404, "nothing is at"),
        ("POST", "/v1/switches/pause", b'{"names": "cloud"}', 422, "names: expected array, got str"),
        ("POST", "/v1/jobs/explode", b"{}", 405, "POST does not go to"),
        ("POST", "/v1/jobs/top", b"", 422, "name jobs"),
        ("POST", "/v1/jobs/top", b'{"ids": ["j1aaa"], "all": true}', 422, "name jobs"),
        ("POST", "/v1/jobs/top", b'{"ids": [1]}', 422, "the body: ids[0]: expected str, got int"),
        ("POST", "/v1/jobs/top", b'{"ids": ["j9"]}', 404, "no job j9"),
        ("POST", "/v1/jobs/top", b"not json", 422, "not JSON"),
        ("POST", "/v1/jobs/top", b"[1]", 422, "the body: expected object, got array"),
        ("POST", "/v1/jobs/top", b'"' + b"x" * (1 << 20) + b'"', 422, "longer than"),
        ("POST", "/v1/queue/add", b'{"clip": "c1"}', 422, "missing required field sink"),
        ("POST", "/v1/components/cloud/pair", b'{"n": 1}', 422, "the body: expected str, got int"),
        ("POST", "/v1/components/none/pair", b"", 404, "no component none"),
        ("GET", "/v1/events?after=-1", None, 422, "after: '-1' does not fit: expected int >= 0"),
        ("GET", "/v1/clips/bug", None, 500, "bug: ZeroDivisionError"),
    ],
)
async def test_errors_are_documents(client, address, in_thread, method, path, body, status, says):
    answer, document = await in_thread(ask, address, method, path, body)
    assert (answer, says in document["error"]) == (status, True), document
    assert "secret detail" not in document["error"]
    assert (await in_thread(client.status))["pipeline"] == "onset"


@pytest.mark.parametrize("count", [0, 1, 4, 5, 11])
@pytest.mark.parametrize("order", ["oldest", "queue"])
async def test_the_client_asks_for_all_pages(client, control, in_thread, monkeypatch, count, order):
    monkeypatch.setattr(client_module, "PAGE", 5)
    control.jobs_there = names = [f"j{number}" for number in range(count)]
    jobs = (await in_thread(lambda: client.jobs(order=order)))["jobs"]
    assert [job["id"] for job in jobs] == (names if order == "queue" else names[::-1])
    assert len(control.asked) == max(1, -(-count // 5))


def test_the_client_asks_for_the_largest_pages():
    assert PAGE == MOST_JOBS


async def test_a_name_that_is_not_utf8_is_refused_in_a_line(client, in_thread):
    with pytest.raises(RushesError, match="not UTF-8"):
        await in_thread(client.clip, "odd\udc80name")


async def test_client_revives_errors(client, in_thread):
    with pytest.raises(NotFound, match="no clip x"):
        await in_thread(client.clip, "x")
    with pytest.raises(NotFound):
        await in_thread(client.queue, "hold", ["zz"])


async def test_action_tells_then_answers(client, control, in_thread):
    told = []
    assert await in_thread(client.act, "cloud", "pair", {"name": "cart"}, told.append) == {"device": "d1"}
    assert told == [{"code": "123456", "error": "a fact may be called so"}]
    assert control.asked == [("act", "cloud", "pair", {"name": "cart"})]


async def test_action_that_fails(client, in_thread):
    with pytest.raises(NotAuthorised, match="not paired"):
        await in_thread(client.act, "cloud", "whoami", {}, lambda _facts: None)
    with pytest.raises(RushesError, match="bug: ZeroDivisionError"):
        await in_thread(client.act, "cloud", "crash", {}, lambda _facts: None)
    with pytest.raises(NotFound, match="no component x"):
        await in_thread(client.act, "x", "pair", {}, lambda _facts: None)


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET /v1/jobs", b"\x00" * 4096, b""]
)
async def test_noise_does_not_end_the_server(client, address, in_thread, noise):
    def speak():
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(address))
            sock.sendall(noise)

    await in_thread(speak)
    assert (await in_thread(client.status))["pipeline"] == "onset"
