"""The pages about what is probably the same dataset: who sees, what is told, what is done."""

from __future__ import annotations

import re

import pytest
from conftest import signed_in
from factories import EU, agent, dataset
from sqlalchemy import select

from catalogue.harvest.models import Item, Source
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record
from catalogue.web.paths import path_of


@pytest.fixture
def app(catalogue_app):
    return catalogue_app


@pytest.fixture
def two(app):
    """The numbers of two datasets with one DOI, the second one from a portal."""
    catalogue = app.extensions["catalogue"]
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        one = dataset(
            title={"en": "Stroke registry"},
            identifier=["10.5281/zenodo.7"],
            keyword={"en": ["stroke"]},
            spatial=[EU + "country/BEL", EU + "country/NLD"],
        )
        other = dataset(
            title={"en": "Registry of <b>strokes</b>"},
            identifier=["https://doi.org/10.5281/zenodo.7"],
            keyword={"en": ["stroke"]},
            spatial=[EU + "country/BEL"],
            number_of_unique_individuals=None,
        )
        numbers = [
            catalogue.records.put(session, "dataset", document, key=key, author="test").id
            for key, document in (("a", one), ("b", other))
        ]
        now = session.get_one(Record, numbers[0]).created
        source = Source(
            key="portal",
            title="The portal of the region",
            address="https://portal.example/",
            protocol="dcat",
            options={},
            schedule="daily",
            fields={},
            created=now,
            author="test",
        )
        session.add(source)
        session.flush()
        session.add(
            Item(
                source_id=source.id,
                name="x",
                remote_id="https://portal.example/ds/7",
                kind="dataset",
                record_id=numbers[1],
                hash="h",
                seen=1,
                first=now,
                changed=now,
            )
        )
    return numbers


@pytest.fixture
def way(two):
    return f"/harvest/pairs/{two[0]}/{two[1]}"


@pytest.fixture
def administrator(app):
    return signed_in(app, "ada@example.org", "administrator", name="Ada")


def states(app, *numbers):
    with app.extensions["catalogue"].database.read() as session:
        return [session.get_one(Record, one).state for one in numbers]


def page_of(app, number):
    with app.extensions["catalogue"].database.read() as session:
        return "/" + path_of(session.get_one(Record, number))


def seen(client, way):
    return re.search(r'name="seen" value="(\w+)"', client.get(way).text)[1]


def test_the_list_tells_both_names_where_they_come_from_and_why(administrator, way):
    page = administrator.get("/harvest/pairs")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    for text in (
        f'href="{way}"',
        "Stroke registry",
        "Registry of &lt;b&gt;strokes&lt;/b&gt;",
        "described here",
        "from The portal of the region",
        "the same DOI: 10.5281/zenodo.7",
    ):
        assert text in page.text


def test_two_stand_side_by_side_with_their_differences_in_words(administrator, way):
    page = administrator.get(way).text
    different, equal = page.split('<details class="rest">')
    row = {
        re.search(r"<th scope=\"row\">([^<]+)", one)[1]: re.sub(r"\s+", " ", one)
        for one in re.findall(r"<tr>.*?</tr>", page, re.S)
        if 'scope="row"' in one
    }
    assert '<div class="below">different</div>' in row["Title"]
    assert '<div class="below">different in part</div>' in row["Countries and regions"]
    assert row["Countries and regions"].count("only here") == 1
    assert '<div class="below">only on the left</div>' in row["People in the dataset"]
    assert "Not stated" in row["People in the dataset"]
    assert "Keywords" in equal
    assert "Keywords" not in different
    assert "From The portal of the region" in page
    assert "https://portal.example/ds/7" in page
    assert page.count("<button name=") == 2


def test_parts_with_other_names_are_the_same_if_they_say_the_same(app, administrator, two, way):
    catalogue = app.extensions["catalogue"]
    with catalogue.changing() as session:
        record = session.get_one(Record, two[1])
        document = {**record.document, "contact_point": [dict(record.document["contact_point"][0])]}
        document["contact_point"][0]["id"] = "#contact-point-9"
        catalogue.records.put(session, "dataset", document, key="b", author="test")
    assert "Contact" in administrator.get(way).text.split('<details class="rest">')[1]


