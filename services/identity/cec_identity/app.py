"""Every route of identity, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.http import create_service_app
from cec_chassis.service import Runtime
from cec_identity.accounts.http import AccountController
from cec_identity.accounts.passwords import Passwords
from cec_identity.institutions.http import InstitutionController
from cec_identity.organisations.http import OrganisationController
from cec_identity.practitioners.http import PractitionerController
from cec_identity.practitioners.records_http import RecordController
from cec_identity.professions.http import ProfessionController
from cec_identity.proof_of_work.http import ProofOfWorkController
from cec_identity.proof_of_work.limits import Limiter
from cec_identity.proof_of_work.proof import ProofOfWork
from cec_identity.registry.http import RegistryController
from cec_identity.settings import settings_of
from cec_identity.sign_in.http import SignInController
from cec_identity.signing_keys.http import SigningKeyController
from cec_identity.vault import Vault

ROUTES = (
    SignInController,
    ProofOfWorkController,
    SigningKeyController,
    RegistryController,
    PractitionerController,
    RecordController,
    InstitutionController,
    ProfessionController,
    OrganisationController,
    AccountController,
)


def create_app(runtime: Runtime) -> Litestar:
    """The ASGI application; contacts nothing yet."""
    settings = settings_of(runtime)
    vault = Vault.of(settings)
    return create_service_app(
        settings,
        ROUTES,
        title="身分與登入 / Identity",
        description="單位、帳號、醫事人員與其執照、登入 / Organisations, accounts, practitioners and their licences, sign-in",
        database=runtime.database(),
        clock=runtime.clock,
        dependencies={
            "vault": vault,
            "passwords": Passwords(),
            "proof_of_work": ProofOfWork(settings, vault),
            "limiter": Limiter(vault),
        },
    )
