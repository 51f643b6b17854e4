"""The clock's health as Prometheus gauges, computed at each scrape (docs/runbook.md, *clock*)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.errors import UnavailableError
from engine.services import clock_health
from engine.services.clock_health import ClockProcess, ProcessState

OF_ONE = ("host", "pid")  #: labels of a process
LIMITS = {
    "overdue": ("motcua_clock_limits_overdue", "Limits that should have passed and have not"),
    "oldest_age_seconds": ("motcua_clock_oldest_overdue_seconds", "Age of the oldest of them, 0 without any"),
    "failing": ("motcua_clock_limits_failing", "Limits that failed and are tried again each hour"),
}


def register_clock(registry: CollectorRegistry, ctx: Context) -> None:
    """Add the gauges to what ``/metrics`` shows."""
    registry.register(_ClockCollector(ctx))


@dataclass(frozen=True)
class _ClockCollector(Collector):
    ctx: Context

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: without this the registry would scrape once when it is made."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return the gauges as of now; without a database those of limits are left out, as nobody knows them."""
        yield from _of_processes(clock_health.processes(self.ctx))
        try:
            limits = clock_health.health(self.ctx, by=SYSTEM)["limits"]
        except UnavailableError:
            return
        for key, (name, meaning) in LIMITS.items():
            yield GaugeMetricFamily(name, meaning, value=limits[key])


def _of_processes(known: list[ClockProcess]) -> Iterator[GaugeMetricFamily]:
    live = sum(process.state is ProcessState.RUNNING for process in known)
    yield GaugeMetricFamily("motcua_clock_processes_running", "Clock processes that live", value=live)
    since = GaugeMetricFamily(
        "motcua_clock_seconds_since_last_round", "Seconds since the last round of a clock process", labels=OF_ONE
    )
    lag = GaugeMetricFamily(
        "motcua_clock_lag_seconds", "How long the oldest due limit had waited when that round began", labels=OF_ONE
    )
    for process in known:
        if process.state is ProcessState.ENDED:
            continue  # it stopped as it was told: no alarm
        labels = [process.host, str(process.pid)]
        since.add_metric(labels, process.seconds_since)
        if process.lag_seconds is not None:
            lag.add_metric(labels, process.lag_seconds)
    yield from (since, lag)