def test_keeping_one_withdraws_the_other_and_undoing_brings_it_back(app, administrator, two, way):
    form = {"choice": f"same {two[0]}", "seen": seen(administrator, way)}
    done = administrator.post(way, data=form, follow_redirects=True)
    assert done.status_code == 200
    assert "They are one dataset now" in done.text
    assert "decided by Ada" in done.text
    assert "No two descriptions look like the same dataset" in done.text
    assert states(app, *two) == [PUBLISHED, WITHDRAWN]
    with app.extensions["catalogue"].database.read() as session:
        assert session.scalars(select(Item.same_as)).all() == [two[0]]
    assert administrator.get(page_of(app, two[1])).status_code == 410
    assert "Undo this decision" in administrator.get(way).text
    undone = administrator.post(f"{way}/undo", follow_redirects=True)
    assert "The two are proposed again" in undone.text
    assert states(app, *two) == [PUBLISHED, PUBLISHED]
    assert administrator.get(page_of(app, two[1])).status_code == 200


def test_different_datasets_move_to_the_decided_ones(app, administrator, two, way):
    administrator.post(way, data={"choice": "different", "seen": seen(administrator, way)})
    assert states(app, *two) == [PUBLISHED, PUBLISHED]
    for address in ("/harvest/pairs", "/harvest/pairs/decided"):
        page = administrator.get(address).text
        assert "Different datasets, decided by Ada" in page
        assert f'action="{way}/undo"' in page


def test_who_changed_one_meanwhile_is_told_of(app, administrator, two, way):
    form = {"choice": f"same {two[0]}", "seen": seen(administrator, way)}
    catalogue = app.extensions["catalogue"]
    with catalogue.changing() as session:
        record = session.get_one(Record, two[0])
        changed = {**record.document, "title": {"en": "Stroke registry of Ghent"}}
        catalogue.records.put(session, "dataset", changed, key="a", author="test")
    answer = administrator.post(way, data=form)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert "Stroke registry of Ghent" in answer.text
    assert states(app, *two) == [PUBLISHED, PUBLISHED]


def test_forms_that_are_not_whole_change_nothing(app, administrator, two, way):
    for choice in ("", "same", "same x", "perhaps"):
        assert administrator.post(way, data={"choice": choice}).status_code == 400
    assert administrator.post(way, data={"choice": "same 99"}).status_code == 422
    assert administrator.post(f"{way}/undo").status_code == 404
    assert states(app, *two) == [PUBLISHED, PUBLISHED]


def test_reviewers_see_but_do_not_decide(app, two, way):
    client = signed_in(app, "rae@example.org", "reviewer")
    assert "Administrators decide" in client.get(way).text
    assert "<button name=" not in client.get(way).text
    assert client.post(way, data={"choice": "different"}).status_code == 403
    assert states(app, *two) == [PUBLISHED, PUBLISHED]


def test_others_see_nothing(app, way):
    editor = signed_in(app, "eve@example.org", organisations={"ghent": "manager"})
    for address in ("/harvest/pairs", "/harvest/pairs/decided", way):
        assert editor.get(address).status_code == 403
        nobody = app.test_client().get(address)
        assert nobody.status_code == 303
        assert nobody.headers["Location"].startswith("/sign-in?next=/harvest/pairs")


@pytest.mark.parametrize("address", ["/harvest/pairs/1/1", "/harvest/pairs/1/999"])
def test_what_is_no_pair_is_not_found(administrator, two, address):
    assert administrator.get(address).status_code == 404


def test_a_damaged_record_breaks_no_page(app, administrator, two, way):
    with app.extensions["catalogue"].database.write() as session:
        session.get_one(Record, two[1]).document = {"title": "no map", "temporal": 5}
    assert administrator.get("/harvest/pairs").status_code == 200
    assert administrator.get(way).status_code == 200
