"""Certificates made for a test: an authority, and servers that it vouches for. Real ones, with short lives."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    """A certificate authority, valid around `today`; its certificate lies at `path`."""

    folder: Path
    today: datetime.datetime
    name: str = "CA"

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._made(_name(self.name), self._key, self.today + 400 * DAY, ca=True)
        self.path = self.folder / f"{self.name}.pem"
        self.path.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def server(
        self, host: str = "127.0.0.1", *, until: datetime.datetime | None = None
    ) -> tuple[Path, Path]:
        """Files with a certificate for an address or name, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        end = until or self.today + 90 * DAY
        certificate = self._made(_name("server"), key, end, host=host)
        files = self.folder / f"{host}-{end:%Y}.crt", self.folder / f"{host}-{end:%Y}.key"
        files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def _made(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        end: datetime.datetime,
        *,
        ca: bool = False,
        host: str = "",
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(self.today, end) - 400 * DAY)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if ca:
            usage = x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                key_encipherment=False, data_encipherment=False, key_agreement=False,
                encipher_only=False, decipher_only=False,
            )  # fmt: skip
            builder = builder.add_extension(usage, critical=True)
        if host:
            named: x509.GeneralName = x509.DNSName(host)
            if host[0].isdigit():
                named = x509.IPAddress(ipaddress.ip_address(host))
            builder = builder.add_extension(x509.SubjectAlternativeName([named]), critical=False)
        return builder.sign(self._key, hashes.SHA256())
