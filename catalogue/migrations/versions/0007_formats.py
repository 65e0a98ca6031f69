"""Fragments in each format; the view ``rdf`` is built anew."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Serial

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table anew: a view holds nothing that the records do not."""
    _make("turtle", "ntriples", "rdf_xml", "json_ld")


def downgrade() -> None:
    """Make it as it was."""
    _make("turtle", "ntriples")


def _make(*formats: str) -> None:
    op.drop_table("fragment")
    op.create_table(
        "fragment",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        *(sa.Column(one, sa.LargeBinary, nullable=False) for one in formats),
        sa.Column("fault", sa.Text, nullable=False),
    )
