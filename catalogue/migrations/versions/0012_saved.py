"""Saved searches with their digests, what askers want to know of owners, and ways out of mails."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Serial

revision = "0012"
down_revision = "0011"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("mail", sa.Column("unsubscribe", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "saved",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("user_id", Serial, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("often", sa.String(16), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False, unique=True),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("paused", _MOMENT),
        sa.Column("deleted", _MOMENT),
        sa.Column("listed", Json, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("looked", _MOMENT, nullable=False),
        sa.Column("told", _MOMENT, nullable=False),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lease", _MOMENT),
        sa.Column("fault", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("saved_by_user", "saved", ["user_id"])
    op.create_index("saved_due", "saved", ["due"])
    op.create_table(
        "saved_digest",
        sa.Column("id", Serial, primary_key=True),
        sa.Column(
            "saved_id", Serial, sa.ForeignKey("saved.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("items", Json, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("saved_digest_by_saved", "saved_digest", ["saved_id", "id"])
    op.create_table(
        "owner_question",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("user_id", Serial, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), nullable=False),
        sa.Column("field", sa.String(140), nullable=False),
        sa.Column("about", sa.String(2000), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("told", _MOMENT),
        sa.Column("closed", _MOMENT),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer),
        sa.UniqueConstraint("user_id", "record_id", "field", "about"),
        sqlite_autoincrement=True,
    )
    op.create_index("owner_question_by_record", "owner_question", ["record_id", "closed"])
    op.create_index("owner_question_untold", "owner_question", ["closed", "told"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("owner_question")
    op.drop_table("saved_digest")
    op.drop_table("saved")
    op.drop_column("mail", "unsubscribe")
