"""What identity is made of."""

from __future__ import annotations

from pathlib import Path

from cec_chassis.service import Service
from cec_contracts.audit import IDENTITY_AUDIT_HEAD
from cec_identity.app import create_app
from cec_identity.publishes import PUBLISHES
from cec_identity.schema import metadata
from cec_identity.settings import IdentitySettings
from cec_identity.worker import LOOPS, PREPARE, SUBSCRIPTIONS

SERVICE = Service(
    name="identity",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
    audit_head=IDENTITY_AUDIT_HEAD,
    prepare=PREPARE,
    settings=IdentitySettings,
)
