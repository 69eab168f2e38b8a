"""What people said of two that may belong together: the last word of each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rushes import Link
from rushes_match.items import Decision
from rushes_match.kin.judging import Judgement

#: The two that a decision is about, in the order of a pair; None where it is about something else.
Order = Callable[[str, str], tuple[str, str] | None]


def last_words(decisions: Iterable[Decision], order: Order) -> dict[tuple[str, str], bool]:
    """By file and other, whether they belong together."""
    last: dict[tuple[str, str], bool] = {}
    for decision in sorted(decisions, key=lambda decision: decision.at):
        if pair := order(decision.picture, decision.sound):
            last[pair] = decision.accept
    return last


def given(last: Mapping[tuple[str, str], bool], judged: Iterable[Judgement] = ()) -> list[Judgement]:
    """The pairs that were accepted, with what else spoke for them."""
    evidence = {(one.file, one.other): one.evidence for one in judged}
    return [
        Judgement(*pair, 1.0, True, {**evidence.get(pair, {}), "by": "person"})
        for pair, accepted in last.items()
        if accepted
    ]


def rejection(clip: str, other: str, kind: str) -> Link:
    """The link of two that a person said do not belong together."""
    return Link(clip=clip, other=other, kind=kind, score=0.0, state="rejected", evidence={"by": "person"})
