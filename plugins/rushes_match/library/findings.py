"""What is said of a clip, made of all outcomes that it has a part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rushes import Finding, Link, Scalar
from rushes_match.items import Pair
from rushes_match.library.entry import Entry
from rushes_match.library.problem import Kin

#: Of a clip's candidates that lost no more are kept.
MOST_LOST = 5


def finding(entry: Entry, kin: Kin, pairs: Sequence[Pair], heard: Mapping[str, Scalar]) -> Finding:
    """`pairs` and `heard` are those of the recording that the clip is, or is a part of."""
    file = entry.file
    values: dict[str, Scalar] = {name: value for name, value in kin.silent.items() if not file.text(name)}
    values |= kin.records
    values |= {name: value for name, value in heard.items() if not file.text(name) and name not in values}
    links = list(kin.links)
    if entry.side and "proxy_of" not in kin.silent:
        values["matched"] = _matched(pairs)
        if kin.lead == file.id:
            links += _links(entry, pairs)
    return Finding(clip=file.id, values=values, basis="record" if kin.records else "file", links=_once(links))


def _matched(pairs: Sequence[Pair]) -> str:
    states = {pair.state for pair in pairs}
    return "matched" if "matched" in states else "ambiguous" if "ambiguous" in states else "none"


def _links(entry: Entry, pairs: Sequence[Pair]) -> list[Link]:
    """A picture's link to its sound is of kind "sound", and the other way round."""
    links: list[Link] = []
    lost = 0
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.picture, pair.sound)):
        lost += pair.state == "lost"
        if pair.state == "lost" and lost > MOST_LOST:
            continue
        picture = pair.picture == entry.file.id
        links.append(
            Link(
                clip=entry.file.id,
                other=pair.sound if picture else pair.picture,
                kind="sound" if picture else "picture",
                score=round(pair.score, 2),
                state=pair.state,
                evidence=pair.evidence,
            )
        )
    return links


def _once(links: Sequence[Link]) -> tuple[Link, ...]:
    """The first of those to the same clip or record of the same kind: the ledger has one row for them."""
    found: dict[tuple[str, str], Link] = {}
    for link in links:
        found.setdefault((link.other, link.kind), link)
    return tuple(found.values())
