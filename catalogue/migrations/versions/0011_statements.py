"""Search statements, enquiries with whom they went to, and whom a mail is to be answered to."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0011"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("mail", sa.Column("reply_to", sa.String(254), nullable=False, server_default=""))
    op.create_table(
        "statement",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("user_id", Serial, sa.ForeignKey("user.id", ondelete="SET NULL")),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("statement_by_user", "statement", ["user_id", "at"])
    op.create_table(
        "enquiry",
        sa.Column("id", Serial, primary_key=True),
        sa.Column(
            "user_id",
            Serial,
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("once", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.UniqueConstraint("user_id", "once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "enquiry_recipient",
        sa.Column(
            "enquiry_id",
            Serial,
            sa.ForeignKey("enquiry.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column(
            "organisation_id",
            Serial,
            sa.ForeignKey("organisation.id", ondelete="SET NULL"),
        ),
    )
    op.create_index("enquiry_recipient_by_record", "enquiry_recipient", ["record_id"])
    op.create_index("enquiry_recipient_by_organisation", "enquiry_recipient", ["organisation_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("enquiry_recipient")
    op.drop_table("enquiry")
    op.drop_table("statement")
    op.drop_column("mail", "reply_to")
