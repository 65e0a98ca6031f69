"""Signing in elsewhere, at a real provider: oidc-provider by Filip Skokan, certified."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from conftest import browser_of, free_port, signed_in
from outbox import PASSWORD, token
from sqlalchemy import select

from catalogue.accounts.models import Audit, Identity, User
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.errors import FaultyTable
from catalogue.instance import Catalogue

ROOT = Path(__file__).parents[2]
REDIRECT = "https://catalogue.example.org/sign-in/answer"
PEOPLE = {
    "ada": {"email": "ada@example.org", "email_verified": True, "name": "Ada Nurse"},
    "unverified": {"email": "ada@example.org", "email_verified": False},
    "unsaid": {"email": "ada@example.org"},
    "nearly": {"email": "ada@example.org", "email_verified": "true"},
    "nameless": {},
    "boss": {"email": "boss@example.org", "email_verified": True},
    "spam": {
        "email": "eve@example.org",
        "email_verified": True,
        "name": "Win at https://spam.example",
    },
}
pytest.importorskip("authlib", reason="the extra oidc is not installed")


def _provider(in_id_token: bool):
    node = shutil.which("node")
    if not node or not (ROOT / "node_modules/oidc-provider").exists():
        pytest.skip("needs node and npm ci: the provider is the package oidc-provider")
    port = free_port()
    process = subprocess.Popen(
        [node, str(Path(__file__).parent / "provider.mjs"), str(port), REDIRECT],
        env={**os.environ, "ACCOUNTS": json.dumps(PEOPLE), "IN_ID_TOKEN": "yes" if in_id_token else ""},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        while (line := process.stdout.readline()) != "ready\n":
            assert line, "the provider did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="module")
def provider():
    """The issuer; claims come from its userinfo endpoint, as the standard has it."""
    yield from _provider(in_id_token=False)


@pytest.fixture
def app(provider, new_catalogue):
    return create_app(catalogue=new_catalogue(**_settings(provider)))


def _settings(issuer: str) -> dict[str, str]:
    return {
        "mail": "memory",
        "oidc_issuer": issuer,
        "oidc_client_id": "catalogue",
        "oidc_client_secret": "a secret for tests",
        "oidc_name": "your university",
    }


class Person:
    """A browser at the provider, in plain HTTP."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), _Stay()
        )

    def sign_in(self, address: str, who: str) -> str:
        """Sign in and agree; returns the address that the provider sends back to."""
        address = self._to_form(address)
        address = self._to_form(
            self._send(address, {"prompt": "login", "login": who, "password": "x"})
        )
        if address.startswith(REDIRECT):
            return address
        return self._to_form(self._send(address, {"prompt": "consent"}))

    def abort(self, address: str) -> str:
        """Turn back at the form."""
        return self._to_form(self._to_form(address) + "/abort")

    def _to_form(self, address: str) -> str:
        """Follow redirects until there is a page, or the way back."""
        while not address.startswith(REDIRECT):
            with self.opener.open(address) as answer:
                if answer.status == 200:
                    return address
                address = urllib.parse.urljoin(address, answer.headers["Location"])
        return address

    def _send(self, address: str, form: dict[str, str]) -> str:
        data = urllib.parse.urlencode(form).encode()
        with self.opener.open(address, data) as answer:
            return urllib.parse.urljoin(address, answer.headers["Location"])


class _Stay(urllib.request.HTTPRedirectHandler):
    """Hands redirects over instead of following them."""

    def http_error_302(self, request, answer, code, message, headers):
        return answer

    http_error_301 = http_error_303 = http_error_307 = http_error_302


def come_in(client, who: str, next: str = ""):
    """The whole way there and back; returns our answer at its end."""
    away = client.get("/sign-in/elsewhere", query_string={"next": next})
    assert away.status_code == 302, away.get_data(as_text=True)
    return client.get(_ours(Person().sign_in(away.location, who)))


def _ours(address: str) -> str:
    return address.removeprefix("https://catalogue.example.org")


def register(app, email: str = "ada@example.org", confirm: bool = True) -> None:
    catalogue = app.extensions["catalogue"]
    with catalogue.database.write() as session:
        catalogue.accounts.register(session, "Ada of old", email)
        if confirm:
            catalogue.accounts.confirm(session, token(session, "confirm"), PASSWORD)


