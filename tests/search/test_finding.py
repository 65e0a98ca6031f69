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
    yield lambda text="", **rest: catalogue.finder.find(Query(text, **rest))
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


def test_what_is_not_stated_is_counted_and_can_be_chosen_but_is_no_value(found):
    everything = found()
    assert everything.missing["spatial"] == 1
    silent = found(chosen={"spatial": frozenset({"not-stated"})})
    assert silent.total == 1
    either = found(chosen={"spatial": frozenset({"not-stated", DEU})})
    assert either.total == 2
    assert either.counts["spatial"] == everything.counts["spatial"]


def test_a_range_finds_what_overlaps_it_and_counts_its_classes(found):
    everything = found()
    assert sum(everything.classes["number_of_unique_individuals"]) == 5
    people = {"number_of_unique_individuals": frozenset({"10000..20000"})}
    assert found(chosen=people).total == 5
    assert found(chosen={"number_of_unique_individuals": frozenset({"..11999"})}).total == 0
    assert found("year:2000..2010").total == 5
    assert found("year:<2000").total == 0
    assert found(chosen={"year": frozenset({"not-stated"})}).total == 0


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
        ([("page", "0" * 8 + "1" + "9" * 30)], "The page must be"),
        ([("page", "٣")], "The page must be"),
        ([("sort", "colour")], "is not an order"),
        ([("colour", "red")], "is not something to search by"),
        ([("year", "soon")], "is not a range of year"),
        ([("year", "..")], "is not a range of year"),
        ([("expand", "perhaps")], "must be yes or no"),
        ([("spatial", "x" * 501)], "longer than 500"),
        ([("q", "x" * 2001)], "longer than 2000"),
        ([("spatial", str(n)) for n in range(101)], "More than 100"),
    ],
)
def test_an_address_that_cannot_be_understood_says_why(parameters, said):
    with pytest.raises(BadRequest, match=said):
        parse(parameters, ["spatial"], ["year"], 20)


def test_a_query_is_its_address_and_back():
    said = [
        ("q", "heart  failure\x07"),
        ("spatial", BEL),
        ("year", "2005.."),
        ("year", "not-stated"),
        ("without", "cardiac failure"),
        ("meaning", "https://c.example/mds"),
        ("expand", "no"),
        ("sort", "title"),
        ("page", "2"),
    ]
    query = parse(said, ["spatial"], ["year"], 20)
    assert query.text == "heart failure"
    assert parse(query.parameters(), ["spatial"], ["year"], 20) == query
    assert query.toggled("spatial", BEL).chosen.keys() == {"year"}
    assert query.toggled("spatial", NLD).page == 1
    assert query.without_choices().chosen == {}
    assert query.less("cardiac failure").without == frozenset()


@pytest.mark.parametrize(
    "said",
    [
        [],
        [("q", 'heart & "failure"'), ("page", "3")],
        [("year", "2005.."), ("without", "MI"), ("expand", "no"), ("sort", "title")],
        [("spatial", BEL), ("sort", "modified")],
    ],
)
@pytest.mark.parametrize("value", [BEL, NLD, "not-stated", "a b&c=d/é"])
def test_many_addresses_at_once_are_those_of_each_choice_alone(said, value):
    query = parse(said, ["spatial"], ["year"], 20)
    address = query.choosing("spatial", "/datasets")
    assert address(value) == query.toggled("spatial", value).address("/datasets")


def test_the_ends_of_a_range_may_come_apart_as_a_form_without_scripts_sends_them():
    query = parse([("year.from", "2005"), ("year.to", "")], [], ["year"], 20)
    assert query.chosen == {"year": frozenset({"2005.."})}
    assert parse([("year.from", ""), ("year.to", "")], [], ["year"], 20).chosen == {}
