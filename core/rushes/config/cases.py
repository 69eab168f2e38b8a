"""Rule tests: clips and where they are expected to go, beside the pipeline whose rules they test.

pipeline: onset.yaml            # not needed in onset.test.yaml
cases:
  - name: a circled take of the day
    clip: {kind: video, circled: true, meta: {look: day}}
    routes: [dailies, camera-original]      # [] is nowhere; this one is always compared, the rest where written
    to: [frameio]
    priority: 100                           # of every route that takes it, or {dailies: 100}
    waits: [dailies]
    folder: {raid: Nocturne/2026-11-22}
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from rushes.config.case_clips import clip_of
from rushes.config.document import Document, Entries, Items, Node, Scalar, kind_of
from rushes.config.nearest import did_you_mean
from rushes.config.pipeline import Pipeline
from rushes.config.places import FileError, Mark
from rushes.errors import ConfigError
from rushes.model import Clip

ENDING = ".test"
_TOP_KEYS = ("pipeline", "cases")
_KEYS = ("name", "clip", "routes", "to", "priority", "waits", "folder")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A clip and what is expected of it; None is not compared. `where` is its place in the file.

    `priority` is that of every route that takes it, or by route; `folder` is by sink.
    """

    name: str
    where: str
    clip: Clip
    routes: frozenset[str]
    to: frozenset[str] | None = None
    priority: int | Mapping[str, int] | None = None
    waits: frozenset[str] | None = None
    folder: Mapping[str, str] | None = None


def is_tests(document: Document) -> bool:
    """Whether a file holds tests, and no pipeline."""
    return document.file.stem.endswith(ENDING) or "cases" in document.root.entries


def tests_beside(pipeline: Path) -> Path:
    """`onset.test.yaml` for `onset.yaml`. Raises ConfigError where there is none."""
    tests = pipeline.with_name(f"{pipeline.stem}{ENDING}{pipeline.suffix}")
    if not tests.exists():
        raise ConfigError(f"has no tests; write {tests.name} beside it", where=str(pipeline))
    return tests


def pipeline_of(tests: Document) -> Path:
    """The file whose rules are tested: that of their name beside them, else what they name. Raises FileError."""
    beside = tests.file.with_name(tests.file.stem.removesuffix(ENDING) + tests.file.suffix)
    own = beside != tests.file and beside.is_file()
    named = tests.root.get("pipeline")
    if named is None:
        if not own:
            raise FileError("names no pipeline; add pipeline: FILE.yaml", tests.root.mark)
        return beside
    if not isinstance(named, Scalar) or named.value is None:
        raise FileError("pipeline: name the file whose rules are tested", named.mark)
    file = tests.file.parent / named.text
    if not file.is_file():
        raise FileError(f"pipeline: no such file {file}; correct its name", named.mark)
    if own and not file.samefile(beside):
        raise FileError(
            f"pipeline: {tests.file.name} tests {beside.name}; rename one, or name that", named.mark
        )
    return file


def read_cases(document: Document, pipeline: Pipeline) -> tuple[Case, ...]:
    """The cases of a file of tests. Raises FileError; the further ones are its `others`."""
    reading = _Reading(pipeline)
    cases = reading.cases(document.root)
    if reading.problems:
        first, *others = sorted(
            reading.problems, key=lambda problem: (problem.mark.line, problem.mark.column)
        )
        first.others = tuple(others)
        raise first
    return cases


