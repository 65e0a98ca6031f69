"""Searching: words, phrases, facets with right counts, and nothing that breaks it."""

from __future__ import annotations

from itertools import chain

import pytest
from factories import EU, dataset, plant

from catalogue.errors import BadRequest
from catalogue.search.query import Query, parse

BEL, NLD, DEU = (EU + f"country/{code}" for code in ("BEL", "NLD", "DEU"))
PUBLIC = EU + "access-right/PUBLIC"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A search over five datasets."""
    from catalogue.config import Settings
    from catalogue.instance import Catalogue

    instance = tmp_path_factory.mktemp("search")
    catalogue = Catalogue(Settings(public_address="https://c.example/", instance=str(instance)))
    catalogue.database.migrate()
    plant(
        catalogue,
        dataset(title={"en": "Heart failure registry"}, spatial=[BEL]),
        dataset(
            title={"en": "Registry of failures of the heart"},
            spatial=[NLD],
            keyword={"en": ["cardiology"]},
        ),
        dataset(
            title={"en": "Prostate cancer cohort"},
            spatial=[BEL, DEU],
            access_rights=PUBLIC,
            keyword={"en": ["urology"]},
            description={"en": "Men with PSA at diagnosis."},
        ),
        dataset(
            title={"sv": "Hjärtsviktsregistret"},
            spatial=[],
            keyword={"sv": ["hjärta"]},
            description={"sv": "Alla med hjärtsvikt."},
        ),
        dataset(
            title={"en": "Dementia care study"},
            spatial=[NLD],
            keyword={"en": ["dementia"]},
            description={"en": "People at memory clinics."},
        ),
    )
    yield lambda text="", **rest: catalogue.engine.search(Query(text, **rest))
    catalogue.close()


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("", 5),
        ("heart", 2),
        ("HEART registries", 2),
        ('"heart failure"', 2),
        ("registry -belgium", 1),
        ("prostate OR dementia", 2),
        ("prost*", 1),
        ("title:heart", 2),
        ("keyword:urology", 1),
        ("hjartsvikt*", 1),
        ("Hjärtsviktsregistret", 1),
        ("belgique", 2),
        ("hospital ghent", 5),
    ],
)
def test_words_phrases_exclusion_or_prefix_and_field(found, text, total):
    results = found(text)
    assert (0 if results.relaxed else results.total) == total


def test_an_exact_title_comes_first(found):
    results = found("heart failure registry")
    assert results.records[0] == found('"heart failure registry"').records[0]


def test_nothing_for_all_words_is_relaxed_and_said(found):
    results = found("prostate unicorn")
    assert (results.total, results.relaxed) == (1, True)


def test_facets_count_every_hit_and_leave_their_own_choice_out(found):
    everything = found()
    assert everything.counts["spatial"] == {BEL: 2, NLD: 2, DEU: 1}
    chosen = found(chosen={"spatial": frozenset({BEL})})
    assert chosen.total == 2
    assert chosen.counts["spatial"] == {BEL: 2, NLD: 2, DEU: 1}
    assert chosen.counts["access_rights"][PUBLIC] == 1
    both = found(chosen={"spatial": frozenset({BEL, NLD})})
    assert both.total == 4
    crossed = found(chosen={"spatial": frozenset({BEL}), "access_rights": frozenset({PUBLIC})})
    assert crossed.total == 1
    assert crossed.counts["spatial"] == {BEL: 1, DEU: 1}


def test_pages_go_through_every_hit_once(found):
    pages = [found(page=number, size=2).records for number in (1, 2, 3, 4)]
    assert sorted(chain(*pages)) == sorted(found(size=50).records)
    assert pages[3] == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        "((((",
        "a AND",
        "-",
        "--",
        "- -",
        "*",
        "a*",
        "**",
        "field:",
        "title:",
        "title:*",
        "nofield:x",
        "OR",
        "OR OR",
        "a OR",
        "NOT",
        "\\",
        "[a TO b]",
        "^5",
        "~2",
        "a^",
        "' '",
        "&&",
        "日本",
        "x" * 1999,
        "(" * 1000,
        '"a ' * 500,
        "a OR " * 300,
        "-a " * 400,
    ],
)
def test_whatever_is_typed_gets_an_answer(found, text):
    assert found(text).total >= 0


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([("page", "0")], "The page must be"),
        ([("page", "-1")], "The page must be"),
        ([("page", "x")], "The page must be"),
        ([("page", "9" * 50)], "The page must be"),
        ([("page", "٣")], "The page must be"),
        ([("sort", "colour")], "is not an order"),
        ([("colour", "red")], "is not something to search by"),
        ([("q", "x" * 2001)], "longer than 2000"),
        ([("spatial", str(n)) for n in range(101)], "More than 100"),
    ],
)
def test_an_address_that_cannot_be_understood_says_why(parameters, said):
    with pytest.raises(BadRequest, match=said):
        parse(parameters, ["spatial"], 20)


def test_a_query_is_its_address_and_back():
    query = parse([("q", "heart  failure\x07"), ("spatial", BEL), ("page", "2")], ["spatial"], 20)
    assert query.text == "heart failure"
    again = parse(query.parameters(), ["spatial"], 20)
    assert again == query
    assert query.toggled("spatial", BEL).chosen == {}
    assert query.toggled("spatial", NLD).page == 1
    assert query.without().chosen == {}
