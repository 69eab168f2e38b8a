"""Files with the sidecars that name them: by clip name, file name, or reel and timecode; the nearest ones first.

A sidecar is a file whose `meta["sidecar"]` is a JSON list of {"match": {"clip_name", "file", "reel", "timecode"},
"values": {column or meta key: value}}. A row whose match is empty is about the file that is called as its sidecar is.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from msgspec.structs import replace

from rushes import Link, Scalar
from rushes_match import names
from rushes_match.items import Decision
from rushes_match.kin import order
from rushes_match.kin.decided import given, last_words, rejection
from rushes_match.kin.files import File, Kinship, Said
from rushes_match.kin.judging import CANDIDATE, Judgement, judge
from rushes_match.kin.order import link_of, rank
from rushes_match.kin.portrait import Portrait, portrait
from rushes_match.kin.reading import at, text
from rushes_match.kin.same import same_files, same_statements
from rushes_match.kin.settling import settle
from rushes_match.kin.shelf import Shelf
from rushes_match.kin.statement import Statement
from rushes_match.kin.times import Span, read_label

_KINDS: tuple[Literal["video", "audio"], ...] = ("video", "audio")

#: What cameras put behind the clip's name: Sony C0001M01.XML, RED .static and .frames, Canon _Static.
_TAIL = re.compile(r"(?:m\d\d|_?static|_?frames?|_metadata|_meta|_canoncamerametadata\w*)$", re.ASCII)

#: What lying near is worth: a counter of another card is another clip.
_SAME_FOLDER, _SAME_CARD, _ELSEWHERE = 0.2, 0.1, -0.3


def sidecars(files: Sequence[File], sidecars: Sequence[File], decisions: Sequence[Decision] = ()) -> Kinship:
    """What sidecars say about the files, with links of kind "sidecar" from a clip to the sidecar.

    Each sidecar is settled by itself: a clip may have several. Values are of matched rows alone, those of the nearest
    sidecar first. In `decisions` one of the two ids is a sidecar's; an accepted one says what its best row says, or
    its only one. The answer does not depend on any order.
    """
    if not sidecars:
        return {}
    about = {file.id: portrait(file) for file in files if file.kind in _KINDS}
    shelf = Shelf(about.values())
    links: dict[str, list[Link]] = defaultdict(list)
    values: dict[str, list[tuple[float, str, Mapping[str, Scalar]]]] = defaultdict(list)
    ids = {sidecar.id for sidecar in sidecars}

    def order_of(one: str, two: str) -> tuple[str, str] | None:
        return next(((a, b) for a, b in ((one, two), (two, one)) if a in about and b in ids), None)

    words: dict[str, dict[str, bool]] = defaultdict(dict)
    for (clip, sidecar_id), yes in last_words(decisions, order_of).items():
        words[sidecar_id][clip] = yes
    for sidecar in sidecars:
        for link, told in _read(sidecar, about, shelf, words[sidecar.id]):
            links[link.clip].append(link)
            if link.state == "matched":
                values[link.clip].append((-link.score, sidecar.id, told))
    found: dict[str, Said] = {}
    for clip, mine in sorted(links.items()):
        merged: dict[str, Scalar] = {}
        for _, _, told in sorted(values[clip], key=lambda one: one[:2], reverse=True):
            merged.update(told)
        found[clip] = Said(clip=clip, values=merged, links=order.told(mine))
    return found


def _read(
    sidecar: File, about: Mapping[str, Portrait], shelf: Shelf, words: Mapping[str, bool]
) -> Iterator[tuple[Link, Mapping[str, Scalar]]]:
    """The best link of each file with this sidecar, and what its row says; `words` are a person's on files."""
    rows = list(_rows(sidecar))
    said = {one.id: one for place, row in enumerate(rows) for one in _statements(sidecar, place, row)}
    judged: list[Judgement] = []
    for one in said.values():
        found = shelf.named(one.squashed, one.places, sidecar.folder)
        if one.span and not found:
            found = {file.file.id: file for file in shelf.around(one.span.start)}
        for file in found.values():
            if file.file.kind == one.about and file.file.id != sidecar.id and (fit := judge(file, one)):
                judged += [near for near in (_near(fit, file, sidecar),) if near.score >= CANDIDATE]
    chosen = _chosen(judged, about, [one for one in said.values() if len(rows) == 1], words)
    settled = settle(
        [one for one in judged if one.file not in words],
        same_file=lambda one, other: same_files(about[one], about[other]),
        same_other=lambda one, other: same_statements(said[one], said[other]),
        given=chosen,
    )
    best: dict[str, tuple[Link, Mapping[str, Scalar]]] = {}
    for pair in settled:
        link = link_of(pair, "sidecar", other=sidecar.id)
        known = best.get(link.clip)
        if known is None or rank(link) < rank(known[0]):
            best[link.clip] = link, _values(said[pair.pair.other].data)
    yield from best.values()
    for clip, accepted in words.items():
        if not accepted:
            yield rejection(clip, sidecar.id, "sidecar"), {}
        elif clip not in best:
            evidence = {"by": "person"}
            yield Link(clip=clip, other=sidecar.id, kind="sidecar", score=1.0, evidence=evidence), {}


