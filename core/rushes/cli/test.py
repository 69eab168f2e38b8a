"""`pipeline test`: whether the rules send clips where their tests say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from rushes.cli.broken import broken_as_json
from rushes.cli.failures import FAILED
from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import count, printable
from rushes.config.cases import is_tests, pipeline_of, read_cases, tests_beside
from rushes.config.document import read_document
from rushes.config.find import find_file
from rushes.engine.judge import judge


@click.command(epilog="Exit status: 0 where all pass, 1 where one fails, 2 for a bad file.")
@file_argument
@json_option
@click.pass_context
def command(ctx: click.Context, file: str, as_json: bool) -> None:
    """Say whether clips go where the tests beside the rules expect them.

    FILE is a pipeline, whose tests are NAME.test.yaml beside it, or a file of tests that names its pipeline. Each case
    is a clip and what is expected of it:

    \b
    cases:
      - name: a circled take
        clip: {kind: video, circled: true, meta: {look: day}}
        routes: [dailies]

    A clip is a complete original video of which nothing else is told, unless the case tells it. `routes: []` means
    nowhere. `to`, `priority`, `waits` and `folder` are compared where they are written. Nothing is opened or sent.
    """  # noqa: D301 - the character \b keeps the lines of the example
    with broken_as_json(as_json):
        # What is wrong with a pipeline is told when it is loaded.
        document = read_document(find_file(file), [])
        tests = read_document(document.file if is_tests(document) else tests_beside(document.file))
        pipeline = load_pipeline(str(pipeline_of(tests)))
        cases = read_cases(tests, pipeline)
    found = {"tests": str(tests.file), **judge(pipeline, cases)}
    if as_json:
        echo_json(found)
    else:
        echo_lines(_lines(found))
    if found["totals"]["failed"]:
        ctx.exit(FAILED)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    """A line for each case that fails, and a summary."""
    for case in found["cases"]:
        if not case["ok"]:
            told = "; ".join(_told(difference) for difference in case["differences"])
            yield printable(f"{case['where']}: {case['name']}: {told}")
    totals = found["totals"]
    failed = f"{totals['failed']} failed" if totals["failed"] else "all as expected"
    yield printable(f"{found['tests']}: {count(totals['cases'], 'case')}, {failed}")


def _told(difference: Mapping[str, Any]) -> str:
    routes = difference["what"] == "routes"
    nothing = "nowhere" if routes else "none"
    expected, got = (_value(difference[side], nothing) for side in ("expected", "got"))
    why = f" ({difference['why']})" if difference["why"] else ""
    return f"{'' if routes else difference['what'] + ' '}expected {expected}, got {got}{why}"


def _value(value: Any, nothing: str) -> str:
    if isinstance(value, Mapping):
        numbers = (f"{route} {nothing if number is None else number}" for route, number in value.items())
        return ", ".join(numbers) or nothing
    return (", ".join(value) or nothing) if isinstance(value, list) else str(value)
