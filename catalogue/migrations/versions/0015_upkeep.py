"""What keeps descriptions true: yearly checks, reminders, views, and what was asked for."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0015"
down_revision = "0014"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; the follower fills the first one."""
    op.create_table(
        "upkeep",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("confirmed", _MOMENT),
        sa.Column("counted_from", _MOMENT, nullable=False),
        sa.Column("next_reminder", _MOMENT),
    )
    op.create_index("upkeep_by_start", "upkeep", ["counted_from"])
    op.create_index("upkeep_by_reminder", "upkeep", ["next_reminder"])
    op.create_index("upkeep_by_confirmation", "upkeep", ["confirmed"])
    op.create_table(
        "confirmation",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), nullable=False),
        sa.Column("section", sa.String(80), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_index("confirmation_by_record", "confirmation", ["record_id", "at"])
    op.create_table(
        "reminder",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("cycle", _MOMENT, primary_key=True),
        sa.Column("stage", sa.Integer, primary_key=True),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "dataset_view",
        sa.Column("record_id", sa.BigInteger, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("views", sa.Integer, nullable=False),
    )
    op.create_index("dataset_view_by_day", "dataset_view", ["day"])
    op.create_table(
        "demand",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("people", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
    )
    op.create_index("demand_by_month", "demand", ["month", "times"])
    op.create_table(
        "near_miss",
        sa.Column("record_id", sa.BigInteger, primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("asked", sa.String(500), nullable=False),
        sa.Column("stated", sa.Boolean, nullable=False),
    )
    op.create_index("near_miss_by_digest", "near_miss", ["month", "digest"])


def downgrade() -> None:
    """Take them away; what was confirmed stays in the records."""
    for table in ("near_miss", "demand", "dataset_view", "reminder", "confirmation", "upkeep"):
        op.drop_table(table)
