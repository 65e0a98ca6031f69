"""Two descriptions of one dataset in a browser: side by side, decided by keyboard, undone."""

from __future__ import annotations

import pytest
from conftest import free_port, served, signed_in
from factories import EU, agent, dataset
from playwright.sync_api import expect

from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.harvest.pairs import MOST_SHARING, SAME
from catalogue.instance import Catalogue
from catalogue.records.models import Record

VARIABLES = [
    {
        "title": {"en": "Stays"},
        "table": [
            {
                "title": {"en": "Stays"},
                "column": [
                    {
                        "column_name": f"variable_{number}",
                        "column_title": {"en": "Severity"},
                        "description": {"en": "Severity at admission."},
                        "datatype": "integer",
                    }
                    for number in range(30)
                ],
            }
        ],
    }
]


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    """A pair to be decided, one that was, and an identifier that everybody has."""
    folder = tmp_path_factory.mktemp("pairs")
    catalogue = Catalogue(Settings(public_address="https://c.example/", instance=str(folder)))
    catalogue.database.migrate()
    app = create_app(catalogue=catalogue)
    signed_in(app, "ada@example.org", "administrator", name="Ada")
    long = "https://portal.example/" + "a-very-long-path-without-any-break" * 4
    shared = {"identifier": ["10.5281/zenodo.7"], "keyword": {"en": ["stroke"]}}
    documents = {
        "a": dataset(title={"en": "Stroke registry"}, spatial=[EU + "country/BEL"], **shared),
        "b": dataset(
            title={"en": "Registry of strokes", "nl": "Beroerteregister"},
            landing_page=[long],
            structured_data=True,
            variables=VARIABLES,
            spatial=[EU + "country/BEL", EU + "country/NLD"],
            **shared,
        ),
        "c": dataset(title={"en": "Asthma cohort"}, identifier=["EGAD00001"]),
        "d": dataset(title={"en": "Cohort of asthma"}, identifier=["egad00001"]),
    }
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
        numbers = {
            key: catalogue.records.put(session, "dataset", one, key=key, author="seed").id
            for key, one in documents.items()
        }
        for number in range(MOST_SHARING + 1):
            one = dataset(title={"en": f"Sample {number}"}, identifier=["untitled"])
            catalogue.records.put(session, "dataset", one, key=f"s{number}", author="seed")
    with catalogue.changing() as session:
        ada = catalogue.accounts.viewer_of(
            session, catalogue.accounts.by_email(session, "ada@example.org")
        )
        catalogue.pairs.decide(session, ada, numbers["c"], numbers["d"], SAME, numbers["c"])
    yield catalogue, f"/harvest/pairs/{numbers['a']}/{numbers['b']}", numbers
    catalogue.close()


@pytest.fixture
def as_ada(opening, browser, paired):
    """``as_ada(width=390)``: a page in which an administrator is signed in."""
    catalogue, *_ = paired
    client = signed_in(create_app(catalogue=catalogue), "ada@example.org", "administrator")
    with (
        served(catalogue.settings, free_port()) as address,
        opening(browser, address, client) as open_page,
    ):
        yield open_page


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_about_pairs_pass_axe_and_fit(as_ada, axe, paired, width, scheme):
    _, way, numbers = paired
    page = as_ada(width=width, color_scheme=scheme)
    decided = f"/harvest/pairs/{numbers['c']}/{numbers['d']}"
    for path in ("/harvest/pairs", "/harvest/pairs/decided", way, decided):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], path
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path


def test_on_a_telephone_the_two_stand_one_below_the_other(as_ada, paired):
    _, way, _ = paired
    page = as_ada(width=390)
    page.goto(way)
    left, right = (page.locator(f"section[aria-labelledby={side}]") for side in ("left", "right"))
    assert left.bounding_box()["x"] == right.bounding_box()["x"]
    assert left.bounding_box()["y"] < right.bounding_box()["y"]
    wide = as_ada(width=1280)
    wide.goto(way)
    left, right = (wide.locator(f"section[aria-labelledby={side}]") for side in ("left", "right"))
    assert left.bounding_box()["y"] == right.bounding_box()["y"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_pair_is_decided_and_undone_by_keyboard(as_ada, paired, scripts):
    catalogue, _, numbers = paired
    page = as_ada(java_script_enabled=scripts)
    page.goto("/harvest/pairs")
    page.get_by_role("link", name="Stroke registry and Registry of strokes").press("Enter")
    expect(page.get_by_role("heading", name="The same dataset?")).to_be_visible()
    page.get_by_role("button", name="Same: keep the right").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("They are one dataset now")
    with catalogue.database.read() as session:
        assert session.get_one(Record, numbers["a"]).state == "withdrawn"
    page.get_by_role("button", name="Undo what was decided of Stroke registry").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("taken back")
    with catalogue.database.read() as session:
        assert session.get_one(Record, numbers["a"]).state == "published"
