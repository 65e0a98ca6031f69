"""Accounts: people, organisations, sessions, tokens, the audit log and the outbox."""

import sqlalchemy as sa
from alembic import op

from catalogue.database import Json, Moment, Serial

revision = "0002"
down_revision = "0001"

_ROLES = "role IN ('reader', 'contributor', 'editor', 'manager')"


def _user(name="user_id", ondelete="CASCADE", **more):
    return sa.Column(name, Serial, sa.ForeignKey("user.id", ondelete=ondelete), **more)


def _organisation(**more):
    key = sa.ForeignKey("organisation.id", ondelete="CASCADE")
    return sa.Column("organisation_id", Serial, key, **more)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "user",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_folded", sa.String(508), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("confirmed", Moment),
        sa.Column("stamp", sa.String(32), nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("blocked", Moment),
        sa.CheckConstraint("role IN ('', 'reviewer', 'administrator')", name="user_role"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "organisation",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("agent", sa.String(2000), nullable=False),
        sa.Column("created", Moment, nullable=False),
        _user("created_by", "SET NULL"),
    )
    op.create_table(
        "membership",
        _user(primary_key=True),
        _organisation(primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.CheckConstraint(_ROLES, name="membership_role"),
    )
    op.create_index("membership_by_organisation", "membership", ["organisation_id"])
    op.create_table(
        "invitation",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_folded", sa.String(508), nullable=False),
        _organisation(nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        _user("invited_by", "SET NULL"),
        sa.Column("at", Moment, nullable=False),
        sa.Column("expires", Moment, nullable=False),
        sa.Column("accepted", Moment),
        sa.UniqueConstraint("organisation_id", "email_folded"),
        sa.CheckConstraint(_ROLES, name="invitation_role"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "signed_in",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("selector", sa.String(64), nullable=False, unique=True),
        _user(nullable=False),
        sa.Column("started", Moment, nullable=False),
        sa.Column("seen", Moment, nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
    )
    op.create_index("signed_in_by_user", "signed_in", ["user_id"])
    op.create_table(
        "token",
        sa.Column("id", Serial, primary_key=True),
        _user(nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("ending", sa.String(4), nullable=False),
        sa.Column("reads_only", sa.Boolean, nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("expires", Moment),
        sa.Column("used", Moment),
        sa.Column("revoked", Moment),
    )
    op.create_index("token_by_user", "token", ["user_id"])
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(500), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        _user(nullable=False),
        sa.Column("created", Moment, nullable=False),
    )
    op.create_index("identity_by_user", "identity", ["user_id"])
    op.create_table(
        "audit",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", Json),
    )
    op.create_index("audit_by_user", "audit", ["user_id"])
    op.create_index("audit_by_action", "audit", ["action"])
    op.create_table(
        "mail",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("due", Moment),
        sa.Column("sent", Moment),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("mail_due", "mail", ["due"])


def downgrade() -> None:
    """Drop them."""
    for table in (
        "mail",
        "audit",
        "identity",
        "token",
        "signed_in",
        "invitation",
        "membership",
        "organisation",
        "user",
    ):
        op.drop_table(table)
