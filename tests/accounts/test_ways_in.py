"""Sessions and tokens: what lets somebody in, and what no longer does."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select, text

from catalogue.accounts.models import SignedIn, Token
from catalogue.accounts.sessions import browser
from catalogue.accounts.tokens import MOST
from catalogue.errors import Invalid, NotFound


def test_a_session_ends_when_unused_for_14_days_and_in_any_case_after_30(
    accounts, session, person, clock
):
    user = person()
    used, unused = accounts.sign_in(session, user), accounts.sign_in(session, user)
    for _ in range(29):
        clock.pass_(days=1)
        if found := accounts.sessions.find(session, used):
            accounts.sessions.note(session, found[0].id)
            session.expire_all()
    assert accounts.sessions.find(session, used)
    assert accounts.sessions.find(session, unused) is None
    clock.pass_(days=1)
    assert accounts.sessions.find(session, used) is None
    accounts.sign_in(session, user)  # sweeps out what ended
    assert len(session.scalars(select(SignedIn)).all()) == 1


def test_that_a_session_is_used_is_written_down_every_few_minutes_only(
    accounts, session, person, clock
):
    row, _ = accounts.sessions.find(session, accounts.sign_in(session, person()))
    assert not accounts.sessions.is_stale(row)
    clock.pass_(minutes=5)
    assert accounts.sessions.is_stale(row)


def test_a_person_ends_own_sessions_only(accounts, session, person):
    ada, eve = person(), person("Eve", "eve@example.org")
    secret = accounts.sign_in(session, ada)
    row, _ = accounts.sessions.find(session, secret)
    accounts.sessions.end(session, eve, row.id)
    assert accounts.sessions.find(session, secret)
    accounts.sessions.end(session, ada, row.id)
    assert accounts.sessions.find(session, secret) is None
    assert accounts.sessions.of(session, ada.id) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<script>alert(1)</script>", "scriptalert1/script"),
        ("", "unknown"),
    ],
)  # fmt: skip
def test_a_browser_is_named_shortly(said, words):
    assert browser(said) == words


def test_a_token_is_shown_once_and_only_its_hash_is_kept(accounts, session, person):
    token, shown = accounts.tokens.make(
        session, person(), "Nightly script", days=30, reads_only=True
    )
    session.flush()
    assert shown.startswith("cat_")
    assert len(shown) == 47
    for table in inspect(session.connection()).get_table_names():
        for row in session.execute(text(f'SELECT * FROM "{table}"')).all():
            assert shown not in str(row)
            assert shown[4:] not in str(row)
    assert (len(token.hash), shown[-4:], token.reads_only) == (64, token.ending, True)


def test_a_token_works_until_it_expires_or_is_revoked(accounts, session, person, clock):
    user = person()
    lasting, brief = (
        accounts.tokens.make(session, user, name, days=days)
        for name, days in (("a", None), ("b", 1))
    )
    assert accounts.tokens.find(session, lasting[1])[1] is user
    clock.pass_(days=1)
    assert accounts.tokens.find(session, brief[1]) is None
    assert accounts.tokens.find(session, lasting[1])
    accounts.tokens.revoke(session, user, lasting[0].id)
    assert accounts.tokens.find(session, lasting[1]) is None
    assert [one.name for one in accounts.tokens.of(session, user.id)] == ["b"]
    for nothing in ("", "cat_", "cat_" + "x" * 43, lasting[1][:-1], "\x00", "ä" * 100_000):
        assert accounts.tokens.find(session, nothing) is None


def test_nobody_revokes_the_token_of_somebody_else(accounts, session, person):
    token, shown = accounts.tokens.make(session, person(), "a")
    with pytest.raises(NotFound):
        accounts.tokens.revoke(session, person("Eve", "eve@example.org"), token.id)
    assert accounts.tokens.find(session, shown)


def test_a_token_needs_a_name_a_sane_life_and_company_within_reason(accounts, session, person):
    user = person()
    with pytest.raises(Invalid) as raised:
        accounts.tokens.make(session, user, " ", days=0)
    assert [problem.path for problem in raised.value.problems] == [("name",), ("days",)]
    for number in range(MOST):
        accounts.tokens.make(session, user, f"{number}")
    with pytest.raises(Invalid, match="Revoke one"):
        accounts.tokens.make(session, user, "one more")
    assert len(session.scalars(select(Token)).all()) == MOST
