"""Every route of identity, listed."""

from __future__ import annotations

from litestar import Litestar

from cec_chassis.audit.http import audit_controller, looks_controller
from cec_chassis.http import create_service_app, needs
from cec_chassis.service import Runtime
from cec_contracts.access import permissions_of
from cec_identity.accounts.breached_passwords import BreachedPasswords
from cec_identity.accounts.http import AccountController
from cec_identity.accounts.password_http import PasswordController
from cec_identity.accounts.passwords import Passwords
from cec_identity.activation.http import ActivationController
from cec_identity.announcements.editor_http import AnnouncementEditorController
from cec_identity.announcements.http import AnnouncementController, PublicAnnouncementController
from cec_identity.announcements.unsubscribe_http import UnsubscribeController
from cec_identity.applications.http import ApplicantController
from cec_identity.applications.queue_http import ApplicationQueueController
from cec_identity.certificate_cards.http import CertificateCardController
from cec_identity.certificate_cards.trust import CardTrust
from cec_identity.clients.http import ClientController, LauncherController
from cec_identity.consents.http import ConsentController
from cec_identity.institutions.http import InstitutionController
from cec_identity.mail.http import MailController
from cec_identity.menu.http import MenuController
from cec_identity.one_time_codes.http import OneTimeCodeController
from cec_identity.openid.http import OpenIdController
from cec_identity.organisations.http import OrganisationController
from cec_identity.organisations.names import organisation_names
from cec_identity.organisations.unit_http import UnitController
from cec_identity.passkeys.http import PasskeyController
from cec_identity.personal_data.http import PersonalDataController
from cec_identity.practitioners.http import PractitionerController
from cec_identity.practitioners.looks import ALL_THAT_IS_MINE
from cec_identity.practitioners.records_http import RecordController
from cec_identity.professions.http import ProfessionController
from cec_identity.profile.http import ProfileController, RightsRequestController
from cec_identity.proof_of_work.http import ProofOfWorkController
from cec_identity.proof_of_work.limits import Limiter
from cec_identity.proof_of_work.proof import ProofOfWork
from cec_identity.recognitions.http import RecognitionController
from cec_identity.recovery.http import RecoveryController
from cec_identity.registry.http import RegistryController
from cec_identity.registry.jobs_http import ImportController
from cec_identity.sessions.http import SessionController
from cec_identity.sessions.require_session import sessions_of
from cec_identity.settings import settings_of
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.http import SignInController
from cec_identity.signing_keys.http import SigningKeyController
from cec_identity.vault import Vault

ROUTES = (
    SignInController,
    SessionController,
    OneTimeCodeController,
    PasskeyController,
    CertificateCardController,
    ProofOfWorkController,
    MailController,
    ConsentController,
    ActivationController,
    RecoveryController,
    PasswordController,
    SigningKeyController,
    OpenIdController,
    ClientController,
    LauncherController,
    MenuController,
    RegistryController,
    ImportController,
    PractitionerController,
    RecordController,
    PersonalDataController,
    InstitutionController,
    ProfessionController,
    OrganisationController,
    RecognitionController,
    UnitController,
    ApplicantController,
    ApplicationQueueController,
    ProfileController,
    RightsRequestController,
    AccountController,
    AnnouncementController,
    PublicAnnouncementController,
    AnnouncementEditorController,
    UnsubscribeController,
    audit_controller(needs("identity.audit.read")),
    looks_controller(organisation_names, needs("identity.looks.own"), subjects=ALL_THAT_IS_MINE),
)


def create_app(runtime: Runtime) -> Litestar:
    """The ASGI application; contacts nothing yet."""
    settings = settings_of(runtime)
    vault = Vault.of(settings)
    breached = BreachedPasswords.of(settings.breached_passwords_file)
    passwords, proof_of_work = Passwords(breached), ProofOfWork(settings, vault)
    return create_service_app(
        settings,
        ROUTES,
        title="身分與登入 / Identity",
        description="單位、帳號、醫事人員與其執照、登入 / Organisations, accounts, practitioners and their licences, sign-in",
        database=runtime.database(),
        access=permissions_of("identity"),
        require_session=sessions_of(runtime.database()),
        clock=runtime.clock,
        dependencies={
            "vault": vault,
            "passwords": passwords,
            "proof_of_work": proof_of_work,
            "limiter": Limiter(vault),
            "card_trust": CardTrust.of(settings),
            "door": Door.of(runtime.database(), settings, vault, passwords, proof_of_work),
        },
    )
