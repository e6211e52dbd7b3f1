"""How many examples hypothesis tries: few by default; ``CEC_EXAMPLES=100000`` for a long run."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "credits",
    max_examples=int(os.environ.get("CEC_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("credits")