def _chosen(
    judged: Sequence[Judgement],
    about: Mapping[str, Portrait],
    only: Sequence[Statement],
    words: Mapping[str, bool],
) -> list[Judgement]:
    """The row of each file that a person gave to the sidecar: the one that fits best, else the `only` one."""
    rows: dict[tuple[str, str], bool] = {}
    for clip in (clip for clip, accepted in words.items() if accepted):
        mine = [one for one in judged if one.file == clip]
        fits = [max(mine, key=lambda one: (one.score, one.other)).other] if mine else []
        fits = fits or [one.id for one in only if one.about == about[clip].file.kind]
        rows |= {(clip, other): True for other in fits}
    return given(rows, judged)


def _rows(sidecar: File) -> Iterator[Mapping[str, Any]]:
    try:
        told = json.loads(sidecar.text("sidecar") or "[]")
    except ValueError:
        return
    for row in told if isinstance(told, list) else ():
        if isinstance(row, dict):
            yield row


def _statements(sidecar: File, place: int, row: Mapping[str, Any]) -> Iterator[Statement]:
    """A row as what is said of a picture, and of a sound: sidecars do not tell which."""
    told = [name for name in (text(row, "match", "clip_name"), text(row, "match", "file")) if name]
    reel, label = text(row, "match", "reel"), text(row, "match", "timecode")
    if names.parsed(reel).index:
        told.append(reel)
    own = PurePosixPath(sidecar.filename).stem
    if own in told or not (told or (reel and label)):
        told.append(_TAIL.sub("", names.normal(own)))
    start = read_label(label, text(row, "values", "timecode_rate"))
    roll = names.reel_key(reel)
    parsed = [names.parsed(name) for name in told]
    for kind in _KINDS:
        yield Statement(
            id=f"{place} {kind}",
            device="",
            about=kind,
            data=row,
            names=tuple(told),
            squashed=frozenset(filter(None, map(names.squashed, told))),
            places=frozenset(
                [(one.reel, one.index) for one in parsed if one.index]
                + [(roll, index) for name in told if roll and (index := names.index_key(name))]
            ),
            roll=roll,
            span=None if start is None else Span(start),
        )


def _near(judged: Judgement, file: Portrait, sidecar: File) -> Judgement:
    if file.file.folder == sidecar.folder:
        place, worth = "same folder", _SAME_FOLDER
    elif file.file.volume == sidecar.volume and (not sidecar.card or file.file.card == sidecar.card):
        place, worth = "same card", _SAME_CARD
    else:
        generic = file.weight in ("generic", "take")
        place, worth = "elsewhere", _ELSEWHERE if generic else 0.0
    return replace(judged, score=round(judged.score + worth, 4), evidence={**judged.evidence, "place": place})


def _values(row: Mapping[str, Any]) -> Mapping[str, Scalar]:
    told = at(row, "values")
    return {
        str(name): value
        for name, value in (told.items() if isinstance(told, dict) else ())
        if isinstance(value, str | int | float | bool) and value != ""
    }
