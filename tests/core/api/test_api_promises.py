"""The OpenAPI document is one, and what a real engine answers, at every endpoint, is as it promises."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager

import jsonschema
import pytest
import trio
from schemathesis.specs.openapi import definitions

from api_rig import DOCUMENT, Reader, asking, holds
from engine_rig import FunctionAnnotator, FunctionSink, card, component, pipeline, route
from rushes import Action, Device, Finding, Link, Permanent
from rushes.api.app import build
from rushes.api.documents.problem import Problem
from rushes.api.endpoint import Endpoint
from rushes.api.endpoints import ENDPOINTS
from rushes.api.openapi import openapi
from rushes.engine import open_engine
from rushes.engine.last_rules import pipeline_document
from rushes.ledger import MEMORY
from rushes.settings import Settings

ASKED_APART = {("GET", "/v1/events")}


def test_it_is_an_openapi_document():
    definitions.OPENAPI_31_VALIDATOR.validate(DOCUMENT)
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    json.dumps(DOCUMENT, allow_nan=False)


def test_every_name_in_it_leads_somewhere():
    text = json.dumps(DOCUMENT)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named == set(DOCUMENT["components"]["schemas"])
    operations = [each for path in DOCUMENT["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations) == len(ENDPOINTS)
    shapes = [re.sub(r"{\w+}", "{}", path) for path in DOCUMENT["paths"]]
    assert len(set(shapes)) == len(shapes)  # paths that differ in a parameter's name alone are forbidden
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            told = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"]
            assert told == re.findall(r"{(\w+)}", path)


def test_every_document_says_what_it_is():
    silent = [
        name for name, schema in DOCUMENT["components"]["schemas"].items() if not schema.get("description")
    ]
    assert silent == []


async def _whoami(_options, _context, _part, arguments, tell):
    await tell({"asked": dict(arguments)})
    return {"device": "d1"}


async def _decide(_options, _context, _part, arguments, _tell):
    return {"clip": arguments["clip"], "now": True}


class Talkative:
    """A source with a device and a timecode."""

    context = None

    def __init__(self, clips):
        self._clips = clips

    async def run(self, intake):
        facts = {"battery": 80, "timecode": "10:00:00:00", "heard_at": 1.0, "channel": "A"}
        await intake.devices([Device(id="d1", source="source", type="cam", name="A-Cam", facts=facts)])
        self.context.show(timecode="10:00:00:00", timecode_rate="25", timecode_from="hub", heard_at=1.0)
        await intake.clips(self._clips)
        await intake.caught_up()
        await trio.sleep_forever()


def _say(clip):
    values = {
        "scene": "12A",
        "take": "3",
        "timecode": "01:00:00:00",
        "rate": "25",
        "duration": 10.0,
        "circled": True,
        "matched": "ambiguous",
    }
    ids = _say.ids
    ids[clip.filename] = clip.id
    candidates = [
        Link(
            clip=clip.id, other=other, kind="sound", score=0.5, state="ambiguous", evidence={"same": "scene"}
        )
        for name, other in ids.items()
        if name != clip.filename
    ]
    problem = "truncated: no moov atom" if clip.filename == "broken.mov" else ""
    return Finding(clip=clip.id, values=values, basis="record", problem=problem, links=candidates)


class Sink(FunctionSink):
    async def deliver(self, clip, resume, report):
        if clip.filename == "bad.mov":
            raise Permanent("bad.mov: the service takes no such file")
        if clip.filename == "slow.mov":
            self.context.progress(1, clip.size)
            await trio.sleep_forever()
        return await super().deliver(clip, resume, report)


@asynccontextmanager
async def world(tmp_path):
    """A pipeline at work: a clip is delivered, one is being, one is parked, one is broken, two wait for a route."""
    _say.ids = {}
    clips = card(tmp_path / "A001", "bad.mov", "broken.mov", "good.mov", "slow.mov")
    annotator = FunctionAnnotator(_say)
    sink = Sink()
    decides = {word: Action(summary=word, run=_decide) for word in ("accept", "reject", "forget")}
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", Talkative(clips))],
        prepare=[component("annotator", "match", annotator, actions=decides)],
        sinks=[
            component("sink", "sink", sink, slots=2, actions={"whoami": Action(summary="who", run=_whoami)}),
            component("sink", "shelf", FunctionSink()),
        ],
        routes=[route(), route("held", to=("shelf",), auto=False)],
    )
    (tmp_path / "test.yaml").write_text("pipeline: test\n")
    async with (
        open_engine(made, Settings(), ledger=MEMORY, load=lambda: made) as engine,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(engine.run)
        while sink.context is None:
            await trio.sleep(0.01)
        sink.context.show(network="wlan0, wireless", health="good", sending="12 Mb/s", connected=True)
        while (await engine.status())["counts"]["jobs"] != STATES:
            await trio.sleep(0.01)
        yield engine, made
        engine.cancel()


#: Four on one route; three, for one is broken, that wait for a person on the other.
STATES = {"running": 1, "done": 1, "parked": 3, "waiting": 3, "ready": 0, "cancelled": 0, "withdrawn": 0}


async def test_a_real_engine_keeps_every_promise(tmp_path):
    with trio.fail_after(60):
        async with world(tmp_path) as (engine, made), asking(engine) as client:
            asked = await _ask_everything(client, made)
            reader = Reader(build(engine, trio.Event()), "after=0&live=1")
            with trio.move_on_after(0.5):
                await reader.read()
    assert asked | ASKED_APART == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    kinds = {frame.split("event: ")[1].split("\n")[0] for _, frame in reader.frames if "event: " in frame}
    assert {"live", "clip.admitted", "step.done"} <= kinds
    schema = DOCUMENT["paths"]["/v1/status"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    status = reader.live()[0][1]
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(status)
    assert status["seq"] > 0


async def _ask_everything(client, made) -> set[tuple[str, str]]:
    """Every endpoint, with its real answer held against the document; those that were asked."""
    asked: set[tuple[str, str]] = set()

    async def ask(method, path, status=200, *, body=None, says="", **names):
        address = path.partition("?")[0]
        response = await client.request(
            method, path.format(**names), content=body if body is None else json.dumps(body)
        )
        told = holds(method, address, response)
        assert response.status_code == status, told
        assert says in str(told)
        asked.add((method, address))
        return told

    status = await ask("GET", "/v1/status")
    assert status["counts"]["jobs"] == STATES
    assert [work["name"] for work in status["current"]] == ["slow.mov"]
    assert {item["kind"] for item in status["attention"]} >= {"parked", "match"}
    await ask("GET", "/v1/components", says="whoami")
    assert len((await ask("GET", "/v1/attention"))["attention"]) == len(status["attention"])
    assert len((await ask("GET", "/v1/network"))["networks"]) == 1
    assert len((await ask("GET", "/v1/devices"))["devices"]) == 1
    assert len((await ask("GET", "/v1/timecode"))["timecodes"]) == 1
    assert [each["id"] for each in (await ask("GET", "/v1/rules"))["routes"]] != []

    page = await ask("GET", "/v1/clips?limit=3&sort=timecode&day=")
    assert (page["total"], len(page["clips"])) == (4, 3)
    rest = await ask("GET", "/v1/clips?limit=3&sort=timecode&after=" + page["after"])
    assert rest["after"] is None
    assert (await ask("GET", "/v1/clips?problem=true&match=ambiguous"))["total"] == 1
    assert (await ask("GET", "/v1/clips?state=running,ready&q=SLOW"))["total"] == 1
    by_name = {row["name"]: row["clip"] for row in [*page["clips"], *rest["clips"]]}
    clip = by_name["good.mov"]
    await ask("GET", "/v1/clips/{id}", id=clip)
    await ask("GET", "/v1/clips/{id}", 404, id="nothing")
    assert (await ask("GET", "/v1/clips/named?ref=A001/bad.mov"))["clip"]["name"] == "bad"
    await ask("GET", "/v1/clips/named?ref=nothing", 404)
    assert (await ask("GET", "/v1/clips/{id}/timeline?limit=1", id=clip))["after"] is not None
    await ask("GET", "/v1/clips/{id}/timeline", 404, id="nothing")
    await ask("GET", "/v1/clips/{id}/picture?width=64", 404, id=clip, says="no picture")
    await ask("GET", "/v1/clips/{id}/media", 404, id=by_name["bad.mov"])

    jobs = await ask("GET", "/v1/jobs?limit=2&order=newest")
    assert (jobs["total"], len(jobs["jobs"])) == (8, 2)
    await ask("GET", "/v1/jobs?limit=2&order=newest&after=" + jobs["after"])
    held = [job["id"] for job in (await ask("GET", "/v1/jobs?state=waiting&route=held&sink=shelf"))["jobs"]]
    await ask("GET", "/v1/jobs/{id}", id=held[0])
    await ask("GET", "/v1/jobs/{id}", 404, id="nothing")
    assert (await ask("POST", "/v1/jobs/top", body={"ids": held[:1]}))["changed"] == held[:1]
    assert (await ask("POST", "/v1/jobs/move", body={"ids": held[1:], "before": held[0]}))["changed"]
    await ask("POST", "/v1/jobs/move", 404, body={"ids": ["nothing"], "before": held[0]})
    for verb in ("hold", "cancel", "retry"):
        assert (await ask("POST", f"/v1/jobs/{verb}", body={"ids": held[:1]}))["changed"] == held[:1], verb
        await ask("POST", f"/v1/jobs/{verb}", 404, body={"ids": ["nothing"]})
    assert (await ask("POST", "/v1/jobs/release", body={"ids": held[1:]}))["changed"] == held[1:]
    await ask("POST", "/v1/jobs/hold", body={"all": True})
    added = {"clip": "good.mov", "sink": "sink"}
    await ask("POST", "/v1/queue/add", body=added)
    await ask("POST", "/v1/queue/add", 409, body=added)
    await ask("POST", "/v1/queue/add", 404, body={"clip": "good.mov", "sink": "nowhere"})
    for word in ("pause", "resume"):
        await ask("POST", f"/v1/switches/{word}", body={"names": ["shelf"]})
    for word in ("manual", "auto"):
        await ask("POST", f"/v1/switches/{word}", body={"names": []})
        await ask("POST", f"/v1/switches/{word}", 404, body={"names": ["nothing"]})

    matches = await ask("GET", "/v1/matches?state=ambiguous&limit=1")
    assert matches["after"]
    [match] = matches["matches"]
    pair = {"clip": match["clip"]["id"], "other": match["candidates"][0]["other"]["id"]}
    for verb in ("accept", "reject", "forget"):
        assert (await ask("POST", f"/v1/matches/{verb}", body=pair))["now"] is True
        await ask("POST", f"/v1/matches/{verb}", 404, body={"clip": "nothing", "other": "nothing"})
    await ask("POST", "/v1/history", body=json.loads(json.dumps(pipeline_document(made))))
    await ask("POST", "/v1/history", 422, body={"match": "all", "routes": [{"id": "x"}]})
    await ask("POST", "/v1/reload")
    told = await ask("POST", "/v1/components/{id}/{action}", id="sink", action="whoami", body={"name": "x"})
    assert [list(json.loads(line)) for line in told.splitlines()] == [["tell"], ["result"]]
    assert [day["clips"] for day in (await ask("GET", "/v1/reports"))["days"]] == [4]
    report = await ask("GET", "/v1/reports/{day}", day="last")
    assert sorted(clip["name"] for clip in report["clips"]) == [
        "bad.mov",
        "broken.mov",
        "good.mov",
        "slow.mov",
    ]
    await ask("GET", "/v1/reports/{day}", 404, day="2001-01-01")
    [came] = (await ask("GET", "/v1/cards"))["cards"]
    assert (came["card"], came["clips"], came["undelivered"] > 0) == ("A001", 4, True)
    summary = await ask("GET", "/v1/reports/{day}/summary", day="last")
    assert summary["totals"] == report["totals"]
    undelivered = {each["name"]: (each["state"], each["to"]) for each in summary["undelivered"]}
    assert list(undelivered)[:2] == ["bad.mov", "broken.mov"]
    assert undelivered["broken.mov"] == ("parked", ["shelf", "sink"])
    assert undelivered["slow.mov"] == ("waiting", ["shelf", "sink"])
    # What was released goes on meanwhile: good.mov may be delivered.
    assert set(undelivered) - {"good.mov"} == {"bad.mov", "broken.mov", "slow.mov"}
    assert len(undelivered) == summary["totals"]["undelivered"]
    await ask("GET", "/v1/reports/{day}/summary", 404, day="2001-01-01")
    await ask("GET", "/v1/openapi.json")
    assert (await ask("GET", "/health"))["status"] == "ok"
    assert "rushes_jobs" in await ask("GET", "/metrics")
    return asked


@pytest.mark.parametrize(
    ("format_", "begins"), [("csv", '\ufeff"day"'), ("html", "<!doctype"), ("text", "onset: ")]
)
async def test_a_report_as_a_file_to_be_saved(control, format_, begins):
    async with asking(control) as client:
        response = await client.get(f"/v1/reports/last?format={format_}")
    assert response.content.decode().startswith(begins)
    documented = DOCUMENT["paths"]["/v1/reports/{day}"]["get"]["responses"]["200"]["content"]
    assert response.headers["content-type"].partition(";")[0] in documented
    how = "inline" if format_ == "html" else "attachment"
    assert response.headers["content-disposition"].startswith(f'{how}; filename="onset-2026-11-22.')


async def test_other_endpoints_join_the_table(control):
    """As the page's, which live elsewhere."""

    async def hello(asked):
        return {"error": f"hello {asked.path('name')}", "type": "Greeting"}

    mine = Endpoint(method="GET", path="/v1/hello/{name}", summary="Hello", answer=Problem, handle=hello)
    async with asking(control, extra=[mine]) as client:
        response = await client.get("/v1/hello/set")
        document = (await client.get("/v1/openapi.json")).json()
    assert document == openapi([*ENDPOINTS, mine])
    assert holds("GET", "/v1/hello/{name}", response, document)["error"] == "hello set"


@pytest.mark.parametrize(("trouble", "status", "word"), [("", 200, "ok"), ("disk full", 503, "trouble")])
async def test_health(control, trouble, status, word):
    control.trouble = trouble
    async with asking(control) as client:
        response = await client.get("/health")
    assert (response.status_code, holds("GET", "/health", response)["status"]) == (status, word)
