"""Becoming known, coming in, changing, leaving."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from outbox import PASSWORD, mails, token
from sqlalchemy import select

from catalogue.accounts import audit
from catalogue.accounts.accounts import Accounts
from catalogue.accounts.links import DeadLink
from catalogue.accounts.models import Audit, Identity, Mail, Membership, SignedIn, Token, User
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Invalid

OTHER = "nine brown wagtails"
BOSS = Viewer(99, "Boss", "administrator")


def fields(raised) -> list[tuple]:
    return [problem.path for problem in raised.value.problems]


def actions(session) -> list[str]:
    return list(session.scalars(select(Audit.action).order_by(Audit.id)))


# becoming known


def test_who_registers_gets_a_mail_and_is_in_after_confirming(accounts, session):
    accounts.register(session, "Ada Nurse", "Ada@Example.org")
    user = session.scalars(select(User)).one()
    assert (user.password, user.active) == ("", False)
    assert mails(session)[-1].recipient == "Ada@Example.org"
    assert accounts.recognise(session, "ada@example.org", PASSWORD) is None
    assert accounts.confirm(session, token(session, "confirm"), PASSWORD) is user
    assert accounts.recognise(session, "ADA@example.ORG", PASSWORD) is user
    assert accounts.recognise(session, "ada@example.org", PASSWORD.upper()) is None
    assert actions(session) == ["registered", "confirmed"]


def test_an_account_has_no_password_before_its_address_is_confirmed(accounts, session):
    """Else somebody could lay one out and wait for the owner of the address to move in."""
    accounts.register(session, "Mallory", "ada@example.org")
    accounts.register(session, "Ada", "ada@example.org")
    user = accounts.confirm(session, token(session, "confirm"), PASSWORD)
    assert user.name == "Ada"
    assert len(mails(session)) == 2
    assert all("Mallory" not in mail.body + mail.subject for mail in mails(session))


def test_registering_a_known_address_sends_a_mail_and_changes_nothing(accounts, session, person):
    user = person()
    before = (user.name, user.password, user.stamp)
    accounts.register(session, "Mallory", "ADA@example.org")
    assert (user.name, user.password, user.stamp) == before
    assert "You already have an account" in mails(session)[-1].subject
    assert "Mallory" not in mails(session)[-1].body


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.org", "ada@example", "a b@example.org", "ada@exa_mple.org",
     "ada@example.org\nBcc: all@example.org", "ada@-example.org", "a" * 65 + "@example.org",
     "adà@example.org", "ada@example.org, eve@example.org", "ada@" + "x." * 130 + "org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(accounts, session, email):
    with pytest.raises(Invalid) as raised:
        accounts.register(session, "Ada", email)
    assert fields(raised) == [("email",)]


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 121, "Win at https://spam.example", "A\nB", "\u202e"]
)
def test_what_is_no_name_is_refused(accounts, session, name):
    with pytest.raises(Invalid) as raised:
        accounts.register(session, name, "ada@example.org")
    assert fields(raised) == [("name",)]


@pytest.mark.parametrize(
    "password",
    ["", "eleven char", "Password1234", "aaaaaaaaaaaaaaaa", "xyzxyzxyzxyzxyz", "x" * 201,
     "Ada@Example.org", "ada the nurse"],
)  # fmt: skip
def test_what_is_no_good_password_is_refused_with_words(accounts, session, password):
    accounts.register(session, "Ada the Nurse", "ada@example.org")
    with pytest.raises(Invalid) as raised:
        accounts.confirm(session, token(session, "confirm"), password)
    assert fields(raised) == [("password",)]
    assert session.scalars(select(User)).one().confirmed is None


@pytest.mark.parametrize(
    "password",
    ["correct horse", "äöü ßéà ñøæ þ", "a            x", "🦩🪶" * 3 + "🥚" * 6, "a1" + "y" * 198],
)
def test_any_other_password_will_do(accounts, session, password):
    accounts.register(session, "Ada", "ada@example.org")
    accounts.confirm(session, token(session, "confirm"), password)
    assert accounts.recognise(session, "ada@example.org", password)


def test_a_password_is_the_same_however_the_keyboard_composed_it(accounts, session):
    accounts.register(session, "Ada", "ada@example.org")
    accounts.confirm(session, token(session, "confirm"), "caf\u00e9 au lait noir")
    assert accounts.recognise(session, "ada@example.org", "cafe\u0301 au lait noir")


def test_an_old_hash_is_made_anew_when_somebody_signs_in(accounts, session, person):
    user = person()
    user.password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert accounts.recognise(session, user.email, PASSWORD) is user
    accounts.sign_in(session, user, password=PASSWORD)
    assert "m=19456,t=2,p=1" in user.password
    assert accounts.recognise(session, user.email, PASSWORD) is user


def test_checking_an_unknown_address_hashes_as_a_known_one_does(accounts, session, person):
    """Counted, not timed: a clock on a shared machine proves nothing."""
    person()
    hasher, checked = accounts._passwords._hasher, []

    class Counting:
        def verify(self, kept, password):
            checked.append(kept.split("$")[:4])
            return hasher.verify(kept, password)

    accounts._passwords._hasher = Counting()
    for email in ("ada@example.org", "nobody@example.org", "not an address"):
        assert accounts.recognise(session, email, "wrong wrong wrong") is None
    assert len(checked) == 3
    assert checked[0] == checked[1] == checked[2]


# links


def test_a_link_works_once(accounts, session, person):
    user = person()
    confirm = token(session, "confirm")
    with pytest.raises(DeadLink):
        accounts.confirm(session, confirm, OTHER)
    accounts.forgotten(session, user.email)
    reset = token(session, "reset")
    accounts.reset(session, reset, OTHER)
    with pytest.raises(DeadLink):
        accounts.reset(session, reset, PASSWORD)
    assert accounts.recognise(session, user.email, OTHER)


@pytest.mark.parametrize(
    ("purpose", "hours"), [("confirm", 72), ("reset", 1), ("email", 72), ("invitation", 336)]
)
def test_a_link_works_for_its_time_and_no_longer(accounts, session, clock, purpose, hours):
    link = accounts._links.make(purpose, user=1)
    sent = link.rpartition("/")[2]
    clock.pass_(hours=hours)
    assert accounts._links.read(purpose, sent)["user"] == 1
    clock.pass_(seconds=1)
    with pytest.raises(DeadLink):
        accounts._links.read(purpose, sent)


def test_a_link_for_one_thing_does_for_no_other_nor_when_changed(accounts, session, person):
    person()
    accounts.forgotten(session, "ada@example.org")
    reset = token(session, "reset")
    for purpose in ("confirm", "email", "invitation"):
        with pytest.raises(DeadLink):
            accounts._links.read(purpose, reset)
    for broken in (reset[:-1], reset + "A", "x", "", reset.replace(".", "")):
        with pytest.raises(DeadLink):
            accounts.to_reset(session, broken)


def test_a_link_of_another_catalogue_is_worth_nothing(accounts, session, person):
    person()
    accounts.forgotten(session, "ada@example.org")
    accounts._links._key = "another key"
    with pytest.raises(DeadLink):
        accounts.to_reset(session, token(session, "reset"))


def test_a_new_password_makes_the_links_before_it_worthless(accounts, session, person):
    user = person()
    accounts.forgotten(session, user.email)
    accounts.ask_email(session, user, "new@example.org", PASSWORD)
    accounts.change_password(session, user, PASSWORD, OTHER)
    for purpose, read in (("reset", accounts.to_reset), ("email", accounts.new_email)):
        with pytest.raises(DeadLink):
            read(session, token(session, purpose))


# forgotten


def test_only_an_address_with_an_account_gets_a_mail(accounts, session, person):
    person()
    before = len(mails(session))
    accounts.forgotten(session, "nobody@example.org")
    assert len(mails(session)) == before
    accounts.forgotten(session, "ada@example.org")
    assert len(mails(session)) == before + 1


def test_who_forgot_and_never_confirmed_gets_the_link_to_confirm(accounts, session):
    accounts.register(session, "Ada", "ada@example.org")
    accounts.forgotten(session, "ada@example.org")
    assert ["Confirm" in mail.subject for mail in mails(session)] == [True, True]


def test_a_reset_ends_every_session_and_tells_of_tokens_that_still_work(accounts, session, person):
    user = person()
    secret = accounts.sign_in(session, user)
    accounts.tokens.make(session, user, "script")
    accounts.forgotten(session, user.email)
    accounts.reset(session, token(session, "reset"), OTHER)
    assert accounts.sessions.find(session, secret) is None
    assert "Tokens for programs still work (1 of them)" in mails(session)[-1].body


# changing


def test_a_new_password_ends_all_sessions_but_the_one_in_use(accounts, session, person):
    user = person()
    here, there = accounts.sign_in(session, user), accounts.sign_in(session, user)
    row, _ = accounts.sessions.find(session, here)
    accounts.change_password(session, user, PASSWORD, OTHER, keep=row.id)
    assert accounts.sessions.find(session, here)
    assert accounts.sessions.find(session, there) is None


def test_changing_the_password_asks_for_the_old_one(accounts, session, person):
    user = person()
    with pytest.raises(Invalid) as raised:
        accounts.change_password(session, user, "wrong", "short")
    assert fields(raised) == [("old_password",), ("new_password",)]


def test_an_address_changes_when_the_new_one_is_confirmed_and_the_old_one_is_told(
    accounts, session, person
):
    user = person()
    accounts.ask_email(session, user, "new@example.org", PASSWORD)
    assert [mail.recipient for mail in mails(session)[-2:]] == [
        "new@example.org",
        "ada@example.org",
    ]
    assert user.email == "ada@example.org"
    link = token(session, "email")
    accounts.change_email(session, link)
    assert user.email == "new@example.org"
    assert mails(session)[-1].recipient == "ada@example.org"
    with pytest.raises(DeadLink):
        accounts.change_email(session, link)


def test_moving_to_an_address_that_has_an_account_tells_only_its_owner(accounts, session, person):
    ada, eve = person(), person("Eve", "eve@example.org")
    accounts.ask_email(session, eve, "ada@example.org", PASSWORD)
    to_ada, to_eve = mails(session)[-2:]
    assert (to_ada.recipient, to_eve.recipient) == ("ada@example.org", "eve@example.org")
    assert "already have an account" in to_ada.subject
    assert ada.email == "ada@example.org"


def test_an_address_taken_meanwhile_is_not_taken_again(accounts, session, person):
    user = person()
    accounts.ask_email(session, user, "new@example.org", PASSWORD)
    link = token(session, "email")
    person("New", "new@example.org")
    with pytest.raises(DeadLink):
        accounts.change_email(session, link)


# leaving


def test_a_deleted_account_leaves_its_number_and_nothing_else(accounts, session, person):
    user = person()
    number = user.id
    accounts.sign_in(session, user)
    accounts.tokens.make(session, user, "script")
    session.add(Identity(issuer="i", subject="s", user_id=number, created=user.created))
    organisation = accounts.organisations.make(session, person("Eve", "eve@example.org"), "Ghent")
    session.add(Membership(user_id=number, organisation_id=organisation.id, role="editor"))
    session.flush()
    with pytest.raises(Invalid):
        accounts.delete(session, user, "wrong")
    accounts.delete(session, user, PASSWORD)
    session.expire_all()
    for table in (User, SignedIn, Token, Identity):
        assert len(session.scalars(select(table)).all()) == (table is User)
    assert session.get(Membership, (number, organisation.id)) is None
    kept = session.scalars(select(Audit).where(Audit.user_id == number)).all()
    assert kept
    assert {row.name for row in kept} == {""}
    assert all("ada" not in str(row.detail).lower() for row in kept)
    addressed = session.scalars(select(Mail).where(Mail.recipient == "ada@example.org")).all()
    assert ["deleted" in mail.subject for mail in addressed] == [True]


def test_the_number_of_a_deleted_account_is_never_given_again(accounts, session, person):
    number = person().id
    accounts.delete(session, accounts.get(session, number), PASSWORD)
    assert person().id > number


def test_the_last_administrator_stays(accounts, session, person):
    user = person(role="administrator")
    for leave in (
        lambda: accounts.delete(session, user, PASSWORD),
        lambda: accounts.block(session, user, BOSS),
        lambda: accounts.give_role(session, user, "", BOSS),
    ):
        with pytest.raises(Conflict, match="last administrator"):
            leave()
    other = person("Eve", "eve@example.org", role="administrator")
    accounts.block(session, other, BOSS)  # one who is kept out does not count
    with pytest.raises(Conflict):
        accounts.delete(session, user, PASSWORD)
    accounts.unblock(session, other, BOSS)
    accounts.delete(session, user, PASSWORD)


def test_the_only_manager_of_an_organisation_stays_and_is_told_the_way_out(
    accounts, session, person
):
    user, other = person(), person("Eve", "eve@example.org")
    ghent = accounts.organisations.make(session, user, "Hospital of Ghent")
    with pytest.raises(Conflict, match=r"only manager of Hospital of Ghent\. Make somebody else"):
        accounts.delete(session, user, PASSWORD)
    session.add(Membership(user_id=other.id, organisation_id=ghent.id, role="manager"))
    session.flush()
    accounts.delete(session, user, PASSWORD)


def test_who_is_blocked_is_out_and_stays_out(accounts, session, person):
    user = person()
    secret = accounts.sign_in(session, user)
    _, text = accounts.tokens.make(session, user, "script")
    accounts.forgotten(session, user.email)
    accounts.block(session, user, BOSS)
    assert accounts.sessions.find(session, secret) is None
    assert accounts.tokens.find(session, text) is None
    assert accounts.recognise(session, user.email, PASSWORD) is None
    with pytest.raises(DeadLink):
        accounts.to_reset(session, token(session, "reset"))
    before = len(mails(session))
    accounts.forgotten(session, user.email)
    accounts.register(session, "Ada", user.email)
    assert len(mails(session)) == before
    accounts.unblock(session, user, BOSS)
    assert accounts.recognise(session, user.email, PASSWORD) is user
    assert accounts.tokens.find(session, text)


def test_a_role_is_one_of_those_there_are(accounts, session, person):
    with pytest.raises(Invalid, match="reviewer, administrator"):
        accounts.give_role(session, person(), "king", BOSS)


# who looks


def test_a_viewer_has_the_roles_of_the_person(accounts, session, person):
    user = person(role="reviewer")
    ghent = accounts.organisations.make(session, user, "Ghent")
    viewer = accounts.viewer_of(session, user, reads_only=True)
    assert viewer == Viewer(user.id, "Ada Nurse", "reviewer", {ghent.id: "manager"}, True)
    assert viewer.author == f"user:{user.id}"


def test_accounts_are_found_by_words_taken_as_they_are(accounts, session, person):
    person("Ada 100% Nurse", "ada@example.org")
    person("Eve", "eve_x@example.org")
    find = lambda words: [one.name for one in session.scalars(accounts.search(words))]  # noqa: E731
    assert find("") == ["Ada 100% Nurse", "Eve"]
    assert find("nurse ADA") == ["Ada 100% Nurse"]
    assert find("100%") == ["Ada 100% Nurse"]
    assert find("e_x") == ["Eve"]
    assert find("%") == ["Ada 100% Nurse"]


def test_what_is_not_in_the_list_of_actions_cannot_be_written_down(session):
    with pytest.raises(KeyError):
        audit.write(session, "danced", None)


def test_one_who_registers_twice_at_the_same_moment_has_one_account(accounts: Accounts, session):
    accounts.register(session, "Ada", "ada@example.org")
    found, accounts.by_email = accounts.by_email, lambda *_: None
    original = accounts._add

    def add(*arguments):  # the other was faster, between looking and adding
        accounts.by_email = found
        return original(*arguments)

    accounts._add = add
    accounts.register(session, "Ada", "ada@example.org")
    assert len(session.scalars(select(User)).all()) == 1
