"""What an activity may become, and when."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.activities.builders import DRAFT, NOW, SUBMITTED

from cec_activities.activities.domain import EDITABLE, Activity, Status
from cec_activities.activities.refusals import ActivityChangedMeanwhile, ActivityFrozen, ActivityNotSubmitted
from cec_activities.publishes import activity_event


def in_status(status: Status) -> Activity:
    return msgspec.structs.replace(SUBMITTED, status=status)


def test_a_submission_freezes_counts_and_advances_the_version() -> None:
    assert (SUBMITTED.status, SUBMITTED.submission, SUBMITTED.version, SUBMITTED.submitted_at) == (
        Status.SUBMITTED,
        1,
        2,
        NOW,
    )


def test_only_drafts_and_returned_activities_are_editable() -> None:
    assert {Status.DRAFT, Status.RETURNED} == EDITABLE
    for status in set(Status) - EDITABLE:
        with pytest.raises(ActivityFrozen):
            in_status(status).require_editable()
        with pytest.raises(ActivityFrozen):
            in_status(status).submitted(NOW)


def test_a_returned_activity_is_submitted_again_with_the_next_number() -> None:
    returned = SUBMITTED.decided(1, Status.RETURNED, "請修改")
    assert returned is not None

    again = returned.submitted(NOW)

    assert (again.submission, again.comment, again.version) == (2, "", 4)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SUBMITTED}))
def test_only_a_submitted_activity_is_withdrawn_or_decided(status: Status) -> None:
    with pytest.raises(ActivityNotSubmitted):
        in_status(status).withdrawn()
    assert in_status(status).decided(1, Status.PASSED, "") is None


@pytest.mark.parametrize("submission", [0, 2])
def test_a_decision_on_another_submission_is_no_news(submission: int) -> None:
    assert SUBMITTED.decided(submission, Status.RETURNED, "") is None


def test_a_version_that_is_not_the_present_one_is_refused() -> None:
    SUBMITTED.require_version(2)
    with pytest.raises(ActivityChangedMeanwhile):
        SUBMITTED.require_version(1)


def test_a_draft_is_no_news() -> None:
    with pytest.raises(ValueError, match="never submitted"):
        activity_event(DRAFT, unit_name="甲")
    assert activity_event(SUBMITTED, unit_name="甲").status == "submitted"
