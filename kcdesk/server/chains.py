"""Whether changes that arrive are those their chain of hashes speaks of.

Owns that one check, and what is said of a chain that does not fit. Leaves to others: what is held (`intake`).
"""

from __future__ import annotations

from collections.abc import Sequence

from kcdesk.changes import Change, extend
from kcdesk.errors import Rejected


def check_chain(device: str, fresh: Sequence[Change], n: int, chain: bytes, after: bytes) -> None:
    """Changes n + 1, n + 2 ... of the device, and the hash after them as announced."""
    for number, change in enumerate(fresh, n + 1):
        if change.n != number or change.device != device:
            raise _broken()
    if extend(chain, fresh) != after:
        raise _broken()


def _broken() -> Rejected:
    return Rejected(
        "Dữ liệu gửi lên không khớp với mã kiểm của chính nó.",
        hint="Đồng bộ lại; nếu vẫn vậy, chạy kcdesk check.",
        code="chain",
    )


def other_chain() -> Rejected:
    return Rejected(
        "Máy chủ của tỉnh đã giữ những thay đổi khác mang số của máy này.",
        hint="Có thể dữ liệu này là bản sao được dùng ở hai nơi. Báo cho trung tâm.",
        code="other_chain",
    )
