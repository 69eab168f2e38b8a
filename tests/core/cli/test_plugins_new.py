"""`pipeline plugins new`: what it may be called, where it goes, and that nothing is ever written over."""

import json
import sys
from pathlib import Path

import pytest

from rushes import scaffold
from rushes.registry import KINDS


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_is_written(pipeline, here, kind):
    result = pipeline("plugins", "new", "bucket", "--kind", kind)

    assert result.exit_code == 0
    assert files(here / "rushes-bucket") == sorted(
        [
            ".github/workflows/test.yml",
            ".gitignore",
            "README.md",
            "example.yaml",
            "pyproject.toml",
            "src/rushes_bucket/__init__.py",
            f"src/rushes_bucket/{kind}.py",
            "src/rushes_bucket/options.py",
            "src/rushes_bucket/py.typed",
            "tests/test_rushes_bucket.py",
        ]
    )
    assert result.stdout.endswith(
        f"next:\n  cd rushes-bucket\n  {sys.executable} -m pip install --upgrade 'pip>=25.1'\n"
        f"  {sys.executable} -m pip install --editable . --group dev\n"
        f"  {sys.executable} -m pytest\n"
    )
    assert [path.name for path in here.iterdir()] == ["rushes-bucket"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Bucket", "'Bucket' is no name for a plugin"),
        ("a_b", "'a_b' is no name for a plugin"),
        ("2nd", "'2nd' is no name for a plugin"),
        ("a--b", "'a--b' is no name for a plugin"),
        ("a-", "'a-' is no name for a plugin"),
        ("", "'' is no name for a plugin"),
        ("../x", "'../x' is no name for a plugin"),
        ("é", "'é' is no name for a plugin"),
        ("a\n", "is no name for a plugin"),
        ("true", "'true' is no name for a plugin"),
        ("a" * 41, "40 characters at most"),
        ("rushes-bucket", "the package gets 'rushes-' by itself; name it bucket"),
        ("disk", "'disk' is taken by plugin disk of rushes; choose another name for your sink"),
        ("probe", "'probe' is taken by plugin media of rushes; choose another"),
        ("sandbox", "a module rushes_sandbox is installed already; choose another"),
    ],
)
def test_a_name_that_will_not_do_is_one_line(pipeline, here, name, told):
    result = pipeline("plugins", "new", name, "--kind", "sink")

    assert result.exit_code == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_nothing_is_written_over(pipeline, here, there):
    where = here / "rushes-bucket"
    if there == "folder":
        where.mkdir()
        (where / "mine.txt").write_text("mine")
    elif there == "file":
        where.write_text("mine")
    else:
        where.symlink_to("nowhere")

    result = pipeline("plugins", "new", "bucket", "--kind", "sink")

    assert result.exit_code == 1
    assert "something is there already; name another folder with --folder" in result.stderr
    assert [path.name for path in here.iterdir()] == ["rushes-bucket"]
    assert files(where) == (["mine.txt"] if there == "folder" else [])


def test_an_empty_folder_is_filled_even_where_one_stands(pipeline, here, monkeypatch):
    (here / "work").mkdir()
    monkeypatch.chdir(here / "work")

    document = json.loads(
        pipeline("plugins", "new", "bucket", "--kind", "sink", "--folder", ".", "--json").stdout
    )

    assert Path(document["folder"]) == here / "work"
    assert document["files"] == files(Path())
    assert [path.name for path in here.iterdir()] == ["work"]


def test_folders_on_the_way_are_made(pipeline, here):
    assert pipeline("plugins", "new", "x", "--kind", "source", "--folder", "a/b/c").exit_code == 0
    assert (here / "a/b/c/pyproject.toml").is_file()


def test_where_it_cannot_be_written_nothing_is_left(pipeline, here, monkeypatch):
    """The disk is full at the fourth file."""
    left, real = 4, Path.write_text

    def write_text(path, *arguments, **options):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", write_text)

    result = pipeline("plugins", "new", "bucket", "--kind", "sink")

    assert result.exit_code == 1
    assert "cannot be written (No space left on device); name another folder" in result.stderr
    assert list(here.iterdir()) == []


def test_it_needs_to_know_the_kind(pipeline):
    result = pipeline("plugins", "new", "bucket")

    assert result.exit_code == 2
    assert "--kind" in result.stderr


def test_a_template_with_an_unknown_word_is_a_mistake_of_ours():
    with pytest.raises(KeyError, match="nobody"):
        scaffold._filled("@name@ @nobody@", {"name": "x"})
