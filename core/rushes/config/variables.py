"""What `${NAME}` stands for: a name under `vars:`, else a variable of the environment."""

from __future__ import annotations

from collections.abc import Mapping

from rushes.columns import NAMES
from rushes.config.document import Entries, Node, Scalar, kind_of
from rushes.config.nearest import nearest
from rushes.config.places import FileError
from rushes.config.substitute import (
    NAME,
    Expanded,
    SubstitutionError,
    UnknownNameError,
    expand,
    name_of,
    names_in,
)

#: What a folder template names as {NAME}.
_OF_A_CLIP = NAMES | {"day", "roll"}


class Variables:
    """The names of one reading. A var may refer to others, and by its own name to the environment.

    `known_as` is what an error calls those that are defined. Where they are `incomplete`, because something that
    defines them is wrong itself, no error tells that another is not known.
    """

    def __init__(
        self,
        defined: Mapping[str, Scalar],
        environment: Mapping[str, str],
        known_as: str = "'vars:'",
        *,
        incomplete: bool = False,
    ) -> None:
        self.defined = defined
        self._incomplete = incomplete
        self._unset: set[str] = set()
        self._known_as = known_as
        self._environment = environment
        self._known: dict[str, Expanded | FileError] = {}
        self._asked: list[str] = []

    def expand(self, node: Scalar, thing: str) -> Expanded:
        """The scalar with its references replaced.

        Raises FileError where it cannot be; of a var that is wrong itself always the same one, at its own place.
        """
        try:
            return expand(node.text, node.value, self._look_up)
        except SubstitutionError as error:
            wrong = FileError(f"{thing}: {error}", node.inside(error.offset, error.length))
            wrong.told = error.told
            raise wrong from error

    def meant(self, node: Scalar) -> tuple[str, Scalar] | None:
        """The var that a scalar stands for: name and definition, of a chain the last; None where it is more than one
        reference, or one to the environment.
        """
        found: tuple[str, Scalar] | None = None
        seen: set[str] = set()
        while (name := name_of(node.text)) in self.defined and name not in seen:
            seen.add(name)
            node = self.defined[name]
            found = name, node
        return found

    def behind(self, node: Scalar) -> list[Scalar]:
        """The scalar and the vars that it refers to, and those that they do."""
        found = [node]
        for each in found:
            vars_there = (self.defined[name] for name in names_in(each.text) if name in self.defined)
            found += [one for one in vars_there if one not in found]
        return found

    def problems(self) -> list[FileError]:
        """What is wrong with the vars themselves, used or not."""
        for name in self.defined:
            self._resolve(name)
        wrong = (known for known in self._known.values() if isinstance(known, FileError) and not known.told)
        return list(dict.fromkeys(wrong))

    def _look_up(self, name: str) -> Expanded:
        if name in self.defined and self._asked[-1:] != [name]:
            found = self._resolve(name)
            if isinstance(found, FileError):
                raise found
            return found
        if name in self._environment:
            value = self._environment[name]
            return Expanded(value, value, written=False, outside={value: f"${{{name}}}"})
        near = nearest(name, self.defined.keys() - self._asked)
        remedy = f"set it, or give a default as ${{{name}:-value}}"
        if near:
            remedy = f"did you mean ${{{near}}}?"
        elif name in _OF_A_CLIP:
            remedy = f"in a folder write {{{name}}} for what a clip tells, without the $; else set it"
        fact = f"{name} is not set, neither under {self._known_as} nor in the environment"
        # Setting it once mends all places; a misspelt one is to be mended at each.
        told = self._incomplete or (not near and name in self._unset)
        self._unset.add(name)
        raise UnknownNameError(f"{fact}; {remedy}", told=told)

    def _resolve(self, name: str) -> Expanded | FileError:
        if name in self._known:
            return self._known[name]
        node = self.defined[name]
        if name in self._asked:
            chain = " -> ".join([*self._asked[self._asked.index(name) :], name])
            return FileError(f"vars: {name} needs itself ({chain}); give one of them a value", node.mark)
        self._asked.append(name)
        try:
            self._known[name] = self.expand(node, f"vars: {name}")
        except FileError as error:
            self._known[name] = error
        finally:
            self._asked.pop()
        return self._known[name]


def vars_of(node: Node | None) -> tuple[dict[str, Scalar], list[FileError]]:
    """What stands under `vars:`, and what cannot."""
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return {}, []
    if not isinstance(node, Entries):
        fact = f"vars: {kind_of(node)} where names with values are needed; write {{NAME: VALUE}}"
        return {}, [FileError(fact, node.mark)]
    found: dict[str, Scalar] = {}
    problems = []
    for name, (key, value) in node.entries.items():
        if not NAME.fullmatch(name):
            fact = f"vars: '{name}' cannot be a name; use letters, digits and '_', a letter first"
            problems.append(FileError(fact, key.mark))
        elif not isinstance(value, Scalar):
            fact = f"vars: {name}: {kind_of(value)} where a single value is needed"
            problems.append(FileError(f"{fact}; write out the list or mapping where it is used", value.mark))
        elif value.value is None:
            problems.append(FileError(f"vars: {name} is empty; give it a value or remove the line", key.mark))
        else:
            found[name] = value
    return found, problems
