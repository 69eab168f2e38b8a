"""Options of a component: plain data from the tree, relative paths made absolute, validated by its model."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rushes.config.annotations import absolute, keys_within
from rushes.config.document import Entries, Items, Node, Scalar
from rushes.config.lookalikes import control_in
from rushes.config.nearest import nearest, unknown_key
from rushes.config.part import PartError
from rushes.config.places import FileError, Mark
from rushes.config.secret import named_secret, password_of, paths_of, scalars_of, secrets_of
from rushes.config.substitute import Expanded, names_in
from rushes.config.variables import Variables
from rushes.config.words import plain_words
from rushes.errors import ConfigError, in_words

ModelT = TypeVar("ModelT", bound=BaseModel)
#: `$NAME`, `$(NAME)`, `%NAME%`, `{{ NAME }}`.
_VARIABLE = re.compile(r"(?:\$\(?|%|\{\{ *)(?!RECYCLE)([A-Za-z_]\w*)(?:(?<=[A-Z0-9_])(?!\w)\)?%?| *\}\})")
_EXTRA = "extra_forbidden"
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
        self._wrong_vars: set[Mark] = set()

    def problem(self, mark: Mark, message: str) -> None:
        """Note an error at a place of a file."""
        self._failures += 1
        self.problems.append(FileError(message, mark))

    def expand(self, node: Scalar, thing: str) -> Expanded | None:
        """The scalar with its references replaced; None, with the problem noted, when one is unknown."""
        try:
            return self._variables.expand(node, thing)
        except FileError as error:
            self._failures += 1
            # A var that is wrong is wrong once, wherever it is used.
            if error not in self.problems and not error.told:
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
        told: set[str] = set()
        for key, (key_node, value) in node.entries.items():
            if key in unread or (only is not None and key not in set(only)):
                continue
            if key not in names and model.model_config.get("extra") == "forbid":
                self.problem(key_node.mark, f"{thing}: {unknown_key(key, names | unread)}")
                told.add(nearest(key, names))
                within = scalars_of(value, key)
                self.secrets += [each.whole_line() for name, each in within if named_secret(key, name)]
                continue
            failures = self._failures
            data[key] = self._plain(value, f"{thing}: {key}", outside)
            if self._failures > failures:
                told.add(key)
        self._by_reference(node, model, thing)
        self._no_password(node, thing)
        self._no_controls(node, model, thing)
        wrong = self._failures > before
        try:
            made = model.model_validate(absolute(data, model, node.mark.folder))
        except ValidationError as error:
            self._explain(error, node, model, thing, outside, told if wrong else None)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin's validator may raise anything; the file is still checked
            if not wrong:  # else it was given what is known to be wrong
                self._unchecked(error, node, thing, outside)
        else:
            return None if wrong else made
        return None

    def _unchecked(self, error: BaseException, node: Entries, thing: str, outside: Mapping[str, str]) -> None:
        if isinstance(error, ConfigError):
            self.problem(node.mark, veiled(f"{thing}: {error.message}", outside))
            return
        fact = veiled(in_words(error), outside)
        self.problem(node.mark, f"{thing}: its options cannot be checked ({fact}); tell the plugin's author")

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

    def _no_password(self, node: Entries, thing: str) -> None:
        """No address with a password that is written out, here or in a var."""
        for name, scalar in scalars_of(node):
            for each in self._variables.behind(scalar):
                offset, password = password_of(each.text)
                alone = replace(each, text=password, value=password)
                expanded = self.expand(alone, f"{thing}: {name}") if password else None
                if expanded and expanded.written:
                    mark = each.inside(offset, len(password))
                    self.secrets.append(mark if mark != each.mark else each.whole_line())
                    remedy = "set a variable of the environment and write ${NAME} in its place"
                    self.problem(mark, f"{thing}: {name}: a password cannot stand in a file; {remedy}")

    def _no_controls(self, node: Entries, model: type[BaseModel], thing: str) -> None:
        """No path with a line break or the like, nor with a variable as shells write it."""
        for name, scalar in paths_of(node, model):
            expanded = self.expand(scalar, f"{thing}: {name}")
            if expanded and (fact := control_in(expanded.text)):
                self.problem(scalar.mark, f"{thing}: {name}: {fact}")
            elif found := _VARIABLE.search(scalar.text):
                fact = f"{found[0]} stands for nothing here; write ${{{found[1]}}}"
                self.problem(scalar.inside(found.start(), len(found[0])), f"{thing}: {name}: {fact}")

    def _explain(
        self,
        error: ValidationError,
        node: Entries,
        model: type[BaseModel],
        thing: str,
        outside: Mapping[str, str],
        told: Collection[str] | None,
    ) -> None:
        """Note each; where some are `told`, by their keys, neither these nor what concerns several keys."""
        details = error.errors(include_url=False)
        extra = [detail["loc"] for detail in details if detail["type"] == _EXTRA]
        misspelt = {
            (*loc[:-1], nearest(str(loc[-1]), keys_within(model, _walk(node, loc[:-1])[1]))) for loc in extra
        }
        for detail in details:
            if told is not None and (not detail["loc"] or detail["loc"][0] in told):
                continue
            if detail["type"] == "missing" and detail["loc"] in misspelt:
                continue
            found, path, mark = _walk(node, detail["loc"])
            name = ": ".join((thing, *path))
            if detail["type"] == "missing":
                missing = str(detail["loc"][-1])
                self.problem(found.mark, f"{name}: '{missing}' is missing; add {missing}: ...")
            elif detail["type"] == _EXTRA:
                within, _, _ = _walk(node, detail["loc"][:-1])
                key = str(detail["loc"][-1])
                assert isinstance(within, Entries)
                said = unknown_key(key, keys_within(model, path[:-1]))
                self.problem(within.entries[key][0].mark, f"{': '.join((thing, *path[:-1]))}: {said}")
            else:
                sentence = veiled(plain_words(detail), outside)
                own = self.expand(found, name) if isinstance(found, Scalar) else None
                if own and own.outside and own.text and isinstance(found, Scalar):
                    sentence = sentence.replace(own.text, found.text)
                self._value_problem(found, mark, name, sentence, own, detail.get("ctx", {}).get("error"))

    def _value_problem(
        self, found: Node, mark: Mark, name: str, sentence: str, own: Expanded | None, cause: object
    ) -> None:
        """Note what is wrong with a value, at the part that is to blame where one is."""
        if isinstance(found, Scalar) and own and isinstance(cause, PartError):
            self.part_problem(found, own, cause.offset, cause.length, name, sentence)
        elif isinstance(found, Scalar) and (var := self._variables.meant(found)):
            self._var_problem(*var, var[1].mark, name, sentence)
        else:
            self.problem(mark, f"{name}: {sentence}")

    def part_problem(
        self, node: Scalar, expanded: Expanded, offset: int, length: int, thing: str, sentence: str
    ) -> None:
        """Note what is wrong with a part of a value, where that part was written: in a var that is all of it, there."""
        if var := self._variables.meant(node):
            name, value = var
            mark = value.mark if names_in(value.text) else value.inside(offset, length)
            self._var_problem(name, value, mark, thing, sentence)
        else:
            self.problem(node.inside(*expanded.origin(offset, length)), f"{thing}: {sentence}")

    def _var_problem(self, name: str, value: Scalar, mark: Mark, thing: str, sentence: str) -> None:
        """Note what is wrong with a var at its own place, once, however often it is used."""
        self._failures += 1
        if value.mark not in self._wrong_vars:
            self._wrong_vars.add(value.mark)
            self.problem(mark, f"vars: {name} (for {thing}): {sentence}")


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
