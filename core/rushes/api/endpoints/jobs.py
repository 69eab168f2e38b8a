"""Jobs, and what a person does with them."""

from __future__ import annotations

from rushes.api.documents.jobs import Added, Changed, ChosenJobs, Delivery, Job, Jobs, Move, Names
from rushes.api.documents.status import Switches
from rushes.api.endpoint import Endpoint
from rushes.api.queries import JobsQuery
from rushes.api.wire import VERBS

_DOES = {
    "top": "Put jobs before all others",
    "hold": "Keep jobs waiting until they are released",
    "release": "Let jobs go that are held or wait",
    "retry": "Try parked, cancelled or failed jobs again",
    "cancel": "Give jobs up",
}
_SWITCHES = {
    "pause": "Let sinks send nothing until they resume",
    "resume": "Let paused sinks send again",
    "manual": "Have new jobs of routes wait for release",
    "auto": "Have new jobs of routes start by themselves",
}


def _verb(verb: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/v1/jobs/{verb}",
        summary=_DOES[verb],
        body=ChosenJobs,
        answer=Changed,
        handle=lambda asked: asked.control.queue(verb, asked.body.ids, all=asked.body.all),
        errors=(404, 409),
    )


def _switch(word: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/v1/switches/{word}",
        summary=_SWITCHES[word],
        body=Names,
        answer=Switches,
        handle=lambda asked: asked.control.switch(word, asked.body.names),
        errors=(404, 409),
    )


JOBS = (
    Endpoint(
        method="GET",
        path="/v1/jobs",
        summary="Search jobs, page by page",
        query=JobsQuery,
        answer=Jobs,
        handle=lambda asked: asked.control.jobs(asked.query.search),
    ),
    *map(_verb, VERBS),
    Endpoint(
        method="POST",
        path="/v1/jobs/move",
        summary="Have jobs run before another one",
        body=Move,
        answer=Changed,
        handle=lambda asked: asked.control.move(asked.body.ids, asked.body.before),
        errors=(404, 409),
    ),
    Endpoint(
        method="GET",
        path="/v1/jobs/{id}",
        summary="One job with its steps",
        answer=Job,
        handle=lambda asked: asked.control.job(asked.path("id")),
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path="/v1/queue/add",
        summary="Send a clip to a sink, whatever the routes say",
        body=Delivery,
        answer=Added,
        handle=lambda asked: asked.control.add(asked.body.clip, asked.body.sink, asked.body.route),
        errors=(404, 409),
    ),
    *map(_switch, _SWITCHES),
)
