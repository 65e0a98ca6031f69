"""Search statements: what is kept, what is told of it later, then against now."""

from __future__ import annotations

import gzip
import json
import re
from urllib.parse import quote

import pytest
from conftest import ADDRESS, browser_of, signed_in
from factories import EU, agent, dataset, plant
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from catalogue.accounts.models import Audit
from catalogue.app import create_app
from catalogue.changes import head
from catalogue.config import Settings
from catalogue.errors import BadRequest, NotFound
from catalogue.instance import Catalogue
from catalogue.outcomes.references import Reference, bibtex, ris
from catalogue.outcomes.statements import Statement

SEARCH = f"/datasets?q=heart&spatial={quote(EU)}country/BEL"


def planted(catalogue):
    """Three datasets about hearts, two of them in Belgium, and one about lungs."""
    plant(
        catalogue,
        dataset(title={"en": "Heart failure of Ghent"}),
        dataset(title={"en": "Heart attacks of Liège"}),
        dataset(title={"en": "Hearts of Utrecht"}, spatial=[EU + "country/NLD"]),
        dataset(
            title={"en": "Lungs of Bruges"},
            description={"en": "Everybody with asthma."},
            keyword={"en": ["asthma"]},
        ),
    )
    app = create_app(catalogue=catalogue)
    app.testing = False
    return app


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """An application over these, whose records stay as they are."""
    folder = tmp_path_factory.mktemp("standing")
    settings = Settings(
        public_address=ADDRESS, instance=str(folder), mail="memory", rate_limits="off"
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    yield planted(catalogue)
    catalogue.close()


@pytest.fixture
def app(new_catalogue):
    """An application over these, to change at will."""
    return planted(new_catalogue(mail="memory"))


@pytest.fixture
def hearts(app):
    """The catalogue of that application."""
    return app.extensions["catalogue"]


def made(app, asked=SEARCH, client=None, **more):
    """Make a statement on the page; returns its path."""
    client = client or browser_of(app)
    response = client.post("/statements/new", data={"asked": asked, **more})
    assert response.status_code == 303, response.text
    return response.headers["Location"].partition("?")[0]


def read(app, path):
    return app.test_client().get(f"/api/v1{path}").get_json()


def change(catalogue, key, **changed):
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(**changed), key=key, author="test")


def withdraw(catalogue, key):
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.withdraw(session, record, author="test", note="Moved")


def test_it_says_what_was_asked_and_how_many_were_left_at_each_step(standing):
    said = read(standing, made(standing, title="Hearts in Belgium", note="For PROSPERO 42"))
    assert said["title"] == "Hearts in Belgium"
    account = said["account"]
    assert [(one["label"], one["count"]) for one in account["steps"]] == [
        ("All datasets", 4),
        ("Words: heart", 3),
        ("Countries and regions: Belgium", 2),
    ]
    assert account["criteria"] == [{"label": "Countries and regions", "said": "Belgium"}]
    assert account["total"] == said["total"] == 2
    assert {one["title"] for one in said["items"]} == {
        "Heart failure of Ghent",
        "Heart attacks of Liège",
    }
    with standing.extensions["catalogue"].database.read() as session:
        assert said["position"] == head(session)
    assert said["version"].endswith(f"({standing.extensions['catalogue'].version})")
    page = standing.test_client().get(made(standing)).text
    assert "at position" in page
    assert "How to cite this search" in page
    assert re.search(r"Search of .+ on \d+ \w+ \d{4}, \d\d:\d\d UTC", page)


def test_it_tells_the_expansions_and_those_switched_off(standing):
    asked = "/datasets?q=heart+failure"
    account = read(standing, made(standing, asked))["account"]
    used = account["expansions"][0]["used"]
    assert used
    found = standing.extensions["catalogue"].finder.find(
        standing.extensions["catalogue"].asking.read(asked).query
    )
    key = found.criteria[0].variants[0].key
    account = read(standing, made(standing, f"{asked}&without={quote(key)}"))["account"]
    assert account["expansions"][0]["removed"]
    assert len(account["expansions"][0]["used"]) < len(used)
    account = read(standing, made(standing, f"{asked}&expand=no"))["account"]
    assert account["expanded"] is False
    assert account["expansions"] == []


