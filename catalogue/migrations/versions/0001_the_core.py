"""The core: records, revisions, the change log and the views kept in SQL."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Moment, Serial

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "record",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("iri", sa.String(2000), nullable=False, unique=True),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("document", Json),
        sa.Column("draft", Json),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("publisher", sa.String(2000), nullable=False),
        sa.Column("access_rights", sa.String(2000), nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("issued", Moment),
        sa.Column("modified", Moment, nullable=False),
        sa.UniqueConstraint("kind", "key"),
        sa.UniqueConstraint("kind", "slug"),
    )
    op.create_index("record_by_kind", "record", ["kind", "state", "id"])
    op.create_table(
        "revision",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("document", Json),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0}])
    op.create_table(
        "change",
        sa.Column("seq", Serial, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "follower",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "facet",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(2000), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
    )
    op.create_index("facet_by_value", "facet", ["field", "value", "kind"])
    op.create_table(
        "fragment",
        sa.Column("record_id", Serial, sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("turtle", sa.LargeBinary, nullable=False),
        sa.Column("ntriples", sa.LargeBinary, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("fragment", "facet", "follower", "change", "head", "revision", "record"):
        op.drop_table(table)
