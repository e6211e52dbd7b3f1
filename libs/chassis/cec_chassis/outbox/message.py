"""An outbox row as the CloudEvent that goes over the wire; the relay and republish send the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cec_contracts.envelope import CloudEvent, padded

_encoder = msgspec.json.Encoder()


def envelope_of(row: Mapping[str, Any], service: str) -> bytes:
    return _encoder.encode(
        CloudEvent(
            id=row["id"],
            source=f"/cec/{service}",
            type=row["type"],
            subject=row["subject"],
            time=row["occurred_at"],
            sequence=padded(row["sequence"]),
            partitionkey=row["subject"],
            traceparent=row["traceparent"],
            tracestate=row["tracestate"],
            correlationid=row["correlation_id"],
            causationid=row["causation_id"],
            data=msgspec.Raw(row["data"].encode()),
        )
    )
