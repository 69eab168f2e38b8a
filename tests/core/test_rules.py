"""`when` predicates: what is refused and where, how a rule is cut, what it is on odd clips."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes import ConfigError, rules
from rushes.columns import COLUMNS, NAMES

GOOD = [
    "true",
    "kind = 'video' and role = 'original' and not coalesce(waste, false)",
    "circled and meta['look'] = 'day'",
    "Kind = 'video' -- a remark",
    "size > 10e9 or duration between 1 and 2",
    "name ilike 'A%' and regexp_matches(reel, '^A[0-9]+$')",
    "try_cast(take as integer) > 3 and scene is not null",
    "created > timestamp '2026-01-01' and kind in ('video', 'audio')",
    "case when width > 1920 then circled else true end",
    "if(circled, size > 1, size > 2)",
]

BAD = {
    "": (0, "the rule is empty"),
    "kind = 'video' and": (18, "ends too early"),
    "knd = 'video'": (0, "unknown column 'knd'; did you mean 'kind'?"),
    "circled and bogus": (12, "unknown column 'bogus'"),
    "note = 'é' and bogus": (15, "unknown column 'bogus'"),
    'kind = "video"': (7, "write text in single quotes: 'video'"),
    "kind = 'vidio'": (7, "kind is never 'vidio'; did you mean 'video'?"),
    "role in ('original', 'poxy')": (21, "role is never 'poxy'; did you mean 'proxy'?"),
    "'vdeo' <> kind": (0, "kind is never 'vdeo'"),
    "matched = 'yes'": (10, "matched is never 'yes'; there is ambiguous, matched, none"),
    "meta.look = 'day'": (0, "write meta['look']"),
    "meta['scene'] = '1'": (0, "scene is a column; write scene"),
    "clips.kind = 'video'": (0, "write kind"),
    "current_date > created": (0, "unknown column 'current_date'"),
    "take > 3": (0, "take is text, not a number; write try_cast(take as integer) > 3"),
    "take >= '3'": (0, "as text '10' comes before '9'; write try_cast(take as integer) >= 3"),
    "take between 1 and 3": (0, "write try_cast(take as integer) between 1"),
    "lower(take) > 3": (0, "text is compared with a number; write try_cast"),
    "circled and scene = 12": (20, "scene is text; write '12' in quotes"),
    "12 <> scene": (0, "scene is text; write '12' in quotes"),
    "scene in ('12A', 13)": (17, "write '13' in quotes"),
    "circled = 1": (10, "circled is true or false, not a number; write circled or not circled"),
    "scene = null": (8, "nothing compares with null; write scene is null"),
    "name like 'A*'": (10, "like knows % and _, no *; write 'A%'"),
    "size": (0, "not true or false"),
    "'text'": (0, "gives text, not true or false"),
    "null": (0, "gives nothing"),
    "size > 'x'": (7, "'x' is not a whole number; correct the value"),
    "kind = 'video' and circled = 'maybe'": (29, "'maybe' is not true or false"),
    "name ~ '['": (0, "missing ]"),
    "kind in (select 'video')": (8, "cannot SELECT"),
    "exists (select 1)": (0, "cannot SELECT"),
    "circled and count(*) > 1": (12, "looks at many clips"),
    "row_number() over () = 1": (0, "no window functions"),
    "sum(size) > 1": (0, "looks at many clips"),
    "unnest([true])": (0, "reads a table"),
    "read_text('/etc/passwd') = ''": (0, "reads a table"),
    "getenv('HOME') = ''": (0, "unknown function 'getenv'"),
    "current_setting('threads') = '1'": (0, "does not always give the same answer"),
    "getvariable('x') = '1'": (0, "does not always give the same answer"),
    "nextval('x') = 1": (0, "does not always give the same answer"),
    "random() > 0.5": (0, "does not always give the same answer"),
    "now() > created": (0, "does not always give the same answer"),
    "age(created) > interval 1 day": (0, "does not always give the same answer"),
    "pg_sleep(9) is null": (0, "is not for rules"),
    "lowr(name) = 'x'": (0, "unknown function 'lowr'; did you mean 'lower'?"),
    "list_filter([1], lambda x: x > 1) = [1]": (17, "no lambdas"),
    "*": (0, "'*' is no value"),
    "#1": (0, "cannot stand in a rule"),
    "$1": (0, "no parameters"),
    "circled, waste": (7, "',' cannot stand here"),
    "circled as x": (8, "'as' cannot stand here"),
    "circled limit 1": (8, "'limit' cannot stand here"),
    "circled; drop table clips": (7, "a rule has no ';'"),
    "circled union select true": (8, "'union' cannot stand here"),
    "circled) or (waste": (0, None),
    "(circled": (7, None),
    "kind = 'video": (7, None),
    "circled /* open": (8, None),
    "kind::nosuch = 1": (0, None),
    "a\0b": (0, "not text"),
    "not " * 900 + "circled": (0, "nested too deeply"),
    "1" + "+1" * 1500 + " > 1": (0, None),
    "x" * 5000: (0, "longer than"),
    "repeat('x', 10000000000) = 'a'": (0, None),
}


@pytest.mark.parametrize("when", GOOD)
def test_good_rules(when):
    rules.check(when)


@pytest.mark.parametrize("when", BAD, ids=lambda when: when[:40].encode("unicode_escape").decode())
def test_bad_rules_say_what_and_where(when):
    offset, message = BAD[when]

    with pytest.raises(rules.RuleError) as caught:
        rules.check(when)

    error = caught.value
    assert isinstance(error, ConfigError)
    assert "\n" not in str(error)
    if message is not None:
        assert message in error.message
        assert error.offset == offset


def test_an_error_shows_the_rule_with_a_caret():
    with pytest.raises(rules.RuleError) as caught:
        rules.check("circled and\n  bogus = 'é'")

    assert caught.value.excerpt == "  bogus = 'é'\n  ^^^^^"


def test_other_columns_may_be_allowed():
    rules.check("kind = 'video'", names={"kind"})
    with pytest.raises(rules.RuleError, match="unknown column 'role'"):
        rules.check("role = 'proxy'", names={"kind"})


def test_every_documented_column_may_be_named():
    for name in NAMES:
        rules.check(f"{name} is not null")


def test_referenced_columns():
    assert rules.referenced("Kind = 'video' and (meta['look'] = 'day' or lower(NAME) = 'x')") == {
        "kind",
        "meta",
        "name",
    }


@pytest.mark.parametrize(
    ("when", "pieces"),
    [
        ("circled", ["circled"]),
        ("circled or waste and circled", ["circled or waste and circled"]),
        ("kind = 'video' AND circled", ["kind = 'video'", "circled"]),
        ("size between 1 and 2 and circled", ["size between 1 and 2", "circled"]),
        ("(circled or waste) and note = 'a and b'", ["(circled or waste)", "note = 'a and b'"]),
        (
            "case when circled and waste then true end and not waste",
            ["case when circled and waste then true end", "not waste"],
        ),
        ("circled /* this and that */ and waste", ["circled /* this and that */", "waste"]),
        ("circled -- and\n and waste", ["circled -- and", "waste"]),
        (
            "take is not null\n  and meta['é'] = 'ü'\n  and circled",
            ["take is not null", "meta['é'] = 'ü'", "circled"],
        ),
        (
            "kind in ('video') and name like 'a' and scene is null",
            ["kind in ('video')", "name like 'a'", "scene is null"],
        ),
    ],
)
def test_conditions_as_they_were_written(when, pieces):
    assert rules.conjuncts(when) == pieces


def test_conditions_in_brackets_are_cut_too():
    pieces = rules.conjuncts("circled and (waste and kind = 'video')")

    assert len(pieces) == 3
    for piece in pieces:
        rules.check(piece)


@pytest.fixture(scope="module")
def clips():
    with duckdb.connect(":memory:") as connection:
        columns = ", ".join(f'"{column.name}" {column.type}' for column in COLUMNS)
        connection.execute(f"CREATE TABLE clips ({columns})")
        connection.execute(
            "INSERT INTO clips (id, kind, take, circled, size, meta) VALUES"
            " ('a', 'video', '3', true, 10, MAP {'look': 'day'}),"
            " ('b', 'video', '3A', NULL, 20, MAP {}),"
            " ('c', 'audio', NULL, false, NULL, NULL)"
        )
        yield connection


@pytest.mark.parametrize(
    ("when", "ids"),
    [
        ("cast(take as integer) = 3", "a"),
        ("cast(take as integer) = 3 or kind = 'audio'", "ac"),
        ("1 / (size - 10) > 0 or circled", "ab"),
        ("not circled", "c"),
        ("meta['look'] = 'day' -- by the gaffer", "a"),
        ("coalesce(meta['look'], '') <> 'day'", "bc"),
        ("true", "abc"),
    ],
)
def test_one_odd_clip_never_fails_the_query(clips, when, ids):
    rules.check(when)

    found = clips.execute(f"SELECT id FROM clips WHERE {rules.predicate(when)} ORDER BY id").fetchall()

    assert "".join(row[0] for row in found) == ids


WORDS = [
    "kind",
    "circled",
    "size",
    "and",
    "or",
    "not",
    "(",
    ")",
    "'video'",
    "=",
    ">",
    "1",
    "in",
    "between",
    "meta['x']",
    "null",
    "is",
    "case",
    "when",
    "then",
    "end",
    "--",
    "/*",
    "*/",
    ",",
    ";",
    "select",
    "from",
    "clips",
    "é",
    '"',
    "'",
    "lower(",
]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), st.text(max_size=30)))
def test_any_text_is_a_rule_or_a_rule_error(when):
    try:
        rules.check(when)
    except rules.RuleError as error:
        assert 0 <= error.offset <= len(when)  # noqa: PT017 - a rule may also be good
        return
    assert rules.referenced(when) <= NAMES
    for piece in rules.conjuncts(when):
        rules.referenced(piece)


@pytest.mark.parametrize(
    "rule",
    [
        "name like 'a!' escape '!'",
        "name like '%' escape take",
        "timezone(name, modified) is null",
    ],
)
def test_a_rule_that_would_fail_for_all_clips_because_of_one_is_refused(rule):
    """DuckDB's TRY does not catch every error."""
    with pytest.raises(rules.RuleError, match="stops the others"):
        rules.check(rule)


@pytest.mark.parametrize(
    "rule", ["name like 'a!_%' escape '!'", "(modified at time zone 'UTC') is null", "cast(take as int) > 3"]
)
def test_a_rule_that_fails_for_its_own_clip_alone_may_stand(rule):
    rules.check(rule)
