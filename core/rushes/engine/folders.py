"""Where sinks would put a clip, as far as they have it in folders made of what is known of it."""

from __future__ import annotations

from collections.abc import Iterable

from rushes.config.pipeline import Component, Route
from rushes.contract import Options
from rushes.model import Clip
from rushes.templates import Template

#: What a preview begins with where a field is missing (`Template.preview`).
WAITS = "waits: "


def folders(route: Route, sinks: Iterable[Component], clip: Clip) -> dict[str, str]:
    """By sink of the route that has a folder template, the folder; `waits: no scene yet` where a field is not told.

    What only the file tells that the route's steps will make is shown as its field: `{role}`.
    """
    templates = (
        (sink.id, _template(route.wishes.get(sink.id)) or _template(sink.options))
        for sink in sinks
        if sink.id in route.to
    )
    return {sink: template.preview(clip, made=bool(route.steps)) for sink, template in templates if template}


def _template(options: Options | None) -> Template | None:
    """The option that is called `folder`, where it is a template."""
    folder = getattr(options, "folder", None)
    return folder if isinstance(folder, Template) else None
