"""The workspace: who holds a record, its way through review, comments and network policies."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Moment, Serial

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and tables."""
    # Not in batch mode: that copies the table and drops the old one, which SQLite refuses as
    # long as revisions refer to it.
    op.add_column("record", sa.Column("review", sa.String(16), nullable=False, server_default=""))
    op.execute(
        "ALTER TABLE record ADD COLUMN organisation BIGINT "
        "CONSTRAINT record_organisation REFERENCES organisation (id)"
    )
    op.add_column(
        "record",
        sa.Column("touched", Moment, nullable=False, server_default="1970-01-01 00:00:00"),
    )
    op.execute("UPDATE record SET touched = modified")
    op.create_index("record_by_organisation", "record", ["organisation", "touched"])
    op.create_index("record_by_review", "record", ["review", "touched"])
    op.create_table(
        "comment",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("resolved", Moment),
        sa.Column("resolved_by", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("comment_by_record", "comment", ["record_id", "id"])
    op.create_table(
        "policy",
        sa.Column("catalogue", sa.String(2000), primary_key=True),
        sa.Column("review", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("policy")
    op.drop_table("comment")
    with op.batch_alter_table("record") as table:
        table.drop_index("record_by_review")
        table.drop_index("record_by_organisation")
        table.drop_column("touched")
        table.drop_column("organisation")
        table.drop_column("review")
