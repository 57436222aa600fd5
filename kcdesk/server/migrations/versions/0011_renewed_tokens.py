"""Tokens that take the place of others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("replaces", sa.LargeBinary))
    op.add_column("tokens", sa.Column("replaced_at", sa.BigInteger))
    op.create_index("tokens_of_device", "tokens", ["device"])
