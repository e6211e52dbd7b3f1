"""What credits is made of."""

from pathlib import Path

from cec_chassis.service import Service
from cec_contracts.audit import CREDITS_AUDIT_HEAD
from cec_credits.app import create_app
from cec_credits.publishes import PUBLISHES
from cec_credits.schema import metadata
from cec_credits.settings import CreditsSettings
from cec_credits.worker import LOOPS, PREPARE, SUBSCRIPTIONS

SERVICE = Service(
    name="credits",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
    audit_head=CREDITS_AUDIT_HEAD,
    prepare=PREPARE,
    settings=CreditsSettings,
)
