"""The pages of the workspace: write, review, publish, withdraw; who may see what; by hand."""

from __future__ import annotations

import re

import pytest
from conftest import signed_in
from factories import agent, dataset

PAGE = {"Accept": "text/html"}


@pytest.fixture
def app(catalogue_app):
    catalogue_app.testing = False
    catalogue = catalogue_app.extensions["catalogue"]
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="seed")
    return catalogue_app


@pytest.fixture
def catalogue(app):
    return app.extensions["catalogue"]


@pytest.fixture
def editor(app):
    return signed_in(app, "nora@example.org", organisations={"ghent": "manager"}, name="Nora Nurse")


@pytest.fixture
def reviewer(app):
    return signed_in(app, "rita@example.org", role="reviewer", name="Rita Reviewer")


@pytest.fixture
def administrator(app):
    return signed_in(app, "root@example.org", role="administrator")


def begin(catalogue, editor, **changed) -> str:
    """A draft of the hospital with all that publication needs; its path in the workspace."""
    answer = editor.post("/workspace/new", data={"kind": "dataset", "organisation": "ghent"})
    assert answer.status_code == 303
    path = re.match(r"/workspace/dataset/\w+", answer.location)[0]
    with catalogue.database.write() as session:
        key = path.rpartition("/")[2]
        catalogue.records.save(
            session, "dataset", dataset(**changed), key=key, author="user:1", note="Filled in"
        )
    return path


def etag(client, path) -> str:
    return re.search(r'name="etag" value="(\w+)"', client.get(path).text)[1]


def take(client, path, step, note="Because"):
    return client.post(f"{path}/{step}", data={"note": note})


def test_a_draft_is_handed_in_commented_sent_back_and_published(catalogue, editor, reviewer):
    path = begin(catalogue, editor)
    overview = editor.get(path).text
    assert "Draft" in overview
    assert "Submit for review" in overview
    assert reviewer.get(path).status_code == 404  # not before it is handed in
    assert take(editor, path, "submit").status_code == 303
    assert "Submitted" in editor.get(path).text  # said once
    assert "Waiting for review" in reviewer.get("/workspace").text
    assert "Heart failure registry of Ghent" in reviewer.get("/workspace").text
    answer = reviewer.post(f"{path}/comments", data={"field": "title", "text": "Which <Ghent>?"})
    assert answer.location == f"{path}/review#field-title"
    assert take(reviewer, path, "return", "").status_code == 422
    assert take(reviewer, path, "return", "One question").status_code == 303
    form = editor.get(f"{path}/about").text
    assert "Which &lt;Ghent&gt;?" in form
    assert "Rita Reviewer" in form
    comment = re.search(r'action="(/workspace/dataset/\w+/comments/\d+)"', form)[1]
    assert editor.post(comment, data={"section": "about"}).status_code == 303
    assert "Which &lt;Ghent&gt;?" not in editor.get(f"{path}/about").text
    assert take(editor, path, "submit").status_code == 303
    assert take(reviewer, path, "publish").status_code == 303
    page = editor.get(path).text
    assert "Published" in page
    public = re.search(r'href="(/datasets/[\w-]+)"', page)[1]
    assert editor.application.test_client().get(public, headers=PAGE).status_code == 200
    assert "Open it in the workspace" in editor.get(public, headers=PAGE).text
    assert "workspace" not in editor.application.test_client().get(public, headers=PAGE).text


def test_what_is_lacking_is_listed_with_the_way_to_each_field(catalogue, editor):
    path = begin(catalogue, editor, description=None, provenance=None)
    answer = take(editor, path, "submit")
    assert answer.status_code == 422
    assert "cannot be published yet" in answer.text
    ways = re.findall(rf'href="({path}/[\w-]+\?tier=\w+#field-\w+)">([^<]+)', answer.text)
    assert (f"{path}/about?tier=minimum#field-description", "Description") in ways
    for way, _ in ways[:4]:
        address, _, anchor = way.partition("#")
        assert f'id="{anchor}"' in editor.get(address).text, way
    assert editor.get(f"{path}/check").status_code == 200


