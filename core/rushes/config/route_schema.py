"""JSON schema of the keys of a pipeline file that are no plugin's: its head and its routes."""

from __future__ import annotations

from pydantic import TypeAdapter

from rushes.config.option_schema import REFERENCE, Schema, referable, written
from rushes.config.pipeline import MOST_PRIORITY
from rushes.config.substitute import NAME
from rushes.config.types import Duration

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
NAME_OF: Schema = {
    "description": "The name that people see and verbs take.",
    "anyOf": [
        {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_.-]*$"},
        {"type": "integer", "minimum": 0},
        REFERENCE,
    ],
}
TOP: Schema = {
    "pipeline": {**_TEXT, "description": "The pipeline's name; that of the file by default."},
    "state": {
        "type": "string",
        "description": "Folder of ledger, secrets, logs and work files; relative to this file.",
    },
    "include": {
        "type": ["array", "null"],
        "description": "Other files, or patterns of them: what stands in their lists comes before that of this one.",
        "items": {"type": "string"},
    },
    "vars": {
        "type": ["object", "null"],
        "description": "Values that ${NAME} stands for, in this file and those it includes.",
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": _TEXT,
    },
    "match": {
        "anyOf": [{"enum": ["all", "first"]}, REFERENCE],
        "default": "all",
        "description": "Whether a clip takes every route that matches it, or the first of them alone.",
    },
}


def listed(items: Schema, meaning: str) -> Schema:
    return {"type": ["array", "null"], "description": meaning, "items": items}


def _flag(meaning: str) -> Schema:
    return referable({"type": "boolean", "default": False, "description": meaning})


def _rule(meaning: str) -> Schema:
    return {"type": ["string", "boolean", "number"], "description": meaning}


def route(target: Schema) -> Schema:
    properties: Schema = {
        "id": NAME_OF,
        "when": _rule("A condition over the columns of a clip; `pipeline columns` lists them."),
        "else": _flag("Takes what no route before it took."),
        "final": _flag("What it takes goes to no route behind it."),
        "priority": {
            "anyOf": [
                {"type": "number", "minimum": -MOST_PRIORITY, "maximum": MOST_PRIORITY},
                {"type": "string"},
            ],
            "default": 0,
            "description": "The highest goes first: a number, or an expression over columns that gives one.",
        },
        "auto": {**_flag("With false its jobs wait until a person releases them."), "default": True},
        "live": _flag("Takes clips that are still being recorded, too."),
        "wait": {
            "type": "object",
            "description": "What its jobs wait for before they start, for a time at most.",
            "required": ["for", "at_most"],
            "properties": {
                "for": {**_rule("`sound`, or any rule."), "examples": ["sound"]},
                "at_most": {
                    **written(TypeAdapter(Duration).json_schema()),
                    "description": "Then it starts all the same; as `10m`.",
                },
            },
            "additionalProperties": False,
        },
        "steps": listed({"$ref": "#/$defs/transform"}, "Transforms, in this order."),
        "to": {"type": "array", "minItems": 1, "description": "The sinks it goes to.", "items": target},
    }
    return {
        "type": "object",
        "required": ["id", "to"],
        # One that takes what is left needs no rule.
        "if": {"required": ["else"]},
        "else": {"required": ["when"]},
        "properties": properties,
        "additionalProperties": False,
    }
