"""What is installed: entry points to specs. A broken plugin is reported, never fatal."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

import pluggy

from rushes import hooks
from rushes.config.nearest import did_you_mean
from rushes.config.pipeline import Kind
from rushes.contract import Action, AnySpec, Options, Spec
from rushes.errors import NotFound, in_words

GROUP = "rushes.plugins"
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Where each kind is named in a pipeline file.
PLACES: dict[Kind, str] = {
    "source": "sources:",
    "annotator": "prepare:",
    "transform": "steps:",
    "sink": "sinks:",
    "observer": "observers:",
}
#: Keys of every component in a pipeline file; no option may have such a name.
CORE_KEYS = frozenset({"id", "use", "slots"})
FIRST_PARTY = "rushes"
#: The setting that keeps plugins from being imported, as people write it (`Settings.blocked_plugins`).
BLOCKING = "RUSHES_BLOCKED_PLUGINS"

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plugin:
    """One entry point: what it offers, and in `error` what is wrong with it ("" when nothing is).

    One that a person has `blocked` was not imported; its `error` says so. `package` is the distribution it came
    with, `import_ms` what importing and asking it took.
    """

    name: str
    package: str = ""
    version: str = ""
    specs: tuple[tuple[Kind, AnySpec], ...] = ()
    error: str = ""
    blocked: bool = False
    import_ms: float = 0.0


class Registry:
    """The components that a pipeline file may name."""

    def __init__(self) -> None:
        self._plugins: list[Plugin] = []
        self._specs: dict[tuple[Kind, str], AnySpec] = {}
        self._owners: dict[tuple[Kind, str], str] = {}

    @classmethod
    def load(cls, *, external: bool = True, blocked: Collection[str] = ()) -> Registry:
        """A registry of what is installed; empty with `external=False`.

        `blocked` names plugins or distributions that are not imported, whatever they offer.
        """
        registry = cls()
        for point in _in_order(entry_points(group=GROUP)) if external else ():
            plugin = Plugin(name=point.name, package=_package(point), version=_version(point))
            if point.name in blocked or plugin.package in blocked:
                registry._plugins.append(replace(plugin, blocked=True, error=f"blocked by {BLOCKING}"))
            else:
                registry._add(plugin, point.load)
        return registry

    def register(self, name: str, module_or_object: object) -> Plugin:
        """Add a plugin that is no entry point: a module or an object with hook implementations."""
        return self._add(Plugin(name=name), lambda: module_or_object)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin, the broken and the blocked ones too."""
        return tuple(self._plugins)

    def spec(self, kind: Kind, name: str) -> AnySpec:
        """The spec of that kind and name; raises NotFound, naming the nearest."""
        found = self._specs.get((kind, name))
        if found is None:
            raise NotFound(f"unknown {kind} '{name}'; {self._remedy(kind, name)}")
        return found

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of that kind, sorted."""
        return tuple(sorted(name for other, name in self._specs if other == kind))

    def _remedy(self, kind: Kind, name: str) -> str:
        elsewhere = [other for other, known in self._specs if known == name]
        if elsewhere:
            article = "an" if elsewhere[0][0] in "ao" else "a"
            return f"it is {article} {elsewhere[0]}; name it under {PLACES[elsewhere[0]]}"
        wrong = [plugin for plugin in self._plugins if plugin.error and plugin.name == name]
        if wrong and wrong[0].blocked:
            return f"its plugin is blocked; take it out of {BLOCKING}"
        if wrong:
            return f"its plugin is broken ({wrong[0].error}); see `pipeline plugins`"
        # What a blocked plugin would offer is not known: it is not imported.
        blocked = ", ".join(plugin.name for plugin in self._plugins if plugin.blocked)
        note = f" ({BLOCKING} blocks {blocked})" if blocked else ""
        return did_you_mean(name, self.names(kind)) + note

    def _add(self, plugin: Plugin, load: Callable[[], object]) -> Plugin:
        started = time.perf_counter()
        specs: list[tuple[Kind, AnySpec]] = []
        errors: list[str] = []
        try:
            for kind, spec in _offered(load()):
                if problem := self._problem(kind, spec):
                    errors.append(problem)
                else:
                    self._specs[kind, spec.name] = spec
                    self._owners[kind, spec.name] = plugin.name
                    specs.append((kind, spec))
            if not specs and not errors:
                errors.append("offers nothing; mark a hook such as rushes_sinks with @rushes.hookimpl")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a plugin does, the others must load
            errors.append(in_words(error))
        import_ms = (time.perf_counter() - started) * 1000
        plugin = replace(plugin, specs=tuple(specs), error="; ".join(errors), import_ms=import_ms)
        self._plugins.append(plugin)
        return plugin

    def _problem(self, kind: Kind, spec: object) -> str:
        """Why a spec cannot be taken; "" when it can."""
        if not isinstance(spec, Spec):
            return f"a {kind} is {type(spec).__name__}, not a rushes.Spec"
        if not isinstance(spec.name, str) or not _NAME.fullmatch(spec.name):
            return f"{kind} {spec.name!r}: a name is lower-case letters, digits, '_', '.' and '-'"
        if not _is_options(spec.config):
            return f"{kind} '{spec.name}': its config is no subclass of rushes.Options"
        if taken := CORE_KEYS & spec.config.model_fields.keys():
            return f"{kind} '{spec.name}': option '{min(taken)}' is a key of every component; rename it"
        if not callable(spec.open) or not isinstance(spec.slots, int) or spec.slots < 1:
            return f"{kind} '{spec.name}': open must be callable and slots at least 1"
        if spec.wishes is not None and not _is_options(spec.wishes):
            return f"{kind} '{spec.name}': its wishes are no subclass of rushes.Options"
        asked = (spec.notes, spec.agree, spec.addresses, *((spec.reach,) if spec.reach is not None else ()))
        if not all(map(callable, asked)):
            return f"{kind} '{spec.name}': notes, agree, addresses and reach must be callable"
        if not isinstance(spec.actions, Mapping) or not all(map(_is_action, spec.actions.items())):
            return f"{kind} '{spec.name}': actions must be a mapping of names to rushes.Action"
        if not _texts(spec.keys):
            return f"{kind} '{spec.name}': keys must be a mapping of names to what they mean"
        if (kind, spec.name) in self._specs:
            owner = self._owners[kind, spec.name]
            return f"{kind} '{spec.name}' is already offered by plugin {owner}; rename one or block one"
        return ""


def _is_options(model: object) -> bool:
    return isinstance(model, type) and issubclass(model, Options)


def _is_action(named: tuple[object, object]) -> bool:
    name, action = named
    return isinstance(name, str) and isinstance(action, Action) and callable(action.run)


def _texts(keys: object) -> bool:
    return isinstance(keys, Mapping) and all(isinstance(word, str) for pair in keys.items() for word in pair)


def _offered(plugin: object) -> Iterator[tuple[Kind, AnySpec]]:
    """What a plugin's hooks return. A manager of its own: no plugin can spoil the call of another."""
    manager = pluggy.PluginManager(hooks.NAMESPACE)
    manager.add_hookspecs(hooks)
    manager.register(plugin)
    manager.check_pending()
    for kind in KINDS:
        caller = getattr(manager.hook, f"rushes_{kind}s")
        for returned in caller():
            if not isinstance(returned, Sequence) or isinstance(returned, str | bytes):
                raise TypeError(f"rushes_{kind}s() returned {type(returned).__name__}, not a list of specs")
            for spec in returned:
                yield kind, spec


def _in_order(points: Iterable[EntryPoint]) -> list[EntryPoint]:
    """First-party plugins first, so that no other can take their names; then by name."""
    return sorted(points, key=lambda point: (_package(point) != FIRST_PARTY, point.name, point.value))


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def _version(point: EntryPoint) -> str:
    return point.dist.version if point.dist else ""
