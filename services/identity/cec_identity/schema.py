"""The complete metadata: importing this module has imported every feature's tables. Migrations compare with it."""

from __future__ import annotations

from cec_identity.accounts import profile_store as profiles
from cec_identity.accounts import store as accounts
from cec_identity.institutions import store as institutions
from cec_identity.mail import store as mail
from cec_identity.organisations import store as organisations
from cec_identity.practitioners import tables as practitioners
from cec_identity.professions import store as professions
from cec_identity.proof_of_work import store as proof_of_work
from cec_identity.sign_in import store as sign_in
from cec_identity.signing_keys import store as signing_keys
from cec_identity.tables import metadata

__all__ = [
    "accounts",
    "institutions",
    "mail",
    "metadata",
    "organisations",
    "practitioners",
    "professions",
    "profiles",
    "proof_of_work",
    "sign_in",
    "signing_keys",
]
