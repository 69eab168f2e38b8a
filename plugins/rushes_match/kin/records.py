"""Files with what devices said about them: by clip name, file name, reel and index, then timecode and device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import chain

from rushes import Link, Record
from rushes_match.items import Decision
from rushes_match.kin import order
from rushes_match.kin.acquaintance import acquainted
from rushes_match.kin.candidates import Candidates
from rushes_match.kin.claps import claps
from rushes_match.kin.decided import given, last_words, rejection
from rushes_match.kin.families import families
from rushes_match.kin.files import File, Kinship, Said
from rushes_match.kin.judging import SURE, Judgement, judge
from rushes_match.kin.order import link_of
from rushes_match.kin.portrait import Portrait, portrait
from rushes_match.kin.same import same_files, same_statements
from rushes_match.kin.settling import MARGIN, settle
from rushes_match.kin.statement import Statement, statement
from rushes_match.kin.values import merged


def records(
    files: Sequence[File],
    records: Sequence[Record],
    decisions: Sequence[Decision] = (),
    *,
    margin: float = MARGIN,
) -> Kinship:
    """What the records say about the files, with links of kind "record" from a clip to a record's id.

    Only files of pictures and sound have records; tombstones count for nothing. In `decisions` one of the two ids is
    a record's. Values are of matched records alone. The answer does not depend on any order.
    """
    if not records:
        return {}
    about = {file.id: portrait(file) for file in files if file.kind in ("video", "audio")}
    told = {said.id: said for record in _latest(records) if (said := statement(record))}

    def order_of(one: str, two: str) -> tuple[str, str] | None:
        return next(((a, b) for a, b in ((one, two), (two, one)) if a in about and b in told), None)

    last = last_words(decisions, order_of)
    settled = settle(
        acquainted(list(chain.from_iterable(_candidates(about.values(), told, last))), about, told),
        same_file=_same_files(about, files),
        same_other=lambda one, other: same_statements(told[one], told[other]),
        given=given(last),
        margin=margin,
    )
    links: dict[str, list[Link]] = defaultdict(list)
    for one in settled:
        links[one.pair.file].append(link_of(one, "record"))
    for (clip, id_), yes in last.items():
        if not yes:
            links[clip].append(rejection(clip, id_, "record"))
    clapped = claps(about.values(), records)
    found: dict[str, Said] = {}
    for clip in sorted(links.keys() | clapped.keys()):
        mine = order.told(links.get(clip, ()))
        matched = [told[link.other] for link in mine if link.state == "matched" and link.other in told]
        matched.sort(key=lambda said: (said.manual, -said.seen, said.id))
        values, extra = clapped.get(clip, ({}, ()))
        found[clip] = Said(clip=clip, values={**values, **merged(matched)}, links=(*mine, *extra))
    return found


def _latest(records: Iterable[Record]) -> Iterable[Record]:
    """One record of each id: several hubs may tell of the same."""
    latest: dict[str, Record] = {}
    for record in records:
        known = latest.get(record.id)
        if known is None or (record.seen, record.source) > (known.seen, known.source):
            latest[record.id] = record
    return latest.values()


def _candidates(
    about: Iterable[Portrait], told: Mapping[str, Statement], decided: Container[tuple[str, str]]
) -> Iterable[list[Judgement]]:
    """Timecode is asked where no name is sure."""
    known = Candidates(told.values())
    for file in about:
        found = known.by_name(file)
        judged = [one for said in found.values() if (one := judge(file, said))]
        if not any(one.score >= SURE for one in judged):
            judged += [
                one
                for id_, said in known.by_time(file).items()
                if id_ not in found and (one := judge(file, said))
            ]
        yield [one for one in judged if (one.file, one.other) not in decided]


def _same_files(about: Mapping[str, Portrait], files: Sequence[File]) -> Callable[[str, str], bool]:
    leads = {part: lead for lead, found in families(files).items() for part in found}

    def same(one: str, other: str) -> bool:
        return leads.get(one, one) == leads.get(other, other) or same_files(about[one], about[other])

    return same