def test_a_search_that_had_to_be_relaxed_finds_nothing(standing):
    said = read(standing, made(standing, "/datasets?q=heart+asthma"))
    assert said["items"] == []
    assert said["account"]["steps"][-1]["count"] == 0


def test_replayed_it_tells_what_came_went_was_withdrawn_and_changed(app, hearts):
    path = made(app)
    now = read(app, path)["replayed"]
    assert not any(now[name] for name in ("added", "gone", "withdrawn", "changed", "fits"))
    page = app.test_client().get(path).text
    assert "the same datasets answer" in page
    change(hearts, "new", title={"en": "Heart valves of Namur"})
    change(hearts, "hf", title={"en": "Heart failure of Ghent"}, number_of_unique_individuals=13)
    change(
        hearts,
        "hf-2",
        title={"en": "Heart attacks of Liège"},
        spatial=[EU + "country/FRA"],
    )
    now = read(app, path)["replayed"]
    base = hearts.settings.public_address
    assert now["added"] == [f"{base}id/dataset/new"]
    assert now["gone"] == [f"{base}id/dataset/hf-2"]
    assert now["changed"] == [f"{base}id/dataset/hf"]
    assert [one["count"] for one in now["account"]["steps"]] == [5, 4, 2]
    withdraw(hearts, "hf")
    now = read(app, path)["replayed"]
    assert now["withdrawn"] == [f"{base}id/dataset/hf"]
    assert now["changed"] == []
    page = app.test_client().get(path).text
    for words in ("New in the answer", "Heart valves of Namur", "No longer answer", "Withdrawn"):
        assert words in page


def test_saving_a_working_copy_is_no_change(app, hearts):
    path = made(app)
    with hearts.changing() as session:
        hearts.records.save(
            session, "dataset", dataset(title={"en": "Draft"}), key="hf", author="test"
        )
    assert read(app, path)["replayed"]["changed"] == []
    assert {one["revision"] for one in read(app, made(app))["items"]} == {1}


def test_the_list_shows_the_titles_of_then_also_after_a_change(app, hearts):
    path = made(app)
    change(hearts, "hf", title={"en": "Renamed heart registry"})
    first = {one["slug"]: one for one in read(app, path)["items"]}["hf"]
    assert (first["title"], first["revision"]) == ("Heart failure of Ghent", 1)


def test_what_was_withdrawn_does_not_stay_readable_in_any_form(app, hearts):
    path = made(app)
    with hearts.database.write() as session:
        hearts.records.by_slug(session, "dataset", "hf").slug = "heart-failure-of-ghent"
    withdraw(hearts, "hf")
    for suffix in ("", ".csv", ".ris", ".bib", ".json"):
        said = app.test_client().get(path + suffix).text
        assert "Heart failure of Ghent" not in said
        assert "heart-failure-of-ghent" not in said
        assert "Heart attacks of Li" in said
        assert ("A description that was withdrawn" in said) == (suffix != ".json")
    with hearts.database.read() as session:
        kept = gzip.decompress(session.scalar(select(Statement.content)))
    assert b"Ghent" not in kept  # titles are looked up, never kept


def test_what_is_kept_back_today_is_kept_back_in_the_list_of_then(app, hearts):
    path = made(app)
    assert {one["holder"] for one in read(app, path)["items"]} == {"Hospital of Ghent"}
    change(hearts, "hf", title={"en": "Heart failure of Ghent"}, holder_withheld=True)
    holders = {one["slug"]: one["holder"] for one in read(app, path)["items"]}
    assert holders["hf"] is None
    assert "Hospital of Ghent" in holders.values()


