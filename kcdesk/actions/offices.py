"""Whose paper it is: the offices with their names and signers, each with the days on which they hold.

The list is a file (TOML) that the office fills in once and adds to when a name or a signer changes: nothing is ever
overwritten, so an old paper is printed again with the names of its day. It is kept as a setting of the workspace.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from kcdesk.actions.desk import Desk
from kcdesk.documents import Form, Issuer, Manner, Signer
from kcdesk.domain.words import WordStyle
from kcdesk.errors import BadInput

_OFFICES, _WORDS = "offices", "words_of_amounts"


class _Dated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Holds from a day, until and with another."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    def holds(self, day: datetime.date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class OfficeSigner(_Dated, frozen=True, kw_only=True):
    """prefix: what stands above the position, `KT. GIÁM ĐỐC`."""

    name: str
    position: str
    prefix: str = ""


class Office(_Dated, frozen=True, kw_only=True):
    """An office under one name. role: which papers it issues (`office` of a form)."""

    role: Literal["centre", "department", "district", "commune"]
    name: str
    parent: str = ""
    symbol: str = ""
    place: str = ""
    number_scheme: str = "{number}/{symbol}-{office}"
    letter_scheme: str = "{number}/{office}"
    contract_scheme: str = "{number}/{year}/{symbol}-{office}"
    signers: tuple[OfficeSigner, ...] = ()


_Thing = TypeVar("_Thing", Office, OfficeSigner)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    offices: tuple[Office, ...]


def read_offices(path: Path) -> tuple[Office, ...]:
    """The offices in a file. Raises `BadInput` that says what is wrong and where."""
    hint = "Xem tệp mẫu resources/samples/offices.toml."
    try:
        offices = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).offices
    except OSError:
        raise BadInput(f"Không đọc được tệp “{path}”.", hint="Kiểm tra đường dẫn.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"Tệp “{path.name}” không dùng được: {error}.", hint=hint) from None
    for role in {office.role for office in offices}:
        same = [office for office in offices if office.role == role]
        if twice := _overlap(same):
            raise BadInput(
                f"Cơ quan “{twice.name}” trùng ngày với một tên khác của cùng cơ quan.", hint=hint
            )
    for office in offices:
        if twice_signer := _overlap(office.signers):
            raise BadInput(
                f"Người ký “{twice_signer.name}” trùng ngày với người ký khác của “{office.name}”.",
                hint=hint,
            )
    return offices


def _overlap(things: Iterable[_Thing]) -> _Thing | None:
    ordered = sorted(things, key=lambda thing: thing.since or datetime.date.min)
    for before, after in pairwise(ordered):
        if before.until is None or after.since is None or after.since <= before.until:
            return after
    return None


def set_offices(desk: Desk, path: Path) -> tuple[Office, ...]:
    """Keep the offices and signers of a file in this workspace. Raises `BadInput`."""
    offices = read_offices(path)
    desk.workspace.set_setting(_OFFICES, msgspec.json.encode(_File(offices)).decode())
    return offices


def offices_of(desk: Desk) -> tuple[Office, ...]:
    kept = desk.workspace.setting(_OFFICES)
    return msgspec.json.decode(kept, type=_File).offices if kept else ()


def set_words(desk: Desk, style: WordStyle) -> None:
    """How amounts are said in words from now on."""
    desk.workspace.set_setting(_WORDS, msgspec.json.encode(style).decode())


def words_of(desk: Desk) -> WordStyle:
    kept = desk.workspace.setting(_WORDS)
    return msgspec.json.decode(kept, type=WordStyle) if kept else WordStyle()


def manner_of(desk: Desk, form: Form, day: datetime.date) -> Manner:
    """Who issues a paper of that form on `day`, and how amounts are said; nobody where the list has no such office."""
    office = next(
        (one for one in offices_of(desk) if one.role == form.office and one.holds(day)), None
    )
    return Manner(_issuer(office, day) if office and form.family == "A" else None, words_of(desk))


def _issuer(office: Office, day: datetime.date) -> Issuer:
    signer = next((one for one in office.signers if one.holds(day)), None)
    return Issuer(
        office.name,
        office.parent,
        office.symbol,
        office.place,
        Signer(signer.name, signer.position, signer.prefix) if signer else None,
        office.number_scheme,
        office.letter_scheme,
        office.contract_scheme,
    )
