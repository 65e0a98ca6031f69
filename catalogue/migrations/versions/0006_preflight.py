"""The background worker and the pre-flight: signs of life, failures, assessments, reports."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Serial

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; whatever is in them can be worked out again."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "worker",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("began", moment, nullable=False),
        sa.Column("seen", moment, nullable=False),
    )
    op.create_table(
        "failure",
        sa.Column("tender", sa.String(64), primary_key=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_table(
        "assessment",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("result", Json, nullable=False),
    )
    op.create_table(
        "report",
        sa.Column("scope", sa.String(2000), primary_key=True),
        sa.Column("asked", moment, nullable=False),
        sa.Column("state", sa.BigInteger),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("made", moment),
        sa.Column("took", sa.Float, nullable=False),
        sa.Column("content", Json),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lease", moment),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for name in ("report", "assessment", "failure", "worker"):
        op.drop_table(name)
