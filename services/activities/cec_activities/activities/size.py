"""An activity travels whole in one event, so it must fit into one."""

from __future__ import annotations

import msgspec

from cec_activities.activities.domain import Activity
from cec_activities.activities.refusals import ProposalNotAcceptable
from cec_chassis.problems import FieldError

LARGEST_ACTIVITY = 200_000
"""Bytes as JSON; some 300 lecturers with long names. The bus takes 256 KB, and the unit's name comes on top."""


def require_sendable(activity: Activity) -> None:
    """Raises ProposalNotAcceptable, so that the limit is met while editing and not at submission."""
    if len(msgspec.json.encode(activity)) > LARGEST_ACTIVITY:
        raise ProposalNotAcceptable(
            errors=[FieldError("body.courses", "too-large", "內容過多，請分為數個活動 / Too much for one activity")]
        )
