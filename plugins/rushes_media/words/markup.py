"""XML that a stranger wrote: read without entities, without depth and size that nobody bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate
from typing import Any

DEPTH = 64
MOST_ELEMENTS = 200_000


@dataclass(slots=True)
class Element:
    """`name` and the names of `attributes` are local; `space` is the namespace, "" without one.

    An attribute in a namespace stands a second time as "namespace name". `text` is stripped.
    """

    name: str
    space: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in the order of the document."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))

    def first(self, name: str) -> Element | None:
        """The first element of that local name at any depth, itself included."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        """Every element of that local name at any depth, itself included."""
        return (one for one in self.walk() if one.name == name)

    def told(self, *path: str) -> str:
        """The text at a path of local names below it; "" where there is none."""
        here: Element | None = self
        for name in path:
            here = next((one for one in here.children if one.name == name), None) if here else None
        return here.text if here else ""


class _RefusedError(Exception):
    pass


def parse(content: bytes) -> tuple[Element | None, str]:
    """The root as far as it could be read, and one line about what could not; "" when all of it was."""
    builder = _Builder()
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.told
    parser.EntityDeclHandler = builder.entity
    parser.buffer_text = True
    problem = ""
    try:
        parser.Parse(content.strip(b"\0 \t\r\n"), True)
    except _RefusedError as refused:
        problem = str(refused)
    except ExpatError as error:
        problem = f"broken XML: {error}"
    except (ValueError, LookupError) as error:  # an encoding that Python has not, or not for XML
        problem = f"broken XML: {error}"
    builder.finish()
    return builder.root, problem


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise _RefusedError(f"more than {MOST_ELEMENTS} elements: not read further")
        if len(self._open) >= DEPTH:
            raise _RefusedError(f"elements nested deeper than {DEPTH}: not read further")
        space, _, local = name.rpartition(" ")
        told = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        one = Element(local, space, {**attributes, **told})
        if self._open:
            self._open[-1][0].children.append(one)
        else:
            self.root = one
        self._open.append((one, []))

    def end(self, _name: str) -> None:
        one, pieces = self._open.pop()
        one.text = "".join(pieces).strip()

    def told(self, characters: str) -> None:
        self._open[-1][1].append(characters)

    def entity(self, *_: Any) -> None:
        raise _RefusedError("declares entities: not read")

    def finish(self) -> None:
        """Close what a broken document left open."""
        while self._open:
            self.end("")
