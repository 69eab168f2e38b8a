"""A look into one file with PyAV; runs only in a worker process (see `rushes_media.worker`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import av

from rushes_media import looks, sidecars, stills
from rushes_media.facts import Facts
from rushes_media.recordings import picture, raw, recording

#: How much of a file is looked at to tell text from media.
HEAD_BYTES = 4096


def look(path: str, kind: str) -> Facts:
    """What the file is. `kind` is the clip's.

    Pictures, sound, stills, looks and sidecars that cannot be read have a `problem`; camera raw that only its
    maker's software decodes, and other data, are merely not told about. OSError when the file cannot be read.
    """
    size = Path(path).stat().st_size
    if not size:
        return Facts(problem="empty file")
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if kind == "data":
            return _data(Path(path), stream, head)
        if kind == "image":
            return raw.complete(_still(path, stream, head, size), path, stream, head, size)
        if _is_text(head):
            facts = Facts(problem=f"not a media file: text named {Path(path).suffix or 'without extension'}")
        else:
            facts = recording.look(path, stream, head, size)
            if kind == "video" and _is_sound_alone(facts):
                facts = replace(facts, values={**facts.values, "kind": "audio"})
        return raw.complete(facts, path, stream, head, size)


def _is_sound_alone(facts: Facts) -> bool:
    """Whether a file that is called a movie holds no picture, as MXF and MOV of sound do."""
    return bool(facts.sound) and facts.picture is None and not facts.problem and "width" not in facts.values


def _is_text(head: bytes) -> bool:
    """Whether a head holds printable UTF-8 and nothing else; a character cut at its end is no matter."""
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character in "\t\r\n\f\ufeff" for character in text)
    return False


def _data(path: Path, stream: BinaryIO, head: bytes) -> Facts:
    """Looks and sidecars by their names, camera raw by its header: its extension may be anything."""
    if looks.is_look(path):
        told = looks.read(path)
        values = {**sidecars.of_look(told).findings(), **looks.describe(told, path.suffix.lower()[1:])}
        return Facts(values=values, problem=told.problem)
    kind, values = raw.header(stream, head)
    if kind:
        return Facts(values={**values, "raw": kind})
    beside = sidecars.read(path)
    return Facts(values=beside.findings(), problem=beside.problem)


def _still(path: str, stream: BinaryIO, head: bytes, size: int) -> Facts:
    """A header tells more than ffmpeg does, and of a photo raw ffmpeg tells the preview."""
    extension = Path(path).suffix.lower().removeprefix(".")
    told = stills.read(stream, size, head, extension)
    if "raw" in told.values:
        return Facts(values=told.values, problem=told.problem)
    try:
        with av.open(path, options=recording.OPTIONS) as container:
            shown = picture.pick(container)
            if shown is None:
                return Facts(values=told.values, problem=told.problem)
            values = {**picture.size(shown), **told.values}
            if shown.codec_context is not None:
                values["codec"] = shown.codec_context.codec.canonical_name
            return Facts(values=values, problem=told.problem, picture=shown.index)
    except (av.FFmpegError, ValueError) as error:
        problem = told.problem
        if not told.values and extension in stills.CERTAIN:
            problem = problem or f"not readable as a picture: {getattr(error, 'strerror', '') or error}"
        return Facts(values=told.values, problem=problem)
