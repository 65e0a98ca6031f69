"""Organisations: made, joined, managed; never without a manager."""

from __future__ import annotations

import pytest
from outbox import PASSWORD, mails, token

from catalogue.accounts.links import DeadLink
from catalogue.accounts.organisations import is_manager
from catalogue.accounts.viewer import ANYBODY, Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound


@pytest.fixture
def ada(person):
    return person()


@pytest.fixture
def ghent(accounts, session, ada):
    return accounts.organisations.make(session, ada, "Hospital of Ghent")


def roles(accounts, session, organisation) -> dict[str, str]:
    return {
        one.user.name: one.role for one in accounts.organisations.members(session, organisation)
    }


def test_who_makes_an_organisation_manages_it(accounts, session, ada, ghent):
    assert ghent.key == "hospital-of-ghent"
    assert roles(accounts, session, ghent) == {"Ada Nurse": "manager"}
    assert [one.organisation for one in accounts.organisations.of(session, ada.id)] == [ghent]
    assert is_manager(accounts.viewer_of(session, ada), ghent)
    assert is_manager(Viewer(7, "Boss", "administrator"), ghent)
    for other in (ANYBODY, Viewer(7, roles={ghent.id: "editor"}), Viewer(7, role="reviewer")):
        assert not is_manager(other, ghent)


def test_keys_are_made_from_names_and_never_twice(accounts, session, ada):
    make = accounts.organisations.make
    keys = [
        make(session, ada, name).key
        for name in ("Zürich", "Zurich!", "北京", "北京", "New", "x" * 200)
    ]
    assert keys == [
        "zurich",
        "zurich-2",
        "organisation",
        "organisation-2",
        "new-organisation",
        "x" * 56,
    ]
    with pytest.raises(NotFound):
        accounts.organisations.get(session, "nothing")
    with pytest.raises(Invalid):
        make(session, ada, "See https://spam.example")


def test_who_is_invited_and_has_an_account_accepts(accounts, session, ada, ghent, person):
    eve = person("Eve", "eve@example.org")
    accounts.organisations.invite(session, ghent, ada, "EVE@example.org", "editor")
    assert "Hospital of Ghent" in mails(session)[-1].subject
    link = token(session, "invitation")
    assert accounts.organisations.accept(session, link, eve) is ghent
    assert roles(accounts, session, ghent)["Eve"] == "editor"
    with pytest.raises(DeadLink):
        accounts.organisations.accept(session, link, eve)


def test_an_invitation_is_for_the_address_it_was_sent_to(accounts, session, ada, ghent, person):
    accounts.organisations.invite(session, ghent, ada, "eve@example.org", "editor")
    with pytest.raises(Forbidden, match="another e-mail address"):
        accounts.organisations.accept(
            session, token(session, "invitation"), person("M", "m@example.org")
        )


def test_who_is_invited_and_has_no_account_makes_one_by_the_link(accounts, session, ada, ghent):
    accounts.organisations.invite(session, ghent, ada, "eve@example.org", "reader")
    link = token(session, "invitation")
    with pytest.raises(Invalid):
        accounts.join(session, link, "Eve", "short")
    user = accounts.join(session, link, "Eve", PASSWORD)
    assert user.active
    assert roles(accounts, session, ghent)["Eve"] == "reader"
    assert accounts.recognise(session, "eve@example.org", PASSWORD) is user
    with pytest.raises(DeadLink):
        accounts.join(session, link, "Mallory", PASSWORD)


def test_the_link_of_an_invitation_sets_no_password_of_an_account(
    accounts, session, ada, ghent, person
):
    person("Eve", "eve@example.org")
    accounts.organisations.invite(session, ghent, ada, "eve@example.org", "reader")
    with pytest.raises(DeadLink):
        accounts.join(session, token(session, "invitation"), "Eve", "another password!")


def test_known_and_unknown_addresses_are_invited_alike(accounts, session, ada, ghent, person):
    person("Eve", "eve@example.org")
    for email in ("eve@example.org", "nobody@example.org"):
        accounts.organisations.invite(session, ghent, ada, email, "reader")
    known, unknown = mails(session)[-2:]
    strip = lambda mail: [line for line in mail.body.splitlines() if "/invitation/" not in line]  # noqa: E731
    assert (known.subject, strip(known)) == (unknown.subject, strip(unknown))


def test_an_invitation_can_be_declined_taken_back_and_sent_anew(accounts, session, ada, ghent):
    invite = lambda: accounts.organisations.invite(session, ghent, ada, "eve@example.org", "reader")  # noqa: E731
    invite()
    accounts.organisations.decline(session, token(session, "invitation"))
    session.flush()
    assert not accounts.organisations.open_invitations(session, ghent)
    invite()
    first = token(session, "invitation")
    invite()
    with pytest.raises(DeadLink):
        accounts.organisations.invitation(session, first)
    (there,) = accounts.organisations.open_invitations(session, ghent)
    accounts.organisations.cancel(session, ghent, ada, there.id)
    session.flush()
    with pytest.raises(DeadLink):
        accounts.organisations.invitation(session, token(session, "invitation"))
    with pytest.raises(NotFound):
        accounts.organisations.cancel(session, ghent, ada, there.id)


def test_an_invitation_of_another_organisation_is_not_cancelled(accounts, session, ada, ghent):
    other = accounts.organisations.make(session, ada, "Leuven")
    accounts.organisations.invite(session, other, ada, "eve@example.org", "reader")
    (there,) = accounts.organisations.open_invitations(session, other)
    with pytest.raises(NotFound):
        accounts.organisations.cancel(session, ghent, ada, there.id)


def test_an_invitation_ends_after_14_days(accounts, session, ada, ghent, clock):
    accounts.organisations.invite(session, ghent, ada, "eve@example.org", "reader")
    link = token(session, "invitation")
    clock.pass_(days=14)
    with pytest.raises(DeadLink):
        accounts.organisations.invitation(session, link)
    assert not accounts.organisations.open_invitations(session, ghent)


@pytest.mark.parametrize(
    ("email", "role", "fields"),
    [("", "king", ["email", "role"]), ("ada@example.org", "reader", ["email"])],
)
def test_what_makes_no_invitation_is_refused_by_its_fields(
    accounts, session, ada, ghent, email, role, fields
):
    with pytest.raises(Invalid) as raised:
        accounts.organisations.invite(session, ghent, ada, email, role)
    assert [problem.path[0] for problem in raised.value.problems] == fields


def test_an_organisation_always_keeps_a_manager(accounts, session, ada, ghent, person):
    for leave in (
        lambda: accounts.organisations.remove(session, ghent, ada, ada.id),
        lambda: accounts.organisations.change_role(session, ghent, ada, ada.id, "editor"),
    ):
        with pytest.raises(Conflict, match="must keep a manager"):
            leave()
    accounts.organisations.invite(session, ghent, ada, "eve@example.org", "editor")
    eve = accounts.join(session, token(session, "invitation"), "Eve", PASSWORD)
    accounts.organisations.change_role(session, ghent, ada, eve.id, "manager")
    accounts.organisations.remove(session, ghent, eve, ada.id)
    session.flush()
    assert roles(accounts, session, ghent) == {"Eve": "manager"}
    with pytest.raises(NotFound):
        accounts.organisations.remove(session, ghent, eve, ada.id)
    with pytest.raises(Invalid):
        accounts.organisations.change_role(session, ghent, eve, eve.id, "king")
