"""Folders made of what is known of a clip: what may be written, what is filled in, and that no value gets out."""

from __future__ import annotations

import json
import os
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rushes import WORK, Clip, NotYet, Options, Permanent, Role, Template
from rushes.columns import METADATA
from rushes.config.part import PartError
from rushes.templates import DERIVED, MissingField
from rushes.templates.names import LONGEST_NAME, REFUSED, whole_name, within_a_name

NOON_UTC = 1_795_348_800  # 2026-11-22
NOON = round(datetime.fromisoformat("2026-11-22 12:00").astimezone().timestamp())


class Wishes(Options):
    folder: Template


def clip(path="CLIPS/A001C001.mov", **fields):
    meta = {name: fields.pop(name) for name in list(fields) if name not in Clip.__dataclass_fields__}
    return Clip(
        **{"volume": "v", "card": "A001", "path": path, "mtime_ns": NOON * 10**9, "meta": meta, **fields}
    )


def filled(text, of):
    return str(Template(text).fill(of))


def test_columns_day_roll_and_keys_are_filled_in():
    of = clip(
        project="Nocturne",
        recorded=datetime.fromisoformat("2026-11-21 23:59"),
        reel="A007",
        look="day",
        take="3",
    )
    assert filled("{project}/{day}/{roll}", of) == "Nocturne/2026-11-21/A007"
    assert filled("{name}.{extension} {meta.look}-T{take}/{card}", of) == "A001C001.mov day-T3/A001"
    assert filled("{kind}{{{role}}}/{complete}", of) == "data{original}/true"


def test_the_roll_is_the_card_where_there_is_no_reel():
    assert filled("{roll}", clip()) == "A001"
    assert filled("{roll}", clip(reel=" ")) == "A001"


def test_a_default_stands_in_and_an_empty_one_leaves_the_name_out():
    assert filled("{scene:-no scene}/{day}", clip()) == "no scene/2026-11-22"
    assert filled("{scene:-no scene}", clip(scene="12A")) == "12A"
    assert filled("{scene:-}/{roll}", clip()) == "A001"
    assert filled("x{scene:-}", clip()) == "x"
    assert Template("{scene:-}").fill(clip()).parts == ()


def test_the_folders_of_the_card_are_kept_between_slashes_only():
    of = clip("PRIVATE/../M4ROOT/C0001.MP4")
    assert filled("{day}/{folder}", of) == "2026-11-22/PRIVATE/_/M4ROOT"
    assert filled("at {folder}", clip("A/B/C.mov")) == "at A_B"
    assert filled("{folder}/{roll}", clip("C.mov")) == "A001"


@pytest.fixture
def in_los_angeles(monkeypatch):
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_day_is_the_recordings_by_its_own_clock_else_by_this_machines(in_los_angeles):
    two_in_the_morning = datetime.fromisoformat("2026-11-22 02:00")
    assert filled("{day}", clip(recorded=two_in_the_morning)) == "2026-11-22"
    assert filled("{day}", clip(recorded="2026-11-22T02:00:00+09:00")) == "2026-11-22"
    assert filled("{day}", clip(created=two_in_the_morning)) == "2026-11-21"
    assert filled("{day}", clip(created=two_in_the_morning.replace(tzinfo=UTC))) == "2026-11-21"
    assert filled("{day}", clip(mtime_ns=(NOON_UTC - 10 * 3600) * 10**9)) == "2026-11-21"
    assert filled("{day}", clip(created="yesterday", mtime_ns=NOON_UTC * 10**9)) == "2026-11-22"


def test_what_the_pipeline_made_has_the_day_and_place_of_its_original():
    made = clip(
        "s1/out.mov", volume=WORK, parent="c1", origin="CLIPS/C1.mov", role=Role.PROXY,
        mtime_ns=(NOON + 86400) * 10**9, original_mtime_ns=str(NOON * 10**9),
    )  # fmt: skip
    assert filled("{day}/{role}/{folder}/{name}", made) == "2026-11-22/proxy/CLIPS/out"
    assert filled("{path}", made) == "CLIPS_C1.mov"


