"""Apply for an account: the application waits for an administrator.

No password is asked for here, though the old form did: a stranger could make us spend 64 MiB of argon2 for each form, we
would keep the password of somebody who may be turned away, and nothing would show that the address is theirs. The link
that comes with the approval does all three (decision 0028).
"""

from __future__ import annotations

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts import national_id
from cec_identity.accounts.profile import email_key
from cec_identity.applications.domain import REFERENCE_LIFETIME, Application, SealedId, belongs_to
from cec_identity.applications.form import CheckedForm, kinds_for
from cec_identity.applications.store import insert_application
from cec_identity.applications.tell_applicant import MAILS_OF_RECEIPT, tell_received
from cec_identity.consents.texts import ConsentKind, require_current
from cec_identity.mail.links import digest_of, new_token
from cec_identity.organisations.store import organisation_in_use
from cec_identity.proof_of_work.limits import Limiter
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault


async def apply(
    tx: Transaction, form: CheckedForm, settings: IdentitySettings, vault: Vault, limiter: Limiter
) -> Application:
    """The pending application; its owner is mailed a reference. An address to which so many were mailed already gets no
    further one today, and the application is taken all the same: others may have given the address.

    Raises:
        ConsentOutdated: the terms have changed since they were read.
        ValidationFailed: the chosen organisation does not exist, is out of use, or is not of an eligible kind.
        AccountNameTaken, NameApplied.
    """
    require_current(ConsentKind.APPLICATION, form.consent_version, taipei_date(tx.now))
    await _check_chosen(tx, form)
    application_id, reference = new_id(), new_token()
    application = Application(
        application_id=application_id,
        name=form.name,
        role=form.role,
        applicant=form.applicant,
        national_id=SealedId(
            index=national_id.index(vault.index_key, form.number),
            masked=national_id.mask(form.number),
            sealed=vault.national_ids.seal(form.number.encode(), belongs_to=belongs_to(application_id)),
        ),
        consent_version=form.consent_version,
        organisation_id=form.organisation_id,
        proposal=form.proposal,
        submitted_at=tx.now,
    )
    await insert_application(tx, application, digest_of(reference), tx.now + REFERENCE_LIFETIME)
    if await limiter.allows(tx, MAILS_OF_RECEIPT, email_key(form.applicant.email)):
        await tell_received(tx, application, reference, settings, vault)
    tx.audit(
        "application.submitted",
        subject_type="application",
        subject_id=application_id,
        after={"role": form.role, "organisation_id": form.organisation_id, "consent_version": form.consent_version},
    )
    return application


async def _check_chosen(tx: Transaction, form: CheckedForm) -> None:
    if form.organisation_id is None:
        return
    chosen = await organisation_in_use(tx, form.organisation_id)
    if chosen is None or not chosen.active:
        slug, message = "unknown-organisation", "查無此單位或已停用 / There is no such organisation in use"
    elif chosen.kind not in kinds_for(form.role):
        slug, message = "kind-not-eligible", "此類別之單位不得以此身分申請 / Not for organisations of this kind"
    else:
        return
    raise ValidationFailed(errors=[FieldError("body.organisation_id", slug, message)])
