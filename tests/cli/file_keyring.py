"""A keyring that several processes share: a JSON file, named by the environment variable KCDESK_TEST_KEYRING."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring.backend


class Keyring(keyring.backend.KeyringBackend):
    priority = 1.0

    def _path(self) -> Path:
        return Path(os.environ["KCDESK_TEST_KEYRING"])

    def _kept(self) -> dict[str, str]:
        path = self._path()
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep({**self._kept(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        del kept[f"{service}/{username}"]
        self._keep(kept)

    def _keep(self, kept: dict[str, str]) -> None:
        self._path().write_text(json.dumps(kept))
