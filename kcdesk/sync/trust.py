"""Whom the device believes to be its province's server: authorities that everybody trusts, and one of the province's.

A province that has no certificate of a public authority makes its own, and hands its certificate out with the codes.
Owns reading that file, and the TLS context of all calls. Leaves to others: where it is kept (a setting of the
workspace).
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kcdesk.errors import BadInput

SETTING = "server_ca"
"""Name of the workspace's setting; its value is PEM."""
_LIMIT = 1 << 20


def read_ca(path: Path, now: int) -> str:
    """The certificates of authorities in a PEM file. `now`: ms UTC. Raises `BadInput`."""
    try:
        content = path.read_bytes()[:_LIMIT]
        found = x509.load_pem_x509_certificates(content)
    except OSError as error:
        raise BadInput(
            f"Không đọc được tệp chứng thư “{path}”: {error.strerror or error}.",
            hint="Kiểm tra đường dẫn và quyền đọc tệp.",
            code="ca",
        ) from error
    except ValueError as error:
        raise BadInput(
            f"“{path.name}” không phải là tệp chứng thư (PEM).",
            hint="Xin trung tâm tệp chứng thư của nơi cấp, có dòng BEGIN CERTIFICATE.",
            code="ca",
        ) from error
    today = datetime.fromtimestamp(now / 1000, UTC)
    for each in found:
        if each.not_valid_after_utc <= today:
            raise BadInput(
                f"Chứng thư trong “{path.name}” đã hết hạn ngày {each.not_valid_after_utc:%d/%m/%Y}.",
                hint="Xin trung tâm tệp chứng thư mới.",
                code="ca",
            )
        if not _is_authority(each):
            raise BadInput(
                f"“{path.name}” là chứng thư của một máy chủ, không phải của nơi cấp chứng thư (CA).",
                hint="Xin trung tâm tệp chứng thư của nơi cấp.",
                code="ca",
            )
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in found)


def tls_context(ca: str) -> ssl.SSLContext:
    """How the server is judged: as httpx does by itself, with the authority of the province beside the public ones."""
    context = httpx.create_ssl_context()
    if ca:
        context.load_verify_locations(cadata=ca)
    return context


def is_doubt(error: BaseException) -> bool:
    """Whether an error of the line is that the certificate was not believed."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        said = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return said.value.ca
