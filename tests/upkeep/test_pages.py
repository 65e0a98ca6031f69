"""The pages: a link that confirms, badges, the coordinator's list, quality, the dashboard."""

from __future__ import annotations

import csv
import io
import re

import pytest
from conftest import browser_of, signed_in
from outbox import mails
from sqlalchemy import select

from catalogue.accounts.models import Membership
from catalogue.upkeep.models import Confirmation, DayOfViews

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}


def link_of(tended, recipient="ed@example.org"):
    tended.catalogue.reminding.tend()
    with tended.catalogue.database.read() as session:
        body = next(m.body for m in mails(session) if m.recipient == recipient)
    return re.search(r"(/checks/\S+)", body)[1]


def text_of(response, status=200):
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def test_opening_a_link_confirms_nothing_and_shows_nothing_that_is_not_public(tended):
    tended.publish(
        "hf",
        holder_withheld=True,
        hdab="https://body.example/id",
        restricted=[{"field": "number_of_unique_individuals", "audience": "curators"}],
        number_of_unique_individuals=31415,
    )
    tended.later(12)
    address = link_of(tended)
    response = browser_of(tended.app).get(address)
    page = text_of(response)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "1 description is due" in page
    assert "Registry hf" in page
    for secret in ("Hospital of Ghent", "ed@example.org", "31,415", "31415"):
        assert secret not in page
    browser_of(tended.app).head(address)
    assert tended.standing("hf").state == "due"


def test_one_click_confirms_a_section_and_one_confirms_all_of_it(tended):
    for key in ("hf", "copd"):
        tended.publish(key)
    tended.later(12)
    address, client = link_of(tended), browser_of(tended.app)
    sent = {"record": "hf", "section": "people"}
    response = client.post(address, data=sent)
    assert response.status_code == 303
    assert response.location.endswith("#of-hf")
    assert "Confirmed <time" in text_of(client.get(address))
    client.post(address, data={"record": "hf"})
    page = text_of(client.get(address))
    assert "“Registry hf” is confirmed" in page
    assert "1 description is due" in page
    client.post(address, data={"record": "copd"})
    assert "Nothing is due any more" in text_of(client.get(address))
    assert {tended.standing(key).state for key in ("hf", "copd")} == {"current"}


def test_a_link_does_nothing_for_other_records_strangers_pages_and_those_who_left(tended):
    tended.publish("hf")
    tended.publish("gout", "leuven")
    tended.later(12)
    address, client = link_of(tended), browser_of(tended.app)
    assert client.post(address, data={"record": "gout"}).status_code == 404
    assert client.post(address, data={"record": "hf", "section": "x" * 99}).status_code == 422
    assert tended.app.test_client().post(address, data={"record": "hf"}).status_code == 403
    assert client.get("/checks/anything").status_code == 410
    with tended.catalogue.database.write() as session:
        ed = tended.catalogue.accounts.by_email(session, "ed@example.org")
        session.delete(session.scalars(select(Membership).filter_by(user_id=ed.id)).one())
    assert client.get(address).status_code == 410
    assert client.post(address, data={"record": "hf"}).status_code == 410
    assert tended.standing("hf").state == "due"


def test_badges_tell_when_it_was_confirmed_and_since_when_a_check_is_overdue(tended):
    tended.later(12, days=61)
    tended.publish("hf", last_confirmed="2025-05-02")
    tended.publish("gout", "leuven")
    tended.publish("alone", organisation="", last_confirmed="2020")
    client = tended.app.test_client()
    page = text_of(client.get("/datasets/hf"))
    assert "Confirmed by its holder in May 2025" in page
    assert "overdue" not in page
    assert "Check overdue since 13 May 2026" in text_of(client.get("/datasets/gout"))
    assert "Confirmed by its holder in 2020" in text_of(client.get("/datasets/alone"))
    found = text_of(client.get("/datasets"))
    assert "Check overdue since 13 May 2026" in found
    assert "3 datasets" in found
    assert "Confirmed by its holder in May 2025" in found


