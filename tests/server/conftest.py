"""The province of the sync tests, for tests of the server alone."""

from __future__ import annotations

from tests.sync.conftest import (
    cluster,
    database_kind,
    databases,
    empty_province,
    empty_province_in_cluster,
    filled_folder,
    keys,
    make_province,
    portal,
    province,
    units,
)

__all__ = [
    "cluster",
    "database_kind",
    "databases",
    "empty_province",
    "empty_province_in_cluster",
    "filled_folder",
    "keys",
    "make_province",
    "portal",
    "province",
    "units",
]
