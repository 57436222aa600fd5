"""How far a figure of law can be trusted; every one carries its mark into the data and onto the screen."""

from __future__ import annotations

from kcdesk.domain.code_lists import Code


class Confidence(Code):
    """The marks of the dossier, and the one of a province that entered its own resolution."""

    CONFIRMED = "confirmed", "đã đối chiếu với nguồn"
    PROVINCE = "province", "tỉnh nhập theo văn bản của mình"
    SECONDARY = "secondary", "theo nguồn dẫn lại, chưa đối chiếu với văn bản"
    RECALLED = "recalled", "ghi theo trí nhớ, chưa kiểm chứng"
    RECALLED_LOW = "recalled-low", "nhớ mang máng, có thể sai"
    DESIGNED = "designed", "do kcdesk đề ra, không phải của văn bản"

    @property
    def binds(self) -> bool:
        """Whether a figure with this mark may stop somebody; the others only warn."""
        return self in (Confidence.CONFIRMED, Confidence.PROVINCE)
