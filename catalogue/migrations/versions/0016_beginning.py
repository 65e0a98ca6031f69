"""What was found elsewhere to begin with, and which answers nobody has confirmed yet."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0016"
down_revision = "0015"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tray",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("user_id", Serial, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("found", sa.LargeBinary, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_index("ix_tray_user_id", "tray", ["user_id"])
    op.create_index("ix_tray_at", "tray", ["at"])
    op.create_table(
        "prefilled",
        sa.Column(
            "record_id",
            sa.BigInteger,
            sa.ForeignKey("record.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Take them away; the drafts stay as they are."""
    op.drop_table("prefilled")
    op.drop_table("tray")
