"""What datasets state that questions ask."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; its follower fills it."""
    op.create_table(
        "fact",
        sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("stated", sa.Text),
    )
    op.create_index("fact_by_change", "fact", ["change"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("fact")
