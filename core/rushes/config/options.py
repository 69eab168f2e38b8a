"""Options of a component: plain data from the tree, relative paths made absolute, validated by its model."""

from __future__ import annotations

import os
import types
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from rushes.config.document import Entries, Items, Node, Scalar
from rushes.config.nearest import unknown_key
from rushes.config.places import FileError, Mark
from rushes.config.secret import secrets_of
from rushes.config.substitute import Expanded
from rushes.config.variables import Variables
from rushes.config.words import plain_words
from rushes.errors import ConfigError, in_words

ModelT = TypeVar("ModelT", bound=BaseModel)
#: What is shorter is part of too many words to be veiled in a sentence.
_LEAST_VEILED = 6


class Reader:
    """One reading of a pipeline's files; what is wrong is collected in `problems`.

    `secrets` are the places where a secret is written out: no excerpt may show it.
    """

    def __init__(self, variables: Variables) -> None:
        self.problems: list[FileError] = []
        self.secrets: list[Mark] = []
        self._variables = variables
        self._failures = 0

    def problem(self, mark: Mark, message: str) -> None:
        """Note an error at a place of a file; what it quotes may hold line breaks, the message is one line."""
        self._failures += 1
        self.problems.append(FileError(" ".join(message.splitlines()), mark))

    def expand(self, node: Scalar, thing: str) -> Expanded | None:
        """The scalar with its references replaced; None, with the problem noted, when one is unknown."""
        try:
            return self._variables.expand(node, thing)
        except FileError as error:
            self._failures += 1
            if error not in self.problems:  # a var that is wrong is wrong once, wherever it is used
                self.problems.append(error)
            return None

    def text(self, node: Scalar, thing: str) -> str | None:
        """The scalar's text with its references replaced; None, with the problem noted, when one is unknown."""
        expanded = self.expand(node, thing)
        return expanded.text if expanded else None

    def options(
        self,
        node: Entries,
        model: type[ModelT],
        thing: str,
        *,
        only: Iterable[str] | None = None,
        without: Iterable[str] = (),
    ) -> ModelT | None:
        """The mapping as `model`; None, with its problems noted, when it is not.

        `without` are keys that someone else reads; `only` are the sole keys looked at.
        """
        names = {field.alias or name for name, field in model.model_fields.items()}
        before = self._failures
        data: dict[str, Any] = {}
        outside: dict[str, str] = {}
        unread = set(without)
        for key, (key_node, value) in node.entries.items():
            if key in unread or (only is not None and key not in set(only)):
                continue
            if key not in names and model.model_config.get("extra") == "forbid":
                self.problem(key_node.mark, f"{thing}: {unknown_key(key, names | unread)}")
                continue
            data[key] = self._plain(value, f"{thing}: {key}", outside)
        self._by_reference(node, model, thing)
        if self._failures > before:
            return None
        try:
            return model.model_validate(_absolute_fields(data, model, node.mark.folder))
        except ValidationError as error:
            self._explain(error, node, thing, outside)
        except ConfigError as error:
            self.problem(node.mark, veiled(f"{thing}: {error.message}", outside))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin's validator may raise anything; the file is still checked
            fact = veiled(in_words(error), outside)
            self.problem(
                node.mark, f"{thing}: its options cannot be checked ({fact}); tell the plugin's author"
            )
        return None

    def _plain(self, node: Node, thing: str, outside: dict[str, str]) -> Any:
        """The node as plain data; what came from the environment is noted in `outside`."""
        if isinstance(node, Items):
            return [self._plain(item, thing, outside) for item in node.items]
        if isinstance(node, Entries):
            return {
                key: self._plain(value, f"{thing}: {key}", outside)
                for key, (_, value) in node.entries.items()
            }
        expanded = self.expand(node, thing)
        if expanded is None:
            return None
        outside.update(expanded.outside)
        if expanded.outside:
            outside[expanded.text] = node.text
        return expanded.value

    def _by_reference(self, node: Entries, model: type[BaseModel], thing: str) -> None:
        """No secret is written out."""
        for name, scalar in secrets_of(node, model):
            expanded = self.expand(scalar, f"{thing}: {name}")
            if expanded and expanded.written:
                self.secrets += [each.whole_line() for each in self._variables.behind(scalar)]
                remedy = f"set a variable of the environment and write {name}: ${{NAME}}"
                self.problem(scalar.mark, f"{thing}: {name}: a secret cannot stand in a file; {remedy}")

    def _explain(self, error: ValidationError, node: Entries, thing: str, outside: Mapping[str, str]) -> None:
        for detail in error.errors(include_url=False):
            found, path, mark = _walk(node, detail["loc"])
            name = ": ".join((thing, *path))
            if detail["type"] == "missing":
                missing = str(detail["loc"][-1])
                self.problem(found.mark, f"{name}: '{missing}' is missing; add {missing}: ...")
            elif detail["type"] == "extra_forbidden":
                self.problem(mark, f"{name}: unknown key; remove it")
            else:
                sentence = veiled(plain_words(detail), outside)
                if isinstance(found, Scalar) and (own := self.expand(found, name)) and own.outside:
                    sentence = sentence.replace(own.text, found.text) if own.text else sentence
                self.problem(mark, f"{name}: {sentence}")


def veiled(sentence: str, outside: Mapping[str, str]) -> str:
    """The sentence without what came from the environment: that may be a secret."""
    for value, shown in sorted(outside.items(), key=lambda each: -len(each[0])):
        if len(value) >= _LEAST_VEILED:
            sentence = sentence.replace(value, shown)
    return sentence


def _walk(node: Entries, loc: tuple[int | str, ...]) -> tuple[Node, list[str], Mark]:
    """The node a pydantic location leads to, the keys on the way, and the place to point at.

    Parts that are not in the file (the arm of a union, a missing key) are passed over.
    """
    found: Node = node
    path: list[str] = []
    mark = node.mark
    for part in loc:
        if isinstance(found, Entries) and str(part) in found.entries:
            key, found = found.entries[str(part)]
            path.append(str(part))
            mark = key.mark if isinstance(found, Scalar) and found.value is None else found.mark
        elif isinstance(found, Items) and isinstance(part, int) and part < len(found.items):
            found = found.items[part]
            mark = found.mark
    return found, path, mark


def _absolute_fields(data: Mapping[str, Any], model: type[BaseModel], folder: Path) -> dict[str, Any]:
    annotations = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {key: _absolute(value, annotations.get(key), folder) for key, value in data.items()}


def _absolute(value: Any, annotation: Any, folder: Path) -> Any:
    """The value with relative paths joined to `folder`, wherever its annotation says it holds paths."""
    origin, arms = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _absolute(value, arms[0], folder)
    if origin in {Union, types.UnionType}:
        if isinstance(value, str) and str in arms:
            return value
        for arm in arms:
            value = _absolute(value, arm, folder)
        return value
    if isinstance(annotation, type) and isinstance(value, str) and issubclass(annotation, PurePath):
        return _joined(value, folder)
    if isinstance(annotation, type) and isinstance(value, dict) and issubclass(annotation, BaseModel):
        return _absolute_fields(value, annotation, folder)
    if isinstance(value, list) and arms:
        return [_absolute(item, arms[0], folder) for item in value]
    if isinstance(value, dict) and len(arms) == 2:
        return {key: _absolute(item, arms[1], folder) for key, item in value.items()}
    return value


def _joined(value: str, folder: Path) -> str | None:
    """None for an empty text: as a path it would mean the current folder."""
    if not value.strip():
        return None
    return str(folder / os.path.expanduser(value))  # noqa: PTH111 - Path's own raises for an unknown user
