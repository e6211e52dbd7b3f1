"""With an OTLP endpoint in the environment, a process sends its spans and gauges there; without one it sends nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from tests.support.collector import Collector, collecting

PROGRAM = """
from cec_chassis.telemetry import GAUGES, StoredTrace, configure_telemetry, start_consumer_span

telemetry = configure_telemetry("credits", "worker", version="1.2.3")
GAUGES.last_value("cec.consumer.lag", unit="{message}", description="…").set(7, queue="credits.events")
with start_consumer_span("process", StoredTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")):
    pass
telemetry.shutdown()
print("done")
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


async def run_program(tmp_path: Path, **environment: str) -> tuple[str, str]:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "program.py",
        cwd=tmp_path,
        env={"PATH": "/bin", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    return out.decode(), err.decode()


async def test_spans_and_gauges_arrive_at_the_collector(collector: Collector, tmp_path: Path) -> None:
    await run_program(tmp_path, **collector.environment)
    (resource_spans,) = collector.spans()
    resource = {pair.key: pair.value.string_value for pair in resource_spans.resource.attributes}
    assert (
        resource.items()
        >= {
            "service.name": "credits",
            "service.namespace": "cec",
            "service.version": "1.2.3",
            "cec.process": "worker",
        }.items()
    )
    (span,) = resource_spans.scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("process", "0af7651916cd43dd8448eb211c80319c")

    sent = [ExportMetricsServiceRequest.FromString(body) for body in collector.bodies["/v1/metrics"]]
    metrics = [
        metric
        for request in sent
        for resource_metrics in request.resource_metrics
        for scope in resource_metrics.scope_metrics
        for metric in scope.metrics
    ]
    lag = next(metric for metric in metrics if metric.name == "cec.consumer.lag")
    assert lag.gauge.data_points[0].as_double == 7 or lag.gauge.data_points[0].as_int == 7


async def test_without_an_endpoint_nothing_is_sent(collector: Collector, tmp_path: Path) -> None:
    out, err = await run_program(tmp_path)
    assert (out, err) == ("done\n", "")
    assert collector.bodies == {}


async def test_a_collector_that_is_away_does_not_hold_the_process_back(tmp_path: Path) -> None:
    started = time.monotonic()
    out, _ = await run_program(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert out == "done\n"
    assert time.monotonic() - started < 10
