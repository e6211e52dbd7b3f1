"""Logs, traces and metrics of a process: switched on once, at its start.

With `OTEL_EXPORTER_OTLP_ENDPOINT` set, traces and metrics go there by OTLP over HTTP, and the other `OTEL_*` variables
are honoured as OpenTelemetry defines them. Without it nothing is exported, but every request and message still has a
trace id, which the log lines and the outbox rows carry.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.metrics import set_meter_provider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import set_tracer_provider

from cec_chassis.telemetry.logging import configure_logging
from cec_chassis.telemetry.masking import masked
from cec_chassis.telemetry.metrics import GAUGES, Gauges, LastValue, Reading, counter, histogram
from cec_chassis.telemetry.sampling import WhenWatched
from cec_chassis.telemetry.tracing import (
    StoredTrace,
    current_trace,
    current_traceparent,
    internal_span,
    producer_span,
    span_context_of,
    start_consumer_span,
    tracer,
)

__all__ = [
    "GAUGES",
    "Gauges",
    "LastValue",
    "Reading",
    "StoredTrace",
    "Telemetry",
    "configure_logging",
    "configure_telemetry",
    "counter",
    "current_trace",
    "current_traceparent",
    "histogram",
    "internal_span",
    "masked",
    "producer_span",
    "span_context_of",
    "start_consumer_span",
    "tracer",
]


SHUTDOWN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What was switched on; `shutdown` sends what is still waiting and stops the exporters."""

    traces: TracerProvider
    metrics: MeterProvider

    def shutdown(self, seconds: float = SHUTDOWN_SECONDS) -> None:
        """Send what is still waiting, for at most `seconds`: a collector that is away must not delay the end.

        The exporters would try again for a quarter of a minute; what is not sent by then is lost.
        """
        ends = [threading.Thread(target=part.shutdown, daemon=True) for part in (self.traces, self.metrics)]
        for end in ends:
            end.start()
        deadline = time.monotonic() + seconds
        for end in ends:
            end.join(max(0.0, deadline - time.monotonic()))


_configured: Telemetry | None = None


def configure_telemetry(
    service: str,
    process: str,
    *,
    version: str = "",
    log_level: str = "INFO",
    span_processors: Sequence[SpanProcessor] = (),
    metric_readers: Sequence[MetricReader] = (),
) -> Telemetry:
    """Switch on logs, traces and metrics for one process (`process`: api, worker, relay or all).

    The providers are made once in a process, by the first call; a later call only sets the log up anew and adds the
    span processors given to it. `span_processors` and `metric_readers` are for those who want to see spans and
    metrics without a collector.
    """
    global _configured  # noqa: PLW0603 - OpenTelemetry's providers are one in a process
    configure_logging(log_level, service=service, process=process)
    if _configured is None:
        _configured = _switch_on(service, process, version, list(span_processors), list(metric_readers))
    else:
        _watch(_configured.traces, span_processors)
    return _configured


def _switch_on(
    service: str, process: str, version: str, processors: list[SpanProcessor], readers: list[MetricReader]
) -> Telemetry:
    resource = Resource.create(
        {
            "service.namespace": "cec",
            "service.name": service,
            "service.version": version,
            "service.instance.id": f"{process}-{os.getpid()}",
            "cec.process": process,
        }
    )
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        # Imported here: the exporter brings requests and protobuf with it, half a second that others need not wait.
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        processors.append(BatchSpanProcessor(OTLPSpanExporter()))
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    traces.sampler = WhenWatched(traces.sampler)
    _watch(traces, processors)
    meters = MeterProvider(resource=resource, metric_readers=readers, shutdown_on_exit=False)
    set_tracer_provider(traces)
    set_meter_provider(meters)
    return Telemetry(traces, meters)


def _watch(traces: TracerProvider, processors: Sequence[SpanProcessor]) -> None:
    for processor in processors:
        traces.add_span_processor(processor)
    if processors and isinstance(traces.sampler, WhenWatched):
        traces.sampler.watched = True
