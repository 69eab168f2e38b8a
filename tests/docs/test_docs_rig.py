"""What finds the blocks of a page finds them all, with what is to be done with each."""

import pytest

from docs_play import Play, goes_on
from docs_rig import blocks, indented

PAGE = """\
# A page

<!-- run: tour -->
```sh
pipeline check a.yaml
```

```yaml
sources: []
```
<!-- file: sub/a.yaml in tour -->

```python
x = 1
```

<!-- not run: needs the moon -->
```sh
moon
```

    pipeline status a.yaml

- a list

    1. goes on
"""


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "PAGE.md"
    file.write_text(PAGE)
    return file


def test_each_block_has_its_order(page):
    found = [(block.line, block.language, block.run, block.path, block.reason) for block in blocks(page)]
    assert found == [
        (4, "sh", "tour", "", ""),
        (8, "yaml", "", "", ""),
        (13, "python", "", "sub/a.yaml", ""),
        (18, "sh", "", "", "needs the moon"),
    ]


def test_an_unknown_order_is_an_error(page):
    page.write_text(PAGE.replace("not run: needs the moon", "never run"))
    with pytest.raises(ValueError, match=r":18: <!-- never run --> is no order"):
        list(blocks(page))


def test_code_by_indentation_is_found(page):
    assert [line.partition(": ")[2] for line in indented(page)] == ["pipeline status a.yaml"]


@pytest.mark.parametrize(
    ("line", "does"),
    [
        ("run a.yaml", True),
        ("run a.yaml --once", False),
        ("status a.yaml", False),
        ("status a.yaml --watch", True),
        ("sandbox --state DIR", True),
        ("sandbox pause --state DIR", False),
        ("masterlockit hub --state DIR", True),
        ("masterlockit clips a.yaml", False),
    ],
)
def test_what_goes_on_is_known(line, does):
    assert goes_on(line.split()) is does


def test_a_command_that_fails_or_prints_something_else_is_told(page, tmp_path):
    shell, _, file, _ = blocks(page)
    with Play(tmp_path / "stage") as play:
        play.play(file)
        assert (tmp_path / "stage" / "sub" / "a.yaml").read_text() == "x = 1\n"
        with pytest.raises(AssertionError, match=r":4: pipeline check a.yaml: 2\n.*no such file"):
            play.play(shell)
