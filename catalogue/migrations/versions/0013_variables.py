"""The variables of published datasets one by one, and dictionaries that wait to be taken in."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables; the follower fills the first one."""
    op.create_table(
        "variable",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("said", Json, nullable=False),
    )
    op.create_table(
        "waiting_dictionary",
        sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Take them away; what was taken in stays in the documents."""
    op.drop_table("waiting_dictionary")
    op.drop_table("variable")
