"""Clips: pages of them, and everything about one."""

from __future__ import annotations

from starlette.responses import FileResponse, Response

from rushes.api.documents.clips import Clips, Explained, Timeline
from rushes.api.endpoint import Asked, Endpoint
from rushes.api.queries import ClipsQuery, NamedQuery, PictureQuery, TimelineQuery
from rushes.engine.pictures import PLAYED

#: A clip's picture is another one only when its bytes are.
_KEPT = {"cache-control": "private, max-age=600"}


async def _picture(asked: Asked) -> Response:
    content = await asked.control.picture(asked.path("id"), asked.query.width)
    return Response(content, media_type="image/jpeg", headers=_KEPT)


async def _media(asked: Asked) -> Response:
    path, kind = await asked.control.media(asked.path("id"))
    return FileResponse(path, media_type=kind, headers={"cache-control": "no-store"})


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
        handle=lambda asked: asked.control.timeline(
            asked.path("id"), asked.query.after, asked.query.limit, asked.query.order
        ),
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/clips/{id}/picture",
        summary="What a clip looks like",
        query=PictureQuery,
        answer=None,
        media_type="image/jpeg",
        handle=_picture,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/clips/{id}/media",
        summary="A file of a clip that a browser can play, in ranges",
        answer=None,
        media_type="video/mp4",
        others=(*sorted({*PLAYED.values()} - {"video/mp4"}), "text/plain"),
        handle=_media,
        also=(206, 416),
        errors=(404,),
    ),
)
