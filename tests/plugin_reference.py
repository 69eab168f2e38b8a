"""The reference in the authors' guide, made from the code. With --write it is put there, else a difference is told."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
GUIDE = "plugins/README.md"
BEGIN = "<!-- From here on made by `make fix` from the code; change the docstrings there. -->"
END = "<!-- The end of what is made from the code. -->"

#: How the façade's names are grouped; each is in one group.
COMPONENTS = ("Source", "Annotator", "Affecting", "Illustrator", "Transform", "Sink", "Observer")
LENT = ("Context", "Intake", "Report", "Store", "Secrets", "Catalog", "Devices", "Completed")
DECLARED = ("Spec", "Action", "Options")
VALUES = (
    "Clip",
    "Finding",
    "Link",
    "Record",
    "Device",
    "Order",
    "Receipt",
    "Resume",
    "Event",
    "Kind",
    "Role",
    "Admission",
)
FAILURES = (
    "RushesError", "Transient", "Permanent", "Changed", "Unavailable", "MediaGone", "NotYet", "WorkerDied",
    "CommandFailed", "ConfigError", "NotFound", "NotAuthorised",
)  # fmt: skip
NAMES = (
    "Duration",
    "Size",
    "Secret",
    "Template",
    "AnySpec",
    "Tell",
    "Scalar",
    "LinkState",
    "WORK",
    "hookimpl",
)
MODULES = (
    "rushes.retry", "rushes.templates", "rushes.timecode", "rushes.tls", "rushes.trust", "rushes.volumes",
    "rushes.commands", "rushes.testing",
)  # fmt: skip
PLACES = {
    "sources": "`run`",
    "annotators": "`annotate`",
    "transforms": "`apply`",
    "sinks": "`deliver`",
    "observers": "`watch`",
}


def reference() -> str:
    """The whole part, with the comments around it. Raises AssertionError for a name that is in no group."""
    import rushes

    grouped = (*COMPONENTS, *LENT, *DECLARED, *VALUES, *FAILURES, *NAMES)
    assert sorted(grouped) == sorted(rushes.__all__), set(grouped) ^ set(rushes.__all__)
    return "\n".join([BEGIN, "", *_sections(rushes), END]) + "\n"


def _sections(rushes: ModuleType) -> Iterator[str]:
    def of(names: tuple[str, ...], tell: Callable[[str, Any], Iterator[str]]) -> Iterator[str]:
        for name in names:
            yield from tell(name, getattr(rushes, name))

    yield from ("## Reference", "", "### Hooks", "")
    yield from ("| hook | returns | what its specs open has |", "|---|---|---|")
    hooks = importlib.import_module("rushes.hooks")
    for kind, method in PLACES.items():
        yield f"| `rushes_{kind}()` | {_line(inspect.getdoc(getattr(hooks, f'rushes_{kind}')))} | {method} |"
    yield from ("", "### What you write", "", *of(COMPONENTS, _protocol))
    yield from ("### What you declare", "", *of(DECLARED, _value))
    yield from ("### What you are lent", "", *of(LENT, _protocol))
    yield from ("### Values", "", *of(VALUES, _value))
    yield from ("### Failures", "", _line(inspect.getdoc(importlib.import_module("rushes.errors"))), "")
    yield from of(FAILURES, _failure)
    yield from ("", "### Other names of `rushes`", "", "| name | |", "|---|---|")
    for name in NAMES:
        yield f"| `{name}` | {_about(name, getattr(rushes, name))} |"
    yield from ("", "### Public modules", "")
    for name in MODULES:
        yield from _module(name)


def _protocol(name: str, protocol: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(protocol):
        yield from _value(name, protocol)
        return
    doc = protocol.__dict__.get("__doc__")
    yield from (f"#### {name}", "")
    if doc:
        yield from (_line(doc), "")
    for member, value in protocol.__dict__.items():
        if member.startswith("_"):
            continue
        if isinstance(value, property):
            told = f"`{member}`: `{inspect.signature(value.fget).return_annotation}`"  # type: ignore[arg-type]
            yield _item(told, value.fget.__doc__)
        elif inspect.isfunction(value):
            yield _item(f"`{_signature(member, value)}`", value.__doc__)
    yield ""


def _value(name: str, kind: Any) -> Iterator[str]:
    yield from (f"#### {name}", "", _line(inspect.getdoc(kind)) if kind.__doc__ else "", "")
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (", ".join(f"`{each.name}`" for each in kind) + ".", "")
        return
    if not dataclasses.is_dataclass(kind):
        return
    fields = [f"`{each.name}`: `{each.type}`{_default(each)}" for each in dataclasses.fields(kind)]
    yield from ("; ".join(fields) + ".", "")
    for member, value in vars(kind).items():
        if not member.startswith("_") and isinstance(value, property):
            yield _item(f"`{member}`", value.__doc__)
    if any(
        isinstance(value, property) and not member.startswith("_") for member, value in vars(kind).items()
    ):
        yield ""


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING and not callable(field.default):
        return (
            f" = `{field.default!r}`"
            if not isinstance(field.default, Enum)
            else f" = `{field.default.value}`"
        )
    return (
        ""
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        else ", optional"
    )


def _failure(name: str, kind: Any) -> Iterator[str]:
    signature = str(inspect.signature(kind.__init__)).replace("self, ", "").replace(" -> None", "")
    shown = (
        "(message)"
        if kind.__init__ is Exception.__init__ or "args" in signature
        else signature.replace("'", "")
    )
    yield _item(f"`{name}{shown}`", kind.__doc__)


def _about(name: str, value: Any) -> str:
    """Its docstring, or the `#:` comment above it where it is made."""
    if inspect.isclass(value) and value.__doc__:
        return _line(inspect.getdoc(value))
    for module in ("rushes.config.types", "rushes.contract", "rushes.model", "rushes.hooks"):
        text = Path(importlib.import_module(module).__file__ or "").read_text("utf-8")
        if found := re.search(rf"((?:^#: .*\n)*)^{name} = (.*)", text, re.MULTILINE):
            told = " ".join(line.removeprefix("#: ") for line in found[1].splitlines())
            return told or f"`{found[2]}`".replace("|", "\\|")
    raise AssertionError(f"{name} is made nowhere")


def _module(name: str) -> Iterator[str]:
    module = importlib.import_module(name)
    yield from (f"#### {name}", "", _line(inspect.getdoc(module)), "")
    public = getattr(module, "__all__", None) or [
        member
        for member, value in vars(module).items()
        if not member.startswith("_") and getattr(value, "__module__", "") == name and callable(value)
    ]
    for member in public:
        value = getattr(module, member)
        shown = f"{member}{_arguments(value)}" if inspect.isfunction(value) else member
        yield _item(
            f"`{shown}`", value.__doc__ if inspect.isfunction(value) or inspect.isclass(value) else ""
        )
    yield ""


def _signature(name: str, function: Any) -> str:
    start = "async " if inspect.iscoroutinefunction(function) else ""
    return f"{start}{name}{_arguments(function)}"


def _arguments(function: Any) -> str:
    signature = inspect.signature(inspect.unwrap(function))
    given = [each for each in signature.parameters.values() if each.name != "self"]
    told = str(signature.replace(parameters=given)).replace("'", "")
    return re.sub(r", /(?=[,)])|\(/, ", lambda found: "(" if found[0].startswith("(") else "", told)


def _item(told: str, doc: str | None) -> str:
    return f"- {told}{f': {_line(inspect.cleandoc(doc))}' if doc else ''}"


def _line(doc: str | None) -> str:
    """A docstring as one paragraph."""
    return " ".join((doc or "").split()).replace("|", "\\|")


def difference() -> Iterator[str]:
    """A line where the guide is not in step."""
    text = (ROOT / GUIDE).read_text("utf-8")
    if text.partition(BEGIN)[1] == "" or END not in text:
        yield f"{GUIDE}: the comments around the reference are missing"
    elif BEGIN + text.partition(BEGIN)[2] != reference():
        yield f"{GUIDE}: its reference is not that of the code; run make fix"


def write() -> None:
    """Put it into the guide."""
    file = ROOT / GUIDE
    file.write_text(file.read_text("utf-8").partition(BEGIN)[0] + reference(), "utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    else:
        sys.exit("\n".join(difference()) or 0)
