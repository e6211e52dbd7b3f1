"""What enrolment is made of."""

from __future__ import annotations

from pathlib import Path

from cec_chassis.service import Service
from cec_contracts.audit import ENROLMENT_AUDIT_HEAD
from cec_enrolment.app import create_app
from cec_enrolment.publishes import PUBLISHES
from cec_enrolment.schema import metadata
from cec_enrolment.settings import EnrolmentSettings
from cec_enrolment.worker import LOOPS, SUBSCRIPTIONS

SERVICE = Service(
    name="enrolment",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
    audit_head=ENROLMENT_AUDIT_HEAD,
    settings=EnrolmentSettings,
)
