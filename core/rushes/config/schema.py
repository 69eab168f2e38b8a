"""JSON schema (2020-12) of a pipeline file, with the options of every plugin: what an editor completes from.

Of JSON schema it uses what editors know: one branch of `if` and `then` for each `use`, no `unevaluatedProperties`.
It is as strict as reading the file wherever a schema can be; whether ids are unique, rules are sound and paths are
there it cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel

from rushes.config.option_schema import REFERENCE, Schema, referable, schema_of
from rushes.config.pipeline import Kind
from rushes.config.route_schema import NAME_OF, TOP, listed, route
from rushes.contract import AnySpec
from rushes.errors import in_words
from rushes.registry import KINDS, Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:rushes:pipeline-file"

_SLOTS: Schema = referable(
    {"type": "integer", "minimum": 1, "description": "How many clips it works on at once."}
)
_LISTS: dict[Kind, tuple[str, str]] = {
    "source": ("sources", "What admits clips."),
    "annotator": ("prepare", "What says things about clips, in this order; rules can use what it said."),
    "sink": ("sinks", "What delivers clips; routes name them by `id`."),
    "observer": ("observers", "What is told of everything that happens."),
}
#: Those that may be named without options: a name stands for `{use: NAME}`.
_SHORT: frozenset[Kind] = frozenset({"annotator", "transform"})


@dataclass(frozen=True)
class Made:
    """The schema, and one line for each plugin or component that it has to leave out."""

    document: Schema
    left_out: tuple[str, ...]


def make(registry: Registry) -> Made:
    """The schema of the files that this registry can read; the same for the same plugins."""
    making = _Making()
    for plugin in registry.plugins:
        if plugin.error:
            making.left_out.append(f"plugin {plugin.name} is left out: {plugin.error}")
    for kind in KINDS:
        making.component(kind, [registry.spec(kind, name) for name in registry.names(kind)])
    return Made(making.document(), tuple(making.left_out))


@dataclass
class _Making:
    definitions: dict[str, Schema] = field(default_factory=dict)
    wishes: dict[str, list[Schema]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def component(self, kind: Kind, specs: Iterable[AnySpec]) -> None:
        """Define an entry of that kind: its keys, and for each `use` its options."""
        known = sorted(specs, key=lambda spec: spec.name)
        branches = [
            {
                "if": {"properties": {"use": {"const": spec.name}}, "required": ["use"]},
                "then": {"$ref": f"#/$defs/{kind}:{spec.name}"},
            }
            for spec in known
            if self._options(kind, spec)
        ]
        names: Schema = {
            "description": f"Which {kind} it is: one of those that are installed.",
            "anyOf": [*({"const": spec.name, "description": spec.summary} for spec in known), REFERENCE],
        }
        keys = {"id": NAME_OF, "use": names} | ({} if kind == "observer" else {"slots": _SLOTS})
        entry: Schema = {
            "type": "object",
            "required": ["use"] if kind in _SHORT else ["id", "use"],
            "properties": keys,
            "allOf": branches,
        }
        if kind in _SHORT:
            entry = {"type": ["string", "object"], "if": {"type": "object"}, "then": entry, "else": names}
        self.definitions[kind] = entry
        for spec in known:
            self._wishes(spec)

    def document(self) -> Schema:
        lists: Schema = {
            key: listed({"$ref": f"#/$defs/{kind}"}, meaning) for kind, (key, meaning) in _LISTS.items()
        }
        head, tail = {key: lists[key] for key in ("sources", "prepare", "sinks")}, lists["observers"]
        return {
            "$schema": DIALECT,
            "$id": ID,
            "title": "Rushes pipeline",
            "description": "Which clips come from where, what is made of them, and where they go.",
            "type": "object",
            "properties": {
                **TOP,
                **head,
                "routes": listed({"$ref": "#/$defs/route"}, "Which clip goes where."),
                "observers": tail,
            },
            # A file that others include need have no source; it has no name either.
            "if": {"required": ["pipeline"]},
            "then": {"anyOf": [{"required": ["sources"]}, {"required": ["include"]}]},
            "additionalProperties": False,
            "$defs": {
                "reference": {
                    "type": "string",
                    "pattern": r"\$\{",
                    "description": "${NAME}, a name under vars or of the environment, or ${NAME:-default}.",
                },
                "route": route(self._target()),
                **dict(sorted(self.definitions.items())),
            },
        }

    def _options(self, kind: Kind, spec: AnySpec) -> bool:
        """Define the options of one spec; false where its model has no schema."""
        name = f"{kind}:{spec.name}"
        made = self._schema(spec.config, name, f"{kind} {spec.name}: its options are left out")
        if made is None:
            return False
        keys = ("id", "use") if kind == "observer" else ("id", "use", "slots")
        self.definitions[name] = {
            **made,
            "description": spec.summary,
            "properties": dict.fromkeys(keys, True) | made.get("properties", {}),
        }
        return True

    def _wishes(self, spec: AnySpec) -> None:
        """Note what a route may say to that sink."""
        if spec.wishes is None:
            return
        fact = f"sink {spec.name}: its options for routes are left out"
        made = self._schema(spec.wishes, f"wishes:{spec.name}", fact)
        for key, schema in (made or {}).get("properties", {}).items():
            about = schema.get("description", "") if isinstance(schema, dict) else ""
            told = {**schema, "description": f"{spec.name}: {about}".removesuffix(": ")}
            self.wishes.setdefault(key, []).append(told)

    def _schema(self, model: type[BaseModel], name: str, fact: str) -> Schema | None:
        try:
            schema, definitions = schema_of(model, name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin's code may raise anything; the others are still told
            self.left_out.append(f"{fact}: {in_words(error)}")
            return None
        self.definitions.update(definitions)
        return schema

    def _target(self) -> Schema:
        """A sink of a route: its id, alone or with wishes. Which sink has the id no schema can know."""
        wishes = {key: arms[0] if len(arms) == 1 else {"anyOf": arms} for key, arms in self.wishes.items()}
        sink: Schema = {"type": ["string", "integer"], "description": "The id of a sink."}
        return {
            "type": ["string", "integer", "object"],
            "if": {"type": "object"},
            "then": {
                "required": ["sink"],
                "properties": {"sink": sink, **dict(sorted(wishes.items()))},
                "additionalProperties": False,
            },
            "else": sink,
        }
