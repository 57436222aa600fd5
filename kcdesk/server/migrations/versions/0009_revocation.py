"""Devices that were revoked, what they delivered late, what devices tell of themselves, when areas spoke."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("devices", sa.Column("key_destroyed_at", sa.BigInteger))
    op.create_table(
        "held_apart",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("arrived_at", sa.BigInteger, nullable=False),
        sa.Column("written_at", sa.BigInteger),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("first_n", sa.BigInteger),
        sa.Column("last_n", sa.BigInteger),
    )
    op.create_index("held_apart_of_device", "held_apart", ["device"])
    op.create_table(
        "held_apart_bytes",
        sa.Column("held", sa.Text, sa.ForeignKey("held_apart.id"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.add_column("waiting_parcels", sa.Column("first_n", sa.BigInteger))
    op.add_column("waiting_parcels", sa.Column("last_n", sa.BigInteger))
    op.create_index("devices_of_user", "devices", ["user"])
    op.create_table(
        "device_reports",
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("told_n", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("edition", sa.BigInteger),
        sa.Column("oldest_at", sa.BigInteger),
    )
    op.create_table(
        "area_activity",
        sa.Column("area", sa.Integer, sa.ForeignKey("areas.id"), primary_key=True),
        sa.Column("last_at", sa.BigInteger, nullable=False),
    )