def test_an_organisation_that_nobody_can_reach_is_mended_where_it_is_described(catalogue, editor):
    answer = editor.post("/account/organisations/new", data={"name": "Registry Office"})
    assert answer.location.startswith("/workspace/agent/")
    holder = answer.location.removesuffix("/first")
    first = editor.get(answer.location)
    assert first.status_code == 303
    answer = editor.post("/workspace/new", data={"organisation": "registry-office"})
    path = re.match(r"/workspace/dataset/\w+", answer.location)[0]
    assert f'href="{holder}/' in editor.get(f"{path}/check").text


def test_the_preview_is_what_the_world_would_see(catalogue, editor):
    path = begin(catalogue, editor, holder_withheld=True)
    page = editor.get(f"{path}/preview").text
    assert "This is what everybody would see" in page
    assert "Heart failure registry of Ghent" in page
    assert "desk@hospital.example" not in page
    for suffix in ("ttl", "jsonld", "rdf", "nt"):
        answer = editor.get(f"{path}/preview.{suffix}")
        assert answer.status_code == 200
        assert "desk@hospital.example" not in answer.text
    assert "desk@hospital.example" in editor.get(f"{path}/review").text


def test_who_may_see_what_is_said_field_by_field(catalogue, editor):
    path = begin(catalogue, editor)
    page = editor.get(f"{path}/audience").text
    assert 'name="audience-number_of_unique_individuals"' in page
    assert 'name="audience-title"' not in page  # no description is valid without
    members = catalogue.vocabularies["audience"].by_code["members"].iri
    answer = editor.post(
        f"{path}/audience",
        data={
            "etag": etag(editor, f"{path}/audience"),
            "audience-number_of_unique_individuals": members,
            "audience-title": members,
            "holder_withheld": "yes",
        },
    )
    assert answer.status_code == 303
    assert "12,000" not in editor.get(f"{path}/preview").text
    with catalogue.database.read() as session:
        document = catalogue.records.get(session, "dataset", path.rpartition("/")[2]).draft
    assert [one["field"] for one in document["restricted"]] == ["number_of_unique_individuals"]
    assert document["holder_withheld"] is True
    wrong = editor.post(f"{path}/audience", data={"audience-spatial": "everybody's friends"})
    assert wrong.status_code == 422


def test_a_box_that_is_not_ticked_says_nothing_and_other_wishes_are_kept(catalogue, editor):
    members = catalogue.vocabularies["audience"].by_code["members"].iri
    path = begin(
        catalogue,
        editor,
        restricted=[{"field": "access_cost", "audience": members}],  # which is not stated yet
    )
    editor.post(f"{path}/audience", data={"etag": etag(editor, f"{path}/audience")})
    with catalogue.database.read() as session:
        document = catalogue.records.get(session, "dataset", path.rpartition("/")[2]).draft
    assert "holder_withheld" not in document
    assert [one["field"] for one in document["restricted"]] == ["access_cost"]


def test_a_reviewer_reads_the_name_of_a_holder_that_is_not_public_yet(catalogue, editor, reviewer):
    with catalogue.changing() as session:
        team = catalogue.accounts.organisations.get(session, "ghent")
        catalogue.records.save(
            session,
            "agent",
            agent("Office of Ghent"),
            key="office",
            author="x",
            organisation=team.id,
        )
    path = begin(catalogue, editor, publisher="id/agent/office")
    take(editor, path, "submit")
    assert "Office of Ghent" in reviewer.get(f"{path}/review").text
    step = reviewer.get(f"{path}/publish").text
    assert "Office of Ghent" in step
    assert "published with it" in step


def test_lists_and_tiers_of_pages_are_those_of_the_program():
    from catalogue.profile.form import ASKED_TIERS
    from catalogue.records.models import STAGES
    from catalogue.web.workspace import words
    from catalogue.workspace import LISTS

    assert list(words.LISTS) == ["", *LISTS]
    assert list(words.GAINS) == list(ASKED_TIERS)
    assert list(words.STAGES) == list(STAGES)


def test_every_step_has_words(catalogue):
    from catalogue.web.workspace import words

    assert set(words.STEPS) == set(catalogue.workspace.steps)


