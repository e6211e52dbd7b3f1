"""Signs documents as PAdES B-B: the signature and the certificates are in the file and can be checked without us."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pyhanko import keys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from cec_chassis.database import Database
from cec_credits import texts
from cec_credits.exports import store
from cec_credits.exports.refusals import SigningUnavailable
from cec_credits.exports.trial_certificate import PemIdentity, make_test_identity
from cec_credits.settings import CreditsSettings

FIELD: Final = "CEC"
REASON: Final = texts.both("document.signature")


class Signer:
    """Signs with one certificate. `is_test`: it is the test certificate, and documents say so."""

    def __init__(self, pem: PemIdentity, *, is_test: bool) -> None:
        """Raises SigningUnavailable: the texts are no certificate and key that belong together."""
        self.is_test = is_test
        try:
            certificate = next(iter(keys.load_certs_from_pemder_data(pem.certificate.encode())))
            private_key = keys.load_private_key_from_pemder_data(pem.private_key.encode(), passphrase=None)
            chain = list(keys.load_certs_from_pemder_data(pem.chain.encode())) if pem.chain else []
            belong = _public_half(pem.private_key) == certificate.public_key.dump()
        except (ValueError, TypeError, StopIteration, OSError) as error:
            raise SigningUnavailable("簽章憑證或金鑰無法讀取 / Certificate or key cannot be read") from error
        if not belong:
            raise SigningUnavailable("簽章憑證與金鑰不相符 / The key is not that of the certificate")
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple([certificate, *chain])
        self._signer = SimpleSigner(signing_cert=certificate, signing_key=private_key, cert_registry=registry)

    @property
    def name(self) -> str:
        """Who signs, as the certificate has it."""
        return str(self._signer.subject_name)

    def require_valid(self, now: datetime) -> None:
        """Raises SigningUnavailable: whoever checks a signature made now would find a certificate not in force."""
        certificate = self._signer.signing_cert
        assert certificate is not None  # the signer was made of one
        if not certificate.not_valid_before <= now <= certificate.not_valid_after:
            raise SigningUnavailable(
                f"簽章憑證之效期為 {certificate.not_valid_before:%Y-%m-%d} 至 {certificate.not_valid_after:%Y-%m-%d} / "
                "The certificate is not in force"
            )

    def sign(self, pdf: bytes) -> bytes:
        """The same document with a signature over all of it. Not for the event loop: it computes."""
        metadata = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=REASON, name=self.name
        )
        signed = PdfSigner(metadata, self._signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
        return bytes(signed.getbuffer())


def _public_half(private_key: str) -> bytes:
    key = load_pem_private_key(private_key.encode(), password=None).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


async def obtain_signer(settings: CreditsSettings, database: Database) -> Signer:
    """By the configured certificate; without one by the test certificate, which the first caller makes for all.

    Raises:
        SigningUnavailable: something is configured, and it is no certificate with its key.
    """
    configured = PemIdentity(settings.signing_certificate, settings.signing_chain, settings.signing_key)
    if any(configured):  # a key without its certificate is a mistake and no wish for the test certificate
        return Signer(configured, is_test=False)
    async with database.transaction() as tx:
        kept = await tx.one_or_none(store.SELECT_TEST_IDENTITY)
        if kept is None:
            await tx.execute(store.INSERT_TEST_IDENTITY, **make_test_identity(tx.now)._asdict())
            kept = await tx.one(store.SELECT_TEST_IDENTITY)
    return Signer(PemIdentity(kept.certificate, kept.chain, kept.private_key), is_test=True)
