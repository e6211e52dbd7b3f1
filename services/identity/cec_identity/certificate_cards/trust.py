"""Which certificates hold: a path to an authority that we trust, in time, for signing, and not revoked (RFC 5280).

Nothing is fetched. Addresses in a certificate come from whoever sends it, and asking them would let strangers make this
service call whatever they like; revocation lists and OCSP answers lie in a folder, put there by whoever looks after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from asn1crypto import crl, ocsp, pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, RevocationCheckingPolicy

from cec_identity.certificate_cards.domain import CardFacts, CardInvalid, CardsNotTaken
from cec_identity.settings import IdentitySettings

log = structlog.get_logger(__name__)

_POLICIES = {"hard-fail": REQUIRE_REVINFO, "soft-fail": RevocationCheckingPolicy.from_legacy("soft-fail")}
_MOST_IN_BETWEEN = 5


class CardTrustUnreadable(ValueError):
    """The settings about cards name files that are no certificates, or a mode that there is not."""


class CardTrust:
    """The authorities, and what is known about their certificates. One for the process."""

    def __init__(
        self, authorities: Iterable[Path], intermediates: Iterable[Path], revocations: Path | None, mode: str
    ) -> None:
        """Raises OSError, CardTrustUnreadable."""
        self._roots = [certificate for path in authorities for certificate in _certificates_in(path)]
        self._between = [certificate for path in intermediates for certificate in _certificates_in(path)]
        self._folder = revocations
        if mode not in _POLICIES:
            raise CardTrustUnreadable(f"{mode!r} is neither of {', '.join(_POLICIES)}")
        self._policy = CertRevTrustPolicy(_POLICIES[mode])
        self._known: tuple[crl.CertificateList | ocsp.OCSPResponse, ...] = ()
        self._state: tuple[object, ...] = ()
        self._one_at_a_time = asyncio.Semaphore(1)

    @classmethod
    def of(cls, settings: IdentitySettings) -> CardTrust:
        """What the settings say."""
        return cls(
            map(Path, settings.card_authority_files),
            map(Path, settings.card_intermediate_files),
            Path(settings.card_revocations) if settings.card_revocations else None,
            settings.card_revocation_mode,
        )

    def require_any(self) -> None:
        """Raises CardsNotTaken while no authority is trusted."""
        if not self._roots:
            raise CardsNotTaken

    async def facts_of(self, certificate: x509.Certificate, chain: Sequence[bytes], now: datetime) -> CardFacts:
        """What the certificate tells, when it holds at `now`.

        Raises:
            CardInvalid: it does not; the text says why.
        """
        try:
            found = asn1.Certificate.load(certificate.public_bytes(Encoding.DER), strict=True)
            others = [asn1.Certificate.load(each, strict=True) for each in chain[:_MOST_IN_BETWEEN]]
            async with self._one_at_a_time:  # a list of revocations may be long; the event loop does not wait for it
                await asyncio.to_thread(self._validate, found, others, now)
        except (PathError, ValidationError) as error:
            raise CardInvalid(type(error).__name__) from error
        except (ValueError, TypeError, KeyError) as error:
            raise CardInvalid("the certificate cannot be read") from error
        return CardFacts(
            fingerprint=certificate.fingerprint(hashes.SHA256()),
            holder=_named(certificate.subject, NameOID.COMMON_NAME),
            authority=_named(certificate.issuer, NameOID.COMMON_NAME)
            or _named(certificate.issuer, NameOID.ORGANIZATIONAL_UNIT_NAME),
            subject_serial=_named(certificate.subject, NameOID.SERIAL_NUMBER),
            valid_until=certificate.not_valid_after_utc,
        )

    def _validate(self, certificate: asn1.Certificate, others: Sequence[asn1.Certificate], now: datetime) -> None:
        if certificate.ca:
            raise CardInvalid("the certificate is an authority's")
        known = self._revocations()
        context = ValidationContext(
            trust_roots=self._roots,
            moment=now,
            crls=[each for each in known if isinstance(each, crl.CertificateList)],
            ocsps=[each for each in known if isinstance(each, ocsp.OCSPResponse)],
            revinfo_policy=self._policy,
            allow_fetching=False,
        )
        validator = CertificateValidator(certificate, [*self._between, *others], validation_context=context)
        asyncio.run(validator.async_validate_usage({"digital_signature"}))  # type: ignore[no-untyped-call]

    def _revocations(self) -> tuple[crl.CertificateList | ocsp.OCSPResponse, ...]:
        """Everything in the folder; read again when a file of it has changed."""
        if self._folder is None:
            return ()
        files = sorted(path for path in self._folder.iterdir() if path.suffix in {".crl", ".ocsp"})
        state = tuple((path.name, stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()])
        if state != self._state:
            self._known = tuple(found for path in files if (found := _revocation_in(path)) is not None)
            self._state = state
            log.info("card_revocations_read", files=len(files), usable=len(self._known))
        return self._known


def _certificates_in(path: Path) -> list[asn1.Certificate]:
    try:
        content = path.read_bytes()
        if not pem.detect(content):
            return [asn1.Certificate.load(content, strict=True)]
        return [asn1.Certificate.load(der, strict=True) for _, _, der in pem.unarmor(content, multiple=True)]
    except ValueError as error:
        raise CardTrustUnreadable(f"{path.name}: not a certificate") from error


def _revocation_in(path: Path) -> crl.CertificateList | ocsp.OCSPResponse | None:
    """None when it cannot be read: the others still count, and in hard-fail what is missing refuses."""
    kind = crl.CertificateList if path.suffix == ".crl" else ocsp.OCSPResponse
    try:
        content = path.read_bytes()
        _, _, der = pem.unarmor(content) if pem.detect(content) else ("", {}, content)
        return kind.load(der, strict=True)
    except (OSError, ValueError):
        log.exception("card_revocation_unreadable", file=path.name)
        return None


def _named(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value)[:200] if values else ""
