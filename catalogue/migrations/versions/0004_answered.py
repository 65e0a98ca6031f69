"""What changes under an Idempotency-Key were answered, to be answered again."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Moment, Serial

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "answered",
        sa.Column(
            "user_id", Serial, sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("answered_at", "answered", ["at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("answered")