def test_an_organisation_that_was_withdrawn_is_not_named_in_the_criteria(app, hearts):
    with hearts.changing() as session:
        hearts.records.put(session, "agent", agent("Vole Institute"), key="voles", author="test")
    change(hearts, "voles", title={"en": "Hearts of voles"}, publisher="id/agent/voles")
    path = made(app, "/datasets?publisher=id/agent/voles")
    assert "Vole Institute" in app.test_client().get(path).text
    change(hearts, "voles", title={"en": "Hearts of voles"})
    with hearts.changing() as session:
        record = hearts.records.get(session, "agent", "voles")
        hearts.records.withdraw(session, record, author="test", note="x")
    for suffix in ("", ".json"):
        assert "Vole Institute" not in app.test_client().get(path + suffix).text


def test_it_is_deleted_by_who_made_it_and_by_nobody_else(standing):
    author = signed_in(standing, "ada@example.org")
    path = made(standing, client=author)
    assert "Delete this statement" in author.get(path).text
    assert path in author.get("/statements").text
    for other in (browser_of(standing), signed_in(standing, "eve@example.org")):
        assert "Delete this statement" not in other.get(path).text
        assert other.post(f"{path}/delete").status_code == 403
    assert author.post(f"{path}/delete").status_code == 303
    assert author.get(path).status_code == 404
    with standing.extensions["catalogue"].database.read() as session:
        assert session.scalar(select(Audit.action).order_by(Audit.id.desc())) == "statement-deleted"
    unowned = made(standing)
    assert author.post(f"{unowned}/delete").status_code == 403
    assert (
        signed_in(standing, "root@example.org", "administrator")
        .post(f"{unowned}/delete")
        .status_code
        == 303
    )


def test_what_cannot_be_stated_is_refused_in_words(standing):
    client = browser_of(standing)
    with standing.extensions["catalogue"].database.read() as session:
        before = session.scalar(select(func.count()).select_from(Statement))
    for asked, said in (
        ("/elsewhere?q=x", "is neither a search"),
        ("https://evil.example/datasets", "is neither a search"),
        ("/datasets?nonsense=1", "is not something to search by"),
        ("/datasets?q=" + "x" * 9000, "longer than"),
        ("/questions", "asks for nothing"),
    ):
        response = client.post("/statements/new", data={"asked": asked})
        assert response.status_code == 400, asked[:40]
        assert said in response.text, asked[:40]
        assert client.get(f"/statements/new?asked={quote(asked)}").status_code == 200
    long = client.post("/statements/new", data={"asked": SEARCH, "title": "x" * 201})
    assert long.status_code == 400
    assert "longer than 200" in long.text
    assert client.get("/statements/guess").status_code == 404
    with standing.extensions["catalogue"].database.read() as session:
        assert session.scalar(select(func.count()).select_from(Statement)) == before
        with pytest.raises(NotFound):
            standing.extensions["catalogue"].statements.get(session, "\0")


def test_one_that_can_no_longer_be_asked_says_so_and_keeps_its_list(app, hearts):
    path = made(app)
    with hearts.database.write() as session:
        statement = session.scalar(select(Statement))
        statement.asked = "/datasets?a_facet_of_old=1"
    page = app.test_client().get(path)
    assert page.status_code == 200
    assert "It cannot be asked again" in page.text
    assert "Heart failure of Ghent" in page.text


def test_too_many_hits_are_refused(standing, monkeypatch):
    monkeypatch.setattr("catalogue.outcomes.asking.MOST_HITS", 1)
    with (
        standing.extensions["catalogue"].database.read() as session,
        pytest.raises(BadRequest, match="at most 1 can"),
    ):
        standing.extensions["catalogue"].statements.draw(session, SEARCH)


