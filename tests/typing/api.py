"""Never executed: mypy accepts it only while the doubles and the engine's own parts keep the contracts."""

from __future__ import annotations

from rushes import Catalog, Context, Intake, Report, Secrets, Store
from rushes.api.control import Control
from rushes.engine import Engine
from rushes.engine.context import ComponentContext
from rushes.engine.intake import SourceIntake
from rushes.engine.report import StepReport
from rushes.ledger import Ledger, LedgerStore
from rushes.testing import FakeIntake, FakeReport, StandIn


def lent(
    context: ComponentContext, intake: SourceIntake, report: StepReport
) -> tuple[Context, Intake, Report]:
    return context, intake, report


def kept(ledger: Ledger, store: LedgerStore) -> tuple[Catalog, Store]:
    return ledger, store


def asked(engine: Engine) -> Control:
    return engine


def doubled(context: StandIn, intake: FakeIntake, report: FakeReport) -> tuple[Context, Intake, Report]:
    return context, intake, report


def doubled_parts(context: StandIn) -> tuple[Store, Secrets, Catalog]:
    return context.store, context.secrets, context.catalog
