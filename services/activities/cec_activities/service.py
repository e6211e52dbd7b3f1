"""What activities is made of."""

from __future__ import annotations

from pathlib import Path

from cec_activities.app import create_app
from cec_activities.publishes import PUBLISHES
from cec_activities.schema import metadata
from cec_activities.settings import ActivitiesSettings
from cec_activities.worker import LOOPS, SUBSCRIPTIONS
from cec_chassis.service import Service
from cec_contracts.audit import ACTIVITIES_AUDIT_HEAD

SERVICE = Service(
    name="activities",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    settings=ActivitiesSettings,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
    audit_head=ACTIVITIES_AUDIT_HEAD,
)