def test_no_search_engine_lists_it_and_its_address_cannot_be_guessed(standing):
    path = made(standing)
    response = standing.test_client().get(path)
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert "Disallow: /statements" in standing.test_client().get("/robots.txt").text
    assert len(path.rpartition("/")[2]) >= 22


# questions ----------------------------------------------------------------------------

QUESTION = "/questions?spatial=BEL&number_of_unique_individuals=5000.."


def test_a_question_is_told_by_its_criteria_and_their_three_states(standing):
    said = read(standing, made(standing, QUESTION))
    account = said["account"]
    assert account["kind"] == "question"
    assert account["criteria"] == [
        {"label": "Country", "said": "Belgium"},
        {"label": "People in the dataset", "said": "at least 5,000 people"},
    ]
    assert account["steps"][0] == {"label": "All datasets", "count": 4}
    assert account["splits"] == [
        {"label": "Country: Belgium", "met": 3, "unmet": 1, "unknown": 0},
        {
            "label": "People in the dataset: at least 5,000 people",
            "met": 4,
            "unmet": 0,
            "unknown": 0,
        },
    ]
    assert account["groups"] == [
        {"met": 2, "count": 3},
        {"met": 1, "count": 1},
        {"met": 0, "count": 0},
    ]
    assert [one["fits"] for one in said["items"]] == ["2 of 2"] * 3 + ["1 of 2"]
    page = standing.test_client().get(made(standing, QUESTION)).text
    assert "Meet 2 of 2 criteria" in page
    assert "Not stated" in page


def test_replayed_a_question_tells_which_datasets_fit_otherwise_now(app, hearts):
    path = made(app, QUESTION)
    change(
        hearts,
        "hf",
        title={"en": "Heart failure of Ghent"},
        number_of_unique_individuals=None,
    )
    now = read(app, path)["replayed"]
    assert now["fits"] == [
        {
            "iri": f"{hearts.settings.public_address}id/dataset/hf",
            "then": "2 of 2",
            "now": "1 of 2, 1 not stated",
        }
    ]
    assert now["account"]["splits"][1]["unknown"] == 1
    page = app.test_client().get(path).text
    assert "Fit otherwise" in page
    assert "2 of 2, now 1 of 2, 1 not stated" in page


# reference managers -------------------------------------------------------------------

_TEXTS = st.text(max_size=60)


@given(_TEXTS, _TEXTS, _TEXTS)
@settings(max_examples=30)
def test_no_text_breaks_out_of_its_line_or_field(title, holder, note):
    one = Reference(title, title, "https://c.example/id/x", holder, holder, 2026, note)
    lines = next(ris([one])).split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-3:] == ["ER  - ", "", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-2])
    assert sum(line.startswith("ER") for line in lines) == 1
    said = next(bibtex([one]))
    assert re.match(r"@dataset\{[A-Za-z0-9:.-]+,\n", said)
    depth = 0
    for char, before in zip(said, " " + said, strict=False):
        if char in "{}" and before != "\\":
            depth += 1 if char == "{" else -1
            assert depth >= 0
    assert depth == 0


def test_keys_that_would_be_the_same_are_told_apart():
    some = [Reference("a", "A", "https://c.example/1", "C")] * 2
    assert [one.partition(",")[0] for one in bibtex(some)] == ["@dataset{a", "@dataset{a-2"]


def test_special_characters_of_tex_are_written_as_themselves():
    said = next(bibtex([Reference("k", "50% & {more}_#1 ~x^2 \\end", "https://c.example/", "C")]))
    assert (
        r"{{50\% \& \{more\}\_\#1 \textasciitilde{}x\textasciicircum{}2 \textbackslash{}end}}"
        in said
    )


def test_the_whole_list_is_had_as_json(standing):
    said = json.loads(standing.test_client().get(f"{made(standing)}.json").text)
    assert [one["place"] for one in said["list"]] == [1, 2]
    assert said["asked"].startswith("https://catalogue.example.org/datasets?")
