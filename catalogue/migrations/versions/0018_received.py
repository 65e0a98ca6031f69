"""How many enquiries organisations got today."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "enquiry_received",
        sa.Column("id", Serial, primary_key=True),
        sa.Column(
            "organisation_id",
            Serial,
            sa.ForeignKey("organisation.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "enquiry_received_by_organisation", "enquiry_received", ["organisation_id", "at"]
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("enquiry_received")
