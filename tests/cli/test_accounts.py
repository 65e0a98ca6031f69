"""Accounts from the terminal."""

from __future__ import annotations

import re

import pytest
from conftest import browser_of
from outbox import ADDRESS, PASSWORD
from sqlalchemy import select

from catalogue.accounts.letters import Letter, post
from catalogue.accounts.models import Audit, User


@pytest.fixture
def catalogue(catalogue_app):
    return catalogue_app.extensions["catalogue"]


@pytest.fixture
def run(catalogue_app):
    return lambda *said: catalogue_app.test_cli_runner().invoke(args=["catalogue", *said])


def test_the_first_administrator_is_made_by_command_with_a_link_and_no_password(
    catalogue_app, catalogue, run
):
    told = run("administrator", "boss@example.org")
    assert told.exit_code == 0, told.output
    way = re.search(rf"{re.escape(ADDRESS)}(reset/\S+)", told.output)[1]
    with catalogue.database.read() as session:
        user = session.scalars(select(User)).one()
        assert (user.role, user.password, user.active) == ("administrator", "", False)
    client = browser_of(catalogue_app)
    assert client.post(f"/{way}", data={"password": PASSWORD}).location == "/workspace"
    assert client.get("/admin/users").status_code == 200
    assert client.get(f"/{way}").status_code == 410


def test_an_account_there_is_becomes_administrator_and_keeps_its_password(catalogue, run):
    run("user", "add", "ada@example.org", "--name", "Ada [Nurse]")
    assert run("administrator", "ADA@example.org").exit_code == 0
    told = run("user", "list")
    assert re.search(
        r"1 +ada@example.org +Ada \[Nurse\] +administrator +not confirmed", told.output
    )


def test_accounts_are_added_given_roles_and_blocked(catalogue, run):
    assert "reset/" in run("user", "add", "ada@example.org", "--role", "reviewer").output
    assert run("user", "role", "ada@example.org", "none").exit_code == 0
    assert run("user", "block", "ada@example.org").exit_code == 0
    assert "blocked" in run("user", "list").output
    assert run("user", "block", "ada@example.org", "--undo").exit_code == 0
    assert "blocked" not in run("user", "list").output
    assert "reset/" in run("user", "reset-link", "ada@example.org").output
    with catalogue.database.read() as session:
        names = set(session.scalars(select(Audit.name)))
        assert names == {"operator"}


def test_what_cannot_be_done_is_said_in_words(run):
    run("administrator", "boss@example.org")
    for said, words in (
        (("user", "add", "boss@example.org"), "already"),
        (("user", "add", "nobody"), "Enter an e-mail address"),
        (("user", "role", "x@example.org", "none"), 'There is no account "x@example.org"'),
        (("user", "role", "boss@example.org", "none"), "last administrator"),
        (("user", "block", "boss@example.org"), "last administrator"),
    ):
        told = run(*said)
        assert told.exit_code == 1
        assert words in " ".join(told.output.split())
    assert run("user", "role", "boss@example.org", "king").exit_code == 2


def test_mails_that_wait_are_sent_by_command_and_the_doctor_tells_of_them(
    catalogue, run, new_catalogue
):
    from catalogue.mail import MemoryMailer, NotSent

    class Away:
        def send(self, message):
            raise NotSent("mail.example answers 451")

    catalogue.__dict__["mailer"] = Away()
    catalogue.post.close()
    with catalogue.database.write() as session:
        post(session, "ada@example.org", Letter("Subject", "Body"))
    told = run("post")
    assert (told.exit_code, "0 sent, 1 not sent" in told.output) == (1, True)
    told = run("doctor")
    assert "1 not sent yet, 0 given up: mail.example answers 451" in " ".join(told.output.split())
    catalogue.__dict__["mailer"] = MemoryMailer()
    assert "1 sent, 0 not sent" in run("post").output
    assert "not sent yet" not in run("doctor").output
