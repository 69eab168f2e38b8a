"""What newcomers break in a pipeline file: one error each, that says what to write, its caret under what is wrong."""

from __future__ import annotations

import pytest

from config_rig import registry
from rushes import ConfigError
from rushes.config.load import load

SOURCES = "sources: [{id: cards, use: folder, path: /c}]\n"
SINKS = "sinks: [{id: cloud, use: cloud}]\n"
BASE = SOURCES + SINKS


def block(text):
    """A route in lines."""
    return BASE + "routes:\n  - id: a\n" + "".join(f"    {line}\n" for line in text.splitlines())


def route(text):
    return f"{BASE}routes:\n  - {{{text}}}\n"


def source(text):
    return f"sources:\n  - {text}\n"


# name: (file, line:column, what the message says, what the caret stands under)
BROKEN = {
    "date unquoted in a condition": (
        block("when: recorded = 2026-11-22\nto: [cloud]"),
        "5:22",
        "2026-11-22 without quotes is a subtraction; write '2026-11-22'",
        "2026-11-22",
    ),
    "date with slashes": (
        block("when: recorded > 22/11/2026\nto: [cloud]"),
        "5:22",
        "22/11/2026 is no date; write the year first and quotes, as in '2026-11-22'",
        "22/11/2026",
    ),
    "date with dots": (
        block("when: recorded > 22.11.2026\nto: [cloud]"),
        "5:22",
        "22.11.2026 is no date; write the year first and quotes, as in '2026-11-22'",
        "22.11.2026",
    ),
    "to mapping": (
        block("when: true\nto: {cloud: {folder: x}}"),
        "6:9",
        "to: a mapping where a list is needed; write [{sink: cloud, folder: ...}]",
        "{",
    ),
    "to mapping sink": (
        block("when: true\nto: {sink: cloud, channel: x}"),
        "6:9",
        "to: a mapping where a list is needed; write [{sink: ..., channel: ...}], with brackets",
        "{",
    ),
    "kind in []": (
        block("when: kind in [video, audio]\nto: [cloud]"),
        "5:20",
        "'video' is a value of kind, no column; put it in single quotes: 'video'",
        "video",
    ),
    "kind in (video)": (
        block("when: kind in (video, audio)\nto: [cloud]"),
        "5:20",
        "'video' is a value of kind, no column; put it in single quotes: 'video'",
        "video",
    ),
    "prepare commas": (
        BASE + "prepare: probe, match\n",
        "3:10",
        "prepare: a single value where a list is needed; write [probe, match]",
        "probe, match",
    ),
    "to commas": (
        block("when: true\nto: cloud, disk"),
        "6:9",
        "to: a single value where a list is needed; write [cloud, disk]",
        "cloud, disk",
    ),
    "steps of mapping by name": (
        block("when: true\nto: [cloud]\nsteps: [proxy: {height: 720}]"),
        "7:13",
        "transform: 'proxy' is no key of an entry; write {use: proxy, height: ...}",
        "p",
    ),
    "steps block options beside": (
        block("when: true\nto: [cloud]\nsteps:\n  - proxy\n    height: 720"),
        "8:9",
        "an entry with keys needs one for its name, too; write '- use: proxy'",
        "p",
    ),
    "steps name colon": (
        block("when: true\nto: [cloud]\nsteps:\n  - proxy:"),
        "8:9",
        "transform: 'proxy' is no key of an entry; write {use: proxy}",
        "p",
    ),
    "prepare of mapping by name": (
        BASE + "prepare:\n  - probe\n  - match: {slots: 2}\n",
        "5:5",
        "annotator: 'match' is no key of an entry; write {use: match, slots: ...}",
        "m",
    ),
    "to of mapping by name": (
        block("when: true\nto:\n  - cloud: {channel: x}"),
        "7:9",
        "a mapping that names no sink; write {sink: cloud, channel: ...}",
        "c",
    ),
    "sources by name": (
        "sources:\n  cards:\n    use: folder\n    path: /c\n",
        "2:3",
        "sources: a mapping where a list is needed; write [{id: cards, use: ..., path: ...}]",
        "c",
    ),
    "sources list by name": (
        "sources:\n  - cards:\n      use: folder\n      path: /c\n",
        "2:5",
        "source: 'cards' is no key of an entry; write {id: cards, use: ..., path: ...}",
        "c",
    ),
    "routes by name": (
        BASE + "routes:\n  a:\n    when: true\n    to: [cloud]\n",
        "4:3",
        "routes: a mapping where a list is needed; write [{id: a, when: ..., to: ...}]",
        "a",
    ),
    "routes list by name": (
        BASE + "routes:\n  - a:\n      when: true\n      to: [cloud]\n",
        "4:5",
        "route: 'a' is no key of a route; write {id: a, when: ..., to: ...}",
        "a",
    ),
    "nbsp in indentation": (
        BASE + "routes:\n  - id: a\n\xa0   when: true\n    to: [cloud]\n",
        "5:1",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0",
    ),
    "nbsp after colon": (
        block("when:\xa0true\nto: [cloud]"),
        "5:10",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0",
    ),
    "nbsp after dash": (
        "sources:\n  -\xa0{id: a, use: folder, path: /c}\n",
        "2:4",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0",
    ),
    "nbsp in condition": (
        block("when: kind\xa0= 'video'\nto: [cloud]"),
        "5:15",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0",
    ),
    "nbsp in value": (
        source("{id: cards\xa0, use: folder, path: /c}"),
        "2:15",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0",
    ),
    "nbsp in key": (
        source("{id: cards, use: folder,\xa0path: /c}"),
        "2:29",
        "U+00A0 (no-break space) looks like a space and is none; write a plain space",
        "\xa0path",
    ),
    "zero width space": (
        source("{id: cards, use: \u200bfolder, path: /c}"),
        "2:22",
        "U+200B (zero width space) looks like a space and is none; write a plain space",
        "\u200bfolder",
    ),
    "prime quotes": (
        block("when: kind = `video`\nto: [cloud]"),
        "5:18",
        "backquotes hold no text; write straight single ones: 'video'",
        "`video`",
    ),
    "guillemets": (
        block("when: kind = \xabvideo\xbb\nto: [cloud]"),
        "5:18",
        "typographic quotes hold no text; write straight ones: 'video'",
        "\xabvideo\xbb",
    ),
    "curly dq around rule": (
        block("when: \u201ckind = 'video'\u201d\nto: [cloud]"),
        "5:11",
        "typographic quotes are a part of this text; write straight ones, or none",
        "\u201ckind = 'video'\u201d",
    ),
    "key curly quotes": (
        "\u201csources\u201d: []\n" + SINKS,
        "1:1",
        "typographic quotes are a part of this text; write straight ones, or none",
        "\u201csources\u201d",
    ),
    "tab behind spaces": (
        BASE + "routes:\n  \t- id: a\n",
        "4:3",
        "a tab cannot indent or separate; use spaces",
        "\t",
    ),
    "tab after key": (
        block("when:\ttrue\nto:\t[cloud]"),
        "5:10",
        "a tab cannot indent or separate; use spaces",
        "\t",
    ),
    "smart dash item": (
        BASE + "routes:\n  \u2013 {id: a, when: true, to: [cloud]}\n",
        "4:3",
        "U+2013 (en dash) is no '-'; write '- ' before each entry",
        "\u2013",
    ),
    "smart dash item block": (
        BASE + "routes:\n  \u2013 id: a\n    when: true\n    to: [cloud]\n",
        "4:3",
        "U+2013 (en dash) is no '-'; write '- ' before each entry",
        "\u2013",
    ),
    "smart dash second item": (
        BASE
        + "routes:\n  - id: a\n    when: true\n    to: [cloud]\n  \u2013 id: b\n    when: true\n    to: [cloud]\n",
        "7:3",
        "U+2013 (en dash) is no '-'; write '- ' before each entry",
        "\u2013",
    ),
    "smart dash in to": (
        block("when: true\nto:\n  \u2013 cloud"),
        "7:7",
        "U+2013 (en dash) is no '-'; write '- ' before each entry",
        "\u2013 cloud",
    ),
    "minus in rule": (
        block("when: size > 5 \u2212 3\nto: [cloud]"),
        "5:20",
        "U+2212 (minus sign) is no minus; write '-'",
        "\u2212",
    ),
    "when: circled = yes": (
        block("when: circled = yes\nto: [cloud]"),
        "5:21",
        "'yes' is no column; write true",
        "yes",
    ),
    "when no": (
        block("when: no\nto: [cloud]"),
        "5:11",
        "'no' is no column; write false to take no clip",
        "no",
    ),
    "missing dash": (
        BASE + "routes:\n  - id: a\n    when: true\n    to: [cloud]\n  id: b\n    when: true\n",
        "7:3",
        "'id' belongs to no entry of the list above; indent it to go on with the last, or begin another with '- id:",
        "i",
    ),
    "missing dash 2": (
        BASE + "routes:\n  id: a\n  when: true\n  to: [cloud]\n",
        "4:3",
        "routes: a mapping where a list is needed; write '- id: ...' for each entry",
        "i",
    ),
    "missing dash in to2": (
        block("when: true\nto:\n  cloud\n  disk"),
        "7:7",
        "to: a single value where a list is needed; write [cloud, disk]",
        "c",
    ),
    "anchor unknown merge": (
        block("<<: *defaults\nwhen: true\nto: [cloud]"),
        "5:9",
        "'*defaults' names no anchor; put a text that begins with * in quotes",
        "*",
    ),
    "to a source": (
        block("when: true\nto: [cards]"),
        "6:10",
        "'cards' is no sink: it is under 'sources:'; there is cloud",
        "cards",
    ),
    "path double quotes": (
        source('{id: a, use: folder, path: "D:\\raid"}'),
        "2:32",
        "the backslash here begins an escape, which makes U+000D (carriage return); put the text in single quotes",
        '"D:\\raid"',
    ),
    "path double quotes t": (
        source('{id: a, use: folder, path: "D:\\tapes\\new"}'),
        "2:32",
        "U+0009 (tab) cannot stand in a path; in double quotes \\t, \\n and \\r are escapes, so put",
        '"D:\\tapes\\new"',
    ),
    "windows users": (
        source('{id: a, use: folder, path: "C:\\Users\\x"}'),
        "2:37",
        "'\\' begins an escape in double quotes; put the text in single quotes, or write '/'",
        "s",
    ),
    "windows x": (
        source('{id: a, use: folder, path: "C:\\xenon"}'),
        "2:37",
        "'\\' begins an escape in double quotes; put the text in single quotes, or write '/'",
        "e",
    ),
    "json comments": (
        BASE + "// a comment\nroutes:\n  - id: a\n    when: true\n    to: [cloud]\n",
        "3:1",
        "a comment begins with '#'; write '# ' before it",
        "/",
    ),
    "hash without space": (
        block("when: true#all\nto: [cloud]"),
        "5:15",
        "a rule has no '#'; begin a comment with ' #', and put text in single quotes",
        "#",
    ),
    "equals at top": (
        "pipeline = onset\n" + BASE,
        "1:1",
        "'=' gives no key its value; write 'pipeline: VALUE'",
        "p",
    ),
    "semicolon in list": (
        block("when: true\nto: [cloud; disk]"),
        "6:10",
        "no sink has the id 'cloud; disk'; write [cloud, disk]",
        "cloud; disk",
    ),
    "missing comma in list": (
        block("when: true\nto: [cloud disk]"),
        "6:10",
        "no sink has the id 'cloud disk'; write [cloud, disk]",
        "cloud disk",
    ),
    "double comma": (
        block("when: true\nto: [cloud,, cloud]"),
        "6:16",
        "a value is missing here; write one, or remove the ','",
        ",",
    ),
    "closing wrong bracket": (
        block("when: true\nto: [cloud}"),
        "6:15",
        "a '}' closes no '['; write ']'",
        "}",
    ),
    "closing wrong bracket 2": (
        "sources:\n  - {id: a, use: folder, path: /c]\n" + SINKS,
        "2:34",
        "a ']' closes no '{'; write '}'",
        "]",
    ),
    "extra closing": (
        block("when: true\nto: [cloud]]"),
        "6:16",
        "a ']' closes nothing; remove it, or open a '['",
        "]",
    ),
    "apostrophe path": (
        source("{id: a, use: folder, path: '/media/it's'}"),
        "2:43",
        "a quote within quotes ends the text here; put the text in quotes of the other kind",
        "s",
    ),
    "rule starting !": (
        block("when: !circled\nto: [cloud]"),
        "5:11",
        "tag '!circled' means nothing here; remove it, or quote the text",
        "!circled",
    ),
    "rule starting *": (
        block("when: * \nto: [cloud]"),
        "5:11",
        "a value that begins with * or & names an anchor; put the text in quotes",
        "*",
    ),
    "rule starting -": (
        block("when: - circled\nto: [cloud]"),
        "5:11",
        "an entry cannot begin behind a key; write it in the next line, or put the text in quotes",
        "-",
    ),
    "rule starting ?": (
        block("when: ? circled\nto: [cloud]"),
        "5:11",
        "a value cannot begin with '?'; put it in quotes",
        "?",
    ),
    "rule and under": (
        block("when:\n  - kind = 'video'\n  - circled\nto: [cloud]"),
        "6:7",
        "a list where a rule is needed; join its conditions with and",
        "-",
    ),
    "when mapping": (
        block("when:\n  kind: video\n  circled: true\nto: [cloud]"),
        "6:7",
        "a mapping where a rule is needed; write conditions, as in kind = 'video' and circled",
        "k",
    ),
    "routes key indentation deeper": (
        block("  when: true\n  to: [cloud]"),
        "5:7",
        "'when' is indented deeper than 'id' above; line both up",
        "w",
    ),
    "source key deeper": (
        "sources:\n  - id: a\n    use: folder\n      path: /c\n" + SINKS,
        "4:7",
        "'path' is indented deeper than 'use' above; line both up",
        "p",
    ),
    "indent top all but first": (
        "pipeline: a\n  state: x\n" + BASE,
        "2:3",
        "'state' is indented deeper than 'pipeline' above; line both up",
        "s",
    ),
    "env round": (
        source("{id: a, use: folder, path: '$(CARDS)'}"),
        "2:33",
        "$(CARDS) stands for nothing here; write ${CARDS}",
        "$(CARDS)",
    ),
    "env no braces": (
        source("{id: a, use: folder, path: $CARDS}"),
        "2:32",
        "$CARDS stands for nothing here; write ${CARDS}",
        "$CARDS",
    ),
    "jinja quoted": (
        source('{id: a, use: folder, path: "{{ cards }}"}'),
        "2:33",
        "{{ cards }} stands for nothing here; write ${cards}",
        "{{ cards }}",
    ),
    "env nested": (
        source("{id: a, use: folder, path: '${X:-${Y:-z}}'}"),
        "2:33",
        "a default cannot hold a reference; give the inner one a name under 'vars:'",
        "${X:-${Y:-z}",
    ),
    "priority string num": (
        route("id: a, when: true, to: [cloud], priority: '1O0'"),
        "4:49",
        "priority: '1O0' is neither a number nor a column",
        "1O0",
    ),
    "only dash to": (
        block("when: true\nto:\n  -"),
        "7:8",
        "nothing where a sink is needed; write its id, or remove the entry",
        "",
    ),
    "to null": (
        block("when: true\nto: [~]"),
        "6:10",
        "nothing where a sink is needed; write its id, or remove the entry",
        "~",
    ),
    "vars used in key": (
        "vars: {k: when}\n" + BASE + "routes:\n  - id: a\n    ${k}: true\n    to: [cloud]\n",
        "6:5",
        "unknown key '${k}'; a key cannot be a reference, write it out",
        "${k}",
    ),
    "set syntax": (
        BASE + "prepare: {probe, match}\n",
        "3:10",
        "prepare: a mapping where a list is needed; write [probe, match]",
        "{",
    ),
    "markdown fence": (
        "```yaml\n" + BASE + "routes:\n  - id: a\n    when: true\n    to: [cloud]\n```\n",
        "1:1",
        "this mark belongs to Markdown; remove it",
        "`",
    ),
    "html paste": ("<pre>\n" + BASE, "1:1", "this is HTML; remove it", "<"),
    "git conflict": (
        "<<<<<<< HEAD\n" + BASE + "=======\nsinks: [{id: cloud, use: cloud}]\n>>>>>>> x\n",
        "1:1",
        "git left its marks of a conflict here; settle it and remove them",
        "<",
    ),
    "toml file": (
        "[sources]\nid = 'a'\n",
        "1:1",
        "'[NAME]' opens no section in YAML; write 'NAME:' and indent what is under it",
        "[",
    ),
    "colon glued value": (
        block("when:true\nto: [cloud]"),
        "5:5",
        "a space is missing behind 'when:'; write 'when: VALUE'",
        "w",
    ),
    "colon missing": (
        "sources\n  - {id: a, use: folder, path: /c}\n",
        "1:1",
        "a ':' is missing behind 'sources'; write 'sources:'",
        "s",
    ),
    "double dash": (
        "sources:\n  -- {id: a, use: folder, path: /c}\n",
        "2:3",
        "'--' begins no entry; write '- ' before each",
        "-",
    ),
    "asterisk bullets": (
        "sources:\n  * {id: a, use: folder, path: /c}\n",
        "2:3",
        "'*' begins no entry; write '- ' before each",
        "*",
    ),
    "numbers bullets": (
        "sources:\n  1. {id: a, use: folder, path: /c}\n",
        "2:3",
        "'1.' begins no entry; write '- ' before each",
        "1",
    ),
    "rule in double with double": (
        block('when: "kind = "video""\nto: [cloud]'),
        "5:20",
        "a quote within quotes ends the text here; put the text in quotes of the other kind",
        "v",
    ),
    "unknown key nested": (
        source("{id: a, use: folder, path: a, options: {settle: 2s}}"),
        "2:35",
        "unknown key 'options'; write what is under it beside 'use'",
        "options",
    ),
    "three dots end": (
        BASE + "routes:\n  - id: a\n    when: true\n    to: [cloud]\n...\nmore: 1\n",
        "8:1",
        "a second document begins here; keep one pipeline a file and remove '---' or '...'",
        "m",
    ),
}


