"""The OpenAPI 3.1 document, made of the table of endpoints and the types in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from rushes.api.documents.problem import Problem
from rushes.api.endpoint import JSON, Endpoint

Schema = dict[str, Any]

_TEMPLATE = "#/components/schemas/{name}"
_IN_PATH = re.compile(r"{(\w+)}")
_SAYS = {
    200: "The answer",
    206: "The range of it that was asked for",
    404: "There is no such thing",
    409: "It cannot be done now",
    415: "A change that is not sent as JSON: the page's door wants that, the Unix socket does not",
    416: "There is no such range of it",
    422: "The request cannot be meant",
    503: "The answer, while all is not well",
}


def openapi(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document for these endpoints."""
    types = [Problem, *(kind for each in endpoints for kind in (each.answer, each.body) if kind is not None)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    known = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rushes",
            "version": version("rushes"),
            "summary": "A running pipeline: what it does, what it needs, what it can be asked.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(endpoint: Endpoint, known: Mapping[int, Schema]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name(endpoint),
        "summary": endpoint.summary,
        "responses": _responses(endpoint, known),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if parameters := [*_path_parameters(endpoint.path), *_query_parameters(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not _may_be_left_out(endpoint.body),
            "content": {JSON: {"schema": known[id(endpoint.body)]}},
        }
    return operation


def _name(endpoint: Endpoint) -> str:
    words = [word.strip("{}") for word in re.split(r"[/.]", endpoint.path) if word and word != "v1"]
    return "_".join([endpoint.method.lower(), *words])


def _responses(endpoint: Endpoint, known: Mapping[int, Schema]) -> dict[str, Any]:
    schema = {"type": "string"} if endpoint.answer is None else known[id(endpoint.answer)]
    others = {kind: {"schema": {"type": "string"}} for kind in endpoint.others}
    answer = {"content": {endpoint.media_type: {"schema": schema}, **others}}
    # Any endpoint refuses a parameter that it does not know.
    refusals = {*endpoint.errors, 422, *([415] if endpoint.method == "POST" else [])}
    trouble = {"content": {JSON: {"schema": known[id(Problem)]}}}
    told = dict.fromkeys((200, *endpoint.also), answer) | dict.fromkeys(refusals, trouble)
    return {str(status): {"description": _SAYS[status], **told[status]} for status in sorted(told)}


def _may_be_left_out(body: Any) -> bool:
    try:
        msgspec.json.decode(b"{}", type=body)
    except msgspec.ValidationError:
        return False
    return True


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _IN_PATH.findall(path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    (_,), schemas = msgspec.json.schema_components([endpoint.query], ref_template=_TEMPLATE)
    schema = schemas[endpoint.query.__name__]
    return [_parameter(name, told, schema["required"]) for name, told in schema["properties"].items()]


def _parameter(name: str, schema: Schema, required: Sequence[str]) -> dict[str, Any]:
    told = {"name": name, "in": "query", "required": name in required, "schema": schema}
    if description := schema.pop("description", ""):
        told["description"] = description
    if schema.get("type") == "array":
        told |= {"style": "form", "explode": False}
    return told
