"""A pipeline's files as one: what it includes comes before its own, in the order of `include:`."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rushes.config.document import Document, Entries, Items, Node, Scalar, kind_of, read_document
from rushes.config.lookalikes import control_in
from rushes.config.nearest import nearest, unknown_key
from rushes.config.places import FileError, Mark
from rushes.config.variables import Variables, vars_of
from rushes.errors import ConfigError

#: Of each file, in the order in which they are listed.
LISTS = ("sources", "prepare", "sinks", "routes", "observers")
_EVERYWHERE = ("include", "vars", *LISTS)
_MAIN_ALONE = ("pipeline", "state", "match")
#: A pipeline has a handful; more were named by mistake, as with a glob of the whole disk.
MOST_FILES = 100


@dataclass(frozen=True)
class Written:
    """All that was written for a pipeline.

    `main` is the file that was named, `documents` all that were read, it first; `parts` are they in the order in
    which what stands in them counts. Of a var that is defined twice the file that includes the other has the say, of
    two that are included the later one. `unsure` are the lists of which something may be missing, because a key is
    misspelt or a file could not be read: that nobody finds it there is no error of its own.
    """

    main: Document
    documents: tuple[Document, ...]
    parts: tuple[Document, ...]
    variables: Variables
    problems: tuple[FileError, ...]
    unsure: frozenset[str]


def read_all(file: Path, environment: Mapping[str, str]) -> Written:
    """Read a pipeline file and all that it includes; each file counts once, where it comes first.

    Raises FileError where the main file cannot be read; of those that it includes that is among the problems.
    """
    reading = _Reading(environment)
    main = read_document(file, reading.problems)
    reading.read(main, {}, ())
    return Written(
        main,
        tuple(reading.documents),
        tuple(reading.parts),
        Variables(reading.defined, environment, incomplete="vars" in reading.unsure),
        tuple(reading.problems),
        frozenset(reading.unsure),
    )


@dataclass
class _Reading:
    environment: Mapping[str, str]
    documents: list[Document] = field(default_factory=list)
    parts: list[Document] = field(default_factory=list)
    defined: dict[str, Scalar] = field(default_factory=dict)
    problems: list[FileError] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def read(self, document: Document, outer: Mapping[str, Scalar], above: tuple[Document, ...]) -> None:
        """Take in a document and what it includes; `above` are the files that led to it, the main one first."""
        self._seen.add(_identity(document.file))
        self.documents.append(document)
        self._know_keys(document, above)
        own, problems = vars_of(document.root.get("vars"))
        self.problems += problems
        if problems:
            self.unsure.add("vars")
        names = {**own, **outer}
        incomplete = "vars" in self.unsure
        variables = Variables(names, self.environment, "'vars:' of this file", incomplete=incomplete)
        for file, mark in self._included(document, variables, (*above, document)):
            if _identity(file) in self._seen:
                continue
            if len(self.documents) >= MOST_FILES:
                self._unread(FileError(f"include: more than {MOST_FILES} files; name fewer", mark))
                return
            try:
                included = read_document(file, self.problems)
            except FileError as error:
                self._seen.add(_identity(file))
                self._unread(error)
            except ConfigError as error:
                self._unread(FileError(f"include: {file}: {error.message}", mark))
            else:
                self.read(included, names, (*above, document))
        self.defined.update(own)
        self.parts.append(document)

    def _unread(self, problem: FileError) -> None:
        """Note a file that cannot be read: what stands in it is missing everywhere."""
        self.unsure.update(_EVERYWHERE)
        if not problem.told:
            self.problems.append(problem)

    def _know_keys(self, document: Document, above: tuple[Document, ...]) -> None:
        known = _EVERYWHERE if above else (*_MAIN_ALONE, *_EVERYWHERE)
        for key, (written, _) in document.root.entries.items():
            if above and key in _MAIN_ALONE:
                fact = f"'{key}' cannot stand in a file that is included; move it to {above[0].file}"
                self.problems.append(FileError(fact, written.mark))
            elif key not in known:
                self.problems.append(FileError(unknown_key(key, known), written.mark))
                meant = nearest(key, known)
                self.unsure.update(_EVERYWHERE if meant == "include" else {meant})

    def _included(
        self, document: Document, variables: Variables, above: tuple[Document, ...]
    ) -> Iterator[tuple[Path, Mark]]:
        """The files under `include:`, each with the place that names it."""
        for node in self._entries(document.root):
            if not isinstance(node, Scalar):
                self._unread(FileError(f"include: {kind_of(node)} where a file is needed", node.mark))
                continue
            try:
                name = variables.expand(node, "include").text
            except FileError as error:
                self._unread(error)
                continue
            if not name.strip() or "\0" in name:
                self._unread(FileError("include: no file is named; name one, or remove it", node.mark))
                continue
            if fact := control_in(name):
                self._unread(FileError(f"include: {fact}", node.mark))
                continue
            # os.path's own does not raise for an unknown user.
            path = document.file.parent / os.path.expanduser(name)  # noqa: PTH111 - see above
            yield from ((file, node.mark) for file in self._meant(path, node.mark, above))

    def _entries(self, root: Entries) -> tuple[Node, ...]:
        node = root.get("include")
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return ()
        if isinstance(node, Items):
            return node.items
        fact = f"include: {kind_of(node)} where a list is needed; write [FILE]"
        self._unread(FileError(fact, node.mark))
        return ()

    def _meant(self, path: Path, mark: Mark, above: tuple[Document, ...]) -> list[Path]:
        """The files that a path or pattern stands for, those of a pattern sorted."""
        chain = [_identity(document.file) for document in above]
        if not _there(path) and glob.has_magic(str(path)):
            found = [Path(each) for each in sorted(glob.glob(str(path)))]  # noqa: PTH207 - Path.glob takes no absolute pattern
            files = [each for each in found if each.is_file() and _identity(each) not in chain]
            if not files:
                self._unread(FileError(f"include: no file matches {path}; correct it or remove it", mark))
            return files
        if _identity(path) in chain:
            told = " -> ".join(str(each.file) for each in above[chain.index(_identity(path)) :])
            fact = f"include: {told} -> {path} is a circle; remove this line"
            self._unread(FileError(fact, mark))
            return []
        if not _there(path):
            home = above[-1].file.parent
            near = nearest(path.name, _neighbours(path.parent, chain)) or nearest(
                os.path.relpath(path, home), [os.path.relpath(each, home) for each in _around(home, chain)]
            )
            remedy = f"did you mean '{near}'?" if near else "correct its name or remove it"
            self._unread(FileError(f"include: {path}: no such file; {remedy}", mark))
            return []
        return [path]


def _neighbours(folder: Path, chain: list[str]) -> list[str]:
    """What could have been meant: YAML files of that folder that are not being read."""
    try:
        return [
            each.name
            for each in folder.iterdir()
            if each.suffix in {".yaml", ".yml"} and _identity(each) not in chain
        ]
    except OSError:
        return []


def _around(home: Path, chain: list[str]) -> list[Path]:
    """YAML files beside a file, and one folder deeper."""
    try:
        folders = [home, *islice((each for each in home.iterdir() if each.is_dir()), MOST_FILES)]
    except OSError:
        return []
    return [folder / name for folder in folders for name in _neighbours(folder, chain)]


def _there(path: Path) -> bool:
    """Path's own raises for what may not be looked at, and for a name that is too long."""
    return os.path.exists(path)  # noqa: PTH110 - see above


def _identity(file: Path) -> str:
    """One for all names of a file; os.path's own does not raise for a circle of links."""
    return os.path.realpath(file)
