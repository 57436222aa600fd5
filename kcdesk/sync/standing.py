"""Asking the province how its devices and communes stand: for the centre."""

from __future__ import annotations

import httpx

from kcdesk.errors import BadInput
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import trust
from kcdesk.sync.client import Client
from kcdesk.sync.protocol import ProvinceStanding


def province_standing(
    workspace: Workspace, *, transport: httpx.BaseTransport | None = None
) -> ProvinceStanding:
    """How devices and communes stand now. Raises `ServerError`; `BadInput` without a province or its address."""
    province = workspace.province()
    if province is None or not province.url:
        raise BadInput(
            "Chưa nối với máy chủ của tỉnh nên không hỏi được tình hình.",
            hint="Nối bằng kcdesk join --server, hoặc xem trên máy chủ: kcdesk server status.",
            code="not_joined",
        )
    ca = workspace.setting(trust.SETTING) or ""
    with Client(province.url, province.token, transport, ca=ca) as client:
        return client.standing()
