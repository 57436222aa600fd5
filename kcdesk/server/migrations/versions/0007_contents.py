"""Contents of attachments: which records name them, and their bytes."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names = op.create_table(
        "content_names",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, primary_key=True),
    )
    op.create_index("content_names_of_record", "content_names", ["record"])
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("upload", sa.Text, nullable=False),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("arrived", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("uploads_of_device", "uploads", ["device", "sha256"], unique=True)
    op.create_index("uploads_expiring", "uploads", ["expires_at"])
    op.create_table(
        "content_bytes",
        sa.Column("upload", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # pictures are compressed already
        op.execute("ALTER TABLE content_bytes ALTER COLUMN bytes SET STORAGE EXTERNAL")
    changes = sa.table(
        "changes",
        sa.column("kind", sa.Text),
        sa.column("record", sa.Text),
        sa.column("set", sa.Text),
    )
    said = connection.execute(
        sa.select(changes.c.record, changes.c.set).where(changes.c.kind == "attachments")
    )
    pairs = {(json.loads(row.set).get("sha256"), row.record) for row in said}
    rows = [{"sha256": name, "record": record} for name, record in pairs if isinstance(name, str)]
    if rows:
        connection.execute(names.insert(), rows)
