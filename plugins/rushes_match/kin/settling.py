"""Who belongs to whom where several want the same: clear pairs first, what is left waits for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from rushes import LinkState
from rushes_match.kin.judging import SURE, Judgement

#: Candidates nearer than this to one another are nobody's.
MARGIN = 0.1


class Settled(Struct, frozen=True, gc=False):
    """A pair's state, and why it lost or waits."""

    pair: Judgement
    state: LinkState
    why: str = ""


Same = Callable[[str, str], bool]


def settle(
    pairs: Iterable[Judgement],
    *,
    same_file: Same,
    same_other: Same,
    given: Iterable[Judgement] = (),
    margin: float = MARGIN,
) -> list[Settled]:
    """The state of every pair; the order of `pairs` does not matter. `given` are not among them.

    A pair is matched when it is sure and no rival comes within the margin. Rivals are pairs of the same file with
    something that is not the same, and the other way around; those of a matched pair are lost, which may
    make others clear. `same_file` and `same_other` say whether two are one recording under two ids. Pairs that a
    person has `given` are matched whatever else fits.
    """
    table = _Table([*given, *pairs], same_file, same_other)
    for pair in given:
        table.match(pair, "a person chose another")
    waiting: Sequence[Judgement] = table.open(table.ranked)
    while waiting:
        for pair in waiting:
            if table.clear(pair, margin):
                table.match(pair)
        left = table.open(waiting)
        if len(left) == len(waiting):
            break
        waiting = left
    for pair in waiting:
        table.leave(pair)
    return [table.done[pair.file, pair.other] for pair in table.ranked]


class _Table:
    """Pairs by both their ends, and what has been settled of them."""

    def __init__(self, pairs: Iterable[Judgement], same_file: Same, same_other: Same) -> None:
        self.ranked = sorted(pairs, key=lambda pair: (-pair.score, pair.file, pair.other))
        self.done: dict[tuple[str, str], Settled] = {}
        self._same_file, self._same_other = same_file, same_other
        self._by_file: dict[str, list[Judgement]] = defaultdict(list)
        self._by_other: dict[str, list[Judgement]] = defaultdict(list)
        for pair in self.ranked:
            self._by_file[pair.file].append(pair)
            self._by_other[pair.other].append(pair)

    def open(self, pairs: Iterable[Judgement]) -> list[Judgement]:
        """Those that are not settled."""
        return [pair for pair in pairs if (pair.file, pair.other) not in self.done]

    def clear(self, pair: Judgement, margin: float) -> bool:
        """Whether an open pair is sure, and no open rival comes near."""
        if pair.score < SURE or (pair.file, pair.other) in self.done:
            return False
        rivals = self._rivals(pair, pair.score - margin)
        return all((one.file, one.other) in self.done for one in rivals)

    def match(self, pair: Judgement, why: str = "") -> None:
        """This one is matched, which its open rivals have lost."""
        self.done[pair.file, pair.other] = Settled(pair, "matched")
        for one in self.open(self._rivals(pair)):
            reason = "another fits better" if one.file == pair.file else "fits another file better"
            self.done[one.file, one.other] = Settled(one, "lost", why or reason)

    def leave(self, pair: Judgement) -> None:
        """This one waits for a person, unless its file has found its own and little speaks for this."""
        found = (self.done.get((one.file, one.other)) for one in self._by_file[pair.file])
        others = (self.done.get((one.file, one.other)) for one in self._rivals(pair))
        if pair.score < SURE and any(one and one.state == "matched" for one in found):
            settled = Settled(pair, "lost", "too little speaks for it")
        elif any(one is None or one.state == "ambiguous" for one in others):
            settled = Settled(pair, "ambiguous", "others fit as well")
        else:
            settled = Settled(pair, "ambiguous", "too little speaks for it")
        self.done[pair.file, pair.other] = settled

    def _rivals(self, pair: Judgement, above: float = 0.0) -> Iterator[Judgement]:
        """Pairs of either end with something else, those above a score; whether it is else is asked last."""
        for one in self._by_file[pair.file]:
            if one is not pair and one.score > above and not self._same_other(one.other, pair.other):
                yield one
        for one in self._by_other[pair.other]:
            if one is not pair and one.score > above and not self._same_file(one.file, pair.file):
                yield one
