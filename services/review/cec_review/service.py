"""What review is made of."""

from __future__ import annotations

from pathlib import Path

from cec_chassis.service import Service
from cec_contracts.audit import REVIEW_AUDIT_HEAD
from cec_review.app import create_app
from cec_review.publishes import PUBLISHES
from cec_review.schema import metadata
from cec_review.worker import LOOPS, SUBSCRIPTIONS

SERVICE = Service(
    name="review",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
    audit_head=REVIEW_AUDIT_HEAD,
)
