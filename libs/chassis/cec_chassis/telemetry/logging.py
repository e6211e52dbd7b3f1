"""JSON lines on standard error: one object per line with time, level, event, trace ids and whatever is bound.

Libraries that log through the standard library go the same way, so a process writes one kind of line only. Standard
output stays free for what commands print.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import msgspec
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from cec_chassis.telemetry.masking import masked_value

_encoder = msgspec.json.Encoder(enc_hook=str)


def add_trace_ids(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Adds `trace_id` and `span_id` of the current span, when there is one."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def mask_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Strikes out national IDs, tokens and passwords in every text of the line."""
    return cast("dict[str, Any]", masked_value(event))


def render_json(_logger: object, _method: str, event: EventDict) -> str:
    """The line as JSON; what JSON does not know is written as its text."""
    return _encoder.encode(_flat(event)).decode()


def configure_logging(level: str = "INFO", **bound: str) -> None:
    """Makes every logger of this process write JSON lines that carry `bound` (service, process).

    `level` applies to the system's own loggers; libraries speak from WARNING on. May be called again.
    """
    own_level = logging.getLevelNamesMapping()[level.upper()]

    def add_bound(_logger: object, _method: str, event: EventDict) -> EventDict:
        for name, value in bound.items():
            event.setdefault(name, value)
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        add_trace_ids,
        add_bound,
    ]
    finish: list[Processor] = [
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_secrets,
        render_json,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in ("cec_chassis", *_service_packages()):
        logging.getLogger(package).setLevel(own_level)


class _StandardError(logging.Handler):
    """Writes to whatever standard error is at the moment of writing: a process may redirect it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be written must not stop the work
            self.handleError(record)


def _service_packages() -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules if name.startswith("cec_")})


def _flat(event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Time, level and event first, as people read them."""
    first = {name: event[name] for name in ("time", "level", "event") if name in event}
    return first | {name: value for name, value in event.items() if name not in first}
