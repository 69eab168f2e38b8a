"""One component opened by itself, for an action while no pipeline runs, or for `check --connect`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rushes.config.pipeline import Component, Pipeline
from rushes.contract import Tell
from rushes.engine.acting import ask
from rushes.engine.again import known_among
from rushes.engine.backlog import Backlog
from rushes.engine.context import ComponentContext, Services
from rushes.engine.host import NOT_OURS, only_cause
from rushes.errors import RushesError, in_words
from rushes.executor import open_executor
from rushes.ledger import FILE_NAME, Ledger, LedgerStore, open_ledger
from rushes.secrets import open_vault, private_folder
from rushes.settings import Settings
from rushes.volumes import Volumes


@asynccontextmanager
async def open_context(
    pipeline: Pipeline, settings: Settings, component: Component, *, ledger: Path | None = None
) -> AsyncIterator[ComponentContext]:
    """What the engine would lend to the component, with nothing else running."""
    state = private_folder(pipeline.state)
    async with (
        open_ledger(ledger or state / FILE_NAME) as opened,
        open_executor(state / "children", heavy=settings.heavy_jobs, nice=settings.nice) as executor,
    ):
        services = Services(
            state=state, catalog=opened, executor=executor, volumes=Volumes(work=state / "work"),
            pipeline=pipeline.name,
        )  # fmt: skip
        secrets = open_vault(state, settings).of(component.id)
        context = ComponentContext(component.id, services, LedgerStore(opened, component.id), secrets)
        if component in pipeline.prepare:
            context.on_again = partial(
                _again_later, opened, [each.id for each in pipeline.prepare], component.id
            )
        yield context


async def _again_later(
    ledger: Ledger, annotators: Sequence[str], annotator: str, clips: Collection[str]
) -> None:
    """Have the next run annotate clips again, from the annotator on."""
    known, left = await ledger.read(
        lambda query: (known_among(query, clips), query("SELECT clip, annotator FROM backlog"))
    )
    backlog = Backlog(annotators)
    backlog.take_up(row for row in left if row[1])
    unplanned = {clip for clip, begins in left if not begins}
    await ledger.write(backlog.name(sorted(known - unplanned), annotators.index(annotator), 1))


async def act(
    pipeline: Pipeline,
    settings: Settings,
    component_id: str,
    action: str,
    arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """As `Engine.act`, without an engine. The component is opened when it can be; an action must cope with None."""
    component, asked = pipeline.action(component_id, action)
    async with open_context(pipeline, settings, component) as context:
        return await ask(component, asked, context, None, arguments, tell)


async def probe(pipeline: Pipeline, settings: Settings, component: Component, ledger: Path) -> str:
    """Open the component, reach what it works with, and close it; returns why that cannot be, "" when it can."""
    async with open_context(pipeline, settings, component, ledger=ledger) as context:
        try:
            async with component.spec.open(component.options, context):
                if component.spec.reach is not None:
                    await component.spec.reach(component.options, context)
                return ""
        except BaseException as failure:
            cause = only_cause(failure)
            if isinstance(cause, NOT_OURS):
                raise
            return (
                str(cause) if isinstance(cause, RushesError) else f"bug in {component.use}: {in_words(cause)}"
            )
