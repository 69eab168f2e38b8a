"""One problem solved: who is whose part, proxy, record and sidecar, and which sound is whose. Pure, and slow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rushes import Link, Scalar
from rushes.timecode import timespan
from rushes_match.items import Decision, Item, Offset, Pair
from rushes_match.kin import File, Part, Said, parts, proxies, records, sidecars
from rushes_match.library.devices import place_of, streams
from rushes_match.library.items import item
from rushes_match.library.problem import NOTHING, Kin, Outcome, Problem
from rushes_match.sync import solve

#: What a picture is told by its sound, where nothing else tells it.
FROM_SOUND = ("scene", "slate", "take", "circled", "project")


def solved(problem: Problem, before: Outcome = NOTHING) -> Outcome:
    """The same for the same problem, whatever the order in it; `before` may save the work."""
    known = _known(problem)
    if known.items == before.items and tuple(problem.decisions) == before.decisions:
        return _outcome(problem, known, before.solved, before.offsets)
    found = solve(known.items, decisions=known.decisions, hand=problem.hand, margin=problem.margin)
    return _outcome(problem, known, tuple(found.pairs), tuple(found.offsets))


def solved_near(
    problem: Problem, ids: frozenset[str], learned: Sequence[Offset]
) -> tuple[Outcome, frozenset[str]]:
    """All pairs of these clips and of those that they are weighed with, whose ids are told too, by what is known of
    the clocks.
    """
    known = _known(problem)
    focus = {known.lead_of.get(id_, id_) for id_ in ids}

    def near() -> Sequence[Pair]:
        return solve(
            known.items,
            decisions=known.decisions,
            hand=problem.hand,
            margin=problem.margin,
            focus=focus,
            learned=learned,
        ).pairs

    # Who they are weighed with may have been another's until now.
    focus |= {id_ for pair in near() for id_ in (pair.picture, pair.sound)}
    return _outcome(problem, known, tuple(near()), tuple(learned)), ids | focus


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known before picture meets sound; `files` with what sidecars and records say of them, `decisions`
    with what they say of the other files of a recording.
    """

    files: Mapping[str, File]
    kin: Mapping[str, Kin]
    lead_of: Mapping[str, str]
    families: Mapping[str, tuple[Part, ...]]
    items: tuple[Item, ...]
    streams: Mapping[str, str]
    decisions: Sequence[Decision]


def _known(problem: Problem) -> _Known:
    entries = {entry.file.id: entry for entry in sorted(problem.entries, key=lambda entry: entry.file.id)}
    own = [entry.file for entry in entries.values()]
    if problem.devices:
        own = [_by_id(file, problem.devices) for file in own]
    said_of = problem.decisions
    beside = sidecars(_originals(own, said_of), problem.sidecars, said_of) if problem.sidecars else {}
    told = [_with_silent(file, beside[file.id].values) if file.id in beside else file for file in own]
    families = parts(told)
    decisions = _of_recordings(problem.decisions, families)
    logged = records(told, problem.records, decisions) if problem.records else {}
    copies = proxies(told, said_of)
    files = {file.id: _with(file, logged[file.id].values) if file.id in logged else file for file in told}
    lead_of = {part.id: lead for lead, found in families.items() for part in found}
    kin: dict[str, Kin] = {}
    for id_ in sorted(problem.home & entries.keys()):
        # What is said of a recording is said of each of its files.
        said = logged.get(id_) or logged.get(lead_of.get(id_, ""))
        values = said.values if said else {}
        kin[id_] = _kin(id_, lead_of, families, values, [beside.get(id_), logged.get(id_), copies.get(id_)])
    leads = {
        id_: entry.side
        for id_, entry in entries.items()
        if entry.side and id_ not in lead_of and not (id_ in copies and "proxy_of" in copies[id_].values)
    }
    recorded = {id_: files[id_] for id_ in leads}
    devices = streams(recorded, {id_: entries[id_].wall for id_ in leads}, problem.streams)
    items = tuple(
        item(
            entries[id_],
            files[id_],
            side,
            devices[id_],
            [(part, files[part.id]) for part in families.get(id_, ())],
        )
        for id_, side in leads.items()
    )
    places = {place: devices[id_] for id_, file in recorded.items() if (place := place_of(file))}
    return _Known(files, kin, lead_of, families, items, places, decisions)


