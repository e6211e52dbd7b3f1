"""Numbers about the running process: gauges that are asked, counters that are told.

A gauge is registered with a function that says its value now; it is called by the exporter from a thread of its own,
and by :meth:`Gauges.snapshot`. What has to be awaited (a count in the database) is measured by a timer of the service
and handed over through :class:`LastValue`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import structlog
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation

log = structlog.get_logger(__name__)

_METER = "cec_chassis"


class Reading(NamedTuple):
    """One value of a gauge; labels tell several apart (queue, consumer, reason)."""

    value: float
    labels: Mapping[str, str] = {}


Read = Callable[[], Iterable[Reading]]


class LastValue:
    """A gauge's value as it was last measured; safe to set in one thread and read in another."""

    def __init__(self) -> None:
        self._readings: dict[tuple[tuple[str, str], ...], Reading] = {}
        self._lock = threading.Lock()

    def set(self, value: float, **labels: str) -> None:
        """Remember the newest measurement for these labels."""
        with self._lock:
            self._readings[tuple(sorted(labels.items()))] = Reading(value, labels)

    def clear(self) -> None:
        """Forget all, when what was measured is no longer ours: a follower must not report a leader's backlog."""
        with self._lock:
            self._readings.clear()

    def __call__(self) -> list[Reading]:
        """The newest measurement for each set of labels."""
        with self._lock:
            return list(self._readings.values())


class Gauges:
    """The gauges of a process, by name."""

    def __init__(self) -> None:
        self._reads: dict[str, Read] = {}

    def register(self, name: str, read: Read, *, unit: str, description: str) -> None:
        """Report `read()` under `name` whenever metrics are collected.

        `unit` is a UCUM code (`s`, `{message}`). Registering a name again replaces its function: a restarted part of
        the process takes over from its predecessor.
        """
        known = name in self._reads
        self._reads[name] = read
        if not known:
            metrics.get_meter(_METER).create_observable_gauge(
                name, callbacks=[self._callback(name)], unit=unit, description=description
            )

    def last_value(self, name: str, *, unit: str, description: str) -> LastValue:
        """Register `name` with a value that is set from outside."""
        value = LastValue()
        self.register(name, value, unit=unit, description=description)
        return value

    def snapshot(self) -> dict[str, list[Reading]]:
        """All values now, by name."""
        return {name: list(read()) for name, read in self._reads.items()}

    def _callback(self, name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            try:
                return [Observation(reading.value, dict(reading.labels)) for reading in self._reads[name]()]
            except Exception:
                # The exporter must go on with the other gauges; a gauge that cannot tell is missing, and says so here.
                log.exception("gauge_failed", gauge=name)
                return []

        return observe


GAUGES = Gauges()
"""The gauges of this process."""


def counter(name: str, *, unit: str, description: str) -> Counter:
    """A number that only grows; `add(n, {label: value})`."""
    return metrics.get_meter(_METER).create_counter(name, unit=unit, description=description)


def histogram(name: str, *, unit: str, description: str) -> Histogram:
    """A distribution, for durations in `s`; `record(seconds, {label: value})`."""
    return metrics.get_meter(_METER).create_histogram(name, unit=unit, description=description)
