"""Joining a province: a one-time code becomes a token, and the province's key is pinned."""

from __future__ import annotations

import hashlib

import httpx

from kcdesk.domain.clock import Clock
from kcdesk.errors import BadInput
from kcdesk.storage.devices.identity import Speaker, token_of
from kcdesk.storage.sync_books import Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import protocol, trust
from kcdesk.sync.client import Client
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.protocol import EnrolRequest


def join(
    workspace: Workspace,
    url: str,
    code: str,
    *,
    clock: Clock,
    transport: httpx.BaseTransport | None = None,
) -> Province:
    """Enrol the workspace's device at the province with a one-time code, and pin the province's key.

    Of a workspace that was another device before, and has not settled that, it is the oldest such device. Repeating it
    with the same code is harmless. Raises `ServerError`; `BadInput` when the workspace belongs to another province
    already.
    """
    code = code.strip()
    former = workspace.identity.predecessors(unsettled_only=True)
    current = workspace.identity.speaker()
    speaker = former[0] if former else current
    request = enrolment(speaker, code)
    known = workspace.province()
    ca = workspace.setting(trust.SETTING) or ""
    with Client(url, transport=transport, ca=ca) as client:
        answer = client.enrol(request)
    if known is not None and known.public_key != answer.public_key:
        raise BadInput(
            f"Dữ liệu này đã thuộc về {known.name}, không nối sang {answer.province} được.",
            hint="Tạo một thư mục dữ liệu khác cho tỉnh kia.",
            code="other_province",
        )
    province = Province(
        url.rstrip("/"),
        answer.province,
        known.epoch
        if known is not None
        else answer.epoch,  # a new one is followed at the next pass
        answer.public_key,
        token_of(current.signing_key) if former else answer.token,
        answer.role,
        clock(),
        recipient=answer.recipient,
        token_expires_at=None if former else answer.token_expires_at,
    )
    workspace.identity.keep_token(speaker.id, answer.token)
    workspace.join_province(province)
    return province


def enrolment(speaker: Speaker, code: str, token: str = "") -> EnrolRequest:
    """How a device asks to be enrolled. `token`: the one that it has chosen, where none can be given in return."""
    recipient = recipient_of(parcel_identity(speaker.signing_key))
    return EnrolRequest(
        code,
        speaker.id,
        speaker.public_key,
        recipient,
        speaker.sign(protocol.enrol_statement(code, speaker.id, recipient)),
        hashlib.sha256(token.encode()).digest() if token else b"",
    )
