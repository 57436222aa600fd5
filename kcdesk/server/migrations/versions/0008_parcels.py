"""Parcels: the recipient of each device, and parcels that came early."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("devices", sa.Column("recipient", sa.Text))
    op.create_table(
        "waiting_parcels",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
    )
    op.create_index("waiting_parcels_of_device", "waiting_parcels", ["device"])
    op.create_table(
        "waiting_parcel_bytes",
        sa.Column("parcel", sa.Text, sa.ForeignKey("waiting_parcels.id"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