@pytest.mark.parametrize("mtime_ns", [-(2**62), 0, 2**62, 2**63 - 1])
def test_an_absurd_time_still_has_a_day(mtime_ns):
    assert len(filled("{day}", clip(mtime_ns=mtime_ns))) == 10


def test_a_missing_field_waits_for_news_and_after_a_release_parks():
    template = Template("{project}/{scene}")
    with pytest.raises(
        MissingField, match=r"^A001C001\.mov: no scene yet for folder '\{project\}/\{scene\}'"
    ) as said:
        template.fill(clip(project="Nocturne"))
    assert isinstance(said.value, NotYet)
    assert (said.value.until, said.value.field) == ("metadata", "scene")
    with pytest.raises(Permanent, match=r"nobody has told its scene.*retry it once that is told"):
        template.fill(clip(project="Nocturne"), consent=True)
    assert template.fill(clip(project="N", scene="1"), consent=True) == PurePosixPath("N/1")


def test_a_preview_says_what_is_missing_and_hides_what_only_the_made_file_tells():
    template = Template("{day}/{role}/{name}")
    assert template.preview(clip(), made=False) == "2026-11-22/original/A001C001"
    assert template.preview(clip(), made=True) == "2026-11-22/{role}/{name}"
    assert Template("{scene}").preview(clip(), made=True) == "waits: no scene yet"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{projct}", "unknown field 'projct'; did you mean 'project'?"),
        ("{Project}", "unknown field 'Project'; did you mean 'project'?"),
        ("{ day }", "unknown field ' day '; did you mean 'day'?"),
        ("{zzzzzz}", "there is what pipeline columns lists, day and roll"),
        ("{}", "unknown field ''"),
        ("{scene:none}", "write {scene:-none} for a default"),
        ("{meta}", "write {meta.KEY}"),
        ("{meta.}", "write {meta.KEY}"),
        ("{meta['look']}", "write {meta.look}"),
        ("{day", "a '{' stands alone; write {NAME} for a field, {{ for the character"),
        ("day}", "a '}' stands alone"),
        ("{a{day}}", "a '{' stands alone"),
        ("", "begins with '/', or is empty"),
        ("/{day}", "begins with '/', or is empty"),
        ("{day}/", "has nothing behind a '/'"),
        ("{day}//{roll}", "has nothing behind a '/'"),
        ("{day}/..", "'..' is not a name that every disk takes; write folders below the sink's"),
        ("./{day}", "'.' is not a name"),
        ("NUL/{day}", "'NUL' is not a name that every disk takes; write '_NUL'"),
        ("a /b", "'a ' is not a name that every disk takes; write 'a'"),
        ("{day}\\{roll}", "'\\' cannot stand in the name of a folder on every disk"),
        ("Day: {day}", "':' cannot stand"),
        ("{scene:-a/b}", "'/' cannot stand"),
        ("a\nb", "'U+000A' cannot stand"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_when_it_is_read(text, message):
    with pytest.raises(ValidationError) as said:
        Wishes(folder=text)
    [error] = said.value.errors()
    assert message in str(error["ctx"]["error"])


@pytest.mark.parametrize("value", [None, 7, True, [], {"day": None}])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValidationError, match="not a folder"):
        Wishes(folder=value)


def test_an_unquoted_field_is_told_to_be_quoted():
    with pytest.raises(ValidationError, match='put it in quotes, as in "'):
        Wishes(folder={"day": None})


def test_it_goes_through_json_and_has_a_schema():
    wishes = Wishes(folder="{day}/{roll}")
    stored = json.loads(json.dumps(wishes.model_dump(mode="json")))
    assert stored == {"folder": "{day}/{roll}"}
    assert Wishes.model_validate(stored) == wishes
    assert Wishes.model_validate_json(wishes.model_dump_json()) == wishes
    assert hash(wishes.folder) == hash(Template("{day}/{roll}"))
    assert repr(wishes.folder) == "Template('{day}/{roll}')"
    assert Wishes.model_json_schema()["properties"]["folder"] == {"title": "Folder", "type": "string"}


