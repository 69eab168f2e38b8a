"""What is owed of clips as SQL: who is to get something of them, and who has all of it."""

from __future__ import annotations

from rushes.engine.views.states import CANCELLED, DONE, PARKED, WAITING, WITHDRAWN

_OVER = "('done', 'withdrawn')"
#: Tables to begin a query with, over the clips of the query `shot` (with `id`, `revision`, `problem`) and the jobs'
#: `ranks`: `j` the jobs of their present bytes, `d` the deliveries of those without what was withdrawn, `owed` by clip
#: and sink whether it is `there`, `stood` the clips with how they stand.
#: What is still to be made may have a delivery that nobody knows yet, and a clip that is not `planned` may go to any
#: sink: until then no sink has all.
OWED = f"""
    WITH o AS MATERIALIZED ({{ranks}}),
        shot AS MATERIALIZED ({{shot}}),
        j AS MATERIALIZED (
            SELECT jobs.id, jobs.clip, jobs.sinks, coalesce(rank, {DONE}) AS rank
            FROM jobs JOIN shot ON shot.id = jobs.clip AND shot.revision = jobs.revision
                LEFT JOIN o ON o.job = jobs.id
        ),
        all_d AS MATERIALIZED (
            SELECT j.clip, job, component, state, changed, coalesce((receipt::JSON->>'size')::BIGINT, 0) AS bytes,
                coalesce(receipt::JSON->>'checked', '') AS checked
            FROM steps JOIN j ON j.id = job WHERE verb = 'deliver'
        ),
        d AS (SELECT * FROM all_d WHERE state <> 'withdrawn'),
        owed AS (
            SELECT w.clip, sink, bool_and(w.rank = {DONE} OR (coalesce(s.there, false) AND m.job IS NULL)) AS there
            FROM (SELECT id, clip, rank, unnest(sinks) AS sink FROM j WHERE rank <> {WITHDRAWN}) w
                LEFT JOIN (SELECT job, component, bool_and(state IN {_OVER}) AS there FROM all_d GROUP BY ALL) s
                    ON s.job = w.id AND component = sink
                LEFT JOIN (SELECT DISTINCT job FROM steps WHERE verb = 'apply' AND state NOT IN {_OVER}) m
                    ON m.job = w.id
            GROUP BY w.clip, sink
        ),
        of_jobs AS (
            SELECT clip, bool_or(rank <= {WAITING}) AS live, bool_or(rank = {PARKED}) AS parked,
                bool_or(rank = {WAITING}) AS waiting,
                bool_or(rank = {CANCELLED}) AS cancelled, bool_or(rank NOT IN ({DONE}, {WITHDRAWN})) AS open
            FROM j GROUP BY clip
        ),
        of_deliveries AS (
            SELECT clip, count(*) AS deliveries, max(changed) FILTER (state = 'done') AS arrived
            FROM d GROUP BY clip
        ),
        stood AS (
            SELECT known.*, coalesce(parked, false) AS parked, coalesce(waiting, false) AS waiting,
                coalesce(cancelled, false) AS cancelled, planned,
                coalesce(open, false) OR NOT planned AS open, coalesce(live, false) OR NOT planned AS live,
                coalesce(deliveries, 0) AS deliveries, arrived,
                coalesce(problem, '') <> '' AND NOT coalesce(parked OR waiting OR cancelled, false) AS broken
            FROM (SELECT *, id NOT IN (SELECT clip FROM backlog WHERE annotator = '') AS planned FROM shot) known
                LEFT JOIN of_jobs ON of_jobs.clip = known.id
                LEFT JOIN of_deliveries ON of_deliveries.clip = known.id
        ),
"""  # noqa: S608 - our own words
UNDELIVERED = "open OR broken"
#: Nothing of it goes anywhere: what is still made of it has no delivery yet, and is not that.
UNROUTED = f"deliveries = 0 AND NOT ({UNDELIVERED})"
#: No sink has anything of it, and nothing goes on that would change that.
ALONE = f"({UNDELIVERED}) AND arrived IS NULL AND NOT live"
#: Of a group of clips with its `sinks`; `handed_over` is when the last arrived, null while anything is owed.
SUMS = f"""
    count(*) FILTER ({UNDELIVERED}) AS undelivered, count(*) FILTER ({UNROUTED}) AS unrouted,
    coalesce(any_value(sinks), []) AS sinks,
    CASE WHEN NOT bool_or({UNDELIVERED}) THEN max(arrived) END AS handed_over
"""


def sinks_of(group: str) -> str:
    """A query for the `sinks` of each group of the clips in `c`: of how many they get something, and have all."""
    of = "SELECT * REPLACE (coalesce(camera, '') AS camera) FROM c"
    return f"""
        SELECT {group}, list({{sink: sink, clips: clips + unplanned, delivered: delivered}} ORDER BY sink) AS sinks
        FROM (
            SELECT {group}, sink, count(*) AS clips, count(*) FILTER (there) AS delivered
            FROM owed JOIN ({of}) c ON c.id = clip GROUP BY ALL
        ) JOIN (SELECT {group}, count(*) FILTER (NOT planned) AS unplanned FROM ({of}) c GROUP BY ALL) USING ({group})
        GROUP BY {group}
    """  # noqa: S608 - our own words
