"""The harvester: sources, runs with their pages and finds, items and what was not read in them."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Serial

revision = "0008"
down_revision = "0007"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "harvest_source",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("protocol", sa.String(16), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("organisation", Serial, sa.ForeignKey("organisation.id")),
        sa.Column("listed_in", sa.String(2000), nullable=False),
        sa.Column("schedule", sa.String(16), nullable=False),
        sa.Column("edits", sa.String(8), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("incomplete", sa.String(8), nullable=False),
        sa.Column("grace", sa.Integer, nullable=False),
        sa.Column("brake", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("leaving", sa.String(16), nullable=False),
        sa.Column("due", _MOMENT),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_table(
        "harvest_run",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("source_id", Serial, sa.ForeignKey("harvest_source.id"), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("asked", _MOMENT, nullable=False),
        sa.Column("began", _MOMENT),
        sa.Column("ended", _MOMENT),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lease", _MOMENT),
        sa.Column("protocol", sa.String(16), nullable=False),
        sa.Column("place", Json),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("stated", sa.BigInteger),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("missing", Json),
        sa.Column("question", Json),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("wish", sa.String(16), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("harvest_run_by_source", "harvest_run", ["source_id", "id"])
    op.create_index("harvest_run_by_state", "harvest_run", ["state"])
    op.create_table(
        "harvest_page",
        sa.Column("run_id", Serial, sa.ForeignKey("harvest_run.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("problems", Json),
    )
    op.create_table(
        "harvest_find",
        sa.Column("run_id", Serial, sa.ForeignKey("harvest_run.id"), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("remote_id", sa.String(2000), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("iri", sa.String(2000), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("record_id", sa.BigInteger),
        sa.Column("problems", Json),
        sa.Column("before", Json),
    )
    op.create_index("harvest_find_by_rank", "harvest_find", ["run_id", "outcome", "rank", "name"])
    op.create_table(
        "harvest_item",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("source_id", Serial, sa.ForeignKey("harvest_source.id"), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("remote_id", sa.String(2000), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("iri", sa.String(2000), nullable=False),
        sa.Column("record_id", Serial, sa.ForeignKey("record.id", ondelete="SET NULL")),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("said", Json),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("first", _MOMENT, nullable=False),
        sa.Column("changed", _MOMENT, nullable=False),
        sa.Column("gone", _MOMENT),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("owner", sa.Boolean, nullable=False),
        sa.Column("excluded", sa.Boolean, nullable=False),
        sa.Column("same_as", sa.BigInteger),
        sa.Column("kept", Json),
        sa.Column("problems", Json),
    )
    op.create_index("harvest_item_by_name", "harvest_item", ["source_id", "name"], unique=True)
    op.create_index("harvest_item_by_record", "harvest_item", ["record_id"])
    op.create_index("harvest_item_by_seen", "harvest_item", ["source_id", "seen"])
    op.create_index("harvest_item_by_outcome", "harvest_item", ["source_id", "outcome", "id"])
    faulty = sa.text("problems IS NOT NULL")
    op.create_index(
        "harvest_item_faulty",
        "harvest_item",
        ["source_id", "id"],
        sqlite_where=faulty,
        postgresql_where=faulty,
    )
    op.create_table(
        "harvest_unread",
        sa.Column("source_id", Serial, sa.ForeignKey("harvest_source.id"), primary_key=True),
        sa.Column("predicate", sa.String(500), primary_key=True),
        sa.Column("item_id", Serial, sa.ForeignKey("harvest_item.id"), primary_key=True),
    )
    op.create_index("harvest_unread_by_item", "harvest_unread", ["item_id"])


def downgrade() -> None:
    """Take them away; records that were taken in stay as records of our own."""
    for name in ("unread", "item", "find", "page", "run", "source"):
        op.drop_table(f"harvest_{name}")
