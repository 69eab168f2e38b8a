"""What is said is checked: documents in step with code (`make check`); one line per mismatch, then exit 1."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from rushes.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ("rushes_sources", "rushes_annotators", "rushes_transforms", "rushes_sinks", "rushes_observers")
PAGES = ("README.md", "core/README.md", "CONTRIBUTING.md")
GUIDE = "plugins/README.md"


def verbs() -> Iterator[str]:
    """Every `pipeline <verb>` in the pages is a verb of the command."""
    import click

    from rushes.cli.root import cli

    known = cli.list_commands(click.Context(cli))
    for page in PAGES[:2]:
        for verb in sorted(set(re.findall(r"`(?:\$ )?pipeline ([a-z]+)", read(page)))):
            if verb not in known:
                yield f"{page}: `pipeline {verb}` is not a verb of the command"


def paths() -> Iterator[str]:
    """Every path that a page names, as a link or in backticks, exists."""
    for page in (*PAGES, GUIDE, *plugin_pages()):
        text = read(page)
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        named = re.findall(r"`((?:core|plugins|pipelines|samples|tests|\.ci)/[\w./-]*)`", text)
        for link in sorted(set(links)):
            if not ((ROOT / page).parent / link).exists():
                yield f"{page}: link to {link}, which does not exist"
        for name in sorted(set(named)):
            if not (ROOT / name).exists():
                yield f"{page}: names {name}, which does not exist"


def options() -> Iterator[str]:
    """Each plugin has a README whose option tables name exactly the fields of its specs."""
    for folder in sorted((ROOT / "plugins").glob("rushes_*")):
        page = f"plugins/{folder.name}/README.md"
        if not (folder / "README.md").exists():
            yield f"{page} is missing"
            continue
        module = import_module(folder.name)
        specs = [spec for hook in HOOKS for spec in getattr(module, hook, list)()]
        fields = {field.alias or name for spec in specs for name, field in spec.config.model_fields.items()}
        written = set(_option_names(read(page)))
        if missing := fields - written:
            yield f"{page}: no row for the options {', '.join(sorted(missing))}"
        if extra := written - fields:
            yield f"{page}: rows for {', '.join(sorted(extra))}, which are no options"


def _option_names(text: str) -> Iterator[str]:
    """First cells, in backticks, of the tables whose first heading is `option`."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0].lower() in {"option", "options"}:
            inside = True
        elif inside:
            yield from re.findall(r"`([a-z_0-9]+)`", cells[0])


def pipelines() -> Iterator[str]:
    """Each pipeline file opens with a comment that says what it shows."""
    for file in sorted((ROOT / "pipelines").glob("*.yaml")):
        first = next((line for line in file.read_text("utf-8").splitlines() if line.strip()), "")
        if not first.startswith("# ") or "yaml-language-server" in first:
            yield f"pipelines/{file.name}: does not open with a comment that says what it shows"


def commands() -> Iterator[str]:
    """Each `pipeline ...` line of a shell block names verbs, arguments and options that there are."""
    import click

    from rushes.cli.root import cli

    for page in (*PAGES, GUIDE, *plugin_pages()):
        for line in "\n".join(fences(page, "sh")).splitlines():
            if line.startswith("pipeline "):
                try:
                    with redirect_stdout(StringIO()):
                        parse(cli, "pipeline", shlex.split(line, comments=True)[1:])
                except click.exceptions.Exit:
                    continue  # --help, --version
                except (click.ClickException, ValueError) as error:
                    yield f"{page}: {line}: {error}"


def known_verb(words: Sequence[str]) -> bool:
    """Whether these words begin with a verb, and with one of its own where it has some."""
    import click

    from rushes.cli.root import cli

    command: click.Command | None = cli
    for word in words:
        if not isinstance(command, click.Group):
            return True
        if not word.isalpha() or not word.islower():
            continue  # what stands for a file, or an option
        command = command.get_command(click.Context(command), word)
        if command is None:
            return False
    return True


def parse(
    command: click.Command, name: str, words: Sequence[str], above: click.Context | None = None
) -> None:
    """As the command line does, down to the last verb, without running any. Raises ClickException."""
    import click

    context = command.make_context(name, list(words), parent=above)
    left = [*context._protected_args, *context.args]
    if isinstance(command, click.Group) and left:
        verb, found, rest = command.resolve_command(context, left)
        assert found is not None
        parse(found, verb or "", rest, context)


def examples() -> Iterator[str]:
    """Each pipeline in a page loads, with the guide's own plugin installed; options are real ones."""
    from rushes.errors import ConfigError
    from rushes.registry import Registry

    registry = Registry.load()
    yield from guide_plugin(registry)
    for page in (*PAGES, GUIDE, *plugin_pages()):
        for text in fences(page, "yaml"):
            code = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
            if code and code[0].startswith(("pipeline:", "sources:")):
                try:
                    load_text(text, registry)
                except ConfigError as error:
                    yield f"{page}: a pipeline does not load: {error}"


def load_text(text: str, registry: Registry) -> None:
    """Load it as a file; variables that it needs are set. Raises ConfigError."""
    from rushes.config.load import load

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.yaml"
        file.write_text(text, "utf-8")
        load(file, registry, dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), folder))


def guide_plugin(registry: Registry) -> Iterator[str]:
    """The plugin that the authors' guide makes of a new one is one."""
    from docs_rig import blocks
    from rushes import scaffold

    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "rushes-note"
        scaffold.write("note", "sink", new)
        for block in blocks(GUIDE):
            if block.how == "file":
                (Path(folder) / block.path).write_text(block.text, "utf-8")
        sys.path.insert(0, str(new / "src"))
        try:
            module = import_module("rushes_note")
            if error := registry.register("note", module).error:
                yield f"{GUIDE}: its plugin is broken: {error}"
        finally:
            sys.path.remove(str(new / "src"))
            for name in [name for name in sys.modules if name.partition(".")[0] == "rushes_note"]:
                del sys.modules[name]


def reference() -> Iterator[str]:
    """The reference in the authors' guide is that of the code."""
    from plugin_reference import difference

    yield from difference()


def fences(page: str, language: str) -> list[str]:
    """The fenced blocks of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)


def plugin_pages() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "plugins").glob("rushes_*/README.md"))]


def read(page: str) -> str:
    path = ROOT / page
    return path.read_text("utf-8") if path.exists() else ""


def main() -> int:
    problems = [
        line
        for check in (verbs, paths, options, pipelines, commands, examples, reference)
        for line in check()
    ]
    for line in problems:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