def test_the_coordinator_sees_what_is_due_and_takes_it_along(tended):
    tended.later(12, days=61)
    tended.publish("hf")
    tended.publish("gout", "leuven", last_confirmed="2026-01-01")
    rita = signed_in(tended.app, "rita@example.org", "reviewer")
    page = text_of(rita.get("/workspace/checks?list=overdue"))
    assert "Registry hf" in page
    assert "Registry gout" not in page
    assert "Registry gout" not in text_of(rita.get("/workspace/checks?organisation=ghent"))
    rows = list(csv.DictReader(io.StringIO(text_of(rita.get("/workspace/checks.csv")))))
    assert [(row["title"], row["state"], row["due"]) for row in rows] == [
        ("Registry hf", "overdue", "2026-03-14"),
        ("Registry gout", "current", "2027-01-01"),
    ]
    assert rita.get("/workspace/checks?list=lost").status_code == 404
    assert rita.get("/workspace/checks?organisation=nowhere").status_code == 404
    nora = signed_in(tended.app, "nora@example.org")
    assert nora.get("/workspace/checks").status_code == 403


def test_the_quality_page_says_what_each_answer_would_bring_with_the_way_to_it(tended):
    tended.publish("hf")
    tended.later(12)
    nora = signed_in(tended.app, "nora@example.org")
    page = text_of(nora.get("/workspace/dataset/hf/quality"))
    assert re.search(
        r'href="[^"]*#field-follow_up_median_years">Median follow-up in years</a>', page
    )
    assert "makes you answer 2 more criteria and filters" in page
    response = nora.post("/workspace/dataset/hf/confirm", data={})
    assert response.status_code == 303
    assert tended.standing("hf").state == "current"
    assert "All of it is confirmed" in text_of(nora.get(response.location))
    rea = signed_in(tended.app, "rea@example.org")
    page = text_of(rea.get("/workspace/dataset/hf/quality"))
    assert "All of it is correct" not in page
    assert rea.post("/workspace/dataset/hf/confirm").status_code == 403
    assert text_of(nora.get("/workspace/agent/ghent/quality"), 404)
    els = signed_in(tended.app, "els@example.org")
    assert els.get("/workspace/dataset/hf/quality").status_code == 404


def test_a_score_is_never_shown_to_the_world(tended):
    tended.publish("hf")
    client = tended.app.test_client()
    for address in ("/datasets/hf", "/datasets/hf.json", "/datasets", "/datasets/hf/label"):
        assert "of 100" not in text_of(client.get(address))


def test_the_label_shows_its_evidence_and_says_that_it_is_not_official(tended):
    tended.publish("hf")
    client = tended.app.test_client()
    page = text_of(client.get("/datasets/hf/label"))
    assert "Computed by this catalogue, not an official label." in page
    assert "Lag in months: not stated" in page
    assert '<a href="/datasets/hf#coverage">Period covered</a>: stated' in page
    turtle = text_of(client.get("/datasets/hf/label.ttl"))
    assert "a dqv:QualityAnnotation" in turtle
    assert "not an official label" in turtle
    assert "prov:wasAttributedTo <https://catalogue.example.org/id/catalogue/bd4bo>" in turtle
    assert "QualityAnnotation" not in text_of(client.get("/datasets/hf.ttl"))
    assert client.get("/datasets/none/label").status_code == 404
    for suffix in ("jsonld", "rdf", "nt"):
        assert client.get(f"/datasets/hf/label.{suffix}").status_code == 200


def test_the_label_tells_how_mature_the_holders_workflows_are(tended):
    from factories import agent

    workflow = {
        "workflow_name": {"en": "Heart registry"},
        "maturity": [{"maturity_dimension": "governance", "maturity_level": "4"}],
    }
    with tended.catalogue.changing() as session:
        document = agent(workflow=[workflow, {"workflow_name": {"en": "Claims"}, "maturity": []}])
        tended.catalogue.records.put(session, "agent", document, key="ghent", author="seed")
    tended.publish("hf", custodian="id/agent/ghent")
    page = text_of(tended.app.test_client().get("/datasets/hf/label"))
    assert "Heart registry" in page
    assert "4: measured" in page
    assert "nobody here has checked it" in page
    tended.publish("hidden", custodian="id/agent/ghent", holder_withheld=True)
    assert "Heart registry" not in text_of(tended.app.test_client().get("/datasets/hidden/label"))


