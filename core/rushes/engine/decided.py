"""What people decided about matches, as events of both sides."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from rushes.engine.links import said_by
from rushes.ledger import Query
from rushes.ledger.lookup import among

#: By an annotator's action, what then happened to the pairs that it answers with.
_HAPPENED = {"accept": "match.accepted", "reject": "match.rejected", "forget": "match.taken_back"}
_SIDES = ("clip", "other")


def decided(query: Query, kind: str, action: str, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events of an action of a component of that kind: for each side of a pair which is a clip, what was said of
    it and the `other`, whose `name` people know, and of what kind that is (`about`: a clip's, or "record").
    """
    pairs = result.get("pairs", ()) if kind == "annotator" and action in _HAPPENED else ()
    sides = _sides(query, {pair[side] for pair in pairs for side in _SIDES}) if pairs else {}
    found = []
    for pair in pairs:
        for this, that in (_SIDES, _SIDES[::-1]):
            clip, other = pair[this], pair[that]
            about, name = sides.get(other, ("", ""))
            if sides.get(clip, ("record",))[0] != "record":
                told = {"other": other, "name": name, "about": about}
                found.append({"kind": _HAPPENED[action], "clip": clip, **told})
    return found


def _sides(query: Query, ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    where, names = among("id", ids)
    clips = query(f"SELECT id, kind, path FROM clips WHERE {where}", names)  # noqa: S608 - our own words
    records = query(f"SELECT id, data FROM records WHERE {where}", names)  # noqa: S608 - our own words
    told = {id_: ("record", said_by(json.loads(data))) for id_, data in records}
    return {**told, **{id_: (kind, path.rpartition("/")[2]) for id_, kind, path in clips}}
