"""The sample is a package of its own: built, installed beside the built rushes, and used by a pipeline."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shlex
import shutil
import sys

import pytest

from docs_rig import blocks
from wheel_rig import ROOT, SAMPLE, Fresh, run

PAGE = "samples/rushes-plugin-example/README.md"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    fresh = Fresh(tmp_path_factory.mktemp("sample"))
    fresh.install(ROOT, SAMPLE)
    return fresh


@pytest.fixture(scope="module")
def tus_server():
    """The server of the sample's own tests."""
    spec = importlib.util.spec_from_file_location("tus_server", SAMPLE / "tests" / "tus_server.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["tus_server"] = module  # its dataclass looks there
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules["tus_server"]


def test_rushes_and_the_sample_come_from_their_wheels(fresh, tmp_path):
    assert fresh.file_of("rushes").is_relative_to(fresh.site)
    assert fresh.file_of("rushes_plugin_example").is_relative_to(fresh.site)

    plugins = json.loads(fresh.pipeline("plugins", "--json", cwd=tmp_path))["plugins"]

    [example] = [plugin for plugin in plugins if plugin["name"] == "example"]
    assert (example["package"], example["version"]) == ("rushes-plugin-example", "0.1.0")
    assert [(spec["kind"], spec["name"]) for spec in example["specs"]] == [
        ("transform", "checksum"),
        ("sink", "tus"),
    ]
    assert [plugin["error"] for plugin in plugins] == [""] * len(plugins)


def test_a_pipeline_uses_both_of_its_components(fresh, tus_server, tmp_path):
    card = tmp_path / "media" / "A001"
    card.mkdir(parents=True)
    clips = {f"notes{number}.txt": f"note {number}".encode() * 50_000 for number in (1, 2)}
    for name, content in clips.items():
        (card / name).write_bytes(content)
    shutil.copyfile(SAMPLE / "example.yaml", tmp_path / "example.yaml")
    with tus_server.tus_server() as server:
        variables = {"TUS_URL": server.url, "TUS_TOKEN": tus_server.TOKEN}
        fresh.pipeline("check", "example.yaml", "--connect", cwd=tmp_path, variables=variables)
        fresh.pipeline("run", "example.yaml", "--once", cwd=tmp_path, variables=variables)

        for name, content in clips.items():
            assert server.whole(name) == content
            digest = hashlib.sha256(content).hexdigest()
            assert server.whole(f"{name}.sha256") == f"{digest} *{name}\n".encode()
        assert len(server.uploads) == 4


def test_a_pipeline_waits_where_the_server_wants_another_token(fresh, tus_server, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "notes.txt").write_bytes(b"picture")
    shutil.copyfile(SAMPLE / "example.yaml", tmp_path / "example.yaml")
    with tus_server.tus_server() as server:
        variables = {"TUS_URL": server.url, "TUS_TOKEN": "another secret"}

        told = fresh.pipeline("run", "example.yaml", "--once", cwd=tmp_path, variables=variables, status=3)

        assert "correct `token`" in told
        assert "another secret" not in told
        assert server.uploads == {}


def test_the_commands_of_its_readme(fresh, tmp_path):
    """Its tests pass, its code is clean; what `pip` is asked for has been done with the wheels."""
    lines = [line for block in blocks(PAGE) if block.run == "sample" for line in block.text.splitlines()]
    done = []
    for line in lines:
        words = shlex.split(line)
        done.append(" ".join(words[:3]))
        match words:
            case ["pip", "install", "."] | ["python", "-m", "pip", "install", *_]:
                pass
            case ["pipeline", *rest]:
                assert "plugin example of rushes-plugin-example 0.1.0" in fresh.pipeline(*rest, cwd=tmp_path)
            case ["python", "-m", "pytest"]:
                assert re.search(r"\d passed", fresh.module("pytest", "-p", "no:cacheprovider", cwd=SAMPLE))
            case ["python", "-m", "ruff", "check"]:
                run([sys.executable, "-m", "ruff", "check", "--no-cache"], cwd=SAMPLE)
            case ["python", "-m", "mypy"]:
                fresh.module("mypy", "--cache-dir", ROOT / ".mypy_cache" / "sample", cwd=SAMPLE)
            case _:
                pytest.fail(f"{PAGE}: nothing runs: {line}")
    assert {"pipeline plugins show", "python -m pytest", "python -m ruff", "python -m mypy"} <= set(done)
    run([sys.executable, "-m", "ruff", "format", "--check", "--no-cache"], cwd=SAMPLE)


def test_its_readme_tells_what_it_has(fresh, tmp_path):
    readme = (SAMPLE / "README.md").read_text()
    assert (SAMPLE / "example.yaml").read_text() in readme
    [example] = json.loads(fresh.pipeline("plugins", "show", "example", "--json", cwd=tmp_path))["plugins"]
    options = {option["name"] for spec in example["specs"] for option in spec["options"]}
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == options
