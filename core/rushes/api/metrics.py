"""What Prometheus reads: numbers of the whole pipeline, of its components and sinks, never of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from rushes.api.control import Document

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def exposition(status: Document, health: Document) -> bytes:
    """The documents `Status` and `Health` as Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Facts(status, health))
    return generate_latest(registry)


class _Facts(Collector):
    def __init__(self, status: Document, health: Document) -> None:
        self._status = status
        self._health = health

    def collect(self) -> Iterator[Metric]:
        status, counts, health = self._status, self._status["counts"], self._health
        yield _gauge("clips", "Originals that are known", counts["clips"])
        yield _gauge("files_remaining", "Files that are not delivered yet", counts["files_remaining"])
        yield _gauge(
            "bytes_remaining", "Bytes that are not delivered yet, as far as known", counts["bytes_remaining"]
        )
        yield _gauge("backlog", "Clips that wait for annotators", health["backlog"])
        yield _gauge(
            "attention",
            "Things that need a person",
            sum(note["things"] for note in status["attention"] if not note["by_itself"]),
        )
        yield _gauge("ledger_trouble", "1 while nothing can be written", bool(health["trouble"]))
        yield _gauge("draining", "1 while the pipeline ends", bool(health["draining"]))
        yield _gauge("start_time_seconds", "When this run began, since the epoch", status["since"] or 0)
        yield CounterMetricFamily("rushes_events", "Events of this ledger", value=health["seq"])
        yield self._jobs()
        yield self._components()
        yield self._rates()

    def _jobs(self) -> Metric:
        family = GaugeMetricFamily("rushes_jobs", "Jobs by state", labels=["state"])
        for state, number in sorted(self._status["counts"]["jobs"].items()):
            family.add_metric([state], number)
        return family

    def _components(self) -> Metric:
        family = GaugeMetricFamily(
            "rushes_component_up", "1 while the component is open", labels=["component", "use", "kind"]
        )
        for each in self._status["components"]:
            family.add_metric([each["id"], each["use"], each["kind"]], each["state"] == "open")
        return family

    def _rates(self) -> Metric:
        family = GaugeMetricFamily(
            "rushes_delivery_bytes_per_second", "What each sink sends now", labels=["sink"]
        )
        rates = {each["id"]: 0.0 for each in self._status["components"] if each["kind"] == "sink"}
        for work in self._status["current"]:
            if work["verb"] == "deliver":
                rates[work["component"]] = rates.get(work["component"], 0.0) + (work["rate"] or 0.0)
        for sink, rate in rates.items():
            family.add_metric([sink], rate)
        return family


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rushes_{name}", says, value=value)
