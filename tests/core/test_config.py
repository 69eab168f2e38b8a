"""Good pipeline files: what they become."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config_rig import GOOD, registry
from rushes import ConfigError
from rushes.config.find import find_file, state_of
from rushes.config.load import load
from rushes.config.nearest import did_you_mean, nearest
from rushes.config.substitute import Expanded, SubstitutionError, UnknownNameError, expand
from rushes.config.types import parse_duration, parse_size
from rushes.registry import Registry

PIPELINES = Path(__file__).resolve().parents[2] / "pipelines"


def loaded(folder, text, environment=None):
    file = folder / "file.yaml"
    file.write_text(text)
    return load(file, registry(), environment or {})


def test_a_file_becomes_a_pipeline(tmp_path):
    pipeline = loaded(tmp_path, GOOD)

    assert pipeline.name == "onset"
    assert pipeline.file == tmp_path / "file.yaml"
    assert pipeline.state == tmp_path.resolve() / "state" / "onset"
    assert pipeline.notes == ()
    (cards,) = pipeline.sources
    assert (cards.id, cards.use, cards.kind, cards.slots) == ("cards", "folder", "source", 1)
    assert cards.where == f"{tmp_path}/file.yaml:4:5"
    assert cards.options.path == tmp_path / "cards"
    assert cards.options.settle == 0.5
    assert [(c.id, c.kind, c.slots) for c in pipeline.prepare] == [
        ("probe", "annotator", 1),
        ("match", "annotator", 2),
    ]
    assert [(c.id, c.slots) for c in pipeline.sinks] == [("cloud", 3)]
    dailies, sound = pipeline.routes
    assert [step.id for step in dailies.steps] == ["dailies.proxy", "dailies.proxy.2"]
    assert dailies.steps[0].options.height == 720
    assert dailies.steps[0].options.bitrate == 6_000_000
    assert (dailies.to, dailies.priority, dailies.auto) == (("cloud",), 100, True)
    assert (sound.when, sound.steps, sound.auto) == ("kind = 'audio'", (), False)
    assert [c.id for c in pipeline.components] == [
        "cards",
        "probe",
        "match",
        "dailies.proxy",
        "dailies.proxy.2",
        "cloud",
    ]


def test_name_and_state_come_from_the_file_name(tmp_path):
    pipeline = loaded(tmp_path, "sources: [{id: a, use: folder, path: /c}]\n")

    assert pipeline.name == "file"
    assert pipeline.state == tmp_path.resolve() / "state" / "file"


def test_no_routes_is_a_note(tmp_path):
    pipeline = loaded(tmp_path, "sources: [{id: a, use: folder, path: /c}]\nprepare:\nroutes:\n")

    assert pipeline.routes == ()
    assert "nothing is delivered" in pipeline.notes[0]


@pytest.mark.parametrize(
    ("prepare", "noted"),
    [
        ("[match]", ["match"]),
        ("[match, probe]", ["match"]),
        ("[match, probe, match]", ["match"]),
        ("[{use: match, id: pairs}]", ["pairs"]),
        ("[probe, match]", []),
        ("[probe]", []),
    ],
)
def test_an_annotator_that_comes_before_what_it_works_with_is_a_note(tmp_path, prepare, noted):
    pipeline = loaded(
        tmp_path, GOOD.replace("prepare: [probe, {use: match, slots: 2}]", f"prepare: {prepare}")
    )
    assert pipeline.notes == tuple(
        f"annotator '{name}' works with what 'probe' says: name probe before it in 'prepare:', or it finds little"
        for name in noted
    )


LIVE = """\
sources: [{id: a, use: folder, path: /c}]
sinks: [{id: cloud, use: cloud}, {id: disk, use: disk}]
routes:
  - {id: proxies, when: true, steps: [rewrap, proxy, proxy], to: [cloud], live: true}
  - {id: originals, when: true, steps: [rewrap], to: [cloud, disk], live: true}
  - {id: late, when: true, to: [cloud, disk]}
