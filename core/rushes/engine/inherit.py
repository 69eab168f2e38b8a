"""What has become known of a recording since a file was made of it: it is known of that file, too."""

from __future__ import annotations

from dataclasses import replace

from rushes.model import Clip, Scalar


def inherited(made: Clip, before: Clip, now: Clip) -> Clip:
    """A clip `made` of one as it was known `before`, with what is told of that one `now`.

    What its maker said of it otherwise stands. That the recording is broken is no word about what was made of it.
    """
    changed = {
        name
        for name in (before.meta.keys() | now.meta.keys()) - {"problem"}
        if made.meta.get(name) == before.meta.get(name) != now.meta.get(name)
    }
    if not changed:
        return made
    meta: dict[str, Scalar] = {name: value for name, value in made.meta.items() if name not in changed}
    return replace(made, meta=meta | {name: now.meta[name] for name in changed & now.meta.keys()})
