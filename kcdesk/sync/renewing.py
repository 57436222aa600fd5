"""Renewing the token by which the province recognises this device, long before it ends.

The next token follows from the device's key and the token before, so a step that a cut left half done is done again as
the same step, also by a copy of the workspace. Owns when and how; leaves to others: what the province makes of it
(`kcdesk/server/renewing.py`).
"""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress

from kcdesk.errors import BadInput, ServerError
from kcdesk.storage.devices.identity import Speaker
from kcdesk.storage.keys.derive import derived_key
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import protocol
from kcdesk.sync.client import Client
from kcdesk.sync.protocol import RenewRequest

DAY_MS = 24 * 3_600_000
RENEW_BEFORE_MS = 150 * DAY_MS
"""So long before its end a token is renewed: about a year lies between two, and a season without network costs none."""
STEPS = 4
"""Renewals in one pass, for the devices that a workspace is and was; in the life of a token there is one."""


def next_token(speaker: Speaker) -> str:
    """The token after the one that a device has."""
    before = hashlib.sha256(speaker.token.encode()).hexdigest()
    secret = derived_key(speaker.signing_key, f"kcdesk token after {before}")
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def renew(workspace: Workspace, client: Client) -> None:
    """Take the next token for the device that speaks, and speak with it. Raises `ServerError`."""
    speakers = [workspace.identity.speaker(), *workspace.identity.predecessors()]
    speaker = next(each for each in speakers if each.token == client.token)
    token = next_token(speaker)
    token_hash = hashlib.sha256(token.encode()).digest()
    statement = protocol.renew_statement(speaker.id, token_hash)
    answer = client.renew(RenewRequest(speaker.id, token_hash, speaker.sign(statement)))
    workspace.identity.renew_token(speaker.id, token, answer.token_expires_at)
    client.speak_with(token)


def renew_if_due(workspace: Workspace, client: Client, now: int) -> None:
    """Renew the current device's token when its end comes near, or is not known. What fails waits for the next pass."""
    province = workspace.province()
    if province is None:
        return
    ends = province.token_expires_at
    if ends is None or ends - now < RENEW_BEFORE_MS:
        with suppress(ServerError, BadInput):
            client.speak_with(workspace.identity.speaker().token)
            renew(workspace, client)
