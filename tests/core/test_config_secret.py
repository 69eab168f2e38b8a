"""Secrets stand in the environment, not in a file: `rushes.Secret`, and what is shown of one that is written out."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from config_rig import HookOptions, registry
from rushes import Secret
from rushes.config.load import load
from rushes.errors import ConfigError

BASE = "sources: [{id: cards, use: folder, path: cards}]\n"


def hook(options, top=""):
    return f"{top}{BASE}observers:\n  - {{id: hook, use: webhook, url: u, {options}}}\n"


def loaded(folder, text, environment=None):
    file = folder / "onset.yaml"
    file.write_text(text)
    return load(file, registry(), environment or {})


def refused(folder, text, environment=None):
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environment)
    return [caught.value, *caught.value.others]


@pytest.mark.parametrize(
    ("options", "top"),
    [
        ("secret: '${S}'", ""),
        ("secret: '${S:-}'", ""),
        ("secret: '${s}'", "vars: {s: '${S}'}\n"),
        ("secret: '${s}'", "vars: {s: '${t}', t: '${S}'}\n"),
    ],
)
def test_a_secret_by_reference(tmp_path, options, top):
    found = loaded(tmp_path, hook(options, top), {"S": "hunter2"}).observers[0].options

    assert isinstance(found.secret, SecretStr)
    assert found.secret.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("options", ["secret: ", "old: []", "headers: {}", "signer: {key: }"])
def test_no_secret_is_none(tmp_path, options):
    assert loaded(tmp_path, hook(options)).observers[0].options.secret is None


def test_secrets_within_lists_and_mappings_by_reference(tmp_path):
    found = loaded(
        tmp_path, hook("headers: {x: '${S}'}, old: ['${S}'], signer: {key: '${S}'}"), {"S": "hunter2"}
    )

    options = found.observers[0].options
    secrets = [options.headers["x"], options.old[0], options.signer.key]
    assert [each.get_secret_value() for each in secrets] == ["hunter2"] * 3


# options: (the key, what of the line is blotted out)
WRITTEN = {
    "secret: hunter2": "secret",
    "secret: 'hunter2'": "secret",
    "secret: 'x hunter2 ${S}'": "secret",
    "secret: '${NO:-hunter2}'": "secret",
    "secret: 12345678": "secret",
    "headers: {token: hunter2}": "token",
    "old: ['${S}', hunter2]": "old",
    "signer: {key: hunter2}": "key",
    "secret: hunter2, urll: x": "secret",
    "bad: 1, secret: hunter2": "secret",
}


@pytest.mark.parametrize("options", WRITTEN)
def test_a_secret_that_is_written_out_is_refused_and_not_shown(tmp_path, options):
    errors = refused(tmp_path, hook(options), {"S": "world"})

    key = WRITTEN[options]
    told = [error for error in errors if "a secret cannot stand in a file" in error.message]
    assert len(told) == 1
    assert told[0].message.endswith(
        f"{key}: a secret cannot stand in a file; set a variable of the environment and write {key}: ${{NAME}}"
    )
    line, carets = told[0].excerpt.splitlines()
    assert set(line[len(carets) - len(carets.lstrip()) : len(carets)]) == {"*"}
    for error in errors:
        assert "hunter2" not in str(error) + error.excerpt
        assert "12345678" not in str(error) + error.excerpt


def test_a_secret_in_a_var_is_written_out_too(tmp_path):
    errors = refused(tmp_path, hook("secret: '${s}', urll: x", "vars: {s: hunter2, b: '${NO}'}\n"))

    assert sum("a secret cannot stand in a file" in error.message for error in errors) == 1
    assert not [error for error in errors if "hunter2" in str(error) + error.excerpt]


def test_a_secret_of_two_lines_is_not_shown(tmp_path):
    errors = refused(tmp_path, hook("secret: 'hunter2\n    more', urll: x"))

    assert not [error for error in errors if "hunter2" in error.excerpt]


def test_a_plain_secretstr_may_still_be_written(tmp_path):
    class Plain(HookOptions):
        secret: SecretStr | None = None

    from config_rig import spec
    from rushes import hookimpl

    class Plugin:
        @hookimpl
        def rushes_observers(self):
            return [spec("plain", Plain)]

    made = registry()
    made.register("plain", Plugin())
    file = tmp_path / "a.yaml"
    file.write_text(BASE + "observers: [{id: a, use: plain, url: u, secret: hunter2}]\n")

    assert load(file, made, {}).observers[0].options.secret.get_secret_value() == "hunter2"


def test_the_schema_of_a_secret_wants_a_reference():
    schema = HookOptions.model_json_schema()

    found = schema["properties"]["old"]["items"]
    assert found["format"] == "password"
    assert found["pattern"].startswith(r"^\$\{")
    assert Secret is not SecretStr