values = st.one_of(
    st.text(),
    st.text(alphabet=st.sampled_from([*REFUSED, *"./ \\~$aé\u0301\0\n\u202e\ud800"])),
    st.sampled_from(
        ["..", ".", "/", "/etc", "../..", "CON", "nul.txt", "com1 .x", "COM¹", "~root", "a" * 300, "é" * 200]
    ),
    st.text(min_size=240, max_size=300, alphabet="aé. "),
)
names = st.sampled_from(
    [*(column.name for column in METADATA if column.type == "VARCHAR"), *DERIVED, "meta.look"]
)
pieces = st.one_of(
    names.map(lambda name: f"{{{name}}}"),
    names.map(lambda name: f"{{{name}:-none}}"),
    names.map(lambda name: f"{{{name}:-}}"),
    st.sampled_from(["x", "x y", "{{", "}}", ".x", "{folder}", "{path}", "{name}"]),
)
templates = st.lists(st.lists(pieces, min_size=1, max_size=3).map("".join), min_size=1, max_size=4).map(
    "/".join
)


def folder_or_failure(template, of):
    try:
        return template.fill(of)
    except MissingField as missing:
        return missing


@given(templates, st.dictionaries(names, values), values, values.filter(bool))
def test_no_value_leaves_the_folder_and_every_name_is_safe(text, told, card, path):
    meta = {name.removeprefix("meta."): value for name, value in told.items()}
    of = Clip(volume="v", card=card, path=path, mtime_ns=NOON * 10**9, meta=meta)
    try:
        template = Template(text)
    except ValueError:
        return  # such as '{{ ' at the end of a name
    folder = folder_or_failure(template, of)
    if isinstance(folder, MissingField):
        assert not str(meta.get(folder.field.removeprefix("meta."), "")).strip()
        return
    assert folder == template.fill(of)
    assert not folder.is_absolute()
    for part in folder.parts:
        assert part == part.strip().rstrip(".") != ""
        assert len(part.encode()) <= LONGEST_NAME
        assert not REFUSED & set(part)
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in part)
        assert whole_name(part) == part
    inside = os.path.normpath(f"/raid/{folder}")
    assert inside == "/raid" or inside.startswith("/raid/")


@given(values)
def test_a_safe_name_is_a_fixed_point(value):
    name = whole_name(within_a_name(value))
    assert whole_name(within_a_name(name)) == name


def test_two_spellings_of_one_name_are_one_folder():
    assert filled("{scene}", clip(scene="Cafe\u0301")) == filled("{scene}", clip(scene="Café"))


@pytest.mark.parametrize(
    ("text", "begins", "length"),
    [
        ("{project}/{dya}/{roll}", 11, 3),
        ("{project}/{day/{roll}", 10, 1),
        ("a/b:c", 3, 1),
        ("{scene:-a?b}", 9, 1),
        ("{day}/con/x", 6, 3),
        ("{day}//x", 5, 1),
        ("/{day}", 0, 1),
        ("{day}/a\u200bb", 7, 1),
    ],
)
def test_what_is_wrong_has_its_place(text, begins, length):
    with pytest.raises(PartError) as caught:
        Template(text)
    assert (caught.value.offset, caught.value.length) == (begins, length)


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u00ad", "\u3164", "\ufe0f", "\U000e0041"],
)
def test_nothing_unseen_tells_two_folders_apart(unseen):
    assert filled("{project}", clip(project=f"Noc{unseen}turne{unseen}")) == "Nocturne"
    with pytest.raises(MissingField):
        filled("{project}", clip(project=unseen))
    assert filled("{project:-none}", clip(project=unseen)) == "none"
