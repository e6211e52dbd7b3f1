"""The demo's walk is the main job of the system, and it can fail."""

from __future__ import annotations

import io
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.system.walking import Walked

from cec_local.demo import data, walk
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_main_job_ends_with_the_expected_numbers(walked: Walked) -> None:
    assert walked.code == 0, walked.output
    assert "every number is as expected" in walked.output


def test_the_change_of_an_approval_and_of_an_attendance_are_each_shown_with_their_time(walked: Walked) -> None:
    assert walked.output.count("ms from commit to visible") == 2


async def test_one_number_that_differs_from_the_expected_one_makes_it_fail(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A smaller job of other people, right in every number but one; ten points are a lecturer's, given without a roster."""
    write_small_job(tmp_path, approved={"valid": "18.01", "invalid": "0.00", "counted": "18.00", "met": False})
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    monkeypatch.setattr(import_module("cec_local.demo.walk"), "PATIENCE_SECONDS", 6.0)
    screen = io.StringIO()
    assert await walk(stack.gateway.url, stack, Console(file=screen, width=200)) == 1
    differences = [line for line in screen.getvalue().splitlines() if line.startswith("✗")]
    assert differences == ["✗ 登錄完成 after the rosters: valid is '18.00', expected '18.01'"]


def write_small_job(folder: Path, approved: dict[str, Any]) -> None:
    """One person, two courses of 4.00 points: then one is withdrawn, and only half of the other attended.

    Of a third course, of 20.00 points for a lecturer, the person lectures half, and stands in no roster file for it.
    """
    award = {"profession": "2", "role": "learner", "points": "4.00"}
    courses = [
        {
            "title": f"小型研習{day}",
            "attribute": "professional",
            "starts_at": f"2013-05-{day}T09:00:00+08:00",
            "ends_at": f"2013-05-{day}T12:20:00+08:00",
            "minutes": 200,
            "awards": [award],
        }
        for day in ("07", "08")
    ]
    lectured = {
        "title": "小型研習講授",
        "attribute": "professional",
        "starts_at": "2013-05-09T09:00:00+08:00",
        "ends_at": "2013-05-09T12:20:00+08:00",
        "lecturers": [{"name": "林小型", "practitioner_number": "D000009", "ends_at": "2013-05-09T10:40:00+08:00"}],
        "awards": [{"profession": "2", "role": "lecturer", "points": "20.00"}],
    }
    activity = {
        "title": "小型研習",
        "method": "M01",
        "professions": ["2"],
        "starts_on": "2013-05-07",
        "ends_on": "2013-05-09",
        "county": "臺北市",
        "courses": [*courses, lectured],
    }
    unit = {"name": "小型學會", "kind": "學會", "county": "臺北市"}
    people = {
        "offering_unit": {**unit, "code": "D1003", "offers_courses": True, "account": "small-offering"},
        "review_unit": {**unit, "code": "R1003", "reviews_courses": True, "account": "small-review"},
        "practitioner_account": "small-practitioner",
        "further_accounts": [],
        "subscriber": "small-bureau",
    }
    expected = {
        "practitioner": "D000009",
        "profession": "2",
        "as_of": "2016-07-07",
        "approved": approved,
        "withdraw": {
            "course": "小型研習07",
            "reason": "未依計畫實施",
            "expect": {"valid": "14.00", "invalid": "4.00", "counted": "14.00", "met": False},
        },
        "correct": {
            "course": "小型研習08",
            "minutes": 100,
            "reason": "提早離席",
            "expect": {"valid": "12.00", "invalid": "4.00", "counted": "12.00", "met": False},
        },
    }
    header, first, *_ = data.read_bytes("registry.csv").decode().splitlines()
    person = first.replace("A123456789,王示範,D000001,2,000001", "F223456786,林小型,D000009,2,000009")
    assert person != first
    (folder / "registry.csv").write_text(f"{header}\n{person}\n", encoding="utf-8")
    rows = [f"小型研習,{course['title']},F223456786,learner" for course in courses]
    (folder / "rosters.csv").write_text("\n".join(["activity,course,national_id,role", *rows, ""]), encoding="utf-8")
    for name, content in (
        ("organisations.json", people),
        ("activities.json", {"activities": [activity]}),
        ("expected.json", expected),
    ):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
