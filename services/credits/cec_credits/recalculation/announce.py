"""A changed standing as news: for the other services, and in the public form for other systems."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_contracts.credits import STANDING_CHANGED, Standing
from cec_contracts.public import PUBLIC_STANDING_CHANGED, PublicStanding
from cec_credits.recalculation.standings import NewStanding
from cec_credits.statements.summary import closes_on


def announce(tx: Transaction, standing: NewStanding, version: int, traceparent: str | None) -> None:
    """The subject is practitioner and profession together; the sequence counts the changes of that standing."""
    practitioner, profession = standing.key
    statement = standing.statement
    subject = f"{practitioner}:{profession}"
    tx.publish(
        STANDING_CHANGED,
        subject=subject,
        sequence=version,
        traceparent=traceparent,
        body=Standing(
            practitioner_id=practitioner,
            profession=profession,
            as_of=statement.case.as_of,
            window_since=statement.window.since,
            window_until=statement.window.until,
            window_end=closes_on(statement),
            rule_set=statement.rule_set,
            valid=statement.valid,
            invalid=statement.invalid,
            pending=statement.pending,
            professional=statement.professional,
            quality_ethics_regulations=statement.quality_ethics_regulations,
            counted=statement.counted,
            infection_control_courses=statement.infection_control_courses,
            gender_courses=statement.gender_courses,
            met=statement.met,
            computed_at=tx.now,
            merged_into=standing.person.merged_into,
            change_pending=statement.change_pending,
        ),
    )
    tx.publish(
        PUBLIC_STANDING_CHANGED,
        subject=subject,
        sequence=version,
        traceparent=traceparent,
        body=PublicStanding(
            practitioner_id=practitioner,
            profession=profession,
            certificate_number=standing.person.certificate_number(profession),
            as_of=statement.case.as_of,
            rule_set=statement.rule_set,
            valid=statement.valid,
            invalid=statement.invalid,
            counted=statement.counted,
            met=statement.met,
            computed_at=tx.now,
            merged_into=standing.person.merged_into,
            change_pending=statement.change_pending,
        ),
    )
