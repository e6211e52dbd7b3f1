"""From a proposal to settled courses, shared by drafting and revising: the only place that looks up lecturers."""

from __future__ import annotations

from cec_activities.activities import store
from cec_activities.activities.checks import proposal_errors
from cec_activities.activities.domain import Activity, Course, settled_courses
from cec_activities.activities.proposal import Proposal
from cec_activities.activities.refusals import ProposalNotAcceptable
from cec_activities.practitioners import store as practitioners
from cec_activities.rulesets.store import covered_professions
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id


async def settle_courses(tx: Transaction, proposal: Proposal, activity: Activity | None) -> list[Course]:
    """The proposed courses with ids, codes and lecturers known; `activity` is the one revised, None for a new one.

    Raises ProposalNotAcceptable with everything that is wrong.
    """
    present = {course.course_id: course for course in activity.courses} if activity else {}
    known = await practitioners.by_number(tx, proposal.practitioner_numbers())
    errors = proposal_errors(
        proposal,
        practitioners=known,
        covered=await covered_professions(tx),
        courses=present,
        lecturers=activity.lecturers() if activity else {},
    )
    if errors:
        raise ProposalNotAcceptable(errors=errors)
    how_many_new = sum(course.course_id is None for course in proposal.courses)
    return settled_courses(
        proposal,
        present=present,
        practitioners=known,
        codes=await store.issue_codes(tx, store.COURSE_CODE, how_many_new),
        new_id=new_id,
    )
