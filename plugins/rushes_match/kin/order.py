"""The order in which links are told, and a link of what was settled."""

from __future__ import annotations

from collections.abc import Iterable

from rushes import Link
from rushes_match.kin.settling import Settled

_STATES = ("matched", "ambiguous", "rejected", "lost")


#: So many losers of one clip are told, the best ones.
_LOSERS = 4


def told(links: Iterable[Link]) -> tuple[Link, ...]:
    """A clip's links in their order; of those that lost, the few that came near."""
    ranked = sorted(links, key=rank)
    lost = [link for link in ranked if link.state == "lost"]
    return tuple(link for link in ranked if link.state != "lost") + tuple(lost[:_LOSERS])


def rank(link: Link) -> tuple[int, float, str]:
    """Matched first, then what waits for a person, what a person said no to, what lost; each best first."""
    return _STATES.index(link.state), -link.score, link.other


def link_of(settled: Settled, kind: str, *, other: str = "", turned: bool = False) -> Link:
    """The link of a settled pair from its file; to `other` where that is not the pair's own, `turned` the other way."""
    pair = settled.pair
    ends = (other or pair.other, pair.file) if turned else (pair.file, other or pair.other)
    return Link(
        clip=ends[0],
        other=ends[1],
        kind=kind,
        score=min(1.0, pair.score),
        state=settled.state,
        evidence=pair.evidence | ({"why": settled.why} if settled.why else {}),
    )
