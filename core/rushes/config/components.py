"""Entries of a pipeline's files to components: sources, annotators, transforms, sinks and observers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from rushes.config.document import Entries, Items, Node, Scalar, kind_of
from rushes.config.options import Reader
from rushes.config.pipeline import Component, Kind
from rushes.config.places import Mark
from rushes.config.shapes import as_list, by_name
from rushes.contract import AnySpec, Options
from rushes.errors import NotFound
from rushes.registry import CORE_KEYS, Registry

#: Those that people call by an id that they gave.
_NAMED = frozenset({"source", "sink", "observer"})
LISTS: Mapping[Kind, str] = {
    "source": "sources",
    "annotator": "prepare",
    "transform": "steps",
    "sink": "sinks",
    "observer": "observers",
}
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class _EntryKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")
    slots: int | None = Field(default=None, ge=1)


class Components:
    """The components of one reading; `marks` has the place of each id, of those that cannot be used, too.

    `unsure` are the lists of which something may be missing because of an error that is told.
    """

    def __init__(self, reader: Reader, registry: Registry, unsure: Collection[str] = ()) -> None:
        self.reader = reader
        self.unsure = set(unsure)
        self.marks: dict[str, Mark] = {}
        self.sink_ids: set[str] = set()
        self.kinds: dict[str, Kind] = {}
        self._registry = registry

    def items(self, node: Entries, key: str, example: str) -> tuple[Node, ...]:
        """The items of a list; none when the key is not there or has nothing under it."""
        value = node.get(key)
        if value is None or is_null(value):
            return ()
        if isinstance(value, Items):
            return value.items
        fact = f"{key}: {kind_of(value)} where a list is needed; write {as_list(value, key, example)}"
        self.reader.problem(value.mark, fact)
        self.unsure.add(key)
        return ()

    def listed(self, kind: Kind, key: str, roots: tuple[Entries, ...]) -> tuple[Component, ...]:
        """The components under that key of each file."""
        example = "NAME" if kind == "annotator" else "{id: NAME, use: NAME}"
        found = [self.one(item, kind, "") for root in roots for item in self.items(root, key, example)]
        return tuple(component for component in found if component)

    def one(self, node: Node, kind: Kind, prefix: str) -> Component | None:
        """One entry; None, with its problems noted, when it cannot be used."""
        named = kind in _NAMED
        if isinstance(node, Items) or (isinstance(node, Scalar) and (named or is_null(node))):
            example = "{id: NAME, use: NAME}" if named else "NAME or {use: NAME, OPTION: VALUE}"
            self.reader.problem(node.mark, f"{kind}: {kind_of(node)} cannot stand here; write {example}")
            self.unsure.add(f"{kind}s")
            return None
        known = {"id", "use"}
        if (
            isinstance(node, Entries)
            and not node.entries.keys() & known
            and (meant := by_name(node, LISTS[kind]))
        ):
            name = next(iter(node.entries))
            self.reader.problem(node.mark, f"{kind}: '{name}' is no key of an entry; write {meant}")
            self.unsure.add(f"{kind}s")
            return None
        entry = node if isinstance(node, Entries) else Entries(node.mark, {"use": (node, node)})
        use_node = entry.get("use")
        use = self.text(entry, "use", kind)
        identity = (
            self.text(entry, "id", kind) if named or "id" in entry.entries else self._free(f"{prefix}{use}")
        )
        if identity is not None:
            self._take(identity, entry, kind)
        elif kind == "sink":
            self.unsure.add("sinks")
        if use is None or identity is None or use_node is None:
            return None
        thing = f"{kind} '{identity}'"
        try:
            spec = self._registry.spec(kind, use)
        except NotFound as error:
            self.reader.problem(use_node.mark, f"{thing}: {error}" if named else str(error))
            return None
        return self._configured(entry, kind, use, identity, spec, thing)

    def text(self, node: Entries, key: str, thing: str) -> str | None:
        """A text that must be there."""
        value = node.get(key)
        if value is None:
            self.reader.problem(node.mark, f"{thing}: '{key}' is missing; add {key}: NAME")
            return None
        if not isinstance(value, Scalar) or is_null(value):
            fact = f"{thing}: {key}: {kind_of(value)} where a name is needed; write {key}: NAME"
            self.reader.problem(value.mark, fact)
            return None
        return self.reader.text(value, f"{thing}: {key}")

    def check_id(self, identity: str, entry: Entries) -> None:
        """Note an id that none can be."""
        if not _ID.fullmatch(identity):
            message = f"id '{identity}' is not one; use lower-case letters, digits, '_', '.' and '-'"
            self.reader.problem(entry.entries["id"][1].mark, message)

    def _configured(
        self, entry: Entries, kind: Kind, use: str, identity: str, spec: AnySpec, thing: str
    ) -> Component | None:
        if kind == "observer" and "slots" in entry.entries:
            self.reader.problem(
                entry.entries["slots"][0].mark, f"{thing}: an observer has no slots; remove the key"
            )
            return None
        keys = self.reader.options(entry, _EntryKeys, thing, only={"slots"})
        options: Options | None = self.reader.options(entry, spec.config, thing, without=CORE_KEYS)
        if keys is None or options is None:
            return None
        return Component(
            id=identity,
            use=use,
            kind=kind,
            spec=spec,
            options=options,
            slots=keys.slots or spec.slots,
            where=entry.mark.where,
            places=dict(_places(entry)),
        )

    def _take(self, identity: str, entry: Entries, kind: Kind) -> None:
        """Note the id of a component; ids are unique in a pipeline, since people call components by them."""
        mark = entry.entries["id"][1].mark if "id" in entry.entries else entry.mark
        if kind == "sink":
            self.sink_ids.add(identity)
        if identity in self.marks:
            first = self.marks[identity].seen_from(mark)
            self.reader.problem(mark, f"{kind} id '{identity}' is taken ({first}); rename one")
        self.marks.setdefault(identity, mark)
        self.kinds.setdefault(identity, kind)
        if "id" in entry.entries:
            self.check_id(identity, entry)

    def _free(self, identity: str) -> str:
        """The id of an entry that was given none: numbered from the second use on."""
        number, free = 1, identity
        while free in self.marks:
            number += 1
            free = f"{identity}.{number}"
        return free


def is_null(node: Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, Scalar) and node.value is None


def _places(node: Entries, within: str = "") -> Iterator[tuple[str, str]]:
    """Where each key's value is written, whatever it is within."""
    for key, (_, value) in node.entries.items():
        yield f"{within}{key}", value.mark.where
        if isinstance(value, Entries):
            yield from _places(value, f"{within}{key}.")
