"""The files of the page by themselves: what is vendored, what the policy forbids, whether names meet, contrast."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rushes.page.assets import FOLDER

VENDORED = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"
OURS = sorted(path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts)
STYLES = sorted(FOLDER.rglob("*.css"))
#: Addresses that are names, not requests; and where somebody is sent by a link.
NAMES = {"http://www.w3.org/2000/svg"}

#: Text on its grounds (WCAG 2.2, 1.4.3): at least 4.5 to 1.
TEXTS = ("ink", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("paper", "card")
#: Lines that tell a control apart (1.4.11): at least 3 to 1.
EDGES = (("edge", "card"), ("edge", "paper"))
PAIRS = [
    *((text, ground, 4.5) for text in TEXTS for ground in GROUNDS),
    *((tone, f"{tone}-soft", 4.5) for tone in ("accent", "good", "warn", "bad")),
    *(("ink", f"{tone}-soft", 4.5) for tone in ("accent", "good", "warn", "bad")),
    ("on-accent", "accent", 4.5), ("ink", "sunk", 4.5),
    *((edge, ground, 3.0) for edge, ground in EDGES),
]  # fmt: skip


def test_the_vendored_library_is_the_one_that_was_read():
    content = (FOLDER / "vendor" / "preact.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == VENDORED


def test_the_licences_lie_beside_it():
    text = (FOLDER / "vendor" / "LICENSES").read_text()
    assert VENDORED in text
    assert "The MIT License (MIT)" in text
    assert "Copyright (c) 2015-present Jason Miller" in text
    assert "Apache License" in text
    assert "Copyright 2018 Google Inc." in text


class _Inline(HTMLParser):
    """What a policy without `unsafe-inline` stops."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        self.found += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._in in {"script", "style"} and data.strip():
            self.found.append(f"{self._in}: {data.strip()}")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""


def test_the_document_has_nothing_inline():
    parser = _Inline()
    parser.feed((FOLDER / "index.html").read_text())
    assert parser.found == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_module_asks_nobody_else_and_evaluates_nothing(path):
    text = path.read_text()
    # Patterns that read an address out of what a service said are no requests.
    asked = re.findall(r"""["'`](https?://[^"'`]*)["'`]""", text)
    assert set(asked) <= NAMES
    assert not re.search(r"\beval\(|new Function\(|innerHTML|dangerouslySetInnerHTML|document\.write", text)
    assert not re.search(r"""\sstyle=["'][^$]""", text)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_style_asks_nobody_and_uses_tokens_that_there_are(path):
    text = path.read_text()
    assert "@import" not in text
    assert "url(" not in text
    defined = set(re.findall(r"(--[a-z-]+):", "".join(style.read_text() for style in STYLES)))
    assert set(re.findall(r"var\((--[a-z-]+)", text)) <= defined


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_name_that_a_module_imports_is_exported_there(path):
    found = re.findall(
        r"^(?:import|export)\s+\{([^}]*)\}\s+from\s+\"([^\"]+)\"", path.read_text(), re.MULTILINE
    )
    for names, where in found:
        there = (path.parent / where).resolve()
        assert there.is_file(), where
        exported = _exported(there)
        wanted = {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()}
        assert wanted <= exported, f"{where} has no {sorted(wanted - exported)}"


def test_what_is_asked_ahead_is_what_the_view_asks():
    """Else it is asked twice, and the first rows come as late as ever."""
    [ahead] = re.findall(r'"#/clips": "/v1/clips\?([^"]+)"', (FOLDER / "before.js").read_text())
    [glance] = re.findall(
        r"^const GLANCE = \{ (.*) \};$", (FOLDER / "views/clips.js").read_text(), re.MULTILINE
    )
    assert ahead == glance.replace(": ", "=").replace(", ", "&")


def test_the_document_asks_for_one_script_and_one_sheet_beside_what_cannot_wait():
    index = (FOLDER / "index.html").read_text()
    assert re.findall(r'(?:src|href)="([^"]+)"', index) == ["icon.svg", "before.js", "style.css", "app.js"]


def _exported(path: Path) -> set[str]:
    text = path.read_text()
    names = set(re.findall(r"^export (?:async )?(?:function\*?|const|class) (\w+)", text, re.MULTILINE))
    for group in re.findall(r"export ?\{([^}]*)\}", text):
        names |= {name.split(" as ")[-1].strip() for name in group.split(",") if name.strip()}
    return names


def test_every_icon_that_is_named_is_drawn():
    drawn = set(
        re.findall(r"^  \"?([a-z-]+)\"?: \"", (FOLDER / "lib/widgets/icon.js").read_text(), re.MULTILINE)
    )
    named = {
        name
        for path in OURS
        for name in re.findall(r"""(?:\bicon|<\$\{Icon\} name)="([a-z-]+)\"""", path.read_text())
    }
    assert len(named) > 10
    assert named <= drawn


def _tokens(scheme: str) -> dict[str, str]:
    text = (FOLDER / "style.css").read_text()
    start = ":root {" if scheme == "light" else ':root[data-scheme="dark"] {'
    block = text[text.index(start) :].split("}", 1)[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_daylight_and_in_the_dark(scheme):
    tokens = _tokens(scheme)
    weak = {
        f"{text} on {ground}": round(_contrast(tokens[text], tokens[ground]), 2)
        for text, ground, least in PAIRS
        if _contrast(tokens[text], tokens[ground]) < least
    }
    assert weak == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_surfaces_have_no_tint_beside_graded_pictures(scheme):
    for name in ("paper", "card", "sunk"):
        channels = _channels(_tokens(scheme)[name])
        assert max(channels) - min(channels) <= 5 / 255


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
