"""Where the establishments of a list are: the texts of a row that say so, as fields of a record.

Remembers what places mean, for lists name few places many times. What a name means is `domain.administrative_units`'.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kcdesk.domain.administrative_units import AdministrativeUnits, AreaCode, Reason, Resolution
from kcdesk.domain.coordinates import findings_of_place, read_coordinates
from kcdesk.domain.findings import Finding, hard, soft
from kcdesk.domain.value import Value

_HAMLET = re.compile(
    r"(?i)(thôn|bản|ấp|xóm|làng|buôn|bon|khóm|khối|tổ dân phố|tdp|tổ|khu phố|khu dân cư)\b"
)
"""An address that begins so begins with a hamlet."""


def begins_with_hamlet(text: str) -> bool:
    """Whether a text names a hamlet at its front.

    >>> begins_with_hamlet("Thôn Páo 7, x. Khánh Yên Hạ"), begins_with_hamlet("Xã Bảo Hà")
    (True, False)
    """
    return _HAMLET.match(text) is not None


class WrittenPlace(NamedTuple):
    """The texts of a row that say where, in the order in which they are kept together."""

    address: str
    hamlet: str
    commune: str
    district: str
    province: str


class PlaceReader:
    """Reads the places of one list. `within`: codes of the areas whose communes are meant where a name fits several."""

    def __init__(self, units: AdministrativeUnits, within: Sequence[AreaCode]) -> None:
        self._units = units
        self._within = tuple(within)
        self._resolutions: dict[tuple[str, ...], tuple[str, Resolution]] = {}

    def read(self, written: WrittenPlace) -> tuple[dict[str, Value], list[Finding]]:
        """Where the establishment is, as fields of the record; what nobody knows is None."""
        if not written.commune and not written.address:
            message = "Dòng này không ghi xã, phường (V-ADMIN)."
            return {}, [hard("V-ADMIN.missing", "commune", message)]
        rest, resolution = self._resolve(written)
        hamlet, street = written.hamlet, written.address if written.commune else rest
        if not hamlet and begins_with_hamlet(street):
            hamlet, _, street = (part.strip() for part in street.partition(","))
        place: dict[str, Value] = {
            "hamlet": hamlet,
            "address": street,
            "old_commune": resolution.old.code if resolution.old else None,
            "address_as_written": ", ".join(text for text in written if text),
        }
        if resolution.certain and resolution.new is not None:
            place["commune"] = resolution.new.code
            return place, []
        place["commune_candidates"] = [new.code for new in resolution.candidates]
        field = "commune" if written.commune else "address"
        hint = "Chọn xã, phường trong danh sách việc cần quyết định."
        value = written.commune or written.address
        code = f"V-ADMIN.{resolution.reason}"
        return place, [soft(code, field, resolution.message, value, hint)]

    def coordinates(
        self, both: str, latitude: str, longitude: str, commune: Value
    ) -> tuple[Value, list[Finding]]:
        """Coordinates from one cell or two; what cannot be read is told and left out, the row comes in without."""
        written = both or (f"{latitude}; {longitude}" if latitude and longitude else "")
        field = "geo" if both else "latitude"
        read = read_coordinates(written, field)
        if read.value is None:
            return None, [
                soft(f.code, field, f"{f.message} Nhập dòng này không có toạ độ.", f.value, f.hint)
                for f in read.findings
            ]
        geo: Value = list(read.value)
        of_commune = findings_of_place(self._units, commune, geo, field=field)
        return geo, [*read.findings, *of_commune]

    def _resolve(self, written: WrittenPlace) -> tuple[str, Resolution]:
        """The part of an address before its commune, and what the commune means.

        A commune outside our areas waits for a person, yet it may be plain which former one was written.
        """
        key = written[2:] if written.commune else written[:1]
        found = self._resolutions.get(key)
        if found is None:
            found = rest, resolution = self._resolve_within(written, self._within)
            if resolution.reason is Reason.OUTSIDE_AREA:
                _, anywhere = self._resolve_within(written, ())
                found = rest, msgspec.structs.replace(resolution, old=anywhere.old)
            self._resolutions[key] = found
        return found

    def _resolve_within(
        self, written: WrittenPlace, within: Sequence[AreaCode]
    ) -> tuple[str, Resolution]:
        if written.commune:
            return "", self._units.resolve(*written[2:], within)
        return self._units.resolve_address(written.address, within)
