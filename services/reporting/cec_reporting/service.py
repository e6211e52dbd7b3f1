"""What reporting is made of."""

from __future__ import annotations

from pathlib import Path

from cec_chassis.service import Service
from cec_reporting.app import create_app
from cec_reporting.publishes import PUBLISHES
from cec_reporting.schema import metadata
from cec_reporting.worker import LOOPS, SUBSCRIPTIONS

SERVICE = Service(
    name="reporting",
    migrations=Path(__file__).parents[1] / "migrations",
    metadata=metadata,
    create_app=create_app,
    subscriptions=SUBSCRIPTIONS,
    publishes=PUBLISHES,
    loops=LOOPS,
)