def test_the_dashboard_tells_what_is_due_what_is_in_work_and_how_each_dataset_does(tended):
    tended.publish("hf")
    tended.later(12)
    nora = signed_in(tended.app, "nora@example.org")
    tended.catalogue.counting.viewed(tended.record("hf").id)
    tended.catalogue.counting.write()
    page = text_of(nora.get("/workspace/organisations/ghent"))
    assert "Due since 14 March 2026" in page
    assert "0 drafts" in page
    assert 'data-label="Views in 30 days" class="figure">1<' in page
    assert "None in this month or the last" in page
    assert "Check due since 14 March 2026" in page
    ada = signed_in(tended.app, "ada@example.org", "administrator")
    assert text_of(ada.get("/workspace/organisations/ghent"))
    rita = signed_in(tended.app, "rita@example.org", "reviewer")  # drafts are none of hers
    assert rita.get("/workspace/organisations/ghent").status_code == 404
    els = signed_in(tended.app, "els@example.org")
    assert els.get("/workspace/organisations/ghent").status_code == 404
    assert "Nothing is due" in text_of(els.get("/workspace/organisations/leuven"))


def test_the_workspace_tells_beside_each_dataset_that_its_check_waits(tended):
    tended.publish("hf")
    nora = signed_in(tended.app, "nora@example.org")
    tended.later(11)
    assert "Check due" not in text_of(nora.get("/workspace"))
    tended.later(12)
    tended.publish("new", last_confirmed="2026-03-01")
    page = text_of(nora.get("/workspace"))
    assert page.count("Check due since 14 March 2026") == 1
    assert "/workspace/dataset/hf/quality#check" in page
    tended.later(14)
    assert "Check overdue since 13 May 2026" in text_of(nora.get("/workspace"))


def test_views_count_people_and_neither_machines_nor_those_who_look_after_it(tended):
    tended.publish("hf")
    client, nora = tended.app.test_client(), signed_in(tended.app, "nora@example.org")
    els = signed_in(tended.app, "els@example.org")
    for one in (client, client, els, nora):
        one.get("/datasets/hf", headers=PERSON)
    client.head("/datasets/hf", headers=PERSON)
    client.get("/datasets/hf", headers={"User-Agent": "Googlebot/2.1"})
    client.get("/datasets/hf", headers={**PERSON, "Sec-Purpose": "prefetch"})
    client.get("/datasets/hf", headers={**PERSON, "Accept": "text/turtle"})
    client.get("/datasets/none", headers=PERSON)
    counting = tended.catalogue.counting
    with tended.catalogue.database.read() as session:
        assert session.scalars(select(DayOfViews)).all() == []  # nobody waited for a writer
    counting.write()
    client.get("/datasets/hf", headers=PERSON)
    counting.write()
    with tended.catalogue.database.read() as session:
        assert [row.views for row in session.scalars(select(DayOfViews))] == [4]


@pytest.mark.parametrize("path", ["/workspace/checks", "/workspace/organisations/ghent"])
def test_who_is_not_signed_in_does_that_first(tended, path):
    assert tended.app.test_client().get(path).status_code == 303


def test_damaged_descriptions_break_no_page_of_upkeep(tended):
    number = tended.publish("hf")
    tended.later(12)
    address = link_of(tended)
    with tended.catalogue.database.write() as session:
        record = session.get(type(tended.record("hf")), number)
        record.document = {**record.document, "temporal": "long ago", "linkage": 7, "keyword": 3}
    nora = signed_in(tended.app, "nora@example.org")
    for path in ("/workspace/organisations/ghent", "/workspace/dataset/hf/quality"):
        assert nora.get(path).status_code in (200, 422, 503)
    for path in (address, "/datasets/hf/label", "/datasets"):
        assert browser_of(tended.app).get(path).status_code in (200, 503)
    with tended.catalogue.database.read() as session:
        assert session.scalars(select(Confirmation)).all() == []
