"""Clips to be annotated again because of what became known later: which, by whom, and for the how manieth time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import text

#: A clip named because of a clip that was named because of a clip ... this often at most: annotators that never
#: agree must come to an end.
MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """Clips of one round; for each the place of the first annotator that is asked, in the pipeline's order."""

    round: int
    begins: Mapping[str, int]


class Again:
    """The line of named clips. In memory: rows of the backlog make it durable.

    The rounds are worked off one after the other, so that what names one another comes to rest, and a clip that
    many name is annotated once.
    """

    def __init__(self) -> None:
        self._rounds: list[dict[str, int]] = [{} for _ in range(MOST_ROUNDS)]

    def __bool__(self) -> bool:
        return any(self._rounds)

    def begin(self, clip: str) -> int | None:
        """The place of the first annotator that the clip waits for, None when it is not in the line."""
        for line in self._rounds:
            if clip in line:
                return line[clip]
        return None

    def add(self, clip: str, begin: int, round: int) -> None:  # noqa: A002 - the idea's word
        """Take a clip into the line; one that is there keeps the earlier round and the earlier annotator."""
        for earlier, line in enumerate(self._rounds, start=1):
            if clip in line:
                begin, round = min(begin, line.pop(clip)), min(round, earlier)  # noqa: A001 - as above
                break
        self._rounds[round - 1][clip] = begin

    def discard(self, clips: Iterable[str]) -> None:
        """Take clips out: they are annotated by everybody."""
        for clip in clips:
            for line in self._rounds:
                line.pop(clip, None)

    def take(self, most: int) -> Turn:
        """Up to `most` clips of the earliest round."""
        for round_, line in enumerate(self._rounds, start=1):
            if line:
                names = list(islice(line, most))
                return Turn(round_, {name: line.pop(name) for name in names})
        return Turn(1, {})


def known_among(query: Query, names: Collection[str]) -> set[str]:
    """Those that are ids of complete originals, superseded by none."""
    if not names:
        return set()
    where, values = among("id", [text(name) for name in names])
    rows = query(
        f"SELECT id FROM clips WHERE {where} AND complete AND NOT superseded AND parent = ''",  # noqa: S608 - our own
        values,
    )
    return {name for (name,) in rows}