def errors_of(file):
    with pytest.raises(ConfigError) as caught:
        load(file, registry(), {})
    return [caught.value, *getattr(caught.value, "others", ())]


@pytest.mark.parametrize("name", BROKEN)
def test_one_error_with_what_to_write(tmp_path, name):
    text, place, message, under = BROKEN[name]
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    [error] = errors_of(file)
    assert error.where == f"{file}:{place}"
    assert message in error.message
    assert ";" in error.message
    assert "\n" not in str(error)
    line, carets = error.excerpt.split("\n")
    start = len(carets) - len(carets.lstrip(" \t"))
    assert line[start : start + len(carets.strip())] == under


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-16", "this is UTF-16; save the file as UTF-8"),
        ("utf-16-le", "this is UTF-16-LE; save the file as UTF-8"),
        ("utf-16-be", "this is UTF-16-BE; save the file as UTF-8"),
        ("utf-32", "this is UTF-32; save the file as UTF-8"),
    ],
)
def test_another_encoding_is_named_and_the_line_can_be_read(tmp_path, encoding, told):
    file = tmp_path / "bad.yaml"
    file.write_bytes(BASE.encode(encoding))
    [error] = errors_of(file)
    assert (error.where, error.message) == (f"{file}:1:1", told)
    assert error.excerpt.splitlines()[0] == SOURCES.strip()


