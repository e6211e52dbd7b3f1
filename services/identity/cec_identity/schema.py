"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from __future__ import annotations

from cec_identity.accounts import profile_store as profiles
from cec_identity.accounts import store as accounts
from cec_identity.activation import store as activation
from cec_identity.announcements import store as announcements
from cec_identity.applications import store as applications
from cec_identity.certificate_cards import store as certificate_cards
from cec_identity.clients import store as clients
from cec_identity.consents import store as consents
from cec_identity.institutions import store as institutions
from cec_identity.lockout import devices as known_devices
from cec_identity.lockout import store as lockout
from cec_identity.mail import store as mail
from cec_identity.one_time_codes import store as one_time_codes
from cec_identity.openid import store as openid
from cec_identity.organisations import store as organisations
from cec_identity.passkeys import store as passkeys
from cec_identity.practitioners import tables as practitioners
from cec_identity.professions import store as professions
from cec_identity.profile import store as profile
from cec_identity.proof_of_work import store as proof_of_work
from cec_identity.recognitions import store as recognitions
from cec_identity.recovery import store as recovery
from cec_identity.registry import jobs_store as registry_imports
from cec_identity.rulesets import store as rulesets
from cec_identity.sign_in import challenges as sign_in_challenges
from cec_identity.sign_in import history as sign_in_history
from cec_identity.sign_in import store as sign_in
from cec_identity.signing_keys import store as signing_keys
from cec_identity.tables import metadata

__all__ = [
    "accounts",
    "activation",
    "announcements",
    "applications",
    "certificate_cards",
    "clients",
    "consents",
    "institutions",
    "known_devices",
    "lockout",
    "mail",
    "metadata",
    "one_time_codes",
    "openid",
    "organisations",
    "passkeys",
    "practitioners",
    "professions",
    "profile",
    "profiles",
    "proof_of_work",
    "recognitions",
    "recovery",
    "registry_imports",
    "rulesets",
    "sign_in",
    "sign_in_challenges",
    "sign_in_history",
    "signing_keys",
]
