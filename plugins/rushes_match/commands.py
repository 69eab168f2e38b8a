"""`pipeline match FILE ...`: what waits for a person, and what a person says to it."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from rushes import RushesError
from rushes.commands import ComponentVerbs, echo_json, printable

VERBS = ComponentVerbs("match", "Which sound, record and sidecar belongs to which clip.", file_first=True)
command, verb, ask = VERBS.group, VERBS.verb, VERBS.ask

#: As `actions.listing.STATES`, which is not imported for `--help`.
_STATES = ("ambiguous", "matched", "rejected", "lost")


@verb("List what waits for a person: pairs with what speaks for and against them.")
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True, help="Those of this state instead."
)
@click.option("--all", "everything", is_flag=True, help="Those of every state.")
@click.option("--clip", metavar="CLIP", help="Those of this clip: its file name, path or id.")
@click.option("--limit", type=click.IntRange(min=1, max=100_000), default=200, show_default=True)
def list_(
    file: str,
    component: str | None,
    as_json: bool,
    states: tuple[str, ...],
    everything: bool,
    clip: str | None,
    limit: int,
) -> None:
    wanted = _STATES if everything or (clip and not states) else states or ("ambiguous",)
    arguments = {"states": ",".join(wanted), "limit": str(limit)} | ({"clip": clip} if clip else {})
    facts = ask("list", file, component, arguments)
    if as_json:
        echo_json(facts)
        return
    if not facts["pairs"]:
        click.echo("nothing waits for a person" if wanted == ("ambiguous",) else "no pair")
    before = ""
    for pair in facts["pairs"]:
        if pair["clip"]["id"] != before:
            click.echo(_name(pair["clip"]))
        before = pair["clip"]["id"]
        click.echo(f"  {pair['state']:<9}  {pair['score']:.2f}  {pair['kind']:<7}  {_name(pair['other'])}")
        if told := evidence_line(pair["evidence"]):
            click.echo(f"             {told}")
    if facts["more"]:
        click.echo(f"the first {limit}; see more with --limit")
    if any(pair["state"] == "ambiguous" for pair in facts["pairs"]):
        click.echo(
            f"decide with: pipeline match {file} accept CLIP OTHER, or reject; by id where names are alike"
        )


@verb("Say that CLIP and OTHER belong together: a picture and its sound, or a clip and its record.")
@click.argument("clip", metavar="CLIP")
@click.argument("other", metavar="OTHER")
def accept(file: str, component: str | None, as_json: bool, clip: str, other: str) -> None:
    _decided(ask("accept", file, component, {"clip": clip, "other": other}), "belongs to", as_json=as_json)


@verb("Say that CLIP and OTHER do not belong together.")
@click.argument("clip", metavar="CLIP")
@click.argument("other", metavar="OTHER")
def reject(file: str, component: str | None, as_json: bool, clip: str, other: str) -> None:
    _decided(
        ask("reject", file, component, {"clip": clip, "other": other}), "does not belong to", as_json=as_json
    )


@verb("Take back what was said of CLIP and OTHER, or of CLIP and any other: the evidence counts again.")
@click.argument("clip", metavar="CLIP")
@click.argument("other", metavar="[OTHER]", required=False)
def forget(file: str, component: str | None, as_json: bool, clip: str, other: str | None) -> None:
    facts = ask("forget", file, component, {"clip": clip} | ({"other": other} if other else {}))
    if as_json:
        echo_json(facts)
    else:
        count = len(facts["pairs"])
        click.echo(f"{count} decision{'' if count == 1 else 's'} of {printable(clip)} forgotten")


@verb("Show how the clocks of cameras and recorders stand to each other, in frames.")
def offsets(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("offsets", file, component)
    if as_json:
        echo_json(facts)
        return
    for name, frames in sorted(facts["hand"].items()):
        click.echo(f"{printable(name)}: {frames:+} frames, by hand")
    if not facts["learned"]:
        click.echo("nothing learned yet")
        return
    head = ("day", "picture", "sound", "from", "frames", "drift", "pairs", "by")
    _echo_table([head, *map(_offset, facts["learned"])])
    click.echo(f"frames of {facts['rate']} by which the picture's timecode is ahead of the sound's")


@verb("Write a shooting day for editors: OpenTimelineIO with picture and synced sound, ALE, CSV.")
@click.option("--otio", is_flag=True, help="A timeline; without any of these three, all are written.")
@click.option("--ale", is_flag=True, help="An Avid log.")
@click.option("--csv", is_flag=True, help="A table of all files.")
@click.option("--day", metavar="DATE", help="The day that began on it (2026-11-22); else the last one.")
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="Where to, made where it is not there; else here.",
)
def export(
    file: str, component: str | None, as_json: bool, day: str | None, folder: Path, **formats: bool
) -> None:
    wanted = ",".join(name for name, asked in formats.items() if asked)
    arguments = {"formats": wanted, "day": day or "", "to": str(folder.resolve())}

    def write(facts: Mapping[str, Any]) -> None:
        path = folder / facts["name"]
        _write(path, base64.b64decode(facts["data"]))
        if not as_json:
            click.echo(printable(str(path)))

    facts = ask("export", file, component, arguments, write)
    if as_json:
        echo_json({**facts, "files": [str(folder / name) for name in facts["files"]]})
        return
    click.echo(
        f"{facts['day']}: {_count(facts['pictures'], 'picture')}, {facts['matched']} with sound, "
        f"{facts['synced']} in sync; {_count(facts['sounds'], 'sound')}"
    )
    if facts["about"]:
        click.echo(
            f"{facts['about']} of them by clocks learned without a clap: within a second or two, check them"
        )
    if facts["waiting"]:
        click.echo(f"{_count(facts['waiting'], 'picture')} not in sync yet: pipeline match {file} list")


def _write(path: Path, data: bytes) -> None:
    """Under a temporary name first: a file that was there stays whole until the new one is."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            os.fchmod(stream.fileno(), 0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        raise RushesError(
            f"{path}: cannot be written ({error.strerror}); name another folder with --to"
        ) from error


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _offset(row: Mapping[str, Any]) -> tuple[str, ...]:
    drift = f"{row['drift_ppm']:+.1f} ppm" if row["drift_ppm"] else "-"
    # What is learned from starts and ends of takes is no measurement to the frame.
    shown = f"~{row['frames']:+.0f}" if row["origin"] == "learned" else f"{row['frames']:+.1f}"
    frames = shown + (f", {row['days']:+} d" if row["days"] else "")
    names = (printable(row["picture"]), printable(row["sound"]))
    return (row["day"], *names, row["at"], frames, drift, str(row["pairs"]), row["origin"])


