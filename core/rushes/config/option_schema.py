"""JSON schema of one model of options, as it is written in a pipeline file: `${NAME}` may stand for any value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

#: Where the schema of a reference stands in the whole document.
REFERENCE: Schema = {"$ref": "#/$defs/reference"}
#: What tells people about a value and holds for each way to write it.
_ABOUT = ("description", "examples", "default", "deprecated", "writeOnly")
_ONE = ("items", "additionalProperties", "contains", "propertyNames", "not")
_SEVERAL = ("prefixItems", "oneOf", "allOf")
_NAMED = ("properties", "patternProperties")
#: Keywords that a reference, which is a text, may not meet.
_NARROW = ("enum", "const", "pattern", "minLength", "maxLength", "format")


def schema_of(model: type[BaseModel], name: str) -> tuple[Schema, dict[str, Schema]]:
    """The schema of a model, and the definitions it refers to, whose names all begin with `name` and a colon.

    Whatever a plugin's model raises comes out.
    """
    made = model.model_json_schema(ref_template=f"#/$defs/{name}:{{model}}")
    definitions = {f"{name}:{key}": written(value) for key, value in made.pop("$defs", {}).items()}
    return written(made), definitions


def written(schema: Any) -> Any:
    """A schema of values as one of what is written: wherever it is no plain text, a reference may stand."""
    if not isinstance(schema, Mapping):
        return schema  # true or false
    told = {key: value for key, value in schema.items() if key != "title"}
    if told.get("default", "") is None:
        del told["default"]
    if str(told.get("format", "")).endswith("path"):
        told["minLength"] = 1  # an empty one would be the current folder
    for key in _ONE:
        if key in told:
            told[key] = written(told[key])
    for key in _SEVERAL:
        if key in told:
            told[key] = [written(each) for each in told[key]]
    for key in _NAMED:
        if key in told:
            told[key] = {name: written(each) for name, each in told[key].items()}
    if "anyOf" in told:
        told["anyOf"] = _flat([written(each) for each in told["anyOf"]])
    return referable(told) if _needs_reference(told) else told


def referable(schema: Schema) -> Schema:
    """The same, or a reference; what is told about it stands outside."""
    about = {key: schema[key] for key in _ABOUT if key in schema}
    value = {key: schema[key] for key in schema if key not in about}
    return {"anyOf": [value, REFERENCE], **about}


def _needs_reference(schema: Schema) -> bool:
    if schema.get("writeOnly"):
        return False  # a secret: it is text, or tells by itself how it is referred to
    if schema.get("type") in {"integer", "number", "boolean"}:
        return True
    return schema.get("type", "string") == "string" and any(key in schema for key in _NARROW)


def _flat(arms: list[Any]) -> list[Any]:
    """The arms, with those of an arm that has nothing but arms in its place; each once."""
    flat: list[Any] = []
    for arm in arms:
        for each in arm["anyOf"] if isinstance(arm, dict) and arm.keys() == {"anyOf"} else [arm]:
            if each not in flat:
                flat.append(each)
    return sorted(flat, key=lambda each: each == REFERENCE)
