"""`python -m cec_reporting serve | work | relay | all | migrate | republish | parked | audit | audit-heads | …`."""

from __future__ import annotations

from cec_chassis.cli import service_cli
from cec_reporting.audit_heads.commands import add_audit_heads
from cec_reporting.service import SERVICE

app = service_cli(SERVICE)
add_audit_heads(app, SERVICE)

if __name__ == "__main__":
    app()
