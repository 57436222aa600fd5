"""Vietnamese from before Unicode: TCVN3 (ABC) and VNI texts, as their bytes look when read as Latin-1.

Owns the two tables and turning a text into Unicode and back. Which column is written how is left to
`encoding_detection`. Sources: TCVN 5712:1993, table 3 (fonts `.Vn*`; capitals with marks are the small letters in a
font whose name ends in H, save for seven); VNI for Windows (fonts `VNI-*`: a letter and a character for its mark).
Nothing may be cleaned before decoding: the ư of TCVN3 is a soft hyphen.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum


class Encoding(Enum):
    """How a text was written. VPS is known by its fonts only, and not read."""

    UNICODE = "Unicode"
    DECOMPOSED = "Unicode tổ hợp"
    TCVN3 = "TCVN3 (ABC)"
    VNI = "VNI"
    VPS = "VPS"


READABLE = tuple(encoding for encoding in Encoding if encoding is not Encoding.VPS)
"""What a person can choose from."""

_TCVN3_CODES = (
    "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xb5\xb6\xb7\xb8\xb9\xbb\xbc\xbd\xbe\xc6\xc7\xc8\xc9\xca"
    "\xcb\xcc\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xdc\xdd\xde\xdf\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb"
    "\xec\xed\xee\xef\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe"
)
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
TCVN3: dict[str, str] = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))

# of a vowel: the character for its mark -> the letter
_PLAIN = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_HAT = dict(zip("âáàåãä", ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), strict=True))
_BREVE = dict(zip("êéèúüë", ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), strict=True))


def _vni_table() -> dict[str, str]:
    table = dict(zip("íìæóòîñôö", "íìỉĩịỵđơư", strict=True))
    for vowel in "aeouyôö":
        for sign, mark in _PLAIN.items():
            table[vowel + sign] = unicodedata.normalize("NFC", table.get(vowel, vowel) + mark)
    for vowel in "aeo":
        for sign, mark in _HAT.items():
            table[vowel + sign] = unicodedata.normalize("NFC", f"{vowel}\u0302{mark}")
    for sign, mark in _BREVE.items():
        table[f"a{sign}"] = unicodedata.normalize("NFC", f"a\u0306{mark}")
    del table["yï"]  # ỵ has a code of its own
    upper = {code.upper(): letter.upper() for code, letter in table.items()}
    mixed = {code[0].upper() + code[1:]: letter.upper() for code, letter in table.items()}
    return {**mixed, **upper, **table}


VNI: dict[str, str] = _vni_table()

_VNI_PIECE = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_VNI_BACK = {letter: code for code, letter in VNI.items() if code == code.upper()} | {
    letter: code for code, letter in VNI.items() if code == code.lower()
}
_TCVN3_BACK = {letter: code for code, letter in TCVN3.items()}


def decode(text: str, encoding: Encoding, *, capitals: bool = False) -> str:
    """A text in Unicode (NFC). `capitals`: it was shown in a TCVN3 font of capitals.

    Characters that the encoding does not have stay as they are: people mixed it with Unicode. Raises ValueError for
    VPS, which is not read.

    >>> decode("§ç Thµnh §¹t", Encoding.TCVN3), decode("Ñöôøng Huøng Vöông", Encoding.VNI)
    ('Đỗ Thành Đạt', 'Đường Hùng Vương')
    """
    match encoding:
        case Encoding.TCVN3:
            decoded = "".join(TCVN3.get(letter, letter) for letter in text)
            return unicodedata.normalize("NFC", decoded.upper() if capitals else decoded)
        case Encoding.VNI:
            return unicodedata.normalize("NFC", _VNI_PIECE.sub(lambda m: VNI[m[0]], text))
        case Encoding.UNICODE | Encoding.DECOMPOSED:
            return unicodedata.normalize("NFC", text)
        case Encoding.VPS:
            raise ValueError("VPS is not read")


def encode(text: str, encoding: Encoding) -> str:
    """What a text looks like in an old encoding; TCVN3 has seven capitals with marks only, the others stay Unicode.

    >>> encode("Bát Xát", Encoding.TCVN3), encode("Đường", Encoding.VNI)
    ('B¸t X¸t', 'Ñöôøng')
    """
    back = {Encoding.TCVN3: _TCVN3_BACK, Encoding.VNI: _VNI_BACK}[encoding]
    return "".join(back.get(letter, letter) for letter in unicodedata.normalize("NFC", text))
