"""The demo's walk is the main job of the system, and it can fail."""

from __future__ import annotations

import pytest
from tests.system.walking import Walked

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_main_job_ends_with_the_expected_numbers(walked: Walked) -> None:
    assert walked.code == 0, walked.output
    assert "every number is as expected" in walked.output


def test_the_change_of_an_approval_and_of_an_attendance_are_each_shown_with_their_time(walked: Walked) -> None:
    assert walked.output.count("ms from commit to visible") == 2
