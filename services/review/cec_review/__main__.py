"""`python -m cec_review serve | work | relay | all | migrate | republish | parked | redrive | openapi`."""

from __future__ import annotations

from cec_chassis.cli import service_cli
from cec_review.service import SERVICE

app = service_cli(SERVICE)

if __name__ == "__main__":
    app()
