"""How lists write the legal form of an establishment, in its own column or at the front of the name."""

from __future__ import annotations

from functools import lru_cache

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.text import normalise, search_tokens

_FIRST_WORDS: tuple[tuple[str, LegalForm], ...] = (
    ("lien hiep hop tac xa", LegalForm.LIEN_HIEP_HTX),
    ("lien hiep htx", LegalForm.LIEN_HIEP_HTX),
    ("lh htx", LegalForm.LIEN_HIEP_HTX),
    ("hop tac xa", LegalForm.HTX),
    ("htx", LegalForm.HTX),
    ("to hop tac", LegalForm.TO_HOP_TAC),
    ("tht", LegalForm.TO_HOP_TAC),
    ("doanh nghiep", LegalForm.DOANH_NGHIEP),
    ("dn", LegalForm.DOANH_NGHIEP),
    ("dntn", LegalForm.DOANH_NGHIEP),
    ("cong ty", LegalForm.DOANH_NGHIEP),
    ("tong cong ty", LegalForm.DOANH_NGHIEP),
    ("cty", LegalForm.DOANH_NGHIEP),
    ("ct", LegalForm.DOANH_NGHIEP),
    ("tnhh", LegalForm.DOANH_NGHIEP),
    ("ho kinh doanh", LegalForm.HO_KINH_DOANH),
    ("ho ca the", LegalForm.HO_KINH_DOANH),
    ("ho gia dinh", LegalForm.HO_KINH_DOANH),
    ("ca the", LegalForm.HO_KINH_DOANH),
    ("hkd", LegalForm.HO_KINH_DOANH),
)
_ONLY_IN_THE_COLUMN = {"ho": LegalForm.HO_KINH_DOANH, "khac": LegalForm.KHAC}


@lru_cache(maxsize=256)
def form_written(text: str) -> LegalForm | None:
    """The legal form that the text of a "Loại hình" cell names, or None.

    >>> form_written("Hộ cá thể"), form_written("Công ty TNHH MTV").value
    (<LegalForm.HO_KINH_DOANH: 'HO_KINH_DOANH'>, 'DOANH_NGHIEP')
    """
    words = " ".join(search_tokens(text))
    return _ONLY_IN_THE_COLUMN.get(words) or _by_first_words(words)


def form_of_name(name: str) -> LegalForm | None:
    """The legal form that an establishment's name begins with, or None.

    >>> form_of_name("Hộ Cư Thanh Sơn").value, form_of_name("HTX rèn Tân Thượng").value, form_of_name("Hồ Văn An")
    ('HO_KINH_DOANH', 'HTX', None)
    """
    # Here the mark decides: Hộ is a household, Hồ and Hó are family names.
    if normalise(name).casefold().startswith("hộ "):
        return LegalForm.HO_KINH_DOANH
    return _by_first_words(" ".join(search_tokens(name)))


def _by_first_words(words: str) -> LegalForm | None:
    return next((form for first, form in _FIRST_WORDS if f"{words} ".startswith(f"{first} ")), None)
