"""Verbs for what people do in a project, and for what goes wrong around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from rushes_sandbox.quantities import DURATION
from rushes_sandbox.remote import Running
from rushes_sandbox.verb import body, verb

_DEVICE = click.Argument(["device"], required=False)
_CHANNEL = click.Option(["--channel"], type=click.IntRange(0, 100), help="One channel alone, by its index.")


@verb("confirm", click.Argument(["code"]), click.Option(["--project"], help="Id or name; else the first."))
def confirm(remote: Running, code: str, project: str | None) -> tuple[Any, Sequence[str]]:
    """Type the six digits that a device shows. That is what a person does in the project."""
    device = remote.ask("POST", "/_sandbox/confirm", body(user_code=code, project=project))
    return device, [f"{device['name']} is paired"]


@verb("devices")
def devices(remote: Running) -> tuple[Any, Sequence[str]]:
    """List the devices of every project, with their channels."""
    found = remote.ask("GET", "/_sandbox/devices")
    return found, _device_lines(found)


@verb("pause", _DEVICE, _CHANNEL)
def pause(remote: Running, device: str | None, channel: int | None) -> tuple[Any, Sequence[str]]:
    """Pause DEVICE, or all: what is made from now on is refused."""
    found = remote.ask("POST", "/_sandbox/pause", body(device=device, channel=channel))
    return found, _device_lines(found)


@verb("resume", _DEVICE, _CHANNEL)
def resume(remote: Running, device: str | None, channel: int | None) -> tuple[Any, Sequence[str]]:
    """End the pause of DEVICE, or of all."""
    found = remote.ask("POST", "/_sandbox/resume", body(device=device, channel=channel))
    return found, _device_lines(found)


@verb("forget", _DEVICE)
def forget(remote: Running, device: str | None) -> tuple[Any, Sequence[str]]:
    """Remove DEVICE, or all, from its project."""
    found = remote.ask("POST", "/_sandbox/forget", body(device=device))
    return found, _device_lines(found)


@verb("rename", click.Argument(["name"]), click.Option(["--project"], help="Id or name; else the device's."))
def rename(remote: Running, name: str, project: str | None) -> tuple[Any, Sequence[str]]:
    """Give the project another NAME."""
    found = remote.ask("POST", "/_sandbox/rename", body(name=name, project=project))
    return found, _project_lines(found)


@verb(
    "expire",
    _DEVICE,
    click.Option(["--in", "in_s"], type=DURATION, default="1ms", show_default=True, help="From now."),
)
def expire(remote: Running, device: str | None, in_s: float) -> tuple[Any, Sequence[str]]:
    """Let the connection of DEVICE, or of all, end."""
    found = remote.ask("POST", "/_sandbox/expire", body(device=device, in_s=in_s))
    return found, _device_lines(found)


@verb(
    "revoke",
    _DEVICE,
    click.Option(
        ["--what"], type=click.Choice(["access", "refresh", "both"]), default="both", show_default=True
    ),
)
def revoke(remote: Running, device: str | None, what: str) -> tuple[Any, Sequence[str]]:
    """Make the tokens of DEVICE, or of all, worthless."""
    found = remote.ask("POST", "/_sandbox/revoke", body(device=device, what=what))
    return found, _device_lines(found)


@verb("projects", click.Option(["--add"], metavar="NAME", help="Make one first."))
def projects(remote: Running, add: str | None) -> tuple[Any, Sequence[str]]:
    """List the projects."""
    if add is not None:
        remote.ask("POST", "/_sandbox/projects", {"name": add})
    found = remote.ask("GET", "/_sandbox/projects")
    return found, _project_lines(found)


@verb("clock", click.Argument(["skew_s"], metavar="SECONDS", type=float))
def clock(remote: Running, skew_s: float) -> tuple[Any, Sequence[str]]:
    """Put the server's clock wrong by SECONDS; 0 puts it right."""
    found = remote.ask("POST", "/_sandbox/clock", body(skew_s=skew_s))
    return found, [f"the clock is {found['skew_s']} s ahead"]


@verb(
    "sockets",
    click.Option(["--block"], type=click.Choice(["reset", "html"]), help="Let none through, in this way."),
    click.Option(["--unblock"], is_flag=True, help="Let them through again."),
    click.Option(["--close"], is_flag=True, help="Close those that are open."),
)
def sockets(remote: Running, block: str | None, unblock: bool, close: bool) -> tuple[Any, Sequence[str]]:
    """Show the websockets, or keep them away."""
    order = body(blocked=block, close=close or None) | ({"blocked": None} if unblock else {})
    found = (
        remote.ask("POST", "/_sandbox/sockets", order) if order else remote.ask("GET", "/_sandbox/sockets")
    )
    return found, [f"{found['open']} open, blocked: {found['blocked'] or 'no'}"]


def _device_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for device in found:
        state = "forgotten" if device["forgotten"] else device["status"]
        lines.append(f"{device['id']}  {state:<9}  {device['name']}  in {device['project']!r}")
        lines += [
            f"    channel {channel['external_index']}  {channel['id']}  {channel['status']:<9}  {channel['name']!r}"
            for channel in device["channels"][1:]
        ]
    return lines or ["no devices"]


def _project_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{project['id']}  {project['name']!r}" for project in found]
