"""Vietnamese syllables: which words could be one, and what raw keystrokes of Telex and VNI were meant to be.

Owns the shapes of syllables and the two ways of typing them. Text as such is `text`.
"""

from __future__ import annotations

import re
import unicodedata

_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|q|r|s|t|v|x|"
_END = "(?:ng|nh|ch|c|m|n|p|t)"
_RHYME = (
    "oeo|oai|oay|oao|uay|uây|uyu|uêu|iêu|yêu|uôi|ươi|ươu|uya|"
    f"(?:uyê|iê|yê|uô|ươ|oa|oă|oe|oo|uâ|uê|uy|uơ|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y){_END}|"
    "ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|ia|ua|ưa|oa|oe|uê|uy|uơ|ya|"
    "a|e|ê|i|o|ô|ơ|u|ư|y"
)
_PLAIN_RHYME = (
    "oeo|oai|oay|oao|uay|uyu|ueu|ieu|yeu|uoi|uou|uya|"
    f"(?:uye|ie|ye|uo|oa|oe|oo|ua|ue|uy|a|e|i|o|u|y){_END}|"
    "ai|ao|au|ay|eo|eu|iu|oi|ui|uu|ia|ua|oa|oe|ue|uy|uo|ya|a|e|i|o|u|y"
)
_SYLLABLE = re.compile(f"(?:{_ONSET})(?:{_RHYME})")
_PLAIN_SYLLABLE = re.compile(f"(?:{_ONSET})(?:{_PLAIN_RHYME})")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))

_VOWELS = frozenset("aeiouy")
_TELEX_TONES = frozenset("sfrxjz")


def looks_vietnamese(word: str) -> bool:
    """Whether a word could be a Vietnamese syllable: onset, vowels, end, at most one tone.

    >>> [looks_vietnamese(word) for word in ("Đường", "Th«n", "phöôøng", "Hoà")]
    [True, False, False, True]
    """
    letters = unicodedata.normalize("NFD", word.casefold())
    if sum(ord(letter) in _TONES for letter in letters) > 1:
        return False
    plain = unicodedata.normalize("NFC", letters.translate(_TONES))
    return _SYLLABLE.fullmatch(plain) is not None


def meant_by_keys(token: str) -> str | None:
    """The folded syllable that somebody typed without an input method to turn its keys into letters.

    token: small letters and digits as typed, in Telex (`dduwcs`, `nguyeenx`) or VNI (`d9u7c1`, `nguye6n4`), the marks
    anywhere the methods take them. None when the token does not say a syllable, or says itself.

    >>> [meant_by_keys(token) for token in ("dduwcs", "nguye6n", "tuaans", "nguyen", "sx", "2024")]
    ['duc', 'nguyen', 'tuan', None, None, None]
    """
    if not token.isascii() or not token[:1].isalpha():
        return None
    meant = _without_digits(token) if any(map(str.isdigit, token)) else _of_telex(token)
    return meant if meant != token and _PLAIN_SYLLABLE.fullmatch(meant) else None


def _without_digits(token: str) -> str:
    return re.sub(r"[0-9]", "", token)


def _of_telex(token: str) -> str:
    letters: list[str] = []
    for key in token:
        vowels = [letter for letter in letters if letter in _VOWELS]
        if key == "w":
            if not vowels:  # by itself it is ư; later it makes ă, ơ or ư of a vowel that is there
                letters.append("u")
            continue
        if vowels and key in _TELEX_TONES:
            continue
        if key == "d" and (vowels or letters == ["d"]):
            continue
        if key in {"a", "e", "o"} and key in vowels:
            continue
        letters.append(key)
    return "".join(letters)
