"""A shooting day in few words, as the page shows it above the clips: what `day` sums up, without a line for each clip.

The report of 20,000 clips takes seconds to make; these sums are the ledger's own, and the same numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rushes.engine.board import STATES_IN_ORDER
from rushes.engine.views.day import records_alone
from rushes.engine.views.days import calendar
from rushes.engine.views.document import Document
from rushes.engine.views.jobs import job_documents
from rushes.engine.views.last import Waits, last_pipeline
from rushes.engine.views.owed import OWED, SUMS, UNDELIVERED, UNROUTED, sinks_of
from rushes.engine.views.states import DONE, WITHDRAWN, ranks
from rushes.ledger import Query
from rushes.model import StepState

#: Lines of what is not delivered; who wants more looks at the clips.
MOST_OPEN = 50

#: What does not come by itself stands first; then what goes on, as it goes on.
_FIRST = (StepState.PARKED, StepState.CANCELLED, StepState.WAITING, StepState.RUNNING, StepState.READY)
_ORDER = " ".join(f"WHEN {STATES_IN_ORDER.index(state)} THEN {place}" for place, state in enumerate(_FIRST))
_SHOT = """
    SELECT id, revision, path, card, camera, kind, role, size, problem, first_seen, timecode, timecode_end, duration,
        circled, waste, mos, floor(wall) AS wall
    FROM clips JOIN (SELECT unnest(?::VARCHAR[]) AS shot, unnest(?::DOUBLE[]) AS wall) ON shot = id
"""
_TABLES = f"""
    {OWED}
        sounds AS (
            SELECT said.picture FROM (
                SELECT clip AS picture, other AS sound FROM links WHERE kind = 'sound' AND state = 'matched'
                UNION ALL SELECT other, clip FROM links WHERE kind = 'picture' AND state = 'matched'
            ) said JOIN clips c ON c.id = said.sound WHERE NOT c.superseded
        ),
        c AS MATERIALIZED (
            SELECT stood.*,
                kind = 'video' AND role = 'original' AND mos IS NOT true AND waste IS NOT true
                    AND id NOT IN (SELECT picture FROM sounds) AS silent
            FROM stood
        )
"""  # noqa: S608 - our own words
#: By name, as SQL over clips (`c`) and deliveries (`d`).
_TOTALS = {
    "clips": "count(*)",
    "duration": "round(coalesce(sum(duration), 0), 3)",
    "bytes": "coalesce(sum(size), 0)::BIGINT",
    "pictures": "count(*) FILTER (kind = 'video')",
    "sounds": "count(*) FILTER (kind = 'audio')",
    "circled": "count(*) FILTER (circled)",
    "deliveries": "(SELECT count(*) FROM d)",
    "delivered": "(SELECT count(*) FROM d WHERE state = 'done')",
    "delivered_bytes": "(SELECT coalesce(sum(bytes), 0)::BIGINT FROM d WHERE state = 'done')",
    "unverified": "(SELECT count(*) FROM d WHERE state = 'done' AND checked = '')",
    "failed": "count(*) FILTER (parked OR broken)",
    "cancelled": "count(*) FILTER (cancelled)",
    "waiting": "count(*) FILTER (waiting)",
    "undelivered": f"count(*) FILTER ({UNDELIVERED})",
    "unrouted": f"count(*) FILTER ({UNROUTED})",
    "silent": "count(*) FILTER (silent)",
}
_OF_TOTALS = f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in _TOTALS.items())} FROM c"  # noqa: S608 - our own words
#: Of a card and camera: from its first label to the end of its last recording.
_CARDS = f"""
    SELECT card, camera, count(*) AS clips, round(coalesce(sum(duration), 0), 3) AS duration,
        sum(size)::BIGINT AS bytes,
        coalesce(arg_min(timecode, (wall, path)) FILTER (timecode <> ''), '') AS timecode,
        coalesce(arg_max(coalesce(timecode_end, ''), (wall, path)) FILTER (timecode <> ''), '') AS timecode_end,
        epoch(min(first_seen)) AS seen, {SUMS}
    FROM (SELECT * REPLACE (coalesce(camera, '') AS camera, coalesce(size, 0) AS size) FROM c)
        LEFT JOIN ({sinks_of("card, camera")}) USING (card, camera)
    GROUP BY card, camera ORDER BY card, camera
