"""What a spec declares: each way of breaking it is told by the kit before anything is opened."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import ConfigDict, SecretStr, field_validator

from rushes import ConfigError, Options, Spec
from rushes.testing.options import check_options


@asynccontextmanager
async def nothing(_options, _context):
    yield None


def check(config=Options, given=(), secrets=(), **more):
    spec = Spec(**{"name": "box", "summary": "A box.", "open": nothing, "config": config, **more})
    return check_options("sink", spec, dict(given), secrets)


class Good(Options):
    path: Path
    wait: float = 1.0
    password: SecretStr = SecretStr("")


def test_good_options_come_back_as_the_component_gets_them():
    checked = check(Good, {"path": "/box", "password": "hunter2"}, secrets=["hunter2"])
    assert (checked.path, checked.wait) == (Path("/box"), 1.0)


class Loose(Options):
    model_config = ConfigDict(extra="ignore")


class Thawed(Options):
    model_config = ConfigDict(frozen=False)
    size: int = 1


class BadDefault(Options):
    size: int = "many"


class Careless(Options):
    name: str = "a"

    @field_validator("name")
    @classmethod
    def _first(cls, value):
        return value[0] and value


class Careful(Options):
    name: str = "a"

    @field_validator("name")
    @classmethod
    def _first(cls, value):
        if not value:
            raise ConfigError("no name; give one")
        return value


class Plain(Options):
    api_key: str = ""


class Odd:
    pass


class NoSchema(Options):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Odd | None = None


def told(value):
    def notes(_options):
        if isinstance(value, BaseException):
            raise value
        return value

    return notes


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"config": Loose}, "Loose allows unknown keys or changes"),
        ({"config": Thawed}, "Thawed allows unknown keys or changes"),
        ({"config": BadDefault}, "a default of BadDefault is not valid itself"),
        ({"config": Careless}, "name: '' makes a validator of Careless raise IndexError"),
        ({"config": Plain, "given": {"api_key": "hunter2"}}, "option api_key of Plain is plain text"),
        ({"config": Plain, "given": {"api_key": "x1"}, "secrets": ["x1"]}, "repr of Plain shows a secret"),
        ({"config": NoSchema}, "no JSON schema can be made of NoSchema"),
        ({"config": Good}, "the options given to the check are refused"),
        ({"config": dict}, "its config is no subclass of rushes.Options"),
        ({"name": "A box"}, "cannot be registered as a sink: sink 'A box': a name is lower-case"),
        ({"summary": "two\nlines"}, "the summary of box is"),
        ({"wishes": dict}, "its wishes are no subclass of rushes.Options"),
        ({"wishes": Loose}, "Loose allows unknown keys"),
        ({"slots": 0}, "slots at least 1"),
        ({"notes": told(KeyError("x"))}, "notes raised KeyError: 'x'"),
        ({"notes": told("one line")}, "notes returned 'one line'; it returns a list"),
        ({"notes": told(["two\nlines"])}, "it returns a list of lines"),
    ],
)
def test_a_broken_declaration_is_told(declared, sentence):
    with pytest.raises(AssertionError, match=sentence) as failure:
        check(**declared)
    assert "\n" not in str(failure.value)
    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize(
    "declared", [{"config": Careful}, {"notes": told(ConfigError("no such folder"))}, {"wishes": Good}]
)
def test_config_errors_are_an_answer(declared):
    assert check(**declared)
