"""What datasets have in common, and what people decided of those that look the same."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Serial

revision = "0009"
down_revision = "0008"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; the follower fills the first one."""
    op.create_table(
        "harvest_likeness",
        sa.Column("record_id", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.String(240), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("begins", sa.Integer),
        sa.Column("ends", sa.Integer),
    )
    op.create_index("harvest_likeness_by_key", "harvest_likeness", ["kind", "key", "record_id"])
    op.create_table(
        "harvest_pair",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("low", sa.BigInteger, nullable=False),
        sa.Column("high", sa.BigInteger, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("stays", sa.BigInteger),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("undone", _MOMENT),
        sa.Column("undone_by", sa.String(200), nullable=False),
    )
    op.create_index("harvest_pair_by_records", "harvest_pair", ["low", "high"])


def downgrade() -> None:
    """Take them away; what was withdrawn stays so."""
    op.drop_table("harvest_pair")
    op.drop_table("harvest_likeness")
