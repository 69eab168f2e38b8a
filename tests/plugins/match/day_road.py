"""A made-up day through the engine: admitted card by card, probed by somebody who knows, matched, stored."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from engine_rig import FunctionAnnotator, ListSource, component, engine_of, pipeline
from rushes import Clip
from rushes.config.pipeline import Component
from rushes_match import rushes_annotators
from rushes_match.items import Pair, Solution

from .day_clips import clips_of
from .day_maker import Day


async def solved_by_engine(folder: Path, day: Day, *, backwards: bool = False) -> tuple[Solution, int]:
    """What is stored once all cards came, one by one; the last first when `backwards`.

    And the number of pairs, losers aside, that one of the two clips tells and the other does not.
    """
    clips = clips_of(day)
    cards: dict[str, list[Clip]] = defaultdict(list)
    for _, clip, _ in clips:
        cards[clip.volume].append(clip)
    batches = list(cards.values())[:: -1 if backwards else 1]
    told = {(clip.volume, clip.path): values for _, clip, values in clips}
    made = pipeline(
        folder, sources=[component("source", "cards", ListSource(*batches))], prepare=_annotators(told)
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        ids = await engine._ledger.query("SELECT id, volume, path FROM clips")
        links = await engine._ledger.query(
            "SELECT clip, other, state, score FROM links WHERE kind = 'sound' AND annotator = 'match'"
        )
        backs = await engine._ledger.query("SELECT other, clip, state FROM links WHERE kind = 'picture'")
    one_sided = {link[:3] for link in links if link[2] != "lost"} ^ {
        link for link in backs if link[2] != "lost"
    }
    items = {(clip.volume, clip.path): item for item, clip, _ in clips}
    by_id = {clip: items[volume, path] for clip, volume, path in ids}
    pairs = [
        Pair(picture=by_id[clip], sound=by_id[other], state=state, score=points)
        for clip, other, state, points in links
    ]
    return Solution(pairs=pairs), len(one_sided)


def _annotators(told) -> list[Component]:
    """A probe that knows the day, and `match` behind it."""
    [spec] = [one for one in rushes_annotators() if one.name == "match"]
    probe = component(
        "annotator", "probe", FunctionAnnotator(lambda clip: dict(told[clip.volume, clip.path]))
    )
    match = Component(
        id="match", use="match", kind="annotator", spec=spec, options=spec.config(), slots=1, where="test:2"
    )
    return [probe, match]