def test_a_file_of_windows_is_read(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + block("when: true\nto: [cloud]").replace("\n", "\r\n").encode())
    assert [route.id for route in load(file, registry(), {}).routes] == ["a"]


@pytest.mark.parametrize("text", ["a\u00a0b", "a\u200db"])
def test_an_odd_space_in_quotes_or_a_comment_may_be_meant(tmp_path, text):
    file = tmp_path / "good.yaml"
    file.write_text(f"# {text}\n" + block(f"when: \"note = '{text}'\"  # {text}\nto: [cloud]"))
    assert load(file, registry(), {}).routes[0].when == f"note = '{text}'"


@pytest.mark.parametrize("key", ["state", "include"])
def test_no_control_character_stands_in_a_path(tmp_path, key):
    file = tmp_path / "bad.yaml"
    value = '"D:\\new"' if key == "state" else '["D:\\new"]'
    file.write_text(f"{BASE}{key}: {value}\n")
    [error] = errors_of(file)
    assert error.message.startswith(f"{key}: U+000A (line feed) cannot stand in a path; in double quotes ")
    assert error.where.startswith(f"{file}:3:")


@pytest.mark.parametrize("truth", ["true", "yes", "Yes", "on", "'yes'"])
def test_a_truth_may_be_written_as_in_older_yaml(tmp_path, truth):
    file = tmp_path / "good.yaml"
    file.write_text(block(f"when: true\nto: [cloud]\nfinal: {truth}"))
    assert load(file, registry(), {}).routes[0].final is True


