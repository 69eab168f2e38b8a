"""The certificate of the page: one's own, or a self-signed one that is made once."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rushes.errors import RushesError
from rushes.page.keeping import FOLDER, write_private

FILE_NAME = "certificate.pem"
#: Apple's browsers take none that is good for longer than 825 days.
GOOD = timedelta(days=800)
#: A new one is made this long before the old one ends.
AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """`names` are those it was made for, in lower case; `fingerprint` is its SHA-256, as browsers show it."""

    certificate: Path
    key: Path
    names: frozenset[str]
    fingerprint: str
    own: bool

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer, HTTP/1.1. Raises RushesError where key and certificate do not go together."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(self.certificate, self.key, password=_refuse)
        except (OSError, ValueError) as error:  # SSLError is an OSError
            fact = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            remedy = "name a certificate and its own key, both PEM, the key without a password"
            raise RushesError(f"certificate {self.certificate}: cannot be used ({fact}); {remedy}") from error
        return context


def read_certificate(certificate: Path, key: Path) -> Certificate:
    """One's own, a PEM file with its chain. Raises RushesError where it cannot be read or has ended."""
    found = _read(certificate, "name a PEM file")
    if found.not_valid_after_utc < datetime.now(UTC):
        ended = f"{found.not_valid_after_utc:%Y-%m-%d}"
        raise RushesError(f"certificate {certificate}: ended on {ended}; name one that is good")
    return Certificate(certificate, key, _names(found), _fingerprint(found), own=True)


def self_signed(
    state: Path, names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address]
) -> Certificate:
    """That of the state folder, made for these names and addresses where there is none, or it ends soon.

    Raises RushesError where it can be neither read nor written.
    """
    path = state / FOLDER / FILE_NAME
    found = _read(path, "remove it: another will be made") if path.exists() else None
    if found is None or found.not_valid_after_utc < datetime.now(UTC) + AHEAD:
        try:
            write_private(path, _made(names, addresses))
        except OSError as error:
            fact = f"cannot be written ({error.strerror})"
            raise RushesError(f"certificate {path}: {fact}; correct the state folder") from error
        found = _read(path, "remove it: another will be made")
    return Certificate(path, path, _names(found), _fingerprint(found), own=False)


def _made(names: Sequence[str], addresses: Sequence[IPv4Address | IPv6Address]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    # An hour earlier: clocks of tablets differ.
    start = datetime.now(UTC) - timedelta(hours=1)
    sans = [*map(x509.DNSName, names), *map(x509.IPAddress, addresses)]
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=False, crl_sign=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + GOOD)
        .add_extension(x509.SubjectAlternativeName(sans), critical=False)
        # No authority: whoever trusts it trusts this page alone.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    sealed = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return sealed + certificate.public_bytes(serialization.Encoding.PEM)


def _read(path: Path, remedy: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        raise RushesError(f"certificate {path}: cannot be read ({error.strerror}); {remedy}") from error
    except ValueError as error:
        raise RushesError(f"certificate {path}: no PEM certificate in it; {remedy}") from error


def _names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return frozenset()
    names = [name.lower() for name in found.get_values_for_type(x509.DNSName)]
    return frozenset(names) | {str(address) for address in found.get_values_for_type(x509.IPAddress)}


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _refuse() -> bytes:
    """Otherwise OpenSSL would ask for it on the terminal, in the middle of a start."""
    return b""
