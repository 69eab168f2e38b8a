"""The page's modules as one script, its styles as one sheet: each file is another way to the pipeline and back.

They are written and read as modules; a browser that asks for thirty files shows the first row twice as late as one
that asks for two. There is nothing to build: the server puts them together when it is asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

_WORD = r"[\w$]+"
_GROUP = r"\{[^}]*\}"
#: `import { a, b as c } from "./x.js";`, `import A from "./x.js";` and `export { a } from "./x.js";`
_FROM = re.compile(rf'^(import|export)\s+({_GROUP}|{_WORD})\s+from\s+"([^"]+)";?', re.MULTILINE)
#: `export const a`, `export default function A` and their like; what others would see change is not among them.
_EXPORT = re.compile(
    rf"^export\s+(default\s+)?(?=(?:async\s+)?(?:function\*?|const|class)\s+({_WORD}))", re.MULTILINE
)
#: `export { a as b };`, also behind other code as in what is vendored.
_EXPORTS = re.compile(rf"\bexport\s*({_GROUP});?\s*$")
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class UnlinkedError(ValueError):
    """A module of the page cannot be put together with the others."""


def linked_script(entry: Path) -> bytes:
    """One module that does what the module `entry` does with all that it imports.

    Each is a function that returns what it exports, before those that import it. Known are static imports of names,
    and exports of functions, classes, constants and names. Raises UnlinkedError for another one, and for a circle.
    """
    done: dict[Path, str] = {}
    pieces: list[str] = []

    def add(path: Path, way: Sequence[Path]) -> str:
        if path in way:
            raise UnlinkedError(f"imports in a circle: {' < '.join(each.name for each in (path, *way))}")
        if path not in done:
            body = _function(path, lambda other: add(other, (path, *way)))
            done[path] = f"$module{len(done)}"
            pieces.append(
                f"// {path.relative_to(entry.parent)}\nconst {done[path]} = (() => {{\n{body}}})();\n"
            )
        return done[path]

    add(entry, ())
    return "".join(pieces).encode()


def linked_style(paths: Iterable[Path]) -> bytes:
    """One sheet of these, in their order."""
    return b"\n".join(path.read_bytes() for path in paths)


def _function(path: Path, linked: Callable[[Path], str]) -> str:
    """The body of the function that a module becomes; `linked` gives the name of another one."""
    exports: list[str] = []

    def taken(match: re.Match[str]) -> str:
        verb, names, where = match.groups()
        other = linked(Path(os.path.normpath(path.parent / where)))
        if verb == "export":
            exports.extend(f"{told}: {other}.{name}" for name, told in _pairs(names))
            return ""
        wanted = _pairs(names) if names.startswith("{") else [("default", names)]
        return f"const {{ {', '.join(f'{name}: {local}' for name, local in wanted)} }} = {other};"

    def given(match: re.Match[str]) -> str:
        default, name = match.groups()
        exports.append(f"default: {name}" if default else name)
        return ""

    def named(match: re.Match[str]) -> str:
        exports.extend(f"{told}: {name}" for name, told in _pairs(match[1]))
        return ""

    text = _EXPORTS.sub(named, _EXPORT.sub(given, _FROM.sub(taken, path.read_text("utf-8"))))
    if left := _LEFT.search(text):
        raise UnlinkedError(f"{path}: {left[0]!r} is more than is known here")
    return f"{text}\nreturn {{ {', '.join(exports)} }};\n"


def _pairs(group: str) -> list[tuple[str, str]]:
    """Each name of `{ a, b as c }`, with what it is called there."""
    found = []
    for each in filter(None, (part.strip() for part in group.strip("{} \n").split(","))):
        name, _, told = each.partition(" as ")
        found.append((name.strip(), (told or name).strip()))
    return found
