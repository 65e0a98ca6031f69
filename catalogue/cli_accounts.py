"""``flask catalogue user …``: accounts, as an operator looks after them from a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
from flask.cli import AppGroup, with_appcontext
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.accounts import ADMINISTRATOR
from catalogue.accounts.models import User
from catalogue.accounts.viewer import ROLES_OVER_ALL
from catalogue.commands import console, opened, said
from catalogue.errors import NotFound

users = AppGroup("user", help="Look after accounts.")
_ROLE = click.Choice([*ROLES_OVER_ALL, "none"])


@click.command()
@click.argument("email")
@click.option(
    "--name", default="", help="The name of a new account. Default: what stands before the @."
)
@with_appcontext
def administrator(email: str, name: str) -> None:
    """Make the account of EMAIL an administrator, adding it if need be; prints a link.

    The link sets a password and works once, for an hour. There is no default password.
    """
    _in_one_go(lambda session: _administrator(session, email, name))


def _administrator(session: Session, email: str, name: str) -> None:
    accounts = opened().accounts
    user = accounts.by_email(session, email)
    if user is None:
        user = accounts.add(session, name or email.partition("@")[0], email, ADMINISTRATOR)
    else:
        accounts.give_role(session, user, ADMINISTRATOR, audit.OPERATOR)
    _print_link(session, user)


@users.command()
@click.argument("email")
@click.option("--name", default="", help="The name. Default: what stands before the @.")
@click.option("--role", type=_ROLE, default="none", help="A role over all organisations.")
def add(email: str, name: str, role: str) -> None:
    """Add an account for EMAIL; prints a link that sets its password."""

    def do(session: Session) -> None:
        given = "" if role == "none" else role
        _print_link(
            session, opened().accounts.add(session, name or email.partition("@")[0], email, given)
        )

    _in_one_go(do)


@users.command()
@click.argument("email")
@click.argument("role", type=_ROLE)
def role(email: str, role: str) -> None:
    """Give the account of EMAIL a ROLE over all organisations: reviewer, administrator or none."""

    def do(session: Session) -> None:
        given = "" if role == "none" else role
        opened().accounts.give_role(session, _of(session, email), given, audit.OPERATOR)
        console.print(f"{escape(email)}: {role}", highlight=False)

    _in_one_go(do)


@users.command()
@click.argument("email")
@click.option("--undo", is_flag=True, help="Let the account in again.")
def block(email: str, undo: bool) -> None:
    """Keep the account of EMAIL out: sessions end, tokens and links stop working."""

    def do(session: Session) -> None:
        change = opened().accounts.unblock if undo else opened().accounts.block
        change(session, _of(session, email), audit.OPERATOR)
        console.print(f"{escape(email)}: {'let in again' if undo else 'blocked'}", highlight=False)

    _in_one_go(do)


@users.command("list")
def list_() -> None:
    """List every account."""
    table = Table("number", "e-mail", "name", "role", "state", box=None, header_style="bold")
    with opened().database.read() as session:
        for one in session.scalars(select(User).order_by(User.id).execution_options(yield_per=500)):
            state = "blocked" if one.blocked else "" if one.confirmed else "not confirmed"
            table.add_row(str(one.id), escape(one.email), escape(one.name), one.role, state)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@users.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link by which the owner of EMAIL sets a new password; it works once, for an hour."""
    _in_one_go(lambda session: _print_link(session, _of(session, email)))


def _in_one_go(do: Callable[[Session], None]) -> None:
    with said(), opened().database.write() as session:
        do(session)


def _of(session: Session, email: str) -> User:
    found = opened().accounts.by_email(session, email)
    if found is None:
        raise NotFound(f'There is no account "{email}"; flask catalogue user list names them.')
    return found


def _print_link(session: Session, user: User) -> None:
    console.print(f"{escape(user.email)} sets a password here, once, within an hour:")
    click.echo(opened().accounts.reset_link(session, user))


@click.command()
@with_appcontext
def post() -> None:
    """Send the mails that wait in the outbox, also those whose next attempt is not due yet."""
    sent, failed = opened().post.deliver(at_once=True)
    console.print(f"{sent} sent, {failed} not sent; the doctor says why.")
    sys.exit(1 if failed else 0)
