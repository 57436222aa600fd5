"""The province of the sync tests, for tests of the server alone."""

from __future__ import annotations

from tests.sync.conftest import (
    empty_province,
    filled_folder,
    keys,
    make_province,
    portal,
    province,
    units,
)

__all__ = [
    "empty_province",
    "filled_folder",
    "keys",
    "make_province",
    "portal",
    "province",
    "units",
]
