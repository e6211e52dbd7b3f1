"""Revoke the recognition of a review unit 廢止認可, Art. 18: it decides nothing from this moment on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.identity import REVIEW_UNIT_RECOGNITION_REVOKED
from cec_identity.fields.faults import Faults
from cec_identity.recognitions.domain import Ground, Recognition
from cec_identity.recognitions.find_breach import Finding
from cec_identity.recognitions.held import hold, save_and_tell
from cec_identity.recognitions.settle_reviewing import settle_reviewing


async def revoke_recognition(
    tx: Transaction, recognition_id: UUID, *, ground: Ground, reason: str, findings: Sequence[Finding]
) -> Recognition:
    """The revoked recognition. What it gave before stays, but for what the findings name.

    Findings go with the first ground only: who charged too much has not recognised a course contrary to the rules.

    Raises:
        NotFound, RecognitionRevoked.
        ValidationFailed: `only-on-improper-review`, or a finding is not acceptable.
    """
    held = await hold(tx, recognition_id)
    held.require_standing()
    faults = Faults()
    if findings and ground is not Ground.IMPROPER_REVIEW:
        message = "僅第18條第1項第1款得列未依規定之採認 / Findings go with improper review only, Art. 18(1)(1)"
        faults.add("body.breaches", "only-on-improper-review", message)
    for number, finding in enumerate(findings):
        finding.check(faults, f"body.breaches[{number}]", held.recognition, taipei_date(tx.now))
    faults.settle()
    breaches = tuple(finding.breach(tx) for finding in findings)
    after = held.recognition.revoked(ground, reason, tx.now, breaches)
    await save_and_tell(tx, REVIEW_UNIT_RECOGNITION_REVOKED, held.recognition, after, reason=reason, found=breaches)
    await settle_reviewing(tx, held.organisation, reason)
    return after
