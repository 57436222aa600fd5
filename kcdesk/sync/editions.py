"""What is published, on its way to this device: bundles taken in, and fetched so that a cut costs next to nothing.

A bundle is taken in whole or not at all, and only with the signature of the pinned province; until then, and where it
is refused, what was here stays in use. Leaves to others: the form (`bundle`), where editions lie (`storage.editions`),
when to ask (`engine`).
"""

from __future__ import annotations

from collections.abc import Callable

from kcdesk.domain.published.editions import EditionMark
from kcdesk.errors import BadInput, Unreachable
from kcdesk.storage.editions import NewEdition
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.bundle import BadBundle, Edition, unpack_bundle
from kcdesk.sync.client import Client
from kcdesk.sync.format import PIECE

Arrived = Callable[[int, int], None]
"""`arrived(bytes, of)`: how far a bundle has come."""


def take_in_bundle(workspace: Workspace, bundle: bytes) -> list[int]:
    """Keep the editions of a bundle that are newer than what is here; their numbers, oldest first.

    A number that is here already with another content (the province went back to a backup, and published again) gives
    way to the one published later. Raises `BadBundle`, and `BadInput` for a workspace of no province.
    """
    province = workspace.province()
    if province is None:
        raise BadInput(
            "Dữ liệu này chưa nối với tỉnh nào nên chưa nhận được bản công bố.",
            hint="Nối với tỉnh trước (kcdesk join).",
            code="not_joined",
        )
    held = workspace.editions
    found = list(unpack_bundle(bundle, province.public_key, held.has_content))
    new = [edition for edition in found if _is_newer(workspace, edition)]
    workspace.take_in_editions(
        NewEdition(one.manifest, one.signed.manifest, one.signed.signature, one.contents)
        for one in new
    )
    return [edition.manifest.number for edition in new]


def _is_newer(workspace: Workspace, edition: Edition) -> bool:
    newest, number = workspace.editions.newest(), edition.manifest.number
    if newest is None or number > newest.number:
        return True
    same = workspace.editions.get(number)
    return (
        same is not None
        and same.mark != edition.mark
        and edition.manifest.published_at > same.manifest.published_at
    )


def fetch(workspace: Workspace, client: Client, arrived: Arrived) -> bool:
    """One call for what is lacking; whether there may be more to ask for. Bytes are kept as they come.

    Raises `ServerError` (after `Unreachable` another call goes on where this one ended), `BadBundle`.
    """
    held = workspace.editions
    etag, offset = held.arrived()
    with client.editions(_have(workspace), etag, offset) as answer:
        if answer is None:
            held.drop_arrived()
            return False
        if answer.offset not in (0, offset) or not answer.etag:
            raise BadBundle("form")
        position = answer.offset
        if position == 0:
            held.drop_arrived()
        cut: Unreachable | None = None
        waiting = bytearray()
        try:
            for chunk in answer.chunks:
                waiting += chunk
                arrived(position + len(waiting), answer.total)
                if len(waiting) >= PIECE:
                    held.keep_arrived(answer.etag, position, bytes(waiting))
                    position += len(waiting)
                    waiting = bytearray()
        except Unreachable as error:
            cut = error
        if waiting:
            held.keep_arrived(answer.etag, position, bytes(waiting))
        if cut is not None:
            raise cut
    try:
        return bool(take_in_bundle(workspace, b"".join(held.arrived_bytes())))
    finally:
        held.drop_arrived()


def _have(workspace: Workspace) -> EditionMark | None:
    newest = workspace.editions.newest()
    return newest.mark if newest is not None else None
