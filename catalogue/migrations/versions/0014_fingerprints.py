"""Fingerprints of datasets, and their sums over the network."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Serial

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; the follower fills the last two."""
    op.create_table(
        "fingerprint",
        sa.Column(
            "record_id",
            Serial,
            sa.ForeignKey("record.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("draft", Json),
        sa.Column("drafted", _MOMENT),
        sa.Column("drafted_by", sa.String(200), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("released", Json),
        sa.Column("released_at", _MOMENT),
        sa.Column("released_by", sa.String(200), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
    )
    op.create_table(
        "fingerprint_share",
        sa.Column("record_id", sa.BigInteger, primary_key=True),
        sa.Column("part", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "fingerprint_sum",
        sa.Column("part", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("databases", sa.BigInteger, nullable=False),
    )
    op.create_index("fingerprint_sum_by_databases", "fingerprint_sum", ["part", "databases"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("fingerprint_sum")
    op.drop_table("fingerprint_share")
    op.drop_table("fingerprint")
