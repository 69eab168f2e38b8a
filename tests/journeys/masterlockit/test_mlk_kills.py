"""`make hub-torture` in short; and what only a hub can see: what the client had acknowledged when it was killed."""

from __future__ import annotations

import random

import pytest

from journeys.hub_torture import torture
from journeys.hub_verdict import is_clip, read, tag_of
from journeys.hub_wire import CAMERA, SLATE
from journeys.masterlockit.lockit_set import CAM, LockitSet, clip
from journeys.masterlockit.seed_hub import SeedHub

CLAPPER = 0x00000000000000C1
ACK = 0x03


@pytest.mark.timeout(90)
def test_what_was_acknowledged_survives_kills_of_hub_and_client(tmp_path):
    assert torture(tmp_path, kills=4, seed=4, clips=600).failures == []


def clap(tag):
    return {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": 1, "frames": 1},
        "slateInfo": {"scene": tag},
    }


@pytest.mark.timeout(60)
def test_the_client_keeps_what_it_acknowledged_and_counts_nothing_twice(tmp_path):
    chance = random.Random(8)
    lockit = LockitSet(tmp_path)
    said, digests, acked = {}, {}, set()
    with lockit.stage, SeedHub("<", port=lockit.port) as hub:
        hub.appear(CAM, CAMERA, "A-Cam")
        hub.appear(CLAPPER, SLATE, "Slate")
        for life in range(3):
            client = lockit.start_client()
            wanted = {("data", hub.at(CAM, CAMERA)), ("data", hub.at(CLAPPER, SLATE))}
            hub.wait(lambda wanted=wanted: wanted <= hub.subscribed, "subscriptions", 20)
            for number in range(100):
                said[f"{life}-{number}"] = (CLAPPER, SLATE, clap(f"{life}-{number}"))
                said[f"clip {life}-{number}"] = (
                    CAM,
                    CAMERA,
                    clip(f"clip {life}-{number}", {f"{CAM:016x}": 1}),
                )
            # What was not acknowledged is said again, and some of what was, too.
            due = [tag for tag in said if tag not in acked or chance.random() < 0.1]
            digests |= {hub.push(*said[tag]): tag for tag in due}
            enough = chance.randrange(1, len(due))
            hub.wait(lambda enough=enough: len(hub.answered) >= enough, "acknowledgements", 20)
            client.kill()
            assert {kind for kind, _, _ in hub.answered} == {ACK}
            acked |= {digests[digest] for _, digest, _ in hub.answered}
            hub.answered.clear()
            rows = read(lockit.client)
            clips = {identity for identity, row in rows.items() if is_clip(row)}
            claps = [tag_of(row) for row in rows.values() if not is_clip(row)]
            assert len(claps) == len(set(claps))
            assert acked <= clips.union(claps) <= said.keys()
            hub.subscribed.clear()
    assert acked
