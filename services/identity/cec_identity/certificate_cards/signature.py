"""Signatures of cards: bare ones, and inside a CMS message (RFC 5652). Only algorithms that are still good."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from cec_identity.certificate_cards.domain import CardInvalid, CardProof

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Of bare signatures, by their names in JOSE (RFC 7518); those with ES are in DER, as cards make them."""
SMALLEST_RSA_KEY = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def certificate_that_signed(proof: CardProof, message: bytes) -> tuple[x509.Certificate, tuple[bytes, ...]]:
    """The certificate whose key signed `message`, and others that came along. Whether it can be trusted is not asked.

    Raises:
        CardInvalid: the signature does not hold, or nothing can be read.
    """
    try:
        if proof.cms:
            return _of_cms(proof.cms, message)
        certificate = x509.load_der_x509_certificate(proof.certificate)
        kind, digest = proof.algorithm[:2], HASHES[f"sha{proof.algorithm[2:]}"]
        _verify(certificate, kind, digest, proof.signature, message, salt=digest.digest_size)
    except (ValueError, TypeError, KeyError, IndexError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise CardInvalid(f"signature: {type(error).__name__}") from error
    return certificate, proof.chain


def _verify(
    certificate: x509.Certificate,
    kind: str,
    digest: hashes.HashAlgorithm,
    signature: bytes,
    message: bytes,
    *,
    salt: int,
) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and kind in {"RS", "PS"} and key.key_size >= SMALLEST_RSA_KEY:
        scheme = padding.PKCS1v15() if kind == "RS" else padding.PSS(padding.MGF1(digest), salt)
        key.verify(signature, message, scheme, digest)
    elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ES" and isinstance(key.curve, _CURVES):
        key.verify(signature, message, ec.ECDSA(digest))
    else:
        raise CardInvalid("key and algorithm do not go together, or are too weak")


def _of_cms(encoded: bytes, message: bytes) -> tuple[x509.Certificate, tuple[bytes, ...]]:
    content = cms.ContentInfo.load(encoded, strict=True)
    if content["content_type"].native != "signed_data":
        raise CardInvalid("not a signed message")
    signed = content["content"]
    inside = signed["encap_content_info"]["content"].native
    if inside is not None and inside != message:
        raise CardInvalid("another message was signed")
    if len(signed["signer_infos"]) != 1:
        raise CardInvalid("exactly one signer is expected")
    signer = signed["signer_infos"][0]
    others = tuple(each.chosen for each in signed["certificates"] if each.name == "certificate")
    found = _signer_among(others, signer["sid"])
    certificate = x509.load_der_x509_certificate(found.dump())
    digest = HASHES[signer["digest_algorithm"]["algorithm"].native]
    kind, salt = _kind_of(signer["signature_algorithm"], digest)
    _verify(certificate, kind, digest, signer["signature"].native, _what_was_signed(signer, digest, message), salt=salt)
    return certificate, tuple(each.dump() for each in others if each is not found)


def _signer_among(certificates: Sequence[cms.Certificate], wanted: cms.SignerIdentifier) -> cms.Certificate:
    for certificate in certificates:
        if wanted.name == "issuer_and_serial_number":
            same = (
                certificate.issuer == wanted.chosen["issuer"]
                and certificate.serial_number == wanted.chosen["serial_number"].native
            )
        else:
            same = certificate.key_identifier == wanted.chosen.native
        if same:
            return certificate
    raise CardInvalid("the signer's certificate is missing")


def _kind_of(algorithm: cms.SignedDigestAlgorithm, digest: hashes.HashAlgorithm) -> tuple[str, int]:
    """`RS`, `PS` or `ES`, and the length of the salt; the hash has to be the one of the message."""
    name = algorithm.signature_algo
    if name == "rsassa_pss":
        parameters = algorithm["parameters"]
        used = {
            parameters["hash_algorithm"]["algorithm"].native,
            parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native,
        }
        if used != {digest.name}:
            raise CardInvalid("the hashes of the signature differ")
        return "PS", parameters["salt_length"].native
    if algorithm["algorithm"].native not in {"rsassa_pkcs1v15", f"{digest.name}_rsa", f"{digest.name}_ecdsa"}:
        raise CardInvalid("the hashes of the signature differ")
    return {"rsassa_pkcs1v15": "RS", "ecdsa": "ES"}[name], 0


def _what_was_signed(signer: cms.SignerInfo, digest: hashes.HashAlgorithm, message: bytes) -> bytes:
    """The message itself, or the attributes that have its hash (RFC 5652, 5.4)."""
    attributes = signer["signed_attrs"]
    if not attributes:
        return message
    named = {each["type"].native: each["values"] for each in attributes}
    hashed = hashes.Hash(digest)
    hashed.update(message)
    if named["content_type"].native != ["data"] or not hmac.compare_digest(
        named["message_digest"][0].native, hashed.finalize()
    ):
        raise CardInvalid("another message was signed")
    untagged: bytes = attributes.untag().dump()
    return untagged
