"""Entry points to specs: real distributions in a folder, broken in every way."""

import sys

import pytest

from config_rig import Components, spec
from rushes import NotFound, Options, Spec, hookimpl
from rushes.registry import Registry

HEADER = """
from contextlib import asynccontextmanager
from rushes import Options, Spec, hookimpl
@asynccontextmanager
async def life(options, context):
    yield None
def spec(name, **more):
    return Spec(name=name, summary="", config=Options, open=life, **more)
"""
GOOD = HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('bucket')]\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution that brings one plugin module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def installed(name, code):
        (tmp_path / f"{name}_module.py").write_text(code)
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[rushes.plugins]\n{name} = {name}_module\n")
        made.append(name)

    yield installed
    for name in made:
        sys.modules.pop(f"{name}_module", None)


def plugin(registry, name):
    return next(plugin for plugin in registry.plugins if plugin.name == name)


def test_a_third_partys_plugin_is_found(install):
    install("bucket", GOOD)

    registry = Registry.load()

    found = plugin(registry, "bucket")
    assert (found.package, found.version, found.error) == ("bucket", "1.2", "")
    assert [(kind, spec.name) for kind, spec in found.specs] == [("sink", "bucket")]
    assert found.import_ms > 0
    assert registry.spec("sink", "bucket").name == "bucket"
    assert "bucket" in registry.names("sink")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("syntax error", "SyntaxError: "),
        ("import sys\nsys.exit('bye')", "SystemExit: bye"),
        ("raise ValueError('one\\ntwo')", "ValueError: one"),
        ("x = 1", "offers nothing; mark a hook"),
        (HEADER + "@hookimpl\ndef rushes_sinks():\n    return []\n", "offers nothing"),
        (HEADER + "@hookimpl\ndef rushes_sinks():\n    raise KeyError('no')\n", "KeyError: 'no'"),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return spec('a')\n",
            "TypeError: rushes_sinks() returned Spec",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return 'abc'\n",
            "TypeError: rushes_sinks() returned str",
        ),
        (HEADER + "@hookimpl\ndef rushes_sinks():\n    return [1]\n", "a sink is int, not a rushes.Spec"),
        (HEADER + "@hookimpl\ndef rushes_sinks(name):\n    return []\n", "PluginValidationError"),
        (HEADER + "@hookimpl\ndef rushes_sink():\n    return []\n", "PluginValidationError"),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('A b')]\n",
            "sink 'A b': a name is lower-case",
        ),
        (HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', slots=0)]\n", "slots at least 1"),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', keys={'x': 1})]\n",
            "keys must be a map",
        ),
        ("raise BaseExceptionGroup('g', [SystemExit(1)])", "BaseExceptionGroup: g (1 sub-exception)"),
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
        ("class Panic(BaseException): pass\nraise Panic('index')", "Panic: index"),
        (
            "class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute",
            "Mute",
        ),
        (HEADER + "@hookimpl\ndef rushes_sinks():\n    raise SystemExit(0)\n", "SystemExit: 0"),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    yield spec('a')\n    raise SystemExit(0)\n",
            "TypeError: rushes_sinks() returned generator",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', notes=['x'])]\n",
            "notes, agree, addresses and reach must be callable",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', reach=True)]\n",
            "notes, agree, addresses and reach must be callable",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', actions={'pair': print})]\n",
            "actions must be a mapping of names to rushes.Action",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', wishes=dict)]\n",
            "its wishes are no subclass of rushes.Options",
        ),
        (
            HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('a', keys=['x'])]\n",
            "keys must be a map",
        ),
    ],
)
def test_a_broken_plugin_is_reported_and_the_others_load(install, code, error):
    install("broken", code)
    install("bucket", GOOD)

    registry = Registry.load()

    assert error in plugin(registry, "broken").error
    assert "\n" not in plugin(registry, "broken").error
    assert plugin(registry, "broken").specs == ()
    assert plugin(registry, "bucket").error == ""


def test_a_blocked_plugin_is_not_imported(install):
    install("bucket", "raise AssertionError('imported')")

    found = plugin(Registry.load(blocked=("bucket",)), "bucket")

    assert (found.error, found.blocked, found.specs) == ("blocked by RUSHES_BLOCKED_PLUGINS", True, ())


def test_first_party_names_cannot_be_taken(install):
    install("aaa", GOOD.replace("[spec('bucket')]", "[spec('disk'), spec('other')]"))

    registry = Registry.load()

    assert "sink 'disk' is already offered by plugin disk" in plugin(registry, "aaa").error
    assert [spec.name for _, spec in plugin(registry, "aaa").specs] == ["other"]
    assert plugin(registry, "disk").error == ""


def test_one_plugin_cannot_offer_a_name_twice():
    class Twice:
        @hookimpl
        def rushes_sinks(self):
            return [spec("a"), spec("a")]

    found = Registry().register("twice", Twice())

    assert "sink 'a' is already offered by plugin twice" in found.error
    assert len(found.specs) == 1


def test_without_external_nothing_is_there():
    registry = Registry.load(external=False)

    assert registry.plugins == ()
    assert registry.names("source") == ()


def test_a_name_may_stand_for_one_component_of_each_kind():
    class Both:
        @hookimpl
        def rushes_sources(self):
            return [spec("cloud")]

        @hookimpl
        def rushes_sinks(self):
            return (spec("cloud"),)

    registry = Registry()

    assert registry.register("both", Both()).error == ""
    assert registry.spec("source", "cloud") is not registry.spec("sink", "cloud")


def test_options_cannot_be_called_as_core_keys():
    class Slots(Options):
        slots: int = 1

    class Plugin:
        @hookimpl
        def rushes_sinks(self):
            return [spec("a", Slots), spec("b", dict)]

    found = Registry().register("plugin", Plugin())

    assert "option 'slots' is a key of every component; rename it" in found.error
    assert "sink 'b': its config is no subclass of rushes.Options" in found.error


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("source", "foldr", "unknown source 'foldr'; did you mean 'folder'?"),
        ("source", "proxy", "unknown source 'proxy'; it is a transform; name it under steps:"),
        ("sink", "probe", "it is an annotator; name it under prepare:"),
        ("sink", "zzzzz", "there is cloud, disk"),
        ("sink", "lost", r"its plugin is broken \(ImportError: no\); see `pipeline plugins`"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(kind, name, message):
    class Lost:
        @hookimpl
        def rushes_sinks(self):
            raise ImportError("no")

    registry = Registry()
    registry.register("components", Components())
    registry.register("lost", Lost())

    with pytest.raises(NotFound, match=message):
        registry.spec(kind, name)


def test_our_own_plugins_are_whole():
    registry = Registry.load()

    assert [(p.name, p.error) for p in registry.plugins if p.package == "rushes" and p.error] == []
    assert isinstance(registry.spec("source", "folder"), Spec)
