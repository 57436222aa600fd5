"""What a person has set about exchanging with the province, on this computer."""

from __future__ import annotations

import msgspec

from kcdesk.actions.desk import Desk
from kcdesk.errors import BadInput

_SETTING = "sync"
DAY_MS = 24 * 3_600_000
LONGEST_DAYS = 3650
LARGEST_MB = 100_000


class SyncSettings(msgspec.Struct, frozen=True):
    """What is ours where nobody has set it; no rule says so.

    late_days:  after so many days a change that is not at the province is late
    background: the window exchanges by itself
    ask_above_mb: over a line paid by the byte, more than so many MB of records or of photos is asked about first
    metered:    whether the line is; None: as the system tells
    """

    late_days: int = 14
    background: bool = True
    ask_above_mb: int = 5
    metered: bool | None = None


def sync_settings(desk: Desk) -> SyncSettings:
    """What holds now; what nobody has set is as the program comes."""
    kept = desk.workspace.setting(_SETTING)
    return msgspec.json.decode(kept, type=SyncSettings) if kept else SyncSettings()


def set_sync_settings(desk: Desk, settings: SyncSettings) -> None:
    """Keep these. Raises `BadInput` for numbers without a sense."""
    if not 1 <= settings.late_days <= LONGEST_DAYS:
        raise BadInput(
            f"Số ngày báo chậm từ 1 đến {LONGEST_DAYS}.",
            hint="Ví dụ: kcdesk settings sync --late-days 14",
        )
    if not 0 <= settings.ask_above_mb <= LARGEST_MB:
        raise BadInput(
            f"Mức hỏi từ 0 đến {LARGEST_MB} MB.", hint="Ví dụ: kcdesk settings sync --ask-above 5"
        )
    desk.workspace.set_setting(_SETTING, msgspec.json.encode(settings).decode())


def age_days(at: int, now: int) -> int:
    """Whole days since `at`, by this computer's clock; none for a moment that has not come yet."""
    return max(0, now - at) // DAY_MS
