"""The pipeline file, with all that it includes, to a Pipeline: every error is found in one reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rushes.config.apart import in_the_way, written_into
from rushes.config.components import Components, is_null
from rushes.config.document import Entries, Items, Scalar, kind_of
from rushes.config.find import head_of
from rushes.config.include import Written, read_all
from rushes.config.nearest import did_you_mean
from rushes.config.notes import notes
from rushes.config.options import Reader
from rushes.config.pipeline import Component, Match, Pipeline
from rushes.config.places import FileError, Source
from rushes.config.routes import Routes
from rushes.registry import Registry


def load(file: Path, registry: Registry, environment: Mapping[str, str]) -> Pipeline:
    """Read and check a pipeline file and what it includes. Nothing is opened.

    Raises ConfigError for the first problem; the further ones are its `others`, file by file.
    """
    written = read_all(file, environment)
    reader = Reader(written.variables)
    reader.problems += written.variables.problems()
    pipeline = _pipeline(written, reader, registry, environment)
    # What cannot be read is not told once more as what it should have been.
    unread = {problem.where for problem in written.problems}
    reader.problems = [
        *written.problems,
        *(problem for problem in reader.problems if problem.where not in unread),
    ]
    if reader.problems:
        first, *others = _in_order(reader, [document.root.mark.source for document in written.documents])
        first.others = tuple(others)
        raise first
    return pipeline


def _pipeline(
    written: Written, reader: Reader, registry: Registry, environment: Mapping[str, str]
) -> Pipeline:
    """The pipeline; what is wrong is in `reader.problems`, and its parts are missing here."""
    main = written.main.root
    roots = tuple(document.root for document in written.parts)
    name, state = _head(written, reader, environment)
    match = _match(main, reader)
    components = Components(reader, registry, unsure=written.unsure)
    sources = components.listed("source", "sources", roots)
    prepare = components.listed("annotator", "prepare", roots)
    sinks = components.listed("sink", "sinks", roots)
    observers = components.listed("observer", "observers", roots)
    routes = Routes(components, sinks).listed(roots)
    if "sources" not in written.unsure and not any(_has_items(root, "sources") for root in roots):
        entry = main.entries.get("sources")
        reader.problem(
            entry[0].mark if entry else main.mark,
            "no source; add one, as sources: [{id: NAME, use: folder, path: FOLDER}]",
        )
    if state is not None:
        _keep_apart(sources, (*sinks, *observers), state, main, components)
    sound = not reader.problems and not written.problems
    return Pipeline(
        name=name,
        file=written.main.file,
        state=state or Path(),
        sources=sources,
        prepare=prepare,
        sinks=sinks,
        routes=routes,
        observers=observers,
        match=match,
        files=tuple(document.file for document in written.documents),
        notes=tuple(notes(sources, prepare, sinks, routes, match, registry)) if sound else (),
    )


def _head(written: Written, reader: Reader, environment: Mapping[str, str]) -> tuple[str, Path | None]:
    """Name and state folder; None for a folder that is not known."""
    try:
        return head_of(written.main, environment)
    except FileError as error:
        if not error.told:
            reader.problems.append(error)
        return "", None


def _match(main: Entries, reader: Reader) -> Match:
    if "match" not in main.entries:
        return "all"
    key, node = main.entries["match"]
    if not isinstance(node, Scalar) or is_null(node):
        mark = key.mark if is_null(node) else node.mark
        reader.problem(mark, f"match: {kind_of(node)} where a word is needed; write all or first")
        return "all"
    word = reader.text(node, "match")
    if word == "first":
        return "first"
    if word not in {"all", None}:
        fact = f"match: '{word}' is neither all nor first; {did_you_mean(word or '', ['all', 'first'])}"
        reader.problem(node.mark, fact)
    return "all"


def _has_items(root: Entries, key: str) -> bool:
    """Whether something is written there, right or wrong."""
    listed = root.get(key)
    return listed is not None and not is_null(listed) and not (isinstance(listed, Items) and not listed.items)


def _keep_apart(
    sources: tuple[Component, ...],
    targets: tuple[Component, ...],
    state: Path,
    main: Entries,
    components: Components,
) -> None:
    """Nothing that is written may lie in a watched folder, and no file may be where the state folder should be."""
    reader = components.reader
    mark = main.entries["state"][1].mark if "state" in main.entries else main.mark
    if (file := in_the_way(state)) is not None:
        reader.problem(mark, f"state: {file} is a file; name a folder, which is made where it is missing")
    for component, fact in written_into(sources, targets, state):
        reader.problem(components.marks[component.id] if component else mark, fact)


def _in_order(reader: Reader, sources: list[Source]) -> list[FileError]:
    """The problems, file by file, each told once; no excerpt shows a secret."""
    places = {id(source): number for number, source in enumerate(sources)}
    problems = {(problem.where, problem.message): problem for problem in reader.problems}
    for problem in problems.values():
        problem.veil(reader.secrets)

    def position(problem: FileError) -> tuple[int, int, int]:
        mark = problem.mark
        return places.get(id(mark.source), len(places)), mark.line, mark.column

    return sorted(problems.values(), key=position)