def _decided(facts: Mapping[str, Any], how: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(facts)
        return
    when = "" if facts["now"] else "; it counts from the next run on"
    click.echo(f"{_called(facts['clip'])} {how} {_called(facts['other'])}{when}")
    for other in facts["others"]:
        click.echo(
            f"  and to {_called(other)}, as was said before; to take that back: forget CLIP {other['id']}"
        )


def _called(one: Mapping[str, Any]) -> str:
    """The file's name and its card: recorders give the same name to a take."""
    return printable(f"{one['name']} on {one['card']}" if one["card"] else one["name"])


def _name(one: Mapping[str, Any]) -> str:
    """File name, card with the folder on it, recorder or camera, timecode and id."""
    place = "/".join(filter(None, (one["card"], one["folder"])))
    known = f"({one['id']})" if one["name"] else ""
    told = [one["name"] or one["id"], place, one["recorder"], one["timecode"], known]
    return printable("  ".join(part for part in told if part))


def evidence_line(evidence: Mapping[str, Any]) -> str:
    """What speaks for and against a pair, in one line."""
    told: list[str] = []
    if "overlap_frames" in evidence:
        share = evidence.get("overlap_share")
        told.append(f"{evidence['overlap_frames']} frames" + (f" ({share:.0%})" if share is not None else ""))
    if evidence.get("offset_frames"):
        told.append(f"offset {evidence['offset_frames']} ({evidence.get('offset_from', '')})")
    told += [
        f"{name} {evidence[name]}"
        for name in ("scene", "slate", "take")
        if evidence.get(name) in {"same", "differs"}
    ]
    told += [str(evidence[name]) for name in ("why",) if evidence.get(name)]
    if evidence.get("by"):
        told.append(f"by {evidence['by']}")
    return printable("; ".join(told))


def _echo_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