def rows(app, table) -> list:
    with app.extensions["catalogue"].database.read() as session:
        return list(session.scalars(select(table)))


def words(answer) -> str:
    return answer.get_data(as_text=True)


def test_the_question_carries_pkce_state_and_nonce(app):
    client = browser_of(app)
    assert "Sign in with your university" in words(client.get("/sign-in"))
    asked = urllib.parse.parse_qs(
        urllib.parse.urlsplit(client.get("/sign-in/elsewhere").location).query
    )
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [REDIRECT]
    assert asked["response_type"] == ["code"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_somebody_new_gets_an_account_and_comes_back_to_it(app):
    client = browser_of(app)
    answer = come_in(client, "ada", "/datasets?q=a")
    assert (answer.status_code, answer.location) == (303, "/datasets?q=a")
    assert "Ada Nurse" in words(client.get("/account"))
    client.post("/sign-out")
    assert come_in(client, "ada").location == "/workspace"
    (user,) = rows(app, User)
    assert (user.email, user.password, user.active) == ("ada@example.org", "", True)
    (identity,) = rows(app, Identity)
    assert (identity.subject, identity.user_id) == ("ada", user.id)


def test_claims_in_the_id_token_do_as_well(new_catalogue):
    for issuer in _provider(in_id_token=True):
        app = create_app(catalogue=new_catalogue(**_settings(issuer)))
        assert come_in(browser_of(app), "ada").location == "/workspace"
        assert [user.email for user in rows(app, User)] == ["ada@example.org"]


def test_a_confirmed_account_is_linked_by_a_verified_address_and_keeps_its_name(app):
    register(app)
    client = browser_of(app)
    assert come_in(client, "ada").location == "/workspace"
    (user,) = rows(app, User)
    assert (user.name, bool(user.password)) == ("Ada of old", True)
    assert "identity-added" in [row.action for row in rows(app, Audit)]


def test_an_account_that_nobody_confirmed_is_begun_anew(app):
    register(app, confirm=False)
    with app.extensions["catalogue"].database.read() as session:
        way = f"/confirm/{token(session, 'confirm')}"
    assert come_in(browser_of(app), "ada").location == "/workspace"
    (user,) = rows(app, User)
    assert (user.name, user.password) == ("Ada Nurse", "")
    assert browser_of(app).get(way).status_code == 410


@pytest.mark.parametrize("who", ["unverified", "unsaid", "nearly", "nameless"])
def test_an_address_that_is_not_verified_opens_nothing(app, who):
    register(app)
    client = browser_of(app)
    answer = come_in(client, who)
    assert answer.status_code == 403
    assert "does not say that your e-mail address is verified" in words(answer)
    assert client.get("/account").status_code == 303
    assert rows(app, Identity) == []


def test_the_person_counts_and_not_the_address_once_known(app):
    assert come_in(browser_of(app), "ada").status_code == 303
    catalogue = app.extensions["catalogue"]
    with catalogue.database.write() as session:
        user = catalogue.accounts.by_email(session, "ada@example.org")
        user.email = user.email_folded = "moved@example.org"
    client = browser_of(app)
    come_in(client, "ada")
    assert "moved@example.org" in words(client.get("/account"))
    assert len(rows(app, User)) == 1


def test_a_role_over_all_is_not_won_by_an_address_but_may_be_given_later(app):
    signed_in(app, "boss@example.org", role="administrator")
    answer = come_in(browser_of(app), "boss")
    assert answer.status_code == 403
    assert "Sign in with your password" in words(answer)
    catalogue = app.extensions["catalogue"]
    come_in(browser_of(app), "ada")
    with catalogue.database.write() as session:
        catalogue.accounts.by_email(session, "ada@example.org").role = "administrator"
    client = browser_of(app)
    assert come_in(client, "ada").status_code == 303
    assert client.get("/admin/users").status_code == 200


def test_who_is_blocked_stays_out(app):
    come_in(browser_of(app), "ada")
    boss = signed_in(app, "boss@example.org", role="administrator")
    boss.post("/admin/users", data={"do": "block", "user": 1})
    answer = come_in(browser_of(app), "ada")
    assert (answer.status_code, "blocked" in words(answer)) == (403, True)


def test_a_name_that_is_an_advertisement_is_not_taken(app):
    client = browser_of(app)
    come_in(client, "spam")
    assert rows(app, User)[0].name == "eve"


def test_an_answer_to_another_browser_or_used_before_lets_nobody_in(app):
    client, other = browser_of(app), browser_of(app)
    back = _ours(Person().sign_in(client.get("/sign-in/elsewhere").location, "ada"))
    stolen = other.get(back)
    assert stolen.status_code == 403
    assert "not to a question of this browser" in words(stolen)
    assert client.get(back).status_code == 303
    client.post("/sign-out")
    assert client.get(back).status_code == 403
    assert client.get("/account").status_code == 303


def test_an_answer_of_another_provider_is_not_redeemed(app):
    client = browser_of(app)
    back = _ours(Person().sign_in(client.get("/sign-in/elsewhere").location, "ada"))
    back = re.sub(r"iss=[^&]*", "iss=https%3A%2F%2Fevil.example", back)
    answer = client.get(back)
    assert (answer.status_code, "another provider" in words(answer)) == (403, True)


def test_a_changed_code_is_refused(app):
    client = browser_of(app)
    back = _ours(Person().sign_in(client.get("/sign-in/elsewhere").location, "ada"))
    answer = client.get(re.sub(r"code=[^&]*", "code=guessed", back))
    assert (answer.status_code, "could not be checked" in words(answer)) == (403, True)


def test_the_question_before_is_void_when_another_is_asked(app):
    """An answer to a nonce of another question is no answer."""
    client = browser_of(app)
    first = Person().sign_in(client.get("/sign-in/elsewhere").location, "ada")
    client.get("/sign-in/elsewhere")
    assert client.get(_ours(first)).status_code == 403


def test_who_turns_back_there_is_told_so(app):
    client = browser_of(app)
    answer = client.get(_ours(Person().abort(client.get("/sign-in/elsewhere").location)))
    assert answer.status_code == 403
    assert "You did not sign in there" in words(answer)
    assert "Sign in with a password" in words(answer)


def test_what_the_address_says_of_an_error_is_not_shown(app):
    answer = browser_of(app).get("/sign-in/answer?error=x&error_description=Call+0900-EVIL")
    assert answer.status_code == 403
    assert "0900" not in words(answer)


@pytest.mark.parametrize(
    "path", ["/sign-in/answer", "/sign-in/answer?code=x", "/sign-in/answer?state=x&code="]
)
def test_an_answer_without_a_question_is_refused(app, path):
    assert browser_of(app).get(path).status_code == 403


def test_a_provider_that_does_not_answer_is_told_and_passwords_go_on(new_catalogue):
    app = create_app(catalogue=new_catalogue(**_settings("http://127.0.0.1:1")))
    answer = browser_of(app).get("/sign-in/elsewhere")
    assert (answer.status_code, "does not answer" in words(answer)) == (503, True)
    register(app)
    form = {"email": "ada@example.org", "password": PASSWORD}
    assert browser_of(app).post("/sign-in", data=form).status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_believed(provider, new_catalogue):
    other = provider.replace("127.0.0.1", "localhost")
    app = create_app(catalogue=new_catalogue(**_settings(other)))
    answer = browser_of(app).get("/sign-in/elsewhere")
    assert (answer.status_code, "another name" in words(answer)) == (403, True)


def test_who_came_from_elsewhere_has_a_session_as_all_have_and_no_password(app):
    client = browser_of(app)
    come_in(client, "ada")
    assert "This browser" in words(client.get("/account"))
    assert "None: you sign in elsewhere" in words(client.get("/account"))


def test_without_a_provider_there_is_no_way_there(catalogue_app):
    client = browser_of(catalogue_app)
    assert "Sign in with" not in words(client.get("/sign-in"))
    assert client.get("/sign-in/elsewhere").status_code == 404
    assert client.get("/sign-in/answer").status_code == 404


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"oidc_issuer": "http://login.example.org", "oidc_client_id": "x"}, "https://"),
        ({"oidc_issuer": "https://login.example.org"}, "CLIENT_ID"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(tmp_path, settings, said):
    catalogue = Catalogue(Settings(instance=str(tmp_path), **settings))
    with pytest.raises(FaultyTable, match=said):
        create_app(catalogue=catalogue)
    catalogue.close()
