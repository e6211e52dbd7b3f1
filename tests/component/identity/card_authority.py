"""An authority of certificate cards in files, and cards whose keys lie in this process."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from tests.support.one_service import NOON

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
YEAR = timedelta(days=365)


def name_of(common_name: str, serial: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name([*parts, *([x509.NameAttribute(NameOID.SERIAL_NUMBER, serial)] if serial else [])])


@dataclass
class Authority:
    """Issues certificates, and lists those it has revoked."""

    name: str
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))
    issuer: Authority | None = None
    revoked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        issuer = self.issuer or self
        self.certificate = (
            _builder(name_of(self.name), name_of(issuer.name), self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(certificates=True), critical=True)
            .sign(issuer.key, hashes.SHA384())
        )

    def pem(self, folder: Path) -> str:
        path = folder / f"{self.name}.pem"
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return str(path)

    def write_revocations(self, folder: Path, *, at: datetime = NOON, days: int = 7, file: str = "") -> None:
        """The list as of `at`, in a file of the authority's name unless another is given."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(at - timedelta(hours=1)).next_update(at + timedelta(days=days))
        for serial, since in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
            builder = builder.add_revoked_certificate(entry)
        content = builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)
        (folder / f"{file or self.name}.crl").write_bytes(content)

    def write_answer(self, folder: Path, card: Card, *, revoked: bool, signer: Authority | None = None) -> None:
        """An OCSP answer about one card, signed by the authority unless somebody else does it, who comes with a certificate."""
        signer = signer or self
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=card.certificate,
                issuer=self.certificate,
                algorithm=hashes.SHA256(),
                cert_status=status,
                this_update=NOON - timedelta(hours=1),
                next_update=NOON + timedelta(days=1),
                revocation_time=NOON - timedelta(days=1) if revoked else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.NAME, signer.certificate)
            .certificates([signer.certificate])
            .sign(signer.key, hashes.SHA256())
        )
        (folder / f"{self.name}.ocsp").write_bytes(answer.public_bytes(Encoding.DER))

    def card(self, holder: str = "林技師", serial: str = "", key: Key | None = None, **changes: Any) -> Card:
        """A card for somebody."""
        key = key or rsa.generate_private_key(65537, 2048)
        builder = _builder(name_of(holder, serial), self.certificate.subject, key, **changes.pop("period", {}))
        usage = changes.pop("usage", _usage(certificates=False))
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=changes.pop("ca", False), path_length=None), True)
        points = [
            x509.DistributionPoint([x509.UniformResourceIdentifier("http://127.0.0.1:1/list.crl")], None, None, None)
        ]
        builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        asked = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://127.0.0.1:1/ocsp")
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([asked]), critical=False)
        return Card(builder.sign(self.key, changes.pop("digest", hashes.SHA256())), key)


@dataclass
class Card:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    def sign(self, message: bytes, algorithm: str) -> bytes:
        digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[algorithm[2:]]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(digest))
        scheme = padding.PKCS1v15() if algorithm[0] == "R" else padding.PSS(padding.MGF1(digest), digest.digest_size)
        return self.key.sign(message, scheme, digest)

    def answer(
        self, challenge: Mapping[str, Any], algorithm: str = "", chain: tuple[Authority, ...] = ()
    ) -> dict[str, Any]:
        """A bare signature over a challenge."""
        algorithm = algorithm or ("RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256")
        return {
            "challenge": challenge["challenge"],
            "certificate": b64(self.certificate.public_bytes(Encoding.DER)),
            "signature": b64(self.sign(b64decode(challenge["to_be_signed"]), algorithm)),
            "algorithm": algorithm,
            "chain": [b64(authority.certificate.public_bytes(Encoding.DER)) for authority in chain],
        }

    def cms_answer(
        self, challenge: Mapping[str, Any], *options: pkcs7.PKCS7Options, chain: tuple[Authority, ...] = ()
    ) -> dict[str, Any]:
        """A CMS message over a challenge."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(b64decode(challenge["to_be_signed"]))
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        for authority in chain:
            builder = builder.add_certificate(authority.certificate)
        message = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])
        return {"challenge": challenge["challenge"], "cms": b64(message)}


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    *,
    begins: datetime = NOON - YEAR,
    ends: datetime = NOON + YEAR,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


ENCRYPTION_ONLY = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
