"""Attachments for tests of sync: records that name contents, and contents that a device would take in."""

from __future__ import annotations

import random
from functools import cache

from PIL import Image

from kcdesk.domain.identifiers import new_record_id
from kcdesk.importing.attachments import PDF, media_type_of, require_keepable
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.importing.attachment_files import encoded
from tests.sync.provinces import Province


@cache
def picture(number: int, side: int = 400) -> bytes:
    """A clean JPEG full of grain, about 100 kB at 400 points; another one for each number."""
    grain = random.Random(number).randbytes(side * side)
    content = encoded(Image.frombytes("L", (side, side), grain), "JPEG", quality=90)
    require_keepable("", content)
    return content


def attach(
    province: Province, workspace: Workspace, establishment: str, content: bytes, **said: object
) -> str:
    """Add an attachment as the window does; the SHA-256 of its content."""
    thumbnail = None if media_type_of(content) == PDF else content[:100]
    name = workspace.attachments.keep(content, thumbnail, province.randomness)
    named(province, workspace, establishment, name, content, **said)
    return name


def named(
    province: Province,
    workspace: Workspace,
    establishment: str,
    name: str,
    content: bytes,
    **said: object,
) -> str:
    """Save a record that names a content, which need not be here; its id."""
    record = new_record_id(province.clock, province.randomness)
    values = {
        "establishment": establishment,
        "title": "Máy ép gạch",
        "sha256": name,
        "media_type": media_type_of(content),
        "bytes": len(content),
        **said,
    }
    workspace.save([Edit("attachments", record, values)])  # type: ignore[arg-type]
    return record