def test_who_began_from_an_older_text_is_told(catalogue, editor):
    path = begin(catalogue, editor)
    old = etag(editor, f"{path}/audience")
    with catalogue.database.write() as session:
        key = path.rpartition("/")[2]
        catalogue.records.save(
            session, "dataset", dataset(title={"en": "Other"}), key=key, author="user:9"
        )
    answer = editor.post(f"{path}/audience", data={"etag": old, "holder_withheld": "yes"})
    assert answer.status_code == 409
    assert "since you read it" in answer.text


def test_every_step_of_the_history_can_be_read_compared_and_taken_up(catalogue, editor, reviewer):
    path = begin(catalogue, editor)
    take(editor, path, "submit")
    take(reviewer, path, "publish")
    with catalogue.database.write() as session:
        key = path.rpartition("/")[2]
        changed = dataset(title={"en": "Hearts of Ghent"}, number_of_unique_individuals=15000)
        catalogue.records.save(session, "dataset", changed, key=key, author="user:1")
    page = editor.get(f"{path}/history").text
    assert "Nora Nurse" in page
    assert "Rita Reviewer" in page
    assert "user:" not in page
    assert "Hearts of Ghent" in page
    numbers = sorted({int(n) for n in re.findall(rf'href="{path}/history/(\d+)"', page)})
    assert numbers
    past = editor.get(f"{path}/history/{numbers[0]}")
    assert past.status_code == 200
    assert editor.post(f"{path}/history/{numbers[0]}").status_code == 303
    assert editor.get(f"{path}/history/999").status_code == 404


def test_a_draft_is_deleted_only_after_a_question(catalogue, editor):
    path = begin(catalogue, editor)
    assert "cannot be brought back" in editor.get(f"{path}/delete").text
    assert editor.post(f"{path}/delete").status_code == 303
    assert editor.get(path).status_code == 404
    assert "was deleted" in editor.get("/workspace").text


def test_a_withdrawn_record_leaves_a_tombstone_and_comes_back(catalogue, editor, reviewer):
    path = begin(catalogue, editor)
    take(editor, path, "submit")
    take(reviewer, path, "publish")
    public = re.search(r'href="(/datasets/[\w-]+)"', editor.get(path).text)[1]
    stranger = editor.application.test_client()
    assert take(editor, path, "withdraw", "").status_code == 422
    assert take(editor, path, "withdraw", "Moved").status_code == 303
    assert stranger.get(public, headers=PAGE).status_code == 410
    assert take(reviewer, path, "restore").status_code == 303
    assert stranger.get(public, headers=PAGE).status_code == 200


def test_administrators_say_which_networks_review_and_who_looks_after_what(
    catalogue, editor, administrator
):
    with catalogue.changing() as session:
        catalogue.records.put(
            session,
            "catalogue",
            {
                "title": {"en": "PIONEER"},
                "description": {"en": "Prostate cancer"},
                "publisher": "id/agent/ghent",
                "applicable_legislation": ["http://data.europa.eu/eli/reg/2025/327/oj"],
            },
            key="pioneer",
            author="seed",
        )
    assert "PIONEER" in administrator.get("/admin/networks").text
    assert editor.get("/admin/networks").status_code == 403
    administrator.post("/admin/networks", data={"network": "pioneer", "review": "no"})
    path = begin(catalogue, editor, listed_in=["id/catalogue/pioneer"])
    assert take(editor, path, "publish").status_code == 303
    administrator.post("/admin/networks", data={"network": "pioneer", "review": ""})
    again = begin(catalogue, editor, listed_in=["id/catalogue/pioneer"])
    assert take(editor, again, "publish").status_code == 403
    assert administrator.post(f"{path}/assign", data={"organisation": ""}).status_code == 303
    assert editor.get(path).status_code == 404
    administrator.post(f"{path}/assign", data={"organisation": "ghent"})
    assert editor.get(path).status_code == 200


@pytest.mark.parametrize("stage", ["", "draft", "in-review", "returned", "published", "withdrawn"])
def test_lists_by_stage_have_words_when_they_are_empty(editor, stage):
    assert editor.get(f"/workspace?stage={stage}").status_code == 200
    assert editor.get("/workspace?stage=sleeping").status_code == 404


def test_whoever_belongs_to_no_organisation_is_shown_where_to_begin(app):
    newcomer = signed_in(app, "new@example.org")
    page = newcomer.get("/workspace").text
    assert "Name your organisation" in page
    assert newcomer.post("/workspace/new", data={}).status_code == 400
