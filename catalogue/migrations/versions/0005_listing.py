"""What is listed where and since which change; how far a view must have read to be whole."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and tables; the view ``rdf``, which fills them, is built anew."""
    op.add_column("record", sa.Column("last_change", sa.BigInteger))
    op.execute(
        "UPDATE record SET last_change = latest.seq FROM (SELECT record_id, max(seq) AS seq"
        " FROM change WHERE action IN ('published', 'updated', 'withdrawn') GROUP BY record_id)"
        " AS latest WHERE latest.record_id = record.id"
    )
    op.create_index("record_by_change", "record", ["last_change"])
    op.create_index("record_by_modified", "record", ["modified", "last_change"])
    op.add_column(
        "follower", sa.Column("whole_from", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "listing",
        sa.Column("scope", sa.String(2000), primary_key=True),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
    op.create_index("listing_by_change", "listing", ["scope", "change"])
    op.create_index("listing_by_record", "listing", ["record_id"])
    op.create_table(
        "tally",
        sa.Column("scope", sa.String(2000), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("tally")
    op.drop_table("listing")
    op.drop_column("follower", "whole_from")
    op.drop_index("record_by_modified", "record")
    op.drop_index("record_by_change", "record")
    op.drop_column("record", "last_change")
