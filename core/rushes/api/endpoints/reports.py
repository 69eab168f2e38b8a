"""What each day brought."""

from __future__ import annotations

from starlette.responses import Response

from rushes.api.control import Document
from rushes.api.documents.reports import Days, Report, ReportSummary
from rushes.api.endpoint import JSON, Asked, Endpoint
from rushes.api.queries import ReportQuery
from rushes.report import MEDIA_TYPES, as_csv, as_html, as_text, file_name


async def _report(asked: Asked) -> Document | Response:
    """The document, or a file: one to be saved, or what a tab of its own shows and prints."""
    report = await asked.control.day(asked.path("day"))
    match asked.query.format:
        case "json":
            return report
        case "text":
            content = as_text(report).encode()
        case "csv":
            content = as_csv(report)
        case "html":
            content = as_html(report).encode()
    name = file_name(report, asked.query.format)
    shown = "inline" if asked.query.format == "html" else "attachment"
    headers = {"cache-control": "no-store", "content-disposition": f'{shown}; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[asked.query.format], headers=headers)


REPORTS = (
    Endpoint(
        method="GET",
        path="/v1/reports",
        summary="The days on which something was shot",
        answer=Days,
        handle=lambda asked: asked.control.days(),
    ),
    Endpoint(
        method="GET",
        path="/v1/reports/{day}",
        summary="What a shooting day brought, of the last for `last`; as a file where another format is asked for",
        query=ReportQuery,
        answer=Report,
        others=[kind.partition(";")[0] for kind in MEDIA_TYPES.values() if kind != JSON],
        handle=_report,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/reports/{day}/summary",
        summary="A shooting day in numbers, of the last for `last`, and what of it is not delivered yet",
        answer=ReportSummary,
        handle=lambda asked: asked.control.summary(asked.path("day")),
        errors=(404,),
    ),
)
