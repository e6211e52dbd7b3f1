"""A collector of OpenTelemetry: keeps what processes export to it by OTLP over HTTP, byte by byte."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans


class Collector:
    """Receives what is exported. `bodies`: by path, as they came; texts stand in them as they are, in UTF-8."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {}
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.bodies.setdefault(self.path, []).append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to export here, soon and uncompressed."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
        }

    def spans(self) -> list[ResourceSpans]:
        """The spans that have arrived, by the process that sent them."""
        bodies = list(self.bodies.get("/v1/traces", ()))
        return [spans for body in bodies for spans in ExportTraceServiceRequest.FromString(body).resource_spans]

    def services(self) -> set[str]:
        """Of which services spans have arrived."""
        return {
            pair.value.string_value
            for spans in self.spans()
            for pair in spans.resource.attributes
            if pair.key == "service.name"
        }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector for as long as the block lasts."""
    collector = Collector()
    try:
        yield collector
    finally:
        collector.server.shutdown()
        collector.server.server_close()
