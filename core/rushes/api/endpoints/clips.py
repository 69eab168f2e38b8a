"""Clips: pages of them, and everything about one."""

from __future__ import annotations

from rushes.api.documents.clips import Clips, Explained, Timeline
from rushes.api.endpoint import Endpoint
from rushes.api.queries import ClipsQuery, NamedQuery, TimelineQuery

CLIPS = (
    Endpoint(
        method="GET",
        path="/v1/clips",
        summary="Search clips, page by page",
        query=ClipsQuery,
        answer=Clips,
        handle=lambda asked: asked.control.clips(asked.query.search),
    ),
    Endpoint(
        method="GET",
        path="/v1/clips/named",
        summary="Everything about the clip that a person names",
        query=NamedQuery,
        answer=Explained,
        handle=lambda asked: asked.control.clip(asked.query.ref),
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/clips/{id}",
        summary="Everything about a clip, and why it went where it did",
        answer=Explained,
        handle=lambda asked: asked.control.clip(asked.path("id")),
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/clips/{id}/timeline",
        summary="What happened to a clip",
        query=TimelineQuery,
        answer=Timeline,
        handle=lambda asked: asked.control.timeline(asked.path("id"), asked.query.after, asked.query.limit),
        errors=(404,),
    ),
)
