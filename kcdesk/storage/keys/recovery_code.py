"""A recovery code as people write it: nine groups of four letters and digits, `7Q4X-0MPA-...`.

The alphabet is Douglas Crockford's base 32, which leaves out I, L, O and U: what is misread for a digit counts as
that digit. Three characters of a group are random, 135 bits in all; the fourth is their check character together
with the place of the group (ISO 7064, Mod 33,32), so a slip names its group. What the code opens is `recovery`.
"""

from __future__ import annotations

from stdnum.iso7064.mod_37_36 import calc_check_digit

from kcdesk.domain.clock import Randomness
from kcdesk.errors import WrongKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 9, 4

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_HINT = "Xem lại nhóm ấy trên tờ giấy; tắt bộ gõ tiếng Việt khi gõ mã."


def make_code(randomness: Randomness) -> str:
    """A new code, with hyphens between its groups."""
    letters = [ALPHABET[byte % len(ALPHABET)] for byte in randomness(GROUPS * (GROUP - 1))]
    parts = ("".join(letters[at : at + GROUP - 1]) for at in range(0, len(letters), GROUP - 1))
    return "-".join(part + _check(place, part) for place, part in enumerate(parts))


def read_code(typed: str) -> str:
    """What a person typed, as `make_code` would have written it. Raises `WrongKey` that names the wrong groups."""
    letters = "".join(typed.upper().replace("-", "").split()).translate(_MISREAD)
    if len(letters) != GROUPS * GROUP:
        raise WrongKey(
            f"Mã khôi phục có {GROUPS} nhóm, mỗi nhóm {GROUP} ký tự;"
            f" mã vừa nhập có {len(letters)} ký tự.",
            hint="Gõ lại đủ các nhóm theo thứ tự trên tờ giấy.",
        )
    groups = [letters[at : at + GROUP] for at in range(0, len(letters), GROUP)]
    wrong = [str(place + 1) for place, group in enumerate(groups) if not _holds(place, group)]
    if wrong:
        raise WrongKey(
            f"Nhóm thứ {', '.join(wrong)} của mã khôi phục chưa đúng.",
            hint=_HINT,
        )
    return "-".join(groups)


def _holds(place: int, group: str) -> bool:
    return set(group) <= set(ALPHABET) and _check(place, group[:-1]) == group[-1]


def _check(place: int, part: str) -> str:
    """The check character of three characters in the group at `place`, counted from 0."""
    return str(calc_check_digit(ALPHABET[place] + part, ALPHABET))