"""  # noqa: S608 - our own words
_HANDOVERS = """
    SELECT component AS sink, count(*) FILTER (state = 'done') AS files,
        coalesce(sum(bytes) FILTER (state = 'done'), 0)::BIGINT AS bytes,
        count(*) FILTER (state NOT IN ('done', 'parked', 'cancelled')) AS "left",
        count(*) FILTER (state = 'parked') AS failed,
        min(changed) FILTER (state = 'done') AS first, max(changed) FILTER (state = 'done') AS last
    FROM d GROUP BY component ORDER BY component
"""
_OPEN = f"""
    SELECT job FROM (
        SELECT j.id AS job, CASE rank {_ORDER} END AS place, card, path
        FROM j JOIN shot ON shot.id = j.clip WHERE rank NOT IN ({DONE}, {WITHDRAWN})
    ) ORDER BY place, card, path, job LIMIT {MOST_OPEN}
"""  # noqa: S608 - our own words
#: Without jobs: broken, or not planned yet.
_JOBLESS = f"""
    SELECT id, card, path, CASE WHEN broken THEN 'broken' ELSE 'running' END AS state, coalesce(problem, '') AS problem
    FROM c WHERE broken OR (NOT planned AND id NOT IN (SELECT clip FROM j)) ORDER BY card, path LIMIT {MOST_OPEN}
"""  # noqa: S608 - our own words


def summary(query: Query, wanted: str, waits: Waits, now: float) -> Document:
    """The document `ReportSummary` of that day ("" or "last": the last one). Raises NotFound."""
    known = calendar(query)
    chosen = known.chosen(wanted)
    names = known.shot_on(chosen)
    of_jobs, parameters = ranks(waits)
    asked = [*parameters, names, [known.walls[name] for name in names]]
    tables = _TABLES.format(ranks=of_jobs, shot=_SHOT)
    [(totals, cards, handovers, open_jobs, jobless)] = query(
        f"""
        {tables}
        SELECT (SELECT list(t) FROM ({_OF_TOTALS}) t), (SELECT list(t) FROM ({_CARDS}) t),
            (SELECT list(t) FROM ({_HANDOVERS}) t), (SELECT list(job) FROM ({_OPEN})),
            (SELECT list(t) FROM ({_JOBLESS}) t)
        """,  # noqa: S608 - our own words
        asked,
    )
    lines = [*_by_clip(job_documents(query, open_jobs or [], waits)), *map(_without_jobs, jobless or ())]
    return {
        "day": chosen,
        "pipeline": last_pipeline(query)["name"],
        "made": now,
        "totals": totals[0],
        "cards": cards or [],
        "handovers": handovers or [],
        "undelivered": lines[:MOST_OPEN],
        "records_without_media": records_alone(query, chosen),
    }


def _by_clip(jobs: Iterable[Document]) -> list[Document]:
    """A line for each clip: the state of the first of its jobs, their reasons and what is wrong with its media, and the
    sinks where it is not yet.
    """
    found: dict[str, Document] = {}
    reasons: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for job in jobs:
        line = found.setdefault(
            job["clip"],
            {
                **{name: job[name] for name in ("clip", "name", "card", "path", "state")},
                "to": [],
            },
        )
        reasons[job["clip"]] |= dict.fromkeys(filter(None, (job["reason"], job["problem"])))
        left = [step["component"] for step in job["steps"] if _owed(step)]
        line["to"] = sorted({*line["to"], *left})
    return [line | {"reason": "; ".join(reasons[clip])} for clip, line in found.items()]


def _without_jobs(clip: Document) -> Document:
    name = clip["path"].rpartition("/")[2]
    return {
        "clip": clip["id"], "name": name, "card": clip["card"], "path": clip["path"], "state": clip["state"],
        "reason": clip["problem"], "to": [],
    }  # fmt: skip


def _owed(step: Document) -> bool:
    return step["verb"] == "deliver" and step["state"] not in {"done", "withdrawn"}
