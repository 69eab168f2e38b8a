"""`pipeline doctor`: what of this machine would trouble a pipeline, each with its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import click
import trio

from rushes.api.client import Client
from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, json_option
from rushes.cli.text import count, for_file, printable
from rushes.cli.view import running
from rushes.doctor import Patient, examine
from rushes.errors import RushesError
from rushes.settings import Settings

#: Something is in trouble; the README's table.
TROUBLE = 2


@click.command()
@click.argument("file", metavar="[FILE]", required=False, default="")
@click.option("--connect", is_flag=True, help="Open and close each component, as check --connect does.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: str, connect: bool, as_json: bool) -> None:
    """Look at this machine: what would trouble a pipeline, each with its remedy.

    Without FILE only the machine, with it also the pipeline's folders, options and addresses, and how it runs. Changes
    nothing, also while the pipeline runs; only --connect opens what the pipeline would, unless it runs. Ends with 2
    where something is in trouble; warnings do not count.
    """
    settings = Settings()
    pipeline = load_pipeline(file) if file else None
    client = running(file) if file else None
    patient = Patient(
        settings=settings, pipeline=pipeline, live=_live(client), connect=connect and client is None
    )
    findings = trio.run(examine, patient)
    document = {"checks": [finding.document() for finding in findings]}
    if as_json:
        echo_json(document)
    else:
        echo_lines(for_file(printable(line), file) for line in _lines(document))
    if any(finding.verdict == "trouble" for finding in findings):
        ctx.exit(TROUBLE)


def _live(client: Client | None) -> Mapping[str, Any] | None:
    """The status of the pipeline that runs, None also where it is too stuck to tell: the lock on its ledger shows."""
    with suppress(RushesError):
        return client.status() if client else None
    return None


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    checks = document["checks"]
    width = max((len(check["check"]) for check in checks), default=0)
    for check in checks:
        remedy = f"; {check['remedy']}" if check["remedy"] else ""
        yield f"{check['verdict']:<7}  {check['check']:<{width}}  {check['fact']}{remedy}"
    troubles = sum(check["verdict"] == "trouble" for check in checks)
    warnings = sum(check["verdict"] == "warning" for check in checks)
    told = [count(troubles, "trouble")] if troubles else []
    told += [count(warnings, "warning")] if warnings else []
    yield ", ".join(told) or "all is well"
