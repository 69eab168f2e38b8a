"""`pipeline plugins new`: one of each kind is written, clean, built, installed; its tests pass, a pipeline uses all."""

from __future__ import annotations

import gzip
import json
import re
import sys

import pytest

from rushes.registry import KINDS
from wheel_rig import ROOT, Fresh, run

#: What each is called: the shortest name, the longest, and plain ones.
NAMES = {
    "source": "x",
    "annotator": "first-light-of-the-day-and-last-of-night",
    "transform": "squeeze",
    "sink": "drop-box",
    "observer": "diary2",
}
PIPELINE = """
pipeline: all-five
sources: [{id: in, use: x, path: ./media, every: 50ms}]
prepare: [{use: first-light-of-the-day-and-last-of-night, length: 3}]
sinks: [{id: out, use: drop-box, path: ./delivered, part_size: 64KiB}]
routes:
  - id: pictures
    when: meta['first_light_of_the_day_and_last_of_night'] = '706963'
    steps: [{use: squeeze, level: 1}]
    to: [out]
observers: [{id: diary, use: diary2, path: ./diary.jsonl, kinds: [step.done]}]
"""


@pytest.fixture(scope="module")
def listed(fresh):
    """Each plugin there, by its name."""
    told = json.loads(fresh.pipeline("plugins", "--json", cwd=fresh.folder))["plugins"]
    return {plugin["name"]: plugin for plugin in told}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """An environment with rushes, and with a plugin of each kind that its `pipeline` wrote."""
    fresh = Fresh(tmp_path_factory.mktemp("new"))
    fresh.install(ROOT)
    for kind, name in NAMES.items():
        fresh.pipeline("plugins", "new", name, "--kind", kind, cwd=fresh.folder)
    fresh.install(*(repository(fresh, kind) for kind in KINDS))
    return fresh


def repository(fresh, kind):
    return fresh.folder / f"rushes-{NAMES[kind]}"


def test_each_is_installed_with_what_it_offers(fresh, listed):
    assert fresh.file_of("rushes").is_relative_to(fresh.site)
    assert {plugin["error"] for plugin in listed.values()} == {""}
    for kind, name in NAMES.items():
        assert listed[name]["package"] == f"rushes-{name}"
        assert [(spec["kind"], spec["name"]) for spec in listed[name]["specs"]] == [(kind, name)]


def test_their_own_tests_pass(fresh):
    """All in one go: they are started alike, and rushes is imported once."""
    config = repository(fresh, "sink") / "pyproject.toml"
    folders = [f"rushes-{NAMES[kind]}/tests" for kind in KINDS]
    words = ["-rA", "-p", "no:cacheprovider", "-c", config, "--rootdir", fresh.folder]
    told = fresh.module("pytest", *words, *folders, cwd=fresh.folder)
    for folder in folders:
        assert f"PASSED {folder}/" in told, told


def test_its_code_is_clean_by_its_own_rules(fresh):
    for kind in KINDS:
        run([sys.executable, "-m", "ruff", "check", "--no-cache"], cwd=repository(fresh, kind))
        run([sys.executable, "-m", "ruff", "format", "--check", "--no-cache"], cwd=repository(fresh, kind))
    # All in one go: the rules are the same, and rushes is looked at once.
    code = [file for kind in KINDS for file in sorted(repository(fresh, kind).glob("*/**/*.py"))]
    config = repository(fresh, "sink") / "pyproject.toml"
    fresh.module(
        "mypy", "--config-file", config, "--cache-dir", ROOT / ".mypy_cache" / "new", *code, cwd=fresh.folder
    )
    assert len(code) == 4 * len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_says_of_itself_is_true(fresh, listed, kind):
    folder, name = repository(fresh, kind), NAMES[kind]
    example, readme = (folder / "example.yaml").read_text(), (folder / "README.md").read_text()
    assert example in readme
    assert f"use: {name}" in example
    fresh.pipeline("check", "example.yaml", cwd=folder)
    plugin = listed[name]
    options = {option["name"] for option in plugin["specs"][0]["options"]}
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == options
    assert all(option["meaning"] for option in plugin["specs"][0]["options"])
    for file in re.findall(r"^\| `([\w./]+\.\w+)` \|", readme, re.MULTILINE):
        assert (folder / file).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_to_be_filled_in(fresh, kind):
    folder = repository(fresh, kind)
    for file in [
        *folder.glob("*"),
        *folder.glob("src/**/*"),
        *folder.glob("tests/*"),
        *folder.glob(".git*/**/*"),
    ]:
        if file.is_file() and "__pycache__" not in file.parts:
            assert not re.search(r"@\w+@", f"{file.name}{file.read_text()}"), file
    assert {path.name for path in folder.iterdir()} >= {
        ".github",
        ".gitignore",
        "README.md",
        "example.yaml",
        "pyproject.toml",
        "src",
        "tests",
    }


def test_a_pipeline_uses_all_five(fresh, tmp_path):
    for folder in ("media/A001", "delivered"):
        (tmp_path / folder).mkdir(parents=True)
    picture = b"picture" + bytes(range(256)) * 1000
    (tmp_path / "media/A001/A001C001.mov").write_bytes(picture)
    (tmp_path / "media/A001/notes.txt").write_bytes(b"no picture")
    (tmp_path / "all.yaml").write_text(PIPELINE)

    fresh.pipeline("run", "all.yaml", "--once", cwd=tmp_path)

    [delivered] = (tmp_path / "delivered").iterdir()
    assert delivered.name.endswith("-A001C001.mov.gz")
    assert gzip.decompress(delivered.read_bytes()) == picture
    lines = [json.loads(line) for line in (tmp_path / "diary.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["step.done", "step.done"]
    assert {line["component"] for line in lines} >= {"out"}
