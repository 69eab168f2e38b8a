"""pluggy's markers and hook specifications: synchronous and declarative, they return specs."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from rushes.contract import AnySpec

NAMESPACE = "rushes"
hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


@hookspec
def rushes_sources() -> Sequence[AnySpec]:  # type: ignore[empty-body]
    """Sources, named in `sources:`. Called once, when a pipeline file or `pipeline plugins` needs it."""


@hookspec
def rushes_annotators() -> Sequence[AnySpec]:  # type: ignore[empty-body]
    """Annotators, named in `prepare:`."""


@hookspec
def rushes_transforms() -> Sequence[AnySpec]:  # type: ignore[empty-body]
    """Transforms, named in a route's `steps:`."""


@hookspec
def rushes_sinks() -> Sequence[AnySpec]:  # type: ignore[empty-body]
    """Sinks, named in `sinks:`."""


@hookspec
def rushes_observers() -> Sequence[AnySpec]:  # type: ignore[empty-body]
    """Observers, named in `observers:`."""
