"""A client, and what may be registered. Pure.

Two kinds. A machine account 系統帳號 asks for itself: another government system, a hospital's software. An application
應用系統 asks for the person who signs in to it through us.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_contracts.access import scopes as known_scopes
from cec_contracts.vocabulary import AccountRole
from cec_identity.clients.public_keys import is_public_key_set

SIGN_IN_SCOPES = frozenset({"openid", "profile"})
"""They are about a person; a machine account is none."""
PEOPLE = frozenset(AccountRole) - {AccountRole.OTHER_SYSTEM}
LONGEST_ADDRESS = 500
_AUDIENCE = re.compile(r"[A-Za-z][A-Za-z0-9:/._-]{1,199}")
_ADDRESS = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class ClientNameTaken(Refusal):
    """Two clients of one name could not be told apart by those who are asked for consent."""

    slug = "client-name-taken"
    status = 409
    title = "用戶端名稱已使用 / Another client has this name"


class ClientDisabled(Refusal):
    """It may not be changed any more; register a new one."""

    slug = "client-disabled"
    status = 409
    title = "用戶端已停用 / The client is disabled"


class NoSecretToRotate(Refusal):
    """The client shows who it is in another way, or cannot keep a secret."""

    slug = "client-has-no-secret"
    status = 409
    title = "此用戶端不使用密鑰 / This client has no secret"


class ClientKind(StrEnum):
    MACHINE = "machine"
    APPLICATION = "application"


class ClientAuthentication(StrEnum):
    """How a client shows at the token endpoint that it is itself."""

    SECRET = "client_secret"  # noqa: S105 - RFC 6749 section 2.3.1, by Basic or in the form
    PRIVATE_KEY = "private_key_jwt"  # RFC 7523: it signs, and no secret ever travels
    NONE = "none"  # runs in a browser, where no secret is one; PKCE alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client as it stands."""

    client_id: UUID
    kind: ClientKind
    name: str
    authentication: ClientAuthentication
    scopes: tuple[str, ...]
    organisation_id: UUID | None = None
    audiences: tuple[str, ...] = ()
    """Of a machine account: for whom it may ask tokens. The first is meant when it does not say."""
    public_keys: dict[str, Any] | None = field(default=None, repr=False)
    """A JWK set, of a client that signs."""
    redirect_uris: tuple[str, ...] = ()
    """Of an application: exactly these, letter by letter."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    launch_url: str = ""
    """Where the portal's launcher leads; empty: not there yet."""
    roles: frozenset[AccountRole] = frozenset()
    """Of an application: whose accounts may use it."""
    trusted: bool = False
    """Of the portal itself: granted to everybody with the role, and consent is not asked."""
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDetails:
    """What somebody says about a client; `checked` makes it acceptable or refuses."""

    name: str
    scopes: tuple[str, ...]
    audiences: tuple[str, ...] = ()
    public_keys: dict[str, Any] | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    launch_url: str = ""
    roles: tuple[AccountRole, ...] = ()
    trusted: bool = False

    def checked(self, kind: ClientKind, authentication: ClientAuthentication, own_audience: str) -> ClientDetails:
        """The details with the name in one form (NFKC), lists without repetition, and what is left out filled in.

        Raises:
            ValidationFailed: with every fault.
        """
        name = unicodedata.normalize("NFKC", self.name).strip()
        errors = [*_name_faults(name), *_scope_faults(self.scopes, kind)]
        if (self.public_keys is not None) != (authentication is ClientAuthentication.PRIVATE_KEY):
            message = "使用 private_key_jwt 時須附公鑰,其他方式不得附 / With private_key_jwt, and with nothing else"
            errors.append(_fault("public_keys", "keys-and-authentication-differ", message))
        elif self.public_keys is not None and not is_public_key_set(self.public_keys):
            errors.append(_fault("public_keys", "not-a-public-key-set", "須為公鑰組 / Not a JWK set of public keys"))
        if kind is ClientKind.MACHINE:
            errors += self._faults_of_machine(authentication)
        else:
            errors += self._faults_of_application()
        if errors:
            raise ValidationFailed(errors=errors)
        machine = kind is ClientKind.MACHINE
        return ClientDetails(
            name=name,
            scopes=tuple(sorted(set(self.scopes))),
            audiences=tuple(dict.fromkeys(self.audiences)) or ((own_audience,) if machine else ()),
            public_keys=self.public_keys,
            redirect_uris=tuple(dict.fromkeys(self.redirect_uris)),
            post_logout_redirect_uris=tuple(dict.fromkeys(self.post_logout_redirect_uris)),
            launch_url=self.launch_url,
            roles=tuple(sorted(set(self.roles))),
            trusted=self.trusted,
        )

    def _faults_of_machine(self, authentication: ClientAuthentication) -> Iterator[FieldError]:
        if authentication is ClientAuthentication.NONE:
            yield _fault(
                "authentication", "not-for-machines", "系統帳號須能證明身分 / A machine account must show who it is"
            )
        for name in ("redirect_uris", "post_logout_redirect_uris", "launch_url", "roles", "trusted"):
            if getattr(self, name):
                yield _fault(name, "not-for-machines", "系統帳號無此欄位 / Machine accounts have none")
        for place, audience in enumerate(self.audiences):
            if not _AUDIENCE.fullmatch(audience):
                yield _fault(f"audiences[{place}]", "audience-format", "適用對象格式不符 / Not the name of an audience")

    def _faults_of_application(self) -> Iterator[FieldError]:
        if "openid" not in self.scopes:
            yield _fault("scopes", "openid-missing", "應用系統須有 openid / An application needs the scope openid")
        if self.audiences:
            yield _fault("audiences", "not-for-applications", "應用系統無此欄位 / Applications have none")
        if not self.roles:
            yield _fault("roles", "missing-value", "須指定可使用之身分 / Say whose accounts may use it")
        elif not PEOPLE.issuperset(self.roles):
            yield _fault("roles", "not-a-person", "其他系統不能登入應用系統 / Other systems do not sign in")
        addresses = {
            **{f"redirect_uris[{n}]": uri for n, uri in enumerate(self.redirect_uris)},
            **{f"post_logout_redirect_uris[{n}]": uri for n, uri in enumerate(self.post_logout_redirect_uris)},
            **({"launch_url": self.launch_url} if self.launch_url else {}),
        }
        for path, address in addresses.items():
            if not is_web_address(address):
                yield _fault(
                    path, "address-format", "須為 https 完整網址,不含 # / A whole https address without a fragment"
                )


def is_web_address(text: str) -> bool:
    """A whole address of a web page: https, or http on the machine itself; no fragment, no user, no wildcard."""
    if len(text) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(text) or "*" in text or "#" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_faults(name: str) -> Iterator[FieldError]:
    if not name:
        yield _fault("name", "missing-value", "必填 / Required")
    if any(unicodedata.category(character)[0] == "C" for character in name):
        yield _fault("name", "bad-character", "含有控制字元 / Contains a control character")


def _scope_faults(scopes: Iterable[str], kind: ClientKind) -> Iterator[FieldError]:
    allowed = set(known_scopes()) - (SIGN_IN_SCOPES if kind is ClientKind.MACHINE else set())
    for place, scope in enumerate(scopes):
        if scope not in allowed:
            words = "、".join(sorted(allowed))
            yield _fault(f"scopes[{place}]", "unknown-scope", f"可用範圍:{words} / Not a scope for this kind of client")


def _fault(field: str, slug: str, message: str) -> FieldError:
    return FieldError(f"body.{field}", slug, message)