def _originals(files: Sequence[File], decisions: Sequence[Decision]) -> Sequence[File]:
    """Those that are no proxies of others here: an ALE that lies beside proxies is about what they are proxies of."""
    copies = proxies(files, decisions)
    return [file for file in files if file.id not in copies or "proxy_of" not in copies[file.id].values]


def _outcome(
    problem: Problem, known: _Known, found: tuple[Pair, ...], offsets: tuple[Offset, ...]
) -> Outcome:
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        if pair.picture in problem.home:
            pairs[pair.picture].append(pair)
            pairs[pair.sound].append(pair)
    heard: dict[str, Mapping[str, Scalar]] = {}
    for id_, mine in pairs.items():
        sounds = [known.files[pair.sound] for pair in mine if pair.picture == id_ and pair.state == "matched"]
        if told := _heard(sounds):
            heard[id_] = told
    return Outcome(
        kin=known.kin,
        pairs={id_: tuple(mine) for id_, mine in pairs.items()},
        heard=heard,
        parts={lead: tuple(part.id for part in mine) for lead, mine in known.families.items()},
        offsets=offsets,
        items=known.items,
        solved=found,
        decisions=tuple(problem.decisions),
        streams=known.streams,
    )


def _of_recordings(
    decisions: Sequence[Decision], families: Mapping[str, tuple[Part, ...]]
) -> Sequence[Decision]:
    """A person means the recording, whichever of its files they name, and whichever leads it by now."""
    alike: dict[str, list[str]] = {}
    for lead, found in families.items():
        ids = [lead, *(part.id for part in found)]
        alike |= dict.fromkeys(ids, ids)
    return [
        replace(one, picture=picture, sound=sound)
        for one in decisions
        for picture in alike.get(one.picture, (one.picture,))
        for sound in alike.get(one.sound, (one.sound,))
    ]


def _by_id(file: File, devices: Mapping[str, str]) -> File:
    """A person calls a device by its name, records by its id."""
    id_ = devices.get(file.text("device"))
    return replace(file, meta={**file.meta, "device": id_}) if id_ else file


def _with_silent(file: File, values: Mapping[str, Scalar]) -> File:
    """The file with what it does not tell itself."""
    return _with(file, {name: value for name, value in values.items() if not file.text(name)})


def _with(file: File, values: Mapping[str, Scalar]) -> File:
    meta = {**file.meta, **values}
    starts, ends = timespan(meta)
    return replace(file, meta=meta, starts=starts, ends=ends)


def _kin(
    id_: str,
    lead_of: Mapping[str, str],
    families: Mapping[str, tuple[Part, ...]],
    recorded: Mapping[str, Scalar],
    said: Sequence[Said | None],
) -> Kin:
    beside, _, copy = said
    links = [link for one in said if one for link in one.links]
    silent = {**(beside.values if beside else {}), **(copy.values if copy else {})}
    lead = lead_of.get(id_, id_)
    if lead != id_:
        silent["part_of"] = lead
        kind = next(part.kind for part in families[lead] if part.id == id_)
        links.append(Link(clip=id_, other=lead, kind="whole", score=1.0, evidence={"part": kind}))
    links += [
        Link(clip=id_, other=part.id, kind="part", score=1.0, evidence={"part": part.kind})
        for part in families.get(id_, ())
    ]
    return Kin(lead, silent, dict(recorded), tuple(links))


def _heard(sounds: Sequence[File]) -> Mapping[str, Scalar]:
    """What all of a picture's sounds that tell it agree on: a camera that did not cut has two takes, and neither."""
    told: dict[str, Scalar] = {}
    for name in FROM_SOUND:
        values = {str(sound.meta[name]): sound.meta[name] for sound in sounds if sound.text(name)}
        if len(values) == 1:
            told |= dict.fromkeys([name], *values.values())
    return told
