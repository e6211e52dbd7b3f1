"""A review unit settles how long its units have for their rosters, and how minutes become points. For decisions from now on."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_review.access import require_own
from cec_review.policies import store
from cec_review.policies.store import Policy
from cec_review.recognitions.require_recognised import standing_of_caller


async def settle_policy(tx: Transaction, review_unit_id: UUID, policy: Policy) -> Policy:
    """Raises AnotherReviewUnits, ReviewUnitNotRecognised."""
    require_own(tx.actor, review_unit_id)
    (await standing_of_caller(tx)).require()
    before = await store.policy_of(tx, review_unit_id)
    await store.save(tx, review_unit_id, policy)
    tx.audit("policy.settled", subject_type="policy", subject_id=review_unit_id, before=before, after=policy)
    return policy
