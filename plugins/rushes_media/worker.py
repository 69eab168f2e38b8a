"""The functions that run in a worker process, through `context.call`.

A function is sent to a worker by its name, so the engine has to import the module that holds it. The
libraries behind it (PyAV, wavinfo, ffmpeg-python) take a third of a second to import and may crash on a bad
file: only the worker may load them. Therefore this module imports nothing heavy and names the modules that do
to `import_module`; a worker keeps them after its first call.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from typing import cast

from rushes_media.facts import Facts
from rushes_media.making.material import Material
from rushes_media.making.recipe import Recipe


def probe_file(path: str, kind: str) -> Facts:
    """What the file at `path` is; see `rushes_media.look.look`. OSError when it cannot be read."""
    try:
        return cast("Facts", import_module("rushes_media.look").look(path, kind))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  (a hostile file may raise anything in any reader, and is one clip)
        return Facts(problem=f"the reader fails on it: {type(error).__name__}: {error}")


def picture_of(path: str, width: int, turn: int | None, *, mirrored: bool) -> bytes | None:
    """A picture of the file as JPEG, None where there is none; see `rushes_media.frame.jpeg`."""
    try:
        return cast(
            "bytes | None", import_module("rushes_media.frame").jpeg(path, width, turn, mirrored=mirrored)
        )
    except Exception:  # noqa: BLE001  (a file that cannot be shown is shown as none)
        return None


def survey_file(path: str, kind: str, *, unfinished: bool = False) -> tuple[Facts, Material]:
    """What the file is, and what a proxy of it would be made of; see `rushes_media.making.survey.survey`.

    An `unfinished` file ends before it says it does: as long as there are streams in it, that is no problem.
    """
    facts = probe_file(path, kind)
    if unfinished and (facts.picture is not None or facts.sound):
        facts = replace(facts, problem="")
    if facts.problem:
        return facts, Material()
    try:
        return facts, cast("Material", import_module("rushes_media.making.survey").survey(path, facts))
    except OSError as error:  # PyAV's own class does not cross the border
        raise OSError(error.errno, error.strerror) from error
    except Exception as error:  # noqa: BLE001  (as above)
        return Facts(problem=f"the reader fails on it: {type(error).__name__}: {error}"), Material()


def count_pictures(path: str, index: int) -> int:
    """How many pictures are shown, by reading all of the file; see `rushes_media.making.survey.count`."""
    try:
        return cast("int", import_module("rushes_media.making.survey").count(path, index))
    except OSError as error:
        raise OSError(error.errno, error.strerror) from error


def finish_wave(path: str, recipe: Recipe) -> None:
    """Put what a recorder writes into the WAVE file that ffmpeg made; see `rushes_media.making.bwf.finish`."""
    import_module("rushes_media.making.bwf").finish(path, recipe)


def unlike(original: str, before: Material, proxy: str, after: Material, frame: Fraction) -> str:
    """What is heard otherwise in the proxy; see `rushes_media.making.hearing.unlike`."""
    hearing = import_module("rushes_media.making.hearing")
    try:
        return cast("str", hearing.unlike(original, before, proxy, after, frame))
    except OSError as error:
        raise OSError(error.errno, error.strerror) from error


def proxy_command(source: str, target: str, recipe: Recipe) -> list[str]:
    """The ffmpeg command that makes a proxy; see `rushes_media.making.graph.command`."""
    return cast("list[str]", import_module("rushes_media.making.graph").command(source, target, recipe))
