"""Coming in and staying out: the pages of accounts, and the guard before them."""

from __future__ import annotations

import html
import re
import time
from datetime import timedelta

import pytest
from conftest import browser_of, signed_in
from flask import Blueprint, Flask
from outbox import ADDRESS, PASSWORD, mails, token
from sqlalchemy import select, update

from catalogue.accounts.models import Audit, SignedIn, Token, User
from catalogue.app import create_app
from catalogue.web.current import viewer
from catalogue.web.guard import own_path, signed_in_only
from catalogue.web.limits import LIMITS

OTHER = "nine brown wagtails"


@pytest.fixture
def app(catalogue_app):
    """An application with a place to work in, as others will make it."""
    room = Blueprint("room", __name__)
    room.before_request(signed_in_only)

    @room.route("/workspace/write", methods=["GET", "POST"])
    def write():
        from flask import request

        return f"{viewer.name} wrote {list(request.form.items(multi=True))}"

    @catalogue_app.route("/api/v1/whoami", methods=["GET", "POST"])
    def whoami():
        return {"user": viewer.user, "reads_only": viewer.reads_only, "roles": dict(viewer.roles)}

    catalogue_app.register_blueprint(room)
    return catalogue_app


@pytest.fixture
def catalogue(app: Flask):
    return app.extensions["catalogue"]


@pytest.fixture
def client(app):
    return browser_of(app)


@pytest.fixture
def person(catalogue):
    """Somebody with a password."""

    def person(email: str = "ada@example.org", name: str = "Ada Nurse") -> int:
        with catalogue.database.write() as session:
            catalogue.accounts.register(session, name, email)
            return catalogue.accounts.confirm(session, token(session, "confirm"), PASSWORD).id

    return person


