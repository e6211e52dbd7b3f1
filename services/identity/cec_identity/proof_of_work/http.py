"""Challenges over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from cec_chassis.clock import Clock
from cec_chassis.http import Request, needs
from cec_identity.proof_of_work.proof import LIFETIME, ProofOfWork, Purpose


class ChallengeRequest(Request):
    """What the proof will be for."""

    purpose: Purpose


class ChallengeParameters(msgspec.Struct, rename="camel", kw_only=True):
    """What to solve: PBKDF2 of `nonce` and a counter (32 bits, big-endian) under `salt`, with `cost` iterations, until
    the key begins with `keyPrefix` (hexadecimal)."""

    algorithm: str
    cost: int
    key_length: int
    key_prefix: str
    nonce: str
    salt: str
    data: dict[str, str | int]


class ChallengeView(msgspec.Struct, kw_only=True):
    """A challenge as the ALTCHA library writes it (`parameters` and `signature` are sent back unchanged, beside the
    solution, as base64 of JSON) and when it is too late to solve it."""

    parameters: ChallengeParameters
    signature: str
    expires_at: datetime


class ProofOfWorkController(Controller):
    tags = ("proof of work",)

    @post("/proof-of-work", status_code=200, guards=[needs("identity.proof_of_work.ask")])
    async def give_challenge(
        self,
        data: JSONBody[ChallengeRequest],
        clock: NamedDependency[Clock],
        proof_of_work: NamedDependency[ProofOfWork],
    ) -> Response[ChallengeView]:
        """A challenge to be solved within ten minutes. Each is good for one request."""
        now = clock.now().replace(microsecond=0)
        challenge: dict[str, Any] = proof_of_work.challenge(data.purpose, now).to_dict()
        view = msgspec.convert({**challenge, "expires_at": now + LIFETIME}, ChallengeView)
        return Response(view, headers={"Cache-Control": "no-store"})
