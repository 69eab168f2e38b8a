"""A new plugin's repository: what `pipeline plugins new` writes, from the real files in the folders beside this.

`common/` and the folder of the kind are copied. Of each file `NAME.in` the repository gets `NAME`; in paths and
texts `@word@` is replaced, where a word is one of `_words` or the name of a `.part` in the folder of the kind.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rushes.errors import RushesError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from rushes.config.pipeline import Kind

#: A component's name: a distribution, a module and a key of the map `meta` are made of it.
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 40
#: In a pipeline file these are no text.
YAML_WORDS = frozenset({"true", "false", "null"})
PREFIX = "rushes-"

_WORD = re.compile(r"@(\w+)@")


def check_name(name: str, kind: Kind, taken: Mapping[str, str]) -> None:
    """Raise RushesError where a plugin cannot be called so; `taken` are names, with who has each."""
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name) or name in YAML_WORDS:
        raise RushesError(
            f"'{name}' is no name for a plugin: lower-case letters, digits and single '-', a letter first, "
            f"{LONGEST_NAME} characters at most; as bucket or contact-sheet"
        )
    if name.startswith(PREFIX):
        raise RushesError(f"'{name}': the package gets '{PREFIX}' by itself; name it {name[len(PREFIX) :]}")
    if owner := taken.get(name):
        raise RushesError(f"'{name}' is taken by {owner}; choose another name for your {kind}")
    if find_spec(_module(name)) is not None:
        raise RushesError(f"'{name}': a module {_module(name)} is installed already; choose another name")


def write(name: str, kind: Kind, folder: Path) -> Sequence[str]:
    """Write the repository; the paths of its files, sorted. All of them are there, or nothing is.

    Raises RushesError where something is in that folder already, or where it cannot be written.
    """
    words = _words(name, kind)
    contents = {_path(path, words): _filled(text, words) for path, text in _templates(kind)}
    folder = folder.absolute()
    new = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise RushesError(f"{folder}: something is there already; name another folder with --folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        for path, text in contents.items():
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if folder.exists():  # it may be where the user stands
            for entry in sorted(new.iterdir()):
                entry.replace(folder / entry.name)
        else:
            new.replace(folder)
    except OSError as error:
        fact = f"{folder}: cannot be written ({error.strerror or error})"
        raise RushesError(f"{fact}; name another folder with --folder") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return sorted(contents)


def _words(name: str, kind: Kind) -> Mapping[str, str]:
    words = {"name": name, "module": _module(name), "key": name.replace("-", "_"), "kind": kind}
    own = files(__name__) / kind
    for part in own.iterdir():
        if part.name.endswith(".part"):
            words[part.name.removesuffix(".part")] = _filled(part.read_text("utf-8").strip(), words)
    words["example"] = _filled((own / "example.yaml.in").read_text("utf-8").strip(), words)
    return words


def _module(name: str) -> str:
    return f"{PREFIX}{name}".replace("-", "_")


def _templates(kind: Kind) -> Iterator[tuple[PurePosixPath, str]]:
    """Path and text of every template of that kind."""
    for top in ("common", kind):
        yield from _below(files(__name__) / top, PurePosixPath())


def _below(folder: Traversable, inside: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, inside / entry.name)
        elif entry.name.endswith(".in"):
            yield inside / entry.name.removesuffix(".in"), entry.read_text("utf-8")


def _path(path: PurePosixPath, words: Mapping[str, str]) -> str:
    return _filled(str(path), words)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: words[found[1]], text)