@pytest.mark.parametrize(
    "when",
    [
        "recorded::date = '2026-11-22'",
        "recorded >= '2026-11-22' and recorded < '2026-11-23'",
        "note = '2026-11-22; {scene} - x; #1 = yes'",
        "size - 2026 - 11 > 0",
        "name like 'A%' and name not like '%B'",
        "camera in ['A', 'B']",
        "if(circled, true, false)",
        "case when circled then true else false end",
        "circled = true -- 2026-11-22",
    ],
)
def test_what_is_right_is_no_slip(tmp_path, when):
    file = tmp_path / "good.yaml"
    file.write_text(block(f"when: >\n  {when}\nto: [cloud]"))
    assert load(file, registry(), {}).routes[0].when.strip() == when


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (
            "recorded = '2026-11-22'",
            "recorded has a time of day, so it is hardly ever '2026-11-22'; write recorded::date",
        ),
        ("camera = ('A', 'B')", "no column is a list; write in for one of several"),
        ("day = '2026-11-22'", "unknown column 'day'; write recorded::date"),
        (
            "scene = '1' or '2'",
            "'2' is not true or false; compare on both sides, as in scene = '1' or scene = '2'",
        ),
        ("kind not 'video'", "'not' compares nothing; write kind <> 'TEXT'"),
        ("kind === 'video'", "'===' compares nothing; write ="),
        ("size => 5", "'=>' compares nothing; write >="),
        ("size ≥ 5", "'≥' means nothing here; write >="),
        ("name like A*", "a pattern stands in single quotes; write like 'A%'"),
        ("select * from clips", "'select' cannot begin a rule; write the condition alone"),
        ("name = “A B”", "typographic quotes hold no text; write straight ones: 'A B'"),
        ("circled is yes", "'yes' cannot stand here; write true or false"),
        ("name =~ 'A'", "'=~' compares nothing; write regexp_matches(name, 'PATTERN')"),
        ("scene = '1';", "a rule has no ';'; write one expression without it"),
        ("{scene} = '1'", "a rule has no braces; write scene"),
    ],
)
def test_a_slip_in_a_rule_is_told_with_what_to_write(tmp_path, when, message):
    file = tmp_path / "bad.yaml"
    file.write_text(block(f'when: "{when}"\nto: [cloud]'))
    [error] = errors_of(file)
    assert error.message.startswith(f"route 'a': when: {message}")
