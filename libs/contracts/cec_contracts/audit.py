"""What every service says of its audit log: how far it is sealed, and with what hash. Nothing of what stands in it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cec_contracts.envelope import EventType, Instant


class AuditHead(msgspec.Struct, kw_only=True):
    """The newest seal 稽核鏈末端: whoever keeps it can tell later whether the log up to `position` was made anew."""

    service: str
    position: Annotated[int, Meta(ge=1)]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal")]
    sealed_at: Instant


def _head_of(publisher: str) -> EventType[AuditHead]:
    return EventType(
        f"cec.{publisher}.audit_head.v1",
        AuditHead,
        "稽核紀錄鏈末端",
        "How far the audit log is sealed, and its hash there",
    )


IDENTITY_AUDIT_HEAD = _head_of("identity")
ACTIVITIES_AUDIT_HEAD = _head_of("activities")
REVIEW_AUDIT_HEAD = _head_of("review")
ENROLMENT_AUDIT_HEAD = _head_of("enrolment")
CREDITS_AUDIT_HEAD = _head_of("credits")
