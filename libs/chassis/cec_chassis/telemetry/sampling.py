"""Which spans are recorded: all that the environment asks for, none while nobody looks."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.span import TraceState
from opentelemetry.util.types import Attributes


class WhenWatched(Sampler):
    """Asks `sampler` once somebody receives spans. Until then a span has its ids and costs next to nothing."""

    def __init__(self, sampler: Sampler) -> None:
        """`sampler` is the one that the environment names (OTEL_TRACES_SAMPLER)."""
        self._sampler = sampler
        self.watched = False

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """The decision for one span that is about to start."""
        chosen = self._sampler if self.watched else ALWAYS_OFF
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """For the diagnostics of OpenTelemetry."""
        return f"WhenWatched({self._sampler.get_description()})"
