"""Sign-in over HTTP. Public by nature; what guesses cost is in `lockout`, the gateway stops floods only."""

from __future__ import annotations

from typing import Annotated, cast

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs
from cec_chassis.problems import PROBLEM_JSON, Problem, Refusal
from cec_identity.accounts.passwords import LONGEST
from cec_identity.one_time_codes.enrol import NewSecret
from cec_identity.proof_of_work.proof import LONGEST_PROOF
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.refresh import refresh
from cec_identity.sign_in.second_factor import SecondFactorNeeded, enrol_at_sign_in, sign_in_with_code
from cec_identity.sign_in.sign_in import Attempt, sign_in
from cec_identity.sign_in.sign_out import sign_out
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import visit_of
from cec_identity.vault import Vault

NOT_KEPT = {"Cache-Control": "no-store"}


def refused(description: str) -> ResponseSpec:
    """An answer that is a problem document, for the OpenAPI document."""
    return ResponseSpec(Problem, generate_examples=False, description=description, media_type=PROBLEM_JSON)


MAY_REFUSE = {401: refused("不得登入 / Not let in")}
MAY_FIND_OUT_OF_USE = MAY_REFUSE | {403: refused("帳號已停權或停用 / The account is suspended or disabled")}
MAY_HOLD_BACK = MAY_REFUSE | {
    403: refused("須附工作量證明,或帳號已停權、停用 / A proof of work is due, or the account is suspended or disabled"),
    429: refused("嘗試次數過多 / Too many attempts"),
    503: refused("登入人數過多 / Too many people are signing in"),
}
_NEEDS_MORE = {
    202: ResponseSpec(
        SecondFactorNeeded, generate_examples=False, description="密碼正確,尚需第二驗證 / A second factor is needed"
    )
}

DeviceToken = Annotated[str, Meta(max_length=200, description="先前登入所得之裝置憑證 / of an earlier sign-in")]
Challenge = Annotated[str, Meta(min_length=1, max_length=100, description="驗證要求 / what was given out before")]


class SignInRequest(Request):
    """Who one says one is."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="帳號")]
    password: Annotated[str, Meta(min_length=1, max_length=4 * LONGEST, description="密碼")]
    device_token: DeviceToken | None = None
    proof_of_work: Annotated[str, Meta(max_length=LONGEST_PROOF, description="工作量證明 / when one is due")] | None = (
        None
    )

    def __repr__(self) -> str:
        """Nothing of it."""
        return "SignInRequest()"


class SecondFactorRequest(Request):
    """The code, or a recovery code in its place."""

    challenge: Challenge
    code: Annotated[str, Meta(min_length=1, max_length=40, description="一次性密碼或復原碼")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "SecondFactorRequest()"


class EnrolmentRequest(Request):
    """The challenge of a sign-in that asks for one-time codes to be set up."""

    challenge: Challenge

    def __repr__(self) -> str:
        """Nothing of it."""
        return "EnrolmentRequest()"


class RefreshTokenRequest(Request):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=200, description="更新憑證")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "RefreshTokenRequest()"


class TokensAndRecoveryCodes(Tokens, kw_only=True):
    """The tokens, and recovery codes if the sign-in has confirmed new one-time codes; those are shown once."""

    recovery_codes: list[str]

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"TokensAndRecoveryCodes(account_id={self.account_id})"


class SignInController(Controller):
    tags = ("sign-in",)

    @post("/sign-in", status_code=200, responses=_NEEDS_MORE | MAY_HOLD_BACK, guards=[needs("identity.sign_in.begin")])
    async def sign_in(
        self, request: HttpRequest, data: JSONBody[SignInRequest], door: NamedDependency[Door]
    ) -> Response[Tokens]:
        """Sign in with name and password. 202 when a second factor is needed: `POST /sign-in/second-factor`.

        401 `sign-in-failed`, whatever was wrong; 403 `proof-of-work-required` after failures; 403 `account-suspended`,
        `account-disabled` when all was right; 429 `too-many-attempts`; 503 `sign-in-busy`."""
        attempt = Attempt(
            name=data.name, password=data.password, device_token=data.device_token, proof=data.proof_of_work
        )
        answer = await sign_in(door, request.command_context(), visit_of(request), attempt)
        status = 202 if isinstance(answer, SecondFactorNeeded) else 200
        return Response(cast("Tokens", answer), status_code=status, headers=NOT_KEPT)

    @post("/sign-in/second-factor", status_code=200, responses=MAY_HOLD_BACK, guards=[needs("identity.sign_in.begin")])
    async def sign_in_with_second_factor(
        self, request: HttpRequest, data: JSONBody[SecondFactorRequest], door: NamedDependency[Door]
    ) -> Response[TokensAndRecoveryCodes]:
        """Finish a sign-in with a one-time code or a recovery code. 401 `second-factor-refused`, `challenge-invalid`
        (begin again with the password); 429 `too-many-attempts`."""
        tokens, codes = await sign_in_with_code(
            door, request.command_context(), visit_of(request), data.challenge, data.code
        )
        fields = {name: getattr(tokens, name) for name in Tokens.__struct_fields__}
        return Response(TokensAndRecoveryCodes(**fields, recovery_codes=codes), headers=NOT_KEPT)

    @post(
        "/sign-in/second-factor/enrolment",
        status_code=200,
        responses=MAY_REFUSE,
        guards=[needs("identity.sign_in.begin")],
    )
    async def enrol_at_sign_in(
        self, request: HttpRequest, data: JSONBody[EnrolmentRequest], door: NamedDependency[Door]
    ) -> Response[NewSecret]:
        """Set up one-time codes during a sign-in that asks for it; the first code then finishes the sign-in. 401
        `challenge-invalid`, 409 `one-time-codes-in-use`."""
        async with door.database.transaction(request.command_context()) as tx:
            secret = await enrol_at_sign_in(tx, door, data.challenge)
        return Response(secret, headers=NOT_KEPT)

    @post("/token/refresh", status_code=200, responses=MAY_REFUSE, guards=[needs("identity.sign_in.begin")])
    async def refresh_tokens(
        self,
        request: HttpRequest,
        data: JSONBody[RefreshTokenRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Tokens]:
        """New tokens for a refresh token, which is used up. 401 `refresh-token-invalid`, `refresh-token-reused` (the
        session ends), `session-ended`."""
        async with database.transaction(request.command_context()) as tx:
            answer = await refresh(tx, data.refresh_token, settings, vault)
        if isinstance(answer, Refusal):
            raise answer
        return Response(answer, headers=NOT_KEPT)

    @post("/sign-out", status_code=204, guards=[needs("identity.sign_in.begin")])
    async def sign_out(
        self, request: HttpRequest, data: JSONBody[RefreshTokenRequest], database: NamedDependency[Database]
    ) -> None:
        """End the session of a refresh token. 204 also when there is nothing to end."""
        async with database.transaction(request.command_context()) as tx:
            await sign_out(tx, data.refresh_token)
