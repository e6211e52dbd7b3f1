"""`python -m cec_activities serve | work | relay | all | migrate | republish | parked | redrive | openapi`."""

from __future__ import annotations

from cec_activities.service import SERVICE
from cec_chassis.cli import service_cli

app = service_cli(SERVICE)

if __name__ == "__main__":
    app()
