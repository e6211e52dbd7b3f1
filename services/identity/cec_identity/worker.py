"""What identity does besides answering: one kind of news to take in, some housekeeping, and its preparation."""

from __future__ import annotations

from cec_chassis.service import Loop, Runtime
from cec_identity.accounts.open_first_administrator import open_first_administrator
from cec_identity.activation.forget_old_activations import forget_old_activations
from cec_identity.announcements.mailings import queue_announcement_mails
from cec_identity.applications.forget_rejected_applications import forget_rejected_applications
from cec_identity.mail.deliver_mails import deliver_mails
from cec_identity.mail.look_after_mails import forget_old_mails, measure_mails
from cec_identity.openid.forget_old_codes import forget_old_codes
from cec_identity.personal_data.enforce_retention import enforce_retention
from cec_identity.proof_of_work.forget_spent_proofs import forget_spent_proofs
from cec_identity.recognitions.recognise_as_registered import recognise_those_registered_before
from cec_identity.recognitions.settle_due_recognitions import settle_due_recognitions
from cec_identity.recovery.mail_links import answer_recovery_requests
from cec_identity.registry.import_loop import keep_importing
from cec_identity.settings import settings_of
from cec_identity.sign_in.forget_old_sessions import forget_old_sessions
from cec_identity.signing_keys.prepare_signing_keys import prepare_signing_keys
from cec_identity.subscribes import SUBSCRIPTIONS
from cec_identity.vault import Vault


async def prepare_keys(runtime: Runtime) -> None:
    """The first signing keys."""
    settings = settings_of(runtime)
    await prepare_signing_keys(runtime.database(), Vault.of(settings).signing_keys, settings.signing_key_settle)


async def prepare_administrator(runtime: Runtime) -> None:
    """The first system administrator."""
    await open_first_administrator(runtime.database(), settings_of(runtime))


async def prepare_recognitions(runtime: Runtime) -> None:
    """Those of review units that were registered before there were recognitions."""
    await recognise_those_registered_before(runtime.database())


LOOPS: tuple[Loop, ...] = (
    deliver_mails,
    answer_recovery_requests,
    forget_old_activations,
    queue_announcement_mails,
    measure_mails,
    forget_old_mails,
    forget_old_codes,
    forget_old_sessions,
    forget_spent_proofs,
    settle_due_recognitions,
    keep_importing,
    enforce_retention,
    forget_rejected_applications,
)
PREPARE = (prepare_keys, prepare_administrator, prepare_recognitions)

__all__ = ["LOOPS", "PREPARE", "SUBSCRIPTIONS"]
