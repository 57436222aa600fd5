"""The words of tus 1.0 (resumable uploads, https://tus.io/protocols/resumable-upload), for both ends.

Owns paths, headers and how metadata and checksums are written in them. Leaves to others: what is done with them, on
the device (`content_client`) and on the server (`kcdesk/server/content_routes.py`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from kcdesk.sync.protocol import VERSION

UPLOADS_PATH = f"/v{VERSION}/uploads"
CONTENTS_PATH = f"/v{VERSION}/contents"

TUS_VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
CHECKSUMS = ("sha1", "sha256")
"""The algorithms a checksum may be of; the protocol asks for the first."""

RESUMABLE_HEADER = "Tus-Resumable"
VERSION_HEADER = "Tus-Version"
METADATA_HEADER = "Upload-Metadata"
CHECKSUM_HEADER = "Upload-Checksum"
EXPIRES_HEADER = "Upload-Expires"
CHUNK_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460

CONTENT_BYTES = 20 << 20
"""The largest content that travels: a scan as large as a device takes in (`kcdesk/importing/attachments.py`)."""

SHA256 = re.compile(r"[0-9a-f]{64}")


def written_metadata(values: Mapping[str, str]) -> str:
    """Metadata as it stands in its header.

    >>> written_metadata({"filename": "a.jpg"})
    'filename YS5qcGc='
    """
    return ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in values.items())


def read_metadata(header: str) -> dict[str, str]:
    """What a metadata header says. Raises ValueError for what is none.

    >>> read_metadata("filename YS5qcGc=, empty")
    {'filename': 'a.jpg', 'empty': ''}
    """
    found = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError(key) from error
    return found


def read_checksum(header: str) -> tuple[str, bytes]:
    """The algorithm and digest of a checksum header. Raises ValueError for what is none, or of no known algorithm."""
    algorithm, _, written = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise ValueError(algorithm)
    digest = base64.b64decode(written, validate=True)
    if len(digest) != hashlib.new(algorithm).digest_size:
        raise ValueError(algorithm)
    return algorithm, digest