class _Reading:
    def __init__(self, pipeline: Pipeline) -> None:
        self.problems: list[FileError] = []
        self._routes = [route.id for route in pipeline.routes]
        self._sinks = [sink.id for sink in pipeline.sinks]

    def cases(self, root: Entries) -> tuple[Case, ...]:
        self._known(root, _TOP_KEYS)
        listed = root.get("cases")
        if listed is None and self.problems:
            return ()  # as likely as not it is the key that is misspelt
        if not isinstance(listed, Items) or not listed.items:
            self._problem(
                listed.mark if listed else root.mark,
                "no case; add {clip: {...}, routes: [...]} under 'cases:'",
            )
            return ()
        found = [self._case(item, f"case {number}") for number, item in enumerate(listed.items, 1)]
        return tuple(case for case in found if case)

    def _case(self, node: Node, numbered: str) -> Case | None:
        if not isinstance(node, Entries):
            self._problem(
                node.mark,
                f"{numbered}: {kind_of(node)} cannot stand here; write {{clip: {{...}}, routes: [...]}}",
            )
            return None
        self._known(node, _KEYS)
        name, told, routes = node.get("name"), node.get("clip"), node.get("routes")
        if told is not None and not isinstance(told, Entries):
            self._problem(told.mark, f"clip: {kind_of(told)} where columns are needed; write {{kind: video}}")
        if name is not None and not isinstance(name, Scalar):
            self._problem(name.mark, f"name: {kind_of(name)} where text is needed; write one text")
        if routes is None:
            self._problem(node.mark, "'routes' is missing; add routes: [ROUTE], or routes: [] for nowhere")
        return Case(
            name=name.text if isinstance(name, Scalar) else numbered,
            where=node.mark.where,
            clip=clip_of(told if isinstance(told, Entries) else None, numbered, self.problems),
            routes=self._names(routes, "routes", self._routes) or frozenset(),
            to=self._names(node.get("to"), "to", self._sinks),
            priority=self._priority(node.get("priority")),
            waits=self._names(node.get("waits"), "waits", self._routes),
            folder=self._folder(node.get("folder")),
        )

    def _names(self, node: Node | None, key: str, known: Collection[str]) -> frozenset[str] | None:
        if node is None:
            return None
        if not isinstance(node, Items):
            self._problem(
                node.mark, f"{key}: {kind_of(node)} where a list is needed; write [{', '.join(known)}]"
            )
            return None
        for item in node.items:
            self._name(item, key, known)
        return frozenset(item.text for item in node.items if isinstance(item, Scalar))

    def _name(self, node: Node, key: str, known: Collection[str]) -> None:
        if not isinstance(node, Scalar):
            self._problem(node.mark, f"{key}: {kind_of(node)} where a name is needed; write one id")
        elif node.text not in known:
            what = "sink" if known is self._sinks else "route"
            self._problem(
                node.mark, f"{key}: no {what} has the id '{node.text}'; {did_you_mean(node.text, known)}"
            )

    def _priority(self, node: Node | None) -> int | Mapping[str, int] | None:
        if isinstance(node, Entries):
            by_route = {}
            for key, (written, value) in node.entries.items():
                self._name(written, "priority", self._routes)
                by_route[key] = self._number(value)
            return by_route
        return None if node is None else self._number(node)

    def _number(self, node: Node) -> int:
        if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        self._problem(node.mark, "priority: must be a whole number, or {ROUTE: NUMBER}; write one of them")
        return 0

    def _folder(self, node: Node | None) -> Mapping[str, str] | None:
        if node is None:
            return None
        if not isinstance(node, Entries):
            self._problem(
                node.mark, f"folder: {kind_of(node)} where sinks are needed; write {{SINK: FOLDER}}"
            )
            return None
        for written, value in node.entries.values():
            self._name(written, "folder", self._sinks)
            if not isinstance(value, Scalar):
                self._problem(
                    value.mark,
                    f"folder: {written.text}: {kind_of(value)} where a folder is needed; write one text",
                )
        return {key: value.text for key, (_, value) in node.entries.items() if isinstance(value, Scalar)}

    def _known(self, node: Entries, keys: Collection[str]) -> None:
        for key, (written, _) in node.entries.items():
            if key not in keys:
                self._problem(written.mark, f"unknown key '{key}'; {did_you_mean(key, keys)}")

    def _problem(self, mark: Mark, message: str) -> None:
        self.problems.append(FileError(message, mark))
