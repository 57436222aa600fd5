"""Tokens: recognising a device by one, and the next one taking the place of the one before.

A device chooses its next token itself and says only the hash, signed with its key. Both are good until the next one was
used once; so wherever the line is cut, the device has one that is good. A token whose place was taken is told apart:
a copy of the workspace that still shows it can take the same step, with the same key. Leaves to others: who the device
belongs to (`people`).
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import Engine, delete, select, update

from kcdesk.domain.clock import local_time
from kcdesk.errors import Rejected
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.people import TOKEN_MS, Caller, hash_token, recognise_device
from kcdesk.server.tables import tokens
from kcdesk.sync import protocol
from kcdesk.sync.protocol import RenewAnswer, RenewRequest


def recognise(engine: Engine, token: str, now: int, *, replaced_too: bool = False) -> Caller:
    """The device whose token this is. The first use of a next token ends the one before.

    replaced_too: one whose place was taken will do: to renew it

    Raises `Rejected` (`token`, `token_expired`, `token_replaced`, `revoked`).
    """
    wanted = hash_token(token)
    with reading(engine) as connection:
        row = connection.execute(select(tokens).where(tokens.c.hash == wanted)).one_or_none()
        if row is None or not hmac.compare_digest(row.hash, wanted):
            raise Rejected(
                "Máy chủ của tỉnh không nhận thẻ của máy này.",
                hint="Xin trung tâm một mã đăng ký mới rồi nối lại bằng kcdesk join. Dữ liệu không mất.",
                code="token",
            )
        caller = recognise_device(connection, row.device, now)
        if row.expires_at <= now:
            raise Rejected(
                f"Thẻ của máy này đã hết hạn ngày {local_time(row.expires_at):%d/%m/%Y}:"
                " máy đã lâu không liên lạc với tỉnh qua mạng.",
                hint="Xin trung tâm một mã đăng ký mới rồi nối lại bằng kcdesk join. Dữ liệu trên máy vẫn đầy đủ và"
                " sẽ được gửi sau khi nối lại.",
                code="token_expired",
            )
        if row.replaced_at is not None and not replaced_too:
            raise Rejected(
                "Thẻ của máy này đã được thay bằng thẻ mới.",
                hint="Đồng bộ lại: máy tự đổi thẻ.",
                code="token_replaced",
            )
    if row.replaces is not None:
        with writing(engine) as connection:
            before = (tokens.c.hash == row.replaces) & tokens.c.replaced_at.is_(None)
            connection.execute(update(tokens).where(before).values(replaced_at=now))
            connection.execute(update(tokens).where(tokens.c.hash == wanted).values(replaces=None))
    return caller


def renew(
    engine: Engine, caller: Caller, token: str, request: RenewRequest, now: int
) -> RenewAnswer:
    """Know the next token of the caller, who shows `token`. Repeating it changes nothing. Raises `Rejected`."""
    statement = protocol.renew_statement(request.device, request.token_hash)
    before = hash_token(token)
    if (
        request.device != caller.device
        or len(request.token_hash) != hashlib.sha256().digest_size
        or request.token_hash == before
        or not protocol.is_signed(caller.public_key, request.signature, statement)
    ):
        raise Rejected("Yêu cầu đổi thẻ không đúng chữ ký của máy này.", code="signature")
    own = tokens.c.device == caller.device
    with writing(engine) as connection:
        # what has ended, and steps from the same token that were never used
        unused = (tokens.c.replaces == before) & (tokens.c.hash != request.token_hash)
        connection.execute(delete(tokens).where(own, (tokens.c.expires_at <= now) | unused))
        row = (request.token_hash, caller.device, now + TOKEN_MS, before, None)
        insert_rows(connection, tokens, [row], or_leave=True)
        mine = own & (tokens.c.hash == request.token_hash)
        ends = connection.scalar(select(tokens.c.expires_at).where(mine))
    if ends is None:
        raise Rejected("Yêu cầu đổi thẻ không đúng chữ ký của máy này.", code="signature")
    return RenewAnswer(ends)
