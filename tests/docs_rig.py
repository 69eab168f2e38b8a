"""The pages of the project as blocks, each with what is to be done with it.

A block is fenced. Without a comment before it: `python` is executed, `yaml` is read as (a part of) a pipeline file,
`json` is parsed, one without a language is what something printed. A shell block needs one of the first two:

    <!-- run: NAME -->           the stage NAME runs it, after all before it with that name (tests/docs_stages.py)
    <!-- not run: REASON -->     nothing does
    <!-- file: PATH in NAME -->  the stage has it as that file
    <!-- line of: PATH in NAME --> it takes the place of the line in that file that begins as it does
    <!-- prints -->              the shell block before it printed these lines
    <!-- offers: KIND NAME -->   an editor offers these options for that component
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in (
        "README.md", "CONTRIBUTING.md", "core/README.md", "core/rushes/*/README.md", "plugins/**/README.md",
        "pipelines/README.md", "samples/**/README.md",
    )
    for path in ROOT.glob(pattern)
    if not {"node_modules", ".venv"} & set(path.parts)
)  # fmt: skip
LANGUAGES = {"", "text", "sh", "python", "yaml", "json", "http"}
SHELL = {"sh"}

_FENCE = re.compile(
    r"^(?:<!-- (?P<said>[^\n]*?) -->\n+)?```(?P<language>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_ORDER = re.compile(
    r"run: (?P<run>[a-z-]+)|not run: (?P<reason>.+)|(?P<prints>prints)|offers: (?P<offers>\w+ \w+)"
    r"|(?P<how>file|line of): (?P<path>\S+) in (?P<stage>[a-z-]+)"
)


@dataclass(frozen=True)
class Block:
    """One block: its page, its line there, and the parts of the comment before it."""

    page: str
    line: int
    language: str
    text: str
    said: str = ""
    run: str = ""
    reason: str = ""
    prints: bool = False
    offers: str = ""
    how: str = ""
    path: str = ""
    stage: str = ""

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> Iterator[Block]:
    """Those of a page, in order. Raises ValueError for a comment that is none of the above."""
    text = (ROOT / page).read_text("utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start("language")) + 1
        said, parts = found["said"] or "", {}
        if said:
            order = _ORDER.fullmatch(said)
            if order is None:
                raise ValueError(
                    f"{page}:{line}: <!-- {said} --> is no order that is known; see tests/docs_rig.py"
                )
            parts = {key: value or "" for key, value in order.groupdict().items()}
        yield Block(
            page, line, found["language"].strip(), found["text"], said,
            parts.get("run", ""), parts.get("reason", ""), bool(parts.get("prints")), parts.get("offers", ""),
            parts.get("how", ""), parts.get("path", ""), parts.get("stage", ""),
        )  # fmt: skip


def every_block() -> list[Block]:
    return [block for page in PAGES for block in blocks(page)]


def indented(page: str) -> Iterator[str]:
    """Code that is told by its indentation alone, which nothing could run: `PAGE:LINE`."""
    text = _FENCE.sub(lambda found: "\n" * found[0].count("\n"), (ROOT / page).read_text("utf-8"))
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        before = lines[number - 2] if number > 1 else ""
        if line.startswith("    ") and not before.strip() and not re.match(r"\s+[-*\d]", line):
            yield f"{page}:{number}: {line.strip()[:60]}"
