"""Manners: problems in one form, tags, methods, other people's pages, hostile callers."""

import pytest
from factories import agent, dataset, plant

from catalogue.api.parameters import of_search
from catalogue.app import create_app

ADDRESSES = (
    "datasets",
    "datasets?q=heart&size=3",
    "datasets/sidiap",
    "organisations",
    "organisations/inserm",
    "catalogues",
    "series",
    "services",
    "vocabularies",
    "vocabularies/country",
    "vocabularies/country/SWE",
    "suggest?q=hea",
    "openapi.json",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_the_answer_already_is_told_so_without_it_being_made(client, address, monkeypatch):
    first = client.get(f"/api/v1/{address}")
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept"
    for name in ("catalogue.api.search._content", "catalogue.api.answers.object_of"):
        monkeypatch.setattr(name, lambda *_, **__: pytest.fail("was made"))
    for tag in (
        first.headers["ETag"],
        "W/" + first.headers["ETag"],
        '"x", ' + first.headers["ETag"],
    ):
        again = client.get(f"/api/v1/{address}", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_the_body(client, address):
    got, headed = client.get(f"/api/v1/{address}"), client.head(f"/api/v1/{address}")
    assert (headed.status_code, headed.data) == (200, b"")
    for name in ("Content-Type", "ETag", "Content-Length", "Link"):
        assert headed.headers.get(name) == got.headers.get(name)


def test_a_change_changes_the_tag_of_what_tells_of_it_and_of_nothing_else(empty):
    client = create_app(catalogue=empty).test_client()
    plant(empty, dataset(), dataset(title={"en": "Another"}))
    addresses = ("datasets", "datasets/hf", "datasets/hf-2", "organisations", "vocabularies")
    before = {one: client.get(f"/api/v1/{one}").headers["ETag"] for one in addresses}
    with empty.changing() as session:
        changed = dataset(description={"en": "Rewritten."})
        empty.records.put(session, "dataset", changed, key="hf", author="t")
    after = {one: client.get(f"/api/v1/{one}").headers["ETag"] for one in addresses}
    changed = {one for one in addresses if before[one] != after[one]}
    assert changed == {"datasets", "datasets/hf", "organisations"}


def test_different_questions_have_different_tags(client):
    asked = ("", "?q=heart", "?q=heart&size=3", "?q=heart&facets=none", "?q=heart&include=why")
    tags = {client.get(f"/api/v1/datasets{one}").headers["ETag"] for one in asked}
    assert len(tags) == len(asked)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_can_be_changed(client, method, address):
    response = client.open(f"/api/v1/{address}", method=method)
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_scripts_of_other_pages_may_read_and_nothing_else(client, address):
    origin = {"Origin": "https://other.example"}
    response = client.get(f"/api/v1/{address}", headers=origin)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    asked = client.options(
        f"/api/v1/{address}", headers={**origin, "Access-Control-Request-Method": "GET"}
    )
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]


def test_pages_are_not_opened_to_other_pages(client):
    for address in ("/", "/datasets", "/api/docs", "/api/v1x"):
        assert "Access-Control-Allow-Origin" not in client.get(address).headers


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("datasets?colour=red", 400, "no such parameter; there are q, listed_in"),
        ("datasets?q=a&q=b", 400, "once only"),
        ("datasets?page=2", 400, "follow `next`"),
        ("datasets?size=0", 400, "from 1 to 100"),
        ("datasets?size=-1", 400, "from 1 to 100"),
        ("datasets?size=101", 400, "from 1 to 100"),
        ("datasets?size=1e9", 400, "from 1 to 100"),
        ("datasets?size=" + "9" * 99, 400, "from 1 to 100"),
        ("datasets?size=٣", 400, "from 1 to 100"),
        ("datasets?size=", 400, "from 1 to 100"),
        ("datasets?sort=colour", 400, "not an order"),
        ("datasets?expand=maybe", 400, "yes or no"),
        ("datasets?facets=colour", 400, "not one of"),
        ("datasets?facets=condition,colour", 400, "not one of"),
        ("datasets?include=everything", 400, "not one of why, document"),
        ("datasets?year=long+ago", 400, "not a range of year"),
        ("datasets?cursor=abc", 400, "did not write it"),
        ("datasets?cursor=" + "x" * 10_000, 400, "did not write it"),
        ("datasets?cursor=WzFd.AAAA", 400, "did not write it"),
        ("datasets?q=" + "x" * 10_000, 400, "longer than"),
        ("datasets?" + "&".join(f"spatial=x{n}" for n in range(1000)), 400, "More than 100"),
        ("datasets?spatial=" + "x" * 10_000, 400, "longer than"),
        ("datasets?q=a%00b", 400, "NUL"),
        ("datasets?%00=1", 400, "NUL"),
        ("datasets?q=%ff%fe", 400, "not UTF-8"),
        ("datasets?q=%c3%28", 400, "not UTF-8"),
        ("datasets?spatial=%ed%a0%80", 400, "not UTF-8"),
        ("datasets/%00", 400, "NUL"),
        ("datasets/%ff", 404, ""),
        ("datasets/nothing", 404, "no dataset"),
        ("datasets/sidiap?size=3", 400, "there are at."),
        ("datasets/" + "x" * 3_000, 404, "no dataset"),
        ("datasets/sidiap.json", 404, "nothing at this address"),
        ("organisations?sort=title", 400, "there are q, size, cursor"),
        ("organisations?q=" + "x" * 300, 400, "longer than 200"),
        ("organisations?cursor=abc", 400, "did not write it"),
        ("vocabularies?q=x", 400, "none here"),
        ("vocabularies/country?cursor=abc", 400, "did not write it"),
        ("suggest?q=" + "x" * 300, 400, "longer than 200"),
        ("suggest?x=1", 400, "there are q."),
        ("openapi.json?x=1", 400, "none here"),
        ("biobanks", 404, "nothing at this address"),
        ("", 404, "nothing at this address"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html", ""])
def test_what_cannot_be_answered_says_why(client, address, status, said, accept):
    response = client.get(f"/api/v1/{address}", headers={"Accept": accept})
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    problem = response.get_json()
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert said in problem["detail"]


@pytest.mark.parametrize("name", ["size", "cursor", "facets", "include", "page", "colour"])
def test_a_problem_names_the_parameter(client, name):
    problem = client.get(f"/api/v1/datasets?{name}=%20x").get_json()
    assert problem["problems"][0]["path"] == [name]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_takes_no_json_is_told_what_there_is(client, address):
    response = client.get(f"/api/v1/{address}", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.mimetype == "application/problem+json"
    assert "application/json" in response.get_json()["detail"]


@pytest.mark.parametrize(
    "accept",
    ["", ";", "text/html;q=x", "*/*;q=-1", "a" * 5000, "application/*;q=1e999", "ü/ü", ",,"],
)
def test_a_strange_accept_header_gets_an_answer(client, accept):
    response = client.get("/api/v1/datasets?size=1", headers={"Accept": accept})
    assert response.status_code in (200, 406)


def test_a_cursor_of_another_catalogue_or_list_is_refused(client, new_catalogue):
    other = new_catalogue("other")
    plant(other, dataset(), dataset(title={"en": "B"}))
    with other.changing() as session:
        other.records.put(session, "agent", agent("Second"), key="second", author="t")
    foreign = create_app(catalogue=other).test_client()
    for address in ("datasets", "organisations"):
        cursor = foreign.get(f"/api/v1/{address}?size=1").get_json()["next"]
        cursor = cursor.partition("cursor=")[2]
        assert cursor
        assert client.get(f"/api/v1/{address}?size=1&cursor={cursor}").status_code == 400
    cursor = client.get("/api/v1/catalogues?size=1").get_json()["next"].partition("cursor=")[2]
    assert client.get(f"/api/v1/organisations?cursor={cursor}").status_code == 400


def test_no_facet_is_called_like_a_parameter_of_our_own(profile):
    names = [one.name for one in of_search(profile)]
    assert len(names) == len(set(names))
