"""What the province publishes, and what it has erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("n", sa.BigInteger, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_index("erasures_of_record", "erasures", ["record"])
    op.create_table("erasing", sa.Column("what", sa.Text, primary_key=True))
    op.create_table(
        "editions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "file_contents",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "edition_files",
        sa.Column("edition", sa.Integer, sa.ForeignKey("editions.number"), primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, sa.ForeignKey("file_contents.sha256"), nullable=False),
    )
