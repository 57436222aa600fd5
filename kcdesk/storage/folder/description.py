"""What lies beside the database of a workspace, and must be known before its key is."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kcdesk.errors import NotFound, WorkspaceError
from kcdesk.storage.folder.durable import write_durably
from kcdesk.storage.keys import KeyMode
from kcdesk.storage.schema import newer_version

DATABASE_FILE = "workspace.db"
DESCRIPTION_FILE = "workspace.json"
FORMAT = 1
"""Of the folder as a whole; what changes inside the database is the schema's matter."""


class Description(msgspec.Struct, frozen=True):
    """The file `workspace.json` beside the database: what must be known before the key is."""

    id: str
    key: KeyMode
    format: int
    person: str = ""
    """To choose by at the start, where several people share a computer."""


def describe(folder: Path) -> Description:
    """What stands beside the database of the workspace in `folder`. Raises `NotFound`, `WorkspaceError`."""
    path = folder / DESCRIPTION_FILE
    try:
        description = msgspec.json.decode(path.read_bytes(), type=Description)
    except FileNotFoundError:
        raise NotFound(
            f"Thư mục “{folder}” chưa có dữ liệu kcdesk.",
            hint="Tạo mới bằng kcdesk init, hoặc chọn thư mục khác.",
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise WorkspaceError(
            f"Không đọc được tệp {DESCRIPTION_FILE} trong thư mục “{folder}”.",
            hint="Chép lại tệp này từ bản sao lưu của thư mục.",
        ) from error
    if description.format > FORMAT:
        raise newer_version()
    return description


def describe_as(folder: Path, description: Description) -> None:
    """Write what stands beside the database, durably. Raises OSError."""
    write_durably(folder / DESCRIPTION_FILE, msgspec.json.encode(description))
