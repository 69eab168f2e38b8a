"""`pipeline service`: a systemd unit that runs a pipeline from boot on."""

from __future__ import annotations

import glob
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from rushes.cli.load import load_pipeline
from rushes.cli.output import file_argument
from rushes.config.find import find_file
from rushes.config.pipeline import Pipeline
from rushes.errors import RushesError
from rushes.page.address import read_address
from rushes.settings import PREFIX

#: Parts in flight are finished on a stop; on a slow line that takes a while.
DRAIN_S = 300
WATCHDOG_S = 60
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)")


@click.command()
@file_argument
@click.option(
    "--user/--system", "of_user", default=True, help="A unit of yours (the default), or of the machine."
)
@click.option(
    "--page", default="", metavar="ADDRESS", help="Serve the page at this address, as run --page does."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead.")
def command(file: str, of_user: bool, page: str, out: Path | None) -> None:
    """Write a systemd unit that runs a pipeline from boot on, and say how to enable it.

    It starts nothing. A unit of the machine runs as the user who calls this; write it with --out and copy it as root.
    """
    pipeline = load_pipeline(file)
    path = find_file(file).absolute()
    name = f"rushes-{re.sub(r'[^A-Za-z0-9_.-]', '-', pipeline.name)}.service"
    folder = _user_folder() if of_user else Path("/etc/systemd/system")
    target = out or folder / name
    if page:
        read_address(page)
    variables = named(pipeline, os.environ)
    text = unit(path, pipeline.state, of_user=of_user, page=page, variables=variables)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RushesError(
            f"{target}: cannot be written ({error.strerror}); name another place with --out"
        ) from error
    click.echo(f"written: {target}")
    who = "--user " if of_user else ""
    sudo = "" if of_user else "sudo "
    link = (
        ""
        if target == folder / name
        else f"{sudo}install -D -m 0644 {shlex.quote(str(target))} {folder / name} && "
    )
    if variables:
        kept = shlex.quote(str(environment_file(pipeline.state)))
        click.echo(
            f"values are not copied into it; first write a line NAME=value for {', '.join(variables)} into"
        )
        click.echo(f"{kept}, made so that nobody else may read it by:")
        click.echo(f"  install -m 0600 /dev/null {kept}")
    click.echo("now run:")
    click.echo(f"  {link}{sudo}systemctl {who}daemon-reload && {sudo}systemctl {who}enable --now {name}")
    if of_user:
        click.echo("  loginctl enable-linger    # so that it runs from boot, not from your first login")


def environment_file(state: Path) -> Path:
    """Where a service reads its variables: beside the state folder, whose copies are to have no secrets."""
    return state.with_name(f"{state.name}.env")


def named(pipeline: Pipeline, environment: Mapping[str, str]) -> list[str]:
    """The names of what is set here and would be missing in a service: our own, and what the file refers to."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in pipeline.files]
    asked = {name for text in texts for name in _REFERENCE.findall(text)}
    return sorted(name for name in environment if name.startswith(PREFIX) or name in asked)


def unit(file: Path, state: Path, *, of_user: bool, page: str = "", variables: Sequence[str] = ()) -> str:
    """The text of the unit; of `variables` it has the names alone."""
    missing = [
        "# set where this was written, and read from that file here, a line NAME=value each:",
        *(f"#   {name}" for name in variables),
    ]
    if re.search(r"[\"'\\]", sys.executable):
        raise RushesError(
            f"{sys.executable}: systemd starts no program whose path has quotes; install it elsewhere"
        )
    words = [sys.executable, "-m", "rushes.cli", "run", str(file), *(["--page", page] if page else [])]
    # ProtectSystem and its like make mounts private, so cards that are mounted later would not be seen.
    lines = [
        "[Unit]",
        f"Description=Rushes pipeline {specifiers(file.stem)}",
        *([] if of_user else ["Wants=network-online.target", "After=network-online.target time-sync.target"]),
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=notify",
        # The colon: `$` is no variable.
        f"ExecStart=:{' '.join(map(quoted, words))}",
        "ExecReload=kill -HUP $MAINPID",
        f"WorkingDirectory={unquoted(str(file.parent))}",
        *([] if of_user else [f"User={os.getuid()}"]),
        "Restart=on-failure",
        "RestartSec=5",
        "# a bad pipeline file does not get better by starting again",
        "RestartPreventExitStatus=2",
        f"WatchdogSec={WATCHDOG_S}",
        "TimeoutStartSec=300",
        "# parts in flight are finished first",
        "KillSignal=SIGTERM",
        "KillMode=mixed",
        f"TimeoutStopSec={DRAIN_S}",
        "LimitNOFILE=65536",
        "UMask=0077",
        "Environment=PYTHONUNBUFFERED=1",
        *(missing if variables else []),
        f"EnvironmentFile=-{unquoted(glob.escape(str(environment_file(state))))}",
        "# no sandbox of its own for mounts: cards that come later must be seen",
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "",
        "[Install]",
        f"WantedBy={'default' if of_user else 'multi-user'}.target",
    ]
    return "\n".join(lines) + "\n"


def quoted(word: str) -> str:
    """A word of a command as systemd.service(5) reads it back."""
    escaped = specifiers(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquoted(path: str) -> str:
    """A path that is the rest of its line. Raises RushesError for one that would not end with it."""
    if re.search(r"[\s\\]$", path):
        raise RushesError(f"{path!r}: a service cannot name a folder that ends so; rename it")
    return specifiers(path)


def specifiers(text: str) -> str:
    """Text in which `%` means itself. Raises RushesError for what no unit can hold, such as a line break."""
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise RushesError(f"{text!r}: a service cannot name a path with control characters; rename it")
    return text.replace("%", "%%")


def _user_folder() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if config else Path.home() / ".config") / "systemd" / "user"
