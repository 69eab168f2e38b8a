"""Verbs for faults, for what the sandbox has seen, and for the sandbox itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import click

from rushes import RushesError
from rushes_sandbox import people_verbs as people
from rushes_sandbox.remote import Running
from rushes_sandbox.verb import verb


@verb(
    "fault",
    click.Argument(["rules"], required=False, metavar="[JSON|list]"),
    click.Option(["--clear"], is_flag=True, help="Forget every rule first."),
)
def fault(remote: Running, rules: str | None, clear: bool) -> tuple[Any, Sequence[str]]:
    """Order faults, or list those in force. They are a rule or a list of them, as the README tells."""
    if clear:
        remote.ask("DELETE", "/_sandbox/faults")
    if rules not in {None, "list"}:
        remote.ask("POST", "/_sandbox/faults", _rules(str(rules)))
    found = remote.ask("GET", "/_sandbox/faults")
    return found, [json.dumps(rule) for rule in found] or ["no faults"]


@verb("log", click.Option(["--after"], type=click.IntRange(0), default=0, help="Only later entries."))
def log(remote: Running, after: int) -> tuple[Any, Sequence[str]]:
    """Print every request that came, without secrets."""
    found = remote.ask("GET", f"/_sandbox/log?{urlencode({'after': after})}")
    return found, [
        f"{e['seq']:>6}  {e['at']}  {e['status'] or '---'}  {e['seconds']:8.3f} s  {e['bytes']:>12} B"
        f"  {e['method']} {e['path']}"
        for e in found
    ]


@verb("assets")
def assets(remote: Running) -> tuple[Any, Sequence[str]]:
    """List the assets, those that are not complete too."""
    found = remote.ask("GET", "/_sandbox/assets")
    return found, [
        f"{a['id']}  {a['state']:<8}  {'?' if a['filesize'] is None else a['filesize']:>14} B  {a['name']!r}"
        for a in found
    ] or ["no assets"]


@verb("violations")
def violations(remote: Running) -> tuple[Any, Sequence[str]]:
    """List what devices did that the protocol forbids."""
    found = remote.ask("GET", "/_sandbox/violations")
    return found, [f"{v['at']}  {v['request']}: {v['violation']}" for v in found] or ["no violations"]


@verb("restart")
def restart(remote: Running) -> tuple[Any, Sequence[str]]:
    """Reset every connection and start again. What the journal says is there again, faults are forgotten."""
    remote.restart()
    return {"url": remote.url}, [f"{remote.url} listens again"]


VERBS = [
    assets,
    fault,
    log,
    people.clock,
    people.confirm,
    people.devices,
    people.expire,
    people.forget,
    people.pause,
    people.projects,
    people.rename,
    people.resume,
    people.revoke,
    people.sockets,
    restart,
    violations,
]


def _rules(text: str) -> Any:
    try:
        rules = json.loads(text)
    except ValueError as error:
        raise RushesError(
            f'fault: not JSON ({error}); write a rule like {{"match": "PUT ", "status": 503}}'
        ) from None
    return [rules] if isinstance(rules, dict) else rules
