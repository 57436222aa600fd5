"""Devices that another one comes after."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("devices", sa.Column("closed_at", sa.BigInteger))
    op.create_table(
        "continuations",
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("successor", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