def enter(client, email: str = "ada@example.org", password: str = PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def link(catalogue, purpose: str) -> str:
    """The path of the last link that was sent for a purpose."""
    catalogue.post.close()  # else the mail may be gone and emptied
    with catalogue.database.read() as session:
        path = {"email": "account/email"}.get(purpose, purpose)
        return f"/{path}/{token(session, purpose)}"


def rows(catalogue, table) -> list:
    with catalogue.database.read() as session:
        return list(session.scalars(select(table)))


def hidden(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


# the whole way


def test_from_registering_to_signing_out(client, catalogue):
    catalogue.post.close()
    assert "Look into your mails" in client.post(
        "/register", data={"name": "Ada", "email": "ada@example.org"}
    ).get_data(as_text=True)
    way = link(catalogue, "confirm")
    assert "ada@example.org" in client.get(way).get_data(as_text=True)
    assert rows(catalogue, User)[0].confirmed is None  # a mail scanner only looks
    answer = client.post(way, data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/workspace")
    page = client.get("/about").get_data(as_text=True)
    assert "Ada" in page
    assert "Sign out" in page
    assert client.post("/sign-out").location == "/"
    assert "Sign out" not in client.get("/about").get_data(as_text=True)
    assert rows(catalogue, SignedIn) == []
    assert enter(client).location == "/workspace"
    assert "Your account" in client.get("/account").get_data(as_text=True)


def test_a_forgotten_password_is_set_anew_by_mail_and_signs_out_elsewhere(
    client, app, catalogue, person
):
    person()
    elsewhere = browser_of(app)
    enter(elsewhere)
    catalogue.post.close()
    client.post("/forgotten", data={"email": "ADA@example.org"})
    way = link(catalogue, "reset")
    assert client.post(way, data={"password": "short"}).status_code == 422
    assert client.post(way, data={"password": OTHER}).location == "/workspace"
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    again = client.get(way)
    assert again.status_code == 410
    assert "does not work any more" in again.get_data(as_text=True)


# nobody learns who has an account


def told(answer) -> tuple:
    headers = [(k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Date")]
    page = answer.get_data(as_text=True).replace("nobody@example.org", "ada@example.org")
    return answer.status_code, [(k, v) for k, v in headers if k != "Content-Length"], page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"password": "wrong wrong wrong"}),
        ("/register", {"name": "Somebody"}),
        ("/forgotten", {}),
    ],
)
def test_known_and_unknown_addresses_are_answered_alike(app, catalogue, person, path, form):
    person()
    known, unknown = (
        browser_of(app).post(path, data={**form, "email": email})
        for email in ("ada@example.org", "nobody@example.org")
    )
    assert told(known) == told(unknown)


def test_known_and_unknown_addresses_are_invited_alike(app, person):
    person()
    manager = signed_in(app, "boss@example.org", organisations={"ghent": "manager"})
    known, unknown = (
        manager.post(
            "/account/organisations/ghent",
            data={"do": "invite", "email": email, "role": "reader"},
        )
        for email in ("ada@example.org", "nobody@example.org")
    )
    assert told(known) == told(unknown)


def test_a_mail_is_sent_after_the_answer_so_known_addresses_take_no_longer(app, catalogue, person):
    """The slowest mail server in the world is not noticed by who asks."""
    person()

    class Slow:
        def send(self, message):
            time.sleep(3)

    catalogue.__dict__["mailer"] = Slow()
    before = time.monotonic()
    browser_of(app).post("/forgotten", data={"email": "ada@example.org"})
    assert time.monotonic() - before < 2


def test_each_way_of_asking_writes_once_whoever_is_asked_for(app, catalogue, person):
    """A commit to the disk takes longer than all else: there is one, or none, for both."""
    person()
    commits = []
    catalogue.database.after_commit(lambda _: commits.append(1))
    for path, form in (
        ("/sign-in", {"password": "wrong wrong wrong"}),
        ("/register", {"name": "Somebody"}),
        ("/forgotten", {}),
    ):
        counts = []
        for email in ("ada@example.org", "nobody@example.org"):
            catalogue.post.close()  # the post has commits of its own
            commits.clear()
            browser_of(app).post(path, data={**form, "email": email})
            counts.append(len(commits))
        assert counts == [1, 1], path


# forged requests


@pytest.mark.parametrize(
    ("headers", "comes_in"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ADDRESS[:-1]}, False),
        ({"Origin": "https://catalogue.example.org"}, True),
        ({"Origin": "https://CATALOGUE.example.org:443"}, True),
        ({"Origin": "http://catalogue.example.org"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://catalogue.example.org.evil.example"}, False),
        ({"Origin": "https://catalogue.example.org@evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "https://catalogue.example.org/sign-in"}, True),
        ({"Referer": "https://evil.example/?https://catalogue.example.org/"}, False),
        ({}, False),
        ({"Authorization": "Bearer cat_x", "Origin": "https://evil.example"}, False),
    ],
)
def test_what_changes_something_must_come_from_us(app, person, headers, comes_in):
    person()
    answer = app.test_client().post(
        "/sign-in", data={"email": "ada@example.org", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == (303 if comes_in else 403)
    if not comes_in:
        assert "did not come from a page of this catalogue" in answer.get_data(as_text=True)


def test_every_address_that_changes_something_is_guarded(app):
    """Also those that others add later: the guard stands before all of them."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "whoami":  # of this test; it changes nothing
            continue
        if rule.rule in ("/oai", "/sparql"):  # questions, whoever sends them
            continue
        if rule.rule == "/unsubscribe/<token>":  # by the signed link alone (RFC 8058)
            continue
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            values = {one: _filling(rule._converters[one]) for one in rule.arguments}
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
            answer = client.open(path, method=method, headers={"Origin": "https://evil.example"})
            # Below the interface for programs no cookie is heeded, so nothing can be forged.
            expected = 401 if rule.rule.startswith("/api/v") else 403
            assert answer.status_code == expected, rule


def _filling(place):
    """Something that may stand in a place of an address."""
    if place.regex == r"\d+":
        return "1"
    return next(iter(getattr(place, "items", ["x"])))


# where one goes next


@pytest.mark.parametrize(
    ("next", "goes"),
    [
        ("/datasets?q=a&page=2", "/datasets?q=a&page=2"),
        ("https://evil.example/", "/workspace"),
        ("//evil.example/", "/workspace"),
        ("/\\evil.example/", "/workspace"),
        ("/\tx//evil.example", "/workspace"),
        ("javascript:alert(1)", "/workspace"),
        ("evil", "/workspace"),
        ("", "/workspace"),
    ],
)
def test_only_paths_of_ours_are_followed(client, person, next, goes):
    person()
    assert enter(client, next=next).location == goes
    assert client.get("/sign-in", query_string={"next": next}).location == goes


def test_a_path_is_ours_only_if_it_is_a_path():
    assert own_path("/a/b?c=d#e") == "/a/b?c=d#e"
    assert own_path("///evil.example") == own_path("/\n/evil.example") == own_path(" /a") == ""


def test_who_is_not_signed_in_does_that_first_and_comes_back(client, person):
    person()
    answer = client.get("/workspace/write?a=1&b=ü")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/workspace/write%3Fa%3D1%26b%3D%25C3%25BC"
    page = client.get(answer.location).get_data(as_text=True)
    (next,) = [value for name, value in hidden(page) if name == "next"]
    assert enter(client, next=next).location == "/workspace/write?a=1&b=%C3%BC"


def test_scripts_are_told_in_json(client):
    for answer in (
        client.get("/workspace/write", headers={"Accept": "application/json"}),
        client.post("/workspace/write", json={"a": 1}),
        client.post("/workspace/write", data={"a": 1}, headers={"Accept": "application/json"}),
    ):
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_somebody_wrote_comes_along_through_the_sign_in(client, person):
    person()
    written = [
        ("title", 'Größe "x" <b>'),
        ("tag", "one"),
        ("tag", "two\r\nlines"),
        ("old_password", "secret!"),
        ("empty", ""),
    ]
    answer = client.post(
        "/workspace/write?draft=3", data=_multi(written), headers={"Accept": "text/html"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Your session has ended; what you wrote is still here" in page
    assert "secret!" not in page
    wrong = client.post(
        "/sign-in", data=_multi([*hidden(page), ("email", "ada@example.org"), ("password", "no")])
    )
    assert wrong.status_code == 401
    assert "is not right" in wrong.get_data(as_text=True)
    page = wrong.get_data(as_text=True)
    answer = client.post(
        "/sign-in",
        data=_multi([*hidden(page), ("email", "ada@example.org"), ("password", PASSWORD)]),
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Save what you wrote" in page
    assert 'action="/workspace/write?draft=3"' in page
    saved = client.post("/workspace/write?draft=3", data=_multi(hidden(page.split("<main")[1])))
    kept = [one for one in written if "password" not in one[0]]
    assert saved.get_data(as_text=True) == f"Ada Nurse wrote {kept}"


def test_what_was_kept_is_sent_to_our_own_paths_only(client, person):
    person()
    answer = enter(client, **{"kept:a": "1", "kept-for": "//evil.example/"})
    assert (answer.status_code, answer.location) == (303, "/workspace")


def test_what_was_kept_survives_too_many_attempts(client, person):
    person()
    page = ""
    for _ in range(11):
        answer = enter(
            client, password="wrong", **{"kept:title": "long work", "kept-for": "/workspace/write"}
        )
        page = answer.get_data(as_text=True)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60
    assert ("kept:title", "long work") in hidden(page)


def test_who_signed_in_meanwhile_in_another_window_goes_on(app):
    client = signed_in(app, "ada@example.org")
    answer = client.post(
        "/sign-in", data={"already": "1", "kept:a": "1", "kept-for": "/workspace/write"}
    )
    assert "Save what you wrote" in answer.get_data(as_text=True)


def _multi(pairs):
    from werkzeug.datastructures import MultiDict

    return MultiDict(pairs)


# sessions


def test_a_session_ended_elsewhere_is_over_and_its_cookie_goes(app, client, catalogue, person):
    person()
    enter(client)
    other = browser_of(app)
    enter(other)
    client.post("/account/sessions", data={"which": "others"})
    answer = other.get("/account")
    assert answer.status_code == 303
    assert "session=;" in answer.headers["Set-Cookie"]
    assert client.get("/account").status_code == 200
    (row,) = rows(catalogue, SignedIn)
    client.post("/account/sessions", data={"which": row.id})
    assert client.get("/account").status_code == 303


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app, client, person):
    person()
    enter(client)
    cookie = client.get_cookie("session").value
    client.post("/sign-out")
    thief = browser_of(app)
    thief.set_cookie("session", cookie)
    assert thief.get("/account").status_code == 303


def test_signing_in_begins_a_new_session_whatever_was_in_the_cookie(app, client, person):
    person()
    with client.session_transaction() as cookie:
        cookie["planted"] = "x"
    enter(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


def test_the_cookie_is_for_us_alone(client, person):
    person()
    said = enter(client).headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {
        part.strip() for part in said.split(";")
    }
    assert PASSWORD not in said


def test_changing_the_password_signs_out_elsewhere_and_not_here(app, client, person):
    person()
    enter(client)
    other = browser_of(app)
    enter(other)
    answer = client.post(
        "/account/password", data={"old_password": PASSWORD, "new_password": OTHER}
    )
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert enter(other).status_code == 422
    assert enter(other, password=OTHER).status_code == 303


def test_use_is_noted_after_the_answer_and_rarely(client, catalogue, person):
    person()
    enter(client)
    seen = rows(catalogue, SignedIn)[0].seen
    client.get("/about").close()
    assert rows(catalogue, SignedIn)[0].seen == seen
    with catalogue.database.write() as session:
        session.execute(update(SignedIn).values(seen=seen - timedelta(minutes=6)))
    client.get("/about").close()
    assert rows(catalogue, SignedIn)[0].seen >= seen


# tokens


@pytest.fixture
def make(client, catalogue, person):
    person()
    enter(client)

    def make(**form) -> str:
        page = client.post("/account/tokens", data={"name": "script", **form}).get_data(
            as_text=True
        )
        return re.search(r'<code id="token">(cat_[\w-]{43})</code>', page)[1]

    return make


def ask(app, token: str, path: str = "/api/v1/whoami"):
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_lets_a_program_in_and_is_shown_once(app, client, catalogue, make):
    text = make(reads_only="1")
    assert ask(app, text).json == {"user": 1, "reads_only": True, "roles": {}}
    assert ask(app, text).headers["Cache-Control"] == "private"
    page = client.get("/account").get_data(as_text=True)
    assert text not in page
    assert text[-4:] in page
    (row,) = rows(catalogue, Token)
    client.post("/account/tokens/revoke", data={"token": row.id})
    answer = ask(app, text)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="catalogue"'


def test_that_a_token_is_used_is_noted(app, catalogue, make):
    ask(app, make()).close()
    assert rows(catalogue, Token)[0].used


@pytest.mark.parametrize(
    "said", ["Bearer cat_" + "x" * 43, "Bearer", "Basic YTpi", "cat_x", "Bearer \xff"]
)
def test_what_is_no_token_is_refused_wherever_it_is_sent(app, said):
    for path in ("/api/v1/whoami", "/api/v1/vocabularies"):
        answer = app.test_client().get(path, headers={"Authorization": said})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_token_is_for_the_interface_and_a_cookie_for_pages(app, client, make):
    text = make()
    assert ask(app, text, "/account").status_code == 303
    assert client.get("/api/v1/whoami").json["user"] is None


def test_a_token_needs_no_origin_to_change_something(app, make):
    headers = {"Authorization": f"Bearer {make()}"}
    assert app.test_client().post("/api/v1/whoami", headers=headers).json["user"] == 1


def test_where_programs_ask_a_browsers_cookie_is_worth_nothing(app):
    person = signed_in(app, "ada@example.org", role="administrator")
    assert person.post("/api/v1/whoami").json["user"] is None


# too often


def test_guessing_one_password_is_slowed_down_and_the_right_one_too(app, client, person):
    person()
    for _ in range(10):
        assert enter(client, password="wrong").status_code == 422
    answer = enter(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60
    assert "Try again in 15 minutes" in answer.get_data(as_text=True)
    person("eve@example.org", "Eve")
    assert enter(browser_of(app), "eve@example.org").status_code == 303


def test_an_unknown_account_is_slowed_down_alike(client):
    answers = [enter(client, "nobody@example.org").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_guessing_at_many_accounts_from_one_address_is_slowed_down(client):
    answers = [enter(client, f"n{number}@example.org").status_code for number in range(51)]
    assert answers == [422] * 50 + [429]


def test_signing_in_rightly_is_not_counted(client, person):
    person()
    assert {enter(client).status_code for _ in range(12)} == {303}


@pytest.mark.parametrize(("path", "most"), [("/register", 20), ("/forgotten", 20)])
def test_asking_for_mails_is_limited(client, path, most):
    ask = lambda n: client.post(path, data={"name": "A", "email": f"a{n}@example.org"}).status_code  # noqa: E731
    assert [ask(number) for number in range(most + 1)] == [200] * most + [429]


def test_one_address_gets_few_mails_whoever_asks(app, catalogue):
    catalogue.post.close()
    for number in range(8):
        browser_of(app).post(
            "/register",
            data={"name": "A", "email": "ADA@example.org" if number % 2 else "ada@example.org"},
            environ_base={"REMOTE_ADDR": f"10.0.0.{number}"},
        )
    with catalogue.database.read() as session:
        assert len(mails(session)) == 5


def test_trying_tokens_is_limited(app):
    answers = [ask(app, "cat_x").status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]
    assert ask(app, "cat_x").mimetype == "application/problem+json"


def test_guessing_the_password_in_a_browser_left_open_is_slowed_down(client, person):
    person()
    enter(client)
    answers = [
        client.post("/account/delete", data={"password": "x"}).status_code for _ in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_limits_can_be_switched_off(new_catalogue):
    client = browser_of(create_app(catalogue=new_catalogue(mail="memory", rate_limits="off")))
    assert {enter(client).status_code for _ in range(12)} == {422}


def test_every_limit_is_one():
    from limits import parse

    assert all(parse(limit) for limit in LIMITS.values())


# what everybody reads stays as it was


def test_anonymous_pages_set_no_cookie_and_ask_the_database_nothing_more(app, catalogue):
    from sqlalchemy import event

    asked = []

    @event.listens_for(catalogue.database.engine, "before_cursor_execute")
    def ask(_, __, statement, *___):
        asked.append(statement)

    client = app.test_client()
    for path in (
        "/",
        "/datasets",
        "/about",
        "/sign-in",
        "/register",
        "/api/v1/vocabularies",
        "/catalogue.ttl",
        "/static/catalogue.css",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers, path
    assert not [one for one in asked if re.search(r"signed_in|user|token", one)]


def test_pages_differ_by_cookie_and_documents_do_not(app):
    client = app.test_client()
    assert "Cookie" in client.get("/about").headers["Vary"]
    for path in ("/catalogue.ttl", "/api/v1/vocabularies", "/static/catalogue.css", "/dump.nt.gz"):
        assert "Cookie" not in client.get(path).headers.get("Vary", ""), path


def test_only_pages_for_one_person_are_kept_from_caches(app):
    client = signed_in(app, "ada@example.org")
    for path in ("/account", "/account/name", "/workspace/write", "/sign-in"):
        assert client.get(path).headers["Cache-Control"] == "private, no-store", path
    assert "no-store" not in client.get("/about").headers.get("Cache-Control", "")


def test_the_site_map_knows_nothing_of_rooms(app):
    said = app.test_client().get("/sitemaps/0.xml").get_data(as_text=True)
    assert not re.search(r"/(account|sign-in|register|forgotten|admin)", said)


# one's own account


def test_name_and_address_are_changed(client, catalogue, person):
    person()
    enter(client)
    catalogue.post.close()
    assert client.post("/account/name", data={"name": ""}).status_code == 422
    client.post("/account/name", data={"name": "Ada <Lovelace>"})
    page = client.get("/account").get_data(as_text=True)
    assert "Ada &lt;Lovelace&gt;" in page
    wrong = client.post("/account/email", data={"email": "x", "password": "y"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert 'href="#email"' in page
    assert 'href="#password"' in page
    assert re.search(r'<input type="email" id="email"[^>]*aria-invalid="true"', page)
    client.post("/account/email", data={"email": "new@example.org", "password": PASSWORD})
    way = link(catalogue, "email")
    assert "new@example.org" in client.get(way).get_data(as_text=True)
    assert client.post(way).location == "/account"
    assert client.post(way).status_code == 410
    assert "new@example.org" in client.get("/account").get_data(as_text=True)


def test_an_account_is_deleted_and_every_way_in_with_it(client, app, catalogue, make):
    text = make()
    assert client.post("/account/delete", data={"password": "wrong"}).status_code == 422
    assert "Your account is deleted" in client.post(
        "/account/delete", data={"password": PASSWORD}
    ).get_data(as_text=True)
    assert client.get("/account").status_code == 303
    assert enter(client).status_code == 422
    assert ask(app, text).status_code == 401
    assert rows(catalogue, User) == []


def test_the_only_manager_is_told_why_the_account_stays(client, person):
    person()
    enter(client)
    client.post("/account/organisations/new", data={"name": "Hospital of Ghent"})
    answer = client.post("/account/delete", data={"password": PASSWORD})
    assert answer.status_code == 409
    assert "You are the only manager of Hospital of Ghent" in answer.get_data(as_text=True)


# organisations


def test_members_see_the_organisation_managers_change_it_and_others_know_nothing(app):
    manager = signed_in(app, "boss@example.org", organisations={"ghent": "manager"})
    reader = signed_in(app, "ada@example.org", organisations={"ghent": "reader"})
    other = signed_in(app, "eve@example.org")
    path = "/account/organisations/ghent"
    assert "boss@example.org" in manager.get(path).get_data(as_text=True)
    page = reader.get(path).get_data(as_text=True)
    assert "Boss" in page
    assert "boss@example.org" not in page
    assert "Invite" not in page
    assert other.get(path).status_code == other.get(path + "x").status_code == 404
    for form in (
        {"do": "invite", "email": "x@example.org", "role": "reader"},
        {"do": "role", "user": "2", "role": "manager"},
        {"do": "remove", "user": "1"},
    ):
        assert reader.post(path, data=form).status_code == 403
        assert other.post(path, data=form).status_code == 404
    assert reader.post(path, data={"do": "remove", "user": "2"}).location == "/account"
    assert reader.get(path).status_code == 404
    assert manager.post(path, data={"do": "remove", "user": "1"}).status_code == 409
    assert manager.post(path, data={"do": "dance"}).status_code == 400
    assert manager.post(path, data={"do": "remove", "user": "x"}).status_code == 400


def test_an_invitation_is_accepted_by_an_account_or_by_making_one(app, client, catalogue, person):
    person()
    catalogue.post.close()
    manager = signed_in(app, "boss@example.org", organisations={"ghent": "manager"})
    path = "/account/organisations/ghent"
    invite = lambda email: manager.post(  # noqa: E731
        path, data={"do": "invite", "email": email, "role": "editor"}
    )
    assert invite("ada@example.org").location == path
    assert "ada@example.org" in manager.get(path).get_data(as_text=True)
    way = link(catalogue, "invitation")
    assert "Sign in to accept" in client.get(way).get_data(as_text=True)
    assert (
        client.post(way, data={"answer": "accept", "name": "M", "password": OTHER}).status_code
        == 403
    )
    assert manager.post(way, data={"answer": "accept"}).status_code == 403
    enter(client)
    assert client.post(way, data={"answer": "accept"}).location == path
    assert client.get(path).status_code == 200
    invite("new@example.org")
    way, new = link(catalogue, "invitation"), browser_of(app)
    assert "Make an account and accept" in new.get(way).get_data(as_text=True)
    bad = new.post(way, data={"answer": "accept", "name": "", "password": "x"})
    assert bad.status_code == 422
    assert (
        new.post(way, data={"answer": "accept", "name": "New", "password": OTHER}).location == path
    )
    assert new.get(path).status_code == 200
    assert new.get(way).status_code == 410


def test_an_invitation_is_declined_by_a_button(app, client, catalogue):
    catalogue.post.close()
    manager = signed_in(app, "boss@example.org", organisations={"ghent": "manager"})
    manager.post(
        "/account/organisations/ghent",
        data={"do": "invite", "email": "a@example.org", "role": "reader"},
    )
    way = link(catalogue, "invitation")
    assert client.get(way).status_code == 200
    assert "declined" in client.post(way, data={"answer": "decline"}).get_data(as_text=True)
    assert client.get(way).status_code == 410


# administrators


def test_only_administrators_see_accounts_and_what_was_done(app):
    for path in ("/admin/users", "/admin/audit"):
        assert app.test_client().get(path).status_code == 303
        assert signed_in(app, "ada@example.org", role="reviewer").get(path).status_code == 403
        assert signed_in(app, "boss@example.org", role="administrator").get(path).status_code == 200


def test_an_administrator_finds_gives_roles_and_blocks(app, catalogue):
    boss = signed_in(app, "boss@example.org", role="administrator")
    ada = signed_in(app, "ada@example.org")
    page = boss.get("/admin/users?q=ADA").get_data(as_text=True)
    assert "ada@example.org" in page
    assert "boss@example.org" not in page
    boss.post("/admin/users", data={"do": "role", "user": 2, "role": "reviewer"})
    assert rows(catalogue, User)[1].role == "reviewer"
    boss.post("/admin/users", data={"do": "block", "user": 2})
    assert ada.get("/account").status_code == 303
    last = boss.post("/admin/users", data={"do": "block", "user": 1})
    assert (last.status_code, "last administrator" in last.get_data(as_text=True)) == (409, True)
    page = boss.get("/admin/audit?user=2").get_data(as_text=True)
    assert "blocked an account" in page
    assert "gave a role" in page
    assert boss.get("/admin/audit?action=blocked&page=2").status_code == 200
    for path in ("/admin/users?q=%00%25_", "/admin/users?page=9", "/admin/audit?action=x"):
        assert boss.get(path).status_code == 200
    assert boss.get("/admin/audit?user=x").status_code == 400


# nothing secret is written down


def test_no_secret_is_in_a_log_or_in_the_audit(app, client, catalogue, person, capfd, monkeypatch):
    person()
    catalogue.post.close()
    client.post("/forgotten", data={"email": "ada@example.org"})
    way = link(catalogue, "reset")
    monkeypatch.setattr(catalogue.accounts, "to_reset", lambda *_: 1 / 0)
    assert client.get(way).status_code == 500
    monkeypatch.undo()
    enter(client, password="guessed wrongly")
    enter(client)
    text = re.search(
        r"cat_[\w-]{43}", client.post("/account/tokens", data={"name": "s"}).get_data(as_text=True)
    )[0]
    ask(app, text)
    ask(app, text + "x")
    said = "".join(capfd.readouterr()) + "".join(str(vars(row)) for row in rows(catalogue, Audit))
    cookie = client.get_cookie("session").value
    for secret in (
        PASSWORD,
        "guessed wrongly",
        way.rpartition("/")[2],
        text,
        text + "x",
        cookie,
        "ada@example.org",
    ):
        assert secret not in said
    assert "ZeroDivisionError" in said


def test_pages_of_links_do_not_tell_others_their_address(client, catalogue, person):
    person()
    catalogue.post.close()
    client.post("/forgotten", data={"email": "ada@example.org"})
    answer = client.get(link(catalogue, "reset"))
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_database_that_is_away_is_told_also_to_who_is_signed_in(app, catalogue, monkeypatch):
    from sqlalchemy.exc import OperationalError

    client = signed_in(app, "ada@example.org")

    def away(*_):
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(catalogue.accounts.sessions, "find", away)
    answer = client.get("/about")
    assert answer.status_code == 503
    assert "Sign in" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
