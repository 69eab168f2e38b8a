"""What a person writes as NAME=VALUE, as members of a clip."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.formats import FormatError, changes

VIDEO = {
    "id": "a" * 32,
    "type": "video",
    "version": {"00000000000000c1": 1},
    "vendorNote": 7,
    "vendor": {"iris": {"stop": 4}, "list": [1]},
    "comment2": "x",
    "take": {"number": 3, "vendorMark": "x"},
}
SOUND = {"id": "b" * 32, "type": "sound", "version": {"000000000000005d": 1}}


def patch(clip, *texts):
    return changes(clip, [tuple(text.split("=", 1)) for text in texts])


@pytest.mark.parametrize(
    ("clip", "text", "expected"),
    [
        (SOUND, "circle=true", {"circle": True}),
        (SOUND, "comment=a = b", {"comment": "a = b"}),
        (SOUND, "comment=12", {"comment": "12"}),
        (SOUND, "comment=true", {"comment": "true"}),
        (SOUND, "comment=", {"comment": ""}),
        (SOUND, "comment=[1]", {"comment": "[1]"}),
        (SOUND, 'comment="x"', {"comment": '"x"'}),
        (SOUND, "comment=null", {"comment": None}),
        (SOUND, "clipLogs=null", {"clipLogs": None}),
        (SOUND, "take=null", {"take": None}),
        (VIDEO, "take.printState=1", {"take": {"printState": 1}}),
        (VIDEO, "take.comment=late", {"take": {"comment": "late"}}),
        (VIDEO, "scene.additional=4", {"scene": {"additional": "4"}}),
        (VIDEO, "slate.number=4", {"slate": {"number": 4}}),
        (VIDEO, "isWaste=false", {"isWaste": False}),
        (VIDEO, "clipLabel.name=X", {"clipLabel": {"name": "X"}}),
        (VIDEO, "clipLabel.scene.number=4", {"clipLabel": {"scene": {"number": 4}}}),
        (VIDEO, "angle=3", {"angle": 3}),
        (VIDEO, "angle=3.5", {"angle": 3.5}),
        (VIDEO, "angle=1e2", {"angle": 100.0}),
        (VIDEO, "isMOS=true", {"isMOS": True}),
        (VIDEO, "project.customer.isActive=true", {"project": {"customer": {"isActive": True}}}),
        (VIDEO, "vendorNote=x", {"vendorNote": "x"}),
        (VIDEO, "vendor.iris.stop=5.6", {"vendor": {"iris": {"stop": 5.6}}}),
        (VIDEO, "vendor=null", {"vendor": None}),
        (VIDEO, "take.vendorMark=8", {"take": {"vendorMark": 8}}),
    ],
)
def test_a_value_is_what_the_member_takes(clip, text, expected):
    assert json.dumps(patch(clip, text)) == json.dumps(expected)


def test_several_are_one_patch():
    assert patch(VIDEO, "take.comment=a", "take.printState=1", "isWaste=true") == {
        "take": {"comment": "a", "printState": 1},
        "isWaste": True,
    }


@pytest.mark.parametrize(
    ("clip", "texts", "why"),
    [
        (VIDEO, ["comment=x"], "a video clip has no comment; write take.comment"),
        (VIDEO, ["circle=true"], "a video clip has no circle; write take.printState=1"),
        (SOUND, ["circel=true"], "a sound clip has no circel; do you mean circle"),
        (SOUND, ["take.numbr=2"], "a sound clip has no take.numbr; do you mean take.number"),
        (SOUND, ["zzz=2"], "a sound clip has no zzz"),
        (SOUND, ["=2"], "a sound clip has no "),
        (SOUND, ["take..number=2"], "a sound clip has no take."),
        (SOUND, ["circle=yes"], "circle is true or false, not 'yes'"),
        (SOUND, ["circle=1"], "circle is true or false, not '1'"),
        (SOUND, ["take.number=12A"], "take.number is a whole number, not '12A'"),
        (SOUND, ["take.number=1.5"], "take.number is a whole number, not '1.5'"),
        (SOUND, ["take.number=9223372036854775808"], "take.number is a whole number"),
        (VIDEO, ["angle=NaN"], "angle is a number, not 'NaN'"),
        (SOUND, ["tracks=x"], "tracks is a list, which can only be removed"),
        (SOUND, ["take=3"], "take has members; name one, such as take.number"),
        (SOUND, ["comment.x=3"], "comment is a text; it has no members"),
        (SOUND, ["tracks.0=3"], "tracks is a list, which can only be removed; it has no members"),
        (VIDEO, ["vendor=3"], "vendor is no single value; name one of its members"),
        (VIDEO, ["vendor.list.0=3"], "a video clip has no vendor.list.0"),
        (SOUND, ["comment=a", "comment=b"], "comment is said twice"),
        (SOUND, ["take=null", "take.number=1"], "take is said twice"),
        (SOUND, ["take.number=1", "take=null"], "take is said twice"),
        (SOUND, ["comment=\ud800"], "half of a surrogate pair"),
        *(
            (SOUND, [f"{name}=1"], f"{name} is no member to change")
            for name in ("id", "type", "version", "created", "updated")
        ),
        (SOUND, ["version.00000000000000c1=9"], "version is no member to change"),
    ],
)
def test_what_cannot_be_written_is_one_line(clip, texts, why):
    with pytest.raises(FormatError) as refused:
        patch(clip, *texts)
    assert str(refused.value).startswith(why) or why in str(refused.value)
    assert "\n" not in str(refused.value)


NAMES = ["comment", "take.number", "take", "angle", "isWaste", "vendor.iris.stop", "tracks", "scene.sets"]
VALUES = ["null", "1", "-1.5", "1e999", "true", "[]", "{}", "9" * 30, "\x00"]


@given(
    st.sampled_from(NAMES) | st.text(max_size=20),
    st.sampled_from(VALUES) | st.text(max_size=20),
    st.sampled_from([VIDEO, SOUND]),
)
def test_anything_at_all_is_one_member_or_a_format_error(name, value, clip):
    with suppress(FormatError):
        assert len(json.loads(json.dumps(changes(clip, [(name, value)]), allow_nan=False))) == 1