"""


def test_a_live_route_notes_what_of_it_waits_for_the_end_of_a_recording(tmp_path):
    pipeline = loaded(tmp_path, LIVE)

    assert [route.live for route in pipeline.routes] == [True, True, False]
    waits = "does not follow growing clips: it waits until the clip is complete"
    assert pipeline.notes == (
        f"route 'proxies': transform 'proxies.proxy' {waits}",
        f"route 'originals': sink 'cloud' {waits}",
        f"route 'originals': sink 'disk' {waits}",
    )


def test_a_sink_that_no_route_uses_is_a_note(tmp_path):
    pipeline = loaded(tmp_path, GOOD.replace("\nroutes:", "\n  - {id: spare, use: disk}\nroutes:"))

    assert pipeline.notes == ("sink 'spare': no route goes to it",)


@pytest.mark.parametrize(
    ("option", "field", "expected"),
    [
        ("ca_file: ca.pem", "ca_file", "{folder}/ca.pem"),
        ("ca_file: ../ca.pem", "ca_file", "{folder}/../ca.pem"),
        ("ca_file: /etc/ca.pem", "ca_file", "/etc/ca.pem"),
        ("ca_file: ~/ca.pem", "ca_file", "{home}/ca.pem"),
        ("ca_file: ''", "ca_file", None),
        ("ca_file: ~", "ca_file", None),
        ("others: [a, /b]", "others", ["{folder}/a", "/b"]),
        ("by_name: {x: a}", "by_name", {"x": "{folder}/a"}),
        ("url: a", "url", "a"),
    ],
)
def test_relative_paths_start_at_the_folder_of_the_file(tmp_path, monkeypatch, option, field, expected):
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))

    def filled(value):
        if isinstance(value, str):
            return value.format(folder=tmp_path, home=home)
        if isinstance(value, list):
            return [Path(filled(item)) for item in value]
        return {key: Path(filled(item)) for key, item in value.items()} if isinstance(value, dict) else None

    pipeline = loaded(tmp_path, GOOD.replace("use: cloud", f"use: cloud, {option}"))

    found = getattr(pipeline.sinks[0].options, field)
    assert (str(found) if isinstance(found, Path) else found) == filled(expected)


def test_a_relative_file_name_gives_absolute_paths(tmp_path, monkeypatch):
    (tmp_path / "onset.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)

    pipeline = load(Path("onset.yaml"), registry(), {})

    assert pipeline.sources[0].options.path == tmp_path / "cards"
    assert pipeline.sources[0].where == "onset.yaml:4:5"


def test_variables_stand_in_values(tmp_path):
    text = GOOD.replace("height: 720", "height: '${HEIGHT}'").replace("role = 'original'", "role = '${ROLE}'")

    pipeline = loaded(tmp_path, text, {"CARDS": "/media/cards", "HEIGHT": "540", "ROLE": "still"})

    assert pipeline.sources[0].options.path == Path("/media/cards")
    assert pipeline.routes[0].steps[0].options.height == 540
    assert "role = 'still'" in pipeline.routes[0].when


def test_aliases_are_followed(tmp_path):
    text = GOOD.replace("[{use: proxy, height: 720, bitrate: 6M}, proxy]", "&steps [proxy]")

    pipeline = loaded(tmp_path, text.replace("auto: false", "auto: false, steps: *steps"))

    assert [step.id for step in pipeline.routes[1].steps] == ["sound.proxy"]


def test_yaml_1_2_types(tmp_path):
    text = GOOD.replace("priority: 100", "priority: 0x10").replace(
        "use: cloud", "use: cloud, url: yes, by_name: {010: a}"
    )

    pipeline = loaded(tmp_path, text)

    assert pipeline.routes[0].priority == 16
    assert pipeline.sinks[0].options.url == "yes"
    assert list(pipeline.sinks[0].options.by_name) == ["010"]


def test_a_bare_name_is_looked_for_here_then_in_pipelines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "onset.yaml").write_text(GOOD)

    assert find_file("onset.yaml") == Path("pipelines/onset.yaml")
    assert find_file("pipelines/onset.yaml") == Path("pipelines/onset.yaml")
    (tmp_path / "onset.yaml").write_text(GOOD)
    assert find_file("onset.yaml") == Path("onset.yaml")


def test_the_state_folder_is_read_without_checking_the_rest(tmp_path):
    file = tmp_path / "onset.yaml"
    file.write_text("state: '${STATE:-there}'\nsources: [{use: unknown, path: '${MISSING}'}]\n")

    assert state_of(file, {}) == tmp_path.resolve() / "there"
    assert state_of(file, {"STATE": "/var/lib/rushes"}) == Path("/var/lib/rushes")


def test_finding_a_pipeline_imports_nothing_heavy():
    code = "import sys, rushes.config.find; print(*sys.modules)"

    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "duckdb" not in found
    assert "pydantic_settings" not in found
    assert "rushes.registry" not in found


@pytest.mark.parametrize(
    "name", sorted(path.name for path in PIPELINES.glob("*.yaml") if ".test" not in path.suffixes)
)
def test_our_own_pipelines_load_and_say_what_they_show(name):
    file = PIPELINES / name

    assert load(file, Registry.load(), {}).routes
    assert file.read_text().startswith("# ")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2s", 2),
        ("500ms", 0.5),
        ("1m", 60),
        ("1.5h", 5400),
        ("1d", 86400),
        (3, 3),
        (0.25, 0.25),
        ("7", 7),
        (" 2 s ", 2),
    ],
)
def test_durations(written, seconds):
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "s", "-1s", "2x", "2S", -1, float("inf"), float("nan"), None, True, [], "1e3s", "1" * 50]
)
def test_what_is_no_duration(written):
    with pytest.raises(ValueError, match="write a duration such as"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("6M", 6_000_000),
        ("25MiB", 25 << 20),
        ("10GB", 10**10),
        ("1.5k", 1500),
        ("2Ki", 2048),
        (12, 12),
        ("8b", 8),
        ("1TiB", 1 << 40),
    ],
)
def test_sizes(written, count):
    found = parse_size(written)

    assert found == count
    assert isinstance(found, int)


@pytest.mark.parametrize("written", ["", "M", "6X", "6iB", "-6M", 0.5, "0.3", True, None, "6M/s"])
def test_what_is_no_size(written):
    with pytest.raises(ValueError, match="write a size such as"):
        parse_size(written)


def substitute(text, names):
    def look_up(name):
        if name not in names:
            raise UnknownNameError(f"{name} is not set")
        return Expanded(names[name], names[name])

    return expand(text, text, look_up).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}/${B}", "1/2"),
        ("${NO:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY}", ""),
        ("${NO:-}", ""),
        ("$A $ {A} $${A}", "$A $ {A} ${A}"),
        ("${NEST}", "${A}"),
    ],
)
def test_substitution(text, expected):
    assert substitute(text, {"A": "1", "B": "2", "EMPTY": "", "NEST": "${A}"}) == expected


@pytest.mark.parametrize(("text", "offset"), [("ab${NO}", 2), ("${A}${", 4), ("x${A:b}", 1), ("${}", 0)])
def test_substitution_that_fails_says_where(text, offset):
    with pytest.raises(SubstitutionError) as caught:
        substitute(text, {"A": "1"})

    assert caught.value.offset == offset


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_substitution_never_raises_anything_else(text, environment):
    with suppress(SubstitutionError):
        assert "$" in text or substitute(text, environment) == text


def test_nearest_words():
    assert nearest("Slot", ["slots", "use"]) == "slots"
    assert nearest("zebra", ["slots", "use"]) == ""
    assert did_you_mean("zebra", ["slots", "use"]) == "there is slots, use"
    assert did_you_mean("zebra", []) == "there is none"


def test_a_directory_is_no_pipeline_file(tmp_path):
    with pytest.raises(ConfigError, match="not a file"):
        state_of(tmp_path, {})
