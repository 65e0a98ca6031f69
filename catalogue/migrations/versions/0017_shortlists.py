"""How often shortlists with a dataset were opened; searches of few people no longer in words."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make room for the number; what was asked so far was named by another hash."""
    op.add_column(
        "dataset_view", sa.Column("shortlists", sa.Integer, nullable=False, server_default="0")
    )
    op.execute("DELETE FROM near_miss")
    op.execute("DELETE FROM demand")


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("dataset_view") as table:
        table.drop_column("shortlists")
