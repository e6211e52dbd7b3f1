"""`python -m cec_reporting serve | work | relay | all | migrate | republish | parked | redrive | openapi`."""

from __future__ import annotations

from cec_chassis.cli import service_cli
from cec_reporting.service import SERVICE

app = service_cli(SERVICE)

if __name__ == "__main__":
    app()
