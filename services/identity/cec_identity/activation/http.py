"""Activation over HTTP: strangers, so every step costs or needs what the step before gave."""

from __future__ import annotations

from datetime import timedelta

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, needs, run_command
from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.accounts.domain import checked_name
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.profile import checked_email, email_key
from cec_identity.activation.check_facts import check_facts
from cec_identity.activation.domain import (
    MOST_MAILS,
    Activation,
    Wish,
    checked_facts,
)
from cec_identity.activation.open_by_link import look_at_link, open_by_link
from cec_identity.activation.send_link import send_again, send_link
from cec_identity.activation.store import name_taken
from cec_identity.activation.tickets import holder_of, unopened
from cec_identity.activation.wire import (
    ActivationView,
    CheckRequest,
    CheckView,
    LinkRequest,
    LinkView,
    NameRequest,
    NameView,
    OpenedView,
    OpenRequest,
    SendRequest,
    Status,
    TicketRequest,
)
from cec_identity.mail.queries import mail_by_id
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.proof_of_work.proof import ProofOfWork, Purpose
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.http import NOT_KEPT, refused
from cec_identity.sign_in.visit import visit_of
from cec_identity.vault import Vault

BY_PERSON = Limit("activation-person", 10, timedelta(hours=1))
BY_ADDRESS = Limit("activation-address", 60, timedelta(hours=1))
"""A hospital whose people activate together has one address."""
NAMES_OF_TICKET = Limit("activation-names", 30, timedelta(hours=1))

GUARD = needs("identity.activation.do")
_STRANGERS = {403: refused("須附工作量證明 / A proof of work is due"), 429: refused("嘗試次數過多 / Too many attempts")}
_GONE = {410: refused("已逾時、已使用或無效 / Expired, used or not valid")}


class ActivationController(Controller):
    path = "/activation"
    tags = ("activation",)
    guards = (GUARD,)

    @post("/checks", status_code=200, responses=_STRANGERS)
    async def check(
        self,
        request: HttpRequest,
        data: JSONBody[CheckRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        proof_of_work: NamedDependency[ProofOfWork],
        limiter: NamedDependency[Limiter],
    ) -> Response[CheckView]:
        """Whether the registry knows one, and whether one has an account. 422 `no-match-in-registry`, whatever was wrong."""
        facts = checked_facts(
            national_id_text=data.national_id,
            practising=data.practising,
            institution_code=data.institution_code,
            certificate_number=data.certificate_number,
            index_key=vault.index_key,
        )
        await proof_of_work.require(database, data.proof_of_work, Purpose.ACTIVATION)
        await limiter.require(
            database, (BY_PERSON, facts.national_id_index), (BY_ADDRESS, visit_of(request).neighbourhood)
        )
        async with database.transaction(request.command_context()) as tx:
            begun = await check_facts(tx, facts)
        view = CheckView(
            status=Status.ACTIVATED if begun is None else Status.NOT_ACTIVATED,
            ticket=None if begun is None else begun.ticket,
            ticket_expires_at=None if begun is None else begun.activation.ticket_expires_at,
        )
        return Response(view, headers=NOT_KEPT)

    @post("/names", status_code=200, responses=_STRANGERS | _GONE)
    async def look_for_name(
        self, data: JSONBody[NameRequest], database: NamedDependency[Database], limiter: NamedDependency[Limiter]
    ) -> NameView:
        """Whether an account name is free. 410 `activation-ticket-invalid`."""
        name = checked_name(data.name)
        await _require_ticket(database, data.ticket)
        await limiter.require(database, (NAMES_OF_TICKET, data.ticket))
        async with database.transaction() as tx:
            activation = await unopened(tx, data.ticket)
            return NameView(name=name, free=not await name_taken(tx, name, activation.practitioner_id))

    @post("/", status_code=202, responses=_STRANGERS | _GONE)
    async def send(
        self,
        request: HttpRequest,
        data: JSONBody[SendRequest],
        database: NamedDependency[Database],
        limiter: NamedDependency[Limiter],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[ActivationView]:
        """Agree to the terms, choose name and address; the link goes to the address. Asked again with other values, the
        earlier link is worth nothing. 409 `account-name-taken`, `consent-outdated`; 410 `activation-ticket-invalid`."""
        wish = _wish_of(data)
        await _require_ticket(database, data.ticket)

        async def command(tx: Transaction) -> ActivationView:
            return await _view(tx, await send_link(tx, data.ticket, wish, settings, vault, limiter))

        return await run_command(request, database, command, 202)

    @post("/resend", status_code=202, responses=_STRANGERS | _GONE)
    async def send_again(
        self,
        request: HttpRequest,
        data: JSONBody[TicketRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[ActivationView]:
        """A new link to the same address. 429 `activation-mail-just-sent` within a minute of the last mail, with
        `Retry-After`; 429 `activation-too-many-mails`."""

        async def command(tx: Transaction) -> ActivationView:
            return await _view(tx, await send_again(tx, data.ticket, settings, vault))

        return await run_command(request, database, command, 202)

    @post("/state", status_code=200, responses=_GONE)
    async def look_at_state(
        self, data: JSONBody[TicketRequest], database: NamedDependency[Database]
    ) -> Response[ActivationView]:
        """How far the activation has come, and whether the mail has come back."""
        async with database.reading() as tx:
            view = await _view(tx, await holder_of(tx, data.ticket, held=False))
        return Response(view, headers=NOT_KEPT)

    @post("/link", status_code=200, responses=_GONE)
    async def look_at_link(
        self, data: JSONBody[LinkRequest], database: NamedDependency[Database]
    ) -> Response[LinkView]:
        """Whose link it is; nothing is used up. 410 `link-invalid`."""
        async with database.reading() as tx:
            _, wish = await look_at_link(tx, data.token)
        return Response(LinkView(account_name=wish.name), headers=NOT_KEPT)

    @post("/password", status_code=201, responses=_GONE)
    async def set_password(
        self,
        request: HttpRequest,
        data: JSONBody[OpenRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
    ) -> Response[OpenedView]:
        """Set the password; the account is open. 410 `link-invalid`; 409 `account-name-taken`,
        `practitioner-has-account`."""
        account = await open_by_link(database, request.command_context(), passwords, data.token, data.password)
        return Response(OpenedView(account_name=account.name), status_code=201, headers=NOT_KEPT)


async def _require_ticket(database: Database, ticket: str) -> None:
    """Before anything is counted: who has no ticket must not use up what an address or a name is allowed."""
    async with database.reading() as tx:
        await holder_of(tx, ticket, held=False)


def _wish_of(data: SendRequest) -> Wish:
    email = checked_email(data.email)
    if email_key(email) != email_key(checked_email(data.email_again, "body.email_again")):
        message = "兩次輸入之 E-Mail 不同 / The two addresses differ"
        raise ValidationFailed(errors=[FieldError("body.email_again", "email-differs", message)])
    return Wish(
        name=checked_name(data.name),
        email=email,
        language=data.language,
        consent_version=data.consent_version,
    )


async def _view(tx: Transaction, activation: Activation) -> ActivationView:
    mail = None if activation.mail_id is None else await mail_by_id(tx, activation.mail_id)
    wish = activation.wish
    return ActivationView(
        state=activation.state,
        account_name=None if wish is None else wish.name,
        email=None if wish is None else wish.email,
        mail_state=None if mail is None else mail.state,
        mails_left=max(0, MOST_MAILS - activation.mails_sent),
        link_expires_at=activation.link_expires_at,
    )
