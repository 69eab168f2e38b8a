"""What a spec declares and what users may write for it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace, new_class
from typing import Any

from pydantic import ValidationError

from rushes.config.pipeline import Kind
from rushes.contract import AnySpec, Options
from rushes.errors import ConfigError
from rushes.hooks import hookimpl
from rushes.registry import Registry
from rushes.testing.promises import broken, demand, kind_of

#: Names of options whose value is a secret.
SECRET_NAME = re.compile(r"(^|_)(password|passphrase|secret|token|api_key)$")
#: A key that no component has.
STRANGER = "no_component_has_this_option"
#: What a careless validator stumbles over.
ODD_VALUES: Sequence[Any] = (
    "",
    " ",
    "\0",
    "%s{}",
    -1,
    0,
    1e300,
    float("nan"),
    True,
    None,
    [],
    {},
    ["x"],
    {"x": 1},
)


def check_options(
    kind: Kind, spec: AnySpec, given: Mapping[str, Any], secrets: Collection[str] = ()
) -> Options:
    """The options as the component gets them, once everything that is declared has been judged.

    The spec can be registered; unknown keys are refused, values cannot be changed later, defaults are valid, a
    JSON schema can be made, no odd value breaks a validator, `notes` tells or raises ConfigError, and no
    secret shows in a repr.
    """
    _registered(kind, spec)
    model = spec.config
    try:
        options: Options = model.model_validate(dict(given))
    except (ValidationError, ConfigError) as error:
        broken(f"the options given to the check are refused: {kind_of(error)}", error)
    for each in (model, *((spec.wishes,) if spec.wishes else ())):
        _model(each)
    _strict(model, given, options)
    _defaults(model, given)
    _odd_values(model, given)
    _secrets(model, options, secrets)
    check_notes(spec, options)
    return options


def check_notes(spec: AnySpec, options: Options) -> Sequence[str]:
    """What `notes` tells of the options; it may raise ConfigError and nothing else."""
    try:
        told = spec.notes(options)
    except ConfigError:
        return ()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the promise is about this
        broken(f"notes raised {kind_of(error)}; it tells lines, or raises ConfigError", error)
    whole = isinstance(told, Sequence) and not isinstance(told, str)
    demand(
        whole and all(isinstance(line, str) and "\n" not in line for line in told),
        f"notes returned {told!r}; it returns a list of lines",
    )
    return told


def _registered(kind: Kind, spec: AnySpec) -> None:
    plugin = SimpleNamespace()
    hook = f"rushes_{kind}s"
    setattr(plugin, hook, hookimpl(_named(hook, spec)))
    error = Registry().register("kit", plugin).error
    demand(not error, f"the spec cannot be registered as a {kind}: {error}")
    one_line = isinstance(spec.summary, str) and spec.summary.strip() and "\n" not in spec.summary
    demand(one_line, f"the summary of {spec.name} is {spec.summary!r}; it is one line for `pipeline plugins`")


def _named(hook: str, spec: AnySpec) -> Any:
    def offer() -> Sequence[AnySpec]:
        return [spec]

    offer.__name__ = hook
    return offer


def _model(model: type[Options]) -> None:
    demand(
        model.model_config.get("extra") == "forbid" and model.model_config.get("frozen"),
        f"{model.__name__} allows unknown keys or changes; keep frozen=True and extra='forbid' of rushes.Options",
    )
    try:
        json.dumps(model.model_json_schema())
    except Exception as error:  # noqa: BLE001 - pydantic raises many kinds here
        broken(
            f"no JSON schema can be made of {model.__name__}, `pipeline schema` needs one: {kind_of(error)}",
            error,
        )


def _strict(model: type[Options], given: Mapping[str, Any], options: Options) -> None:
    if STRANGER not in model.model_fields:
        try:
            model.model_validate({**given, STRANGER: 1})
        except (ValidationError, ConfigError):
            pass
        else:
            broken(
                f"{model.__name__} takes an unknown key; a typing error in a pipeline file must be refused"
            )
    for name in model.model_fields:
        try:
            setattr(options, name, getattr(options, name))
        except (ValidationError, AttributeError, TypeError):
            continue
        broken(f"{model.__name__}.{name} can be changed; options are frozen")


def _defaults(model: type[Options], given: Mapping[str, Any]) -> None:
    judged: Any = new_class(model.__name__, (model,), {"validate_default": True})
    try:
        judged.model_validate(dict(given))
    except (ValidationError, ConfigError) as error:
        broken(f"a default of {model.__name__} is not valid itself: {kind_of(error)}", error)


def _odd_values(model: type[Options], given: Mapping[str, Any]) -> None:
    for name, field in model.model_fields.items():
        for value in ODD_VALUES:
            try:
                model.model_validate({**given, field.alias or name: value})
            except (ValidationError, ConfigError):
                continue
            except Exception as error:  # noqa: BLE001 - the promise is about this
                broken(
                    f"{name}: {value!r} makes a validator of {model.__name__} raise {kind_of(error)}; a bad value "
                    "is a ValueError or a ConfigError",
                    error,
                )


def _secrets(model: type[Options], options: Options, secrets: Collection[str]) -> None:
    shown = f"{options!r} {options!s}"
    for secret in secrets:
        demand(secret not in shown, f"repr of {model.__name__} shows a secret; make that option a SecretStr")
    for name in model.model_fields:
        value = getattr(options, name)
        if SECRET_NAME.search(name) and isinstance(value, str) and value:
            broken(
                f"option {name} of {model.__name__} is plain text and shows in a repr; make it a SecretStr"
            )
