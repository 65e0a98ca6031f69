"""One letter to the holders of several datasets: who is reached, what is seen, what is sent."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ADDRESS, browser_of, signed_in
from databases import until_somebody_waits
from factories import dataset, plant
from outbox import mails
from sqlalchemy import delete, func, select

from catalogue.accounts.models import Audit, Mail, Membership, Organisation, User
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.errors import TooOften
from catalogue.instance import Catalogue
from catalogue.mail import Message, SmtpMailer
from catalogue.outcomes.enquiries import Enquiry, EnquiryRecipient, Written
from catalogue.outcomes.received import MOST_A_DAY, EnquiryReceived
from catalogue.records.models import Record

FORM = {"purpose": "Outcomes of surgery", "text": "How many men\nhave EPIC-26?\n.\nFrom 2015 on."}


def settled(catalogue):
    """Five datasets: two of Ghent, one of Liège that withholds its holder, a demonstration, one
    that nobody looks after."""
    app = create_app(catalogue=catalogue)
    app.testing = False
    catalogue.post.close()  # what is sent stays in the outbox, where it is read
    plant(
        catalogue,
        dataset(title={"en": "Hearts of Ghent"}),
        dataset(title={"en": "Lungs of Ghent"}),
        dataset(title={"en": "A withheld cohort"}, holder_withheld=True),
        dataset(title={"en": "Shown only"}, demonstration=True),
        dataset(title={"en": "Orphan"}),
    )
    signed_in(app, "manager@ghent.example", organisations={"ghent": "manager"})
    signed_in(app, "editor@ghent.example", organisations={"ghent": "editor"})
    signed_in(app, "reader@ghent.example", organisations={"ghent": "reader"})
    signed_in(app, "boss@liege.example", organisations={"liege": "manager"})
    with catalogue.database.write() as session:
        numbers = {one.key: one.id for one in session.scalars(select(Organisation))}
        for slug, key in (("hf", "ghent"), ("hf-2", "ghent"), ("hf-3", "liege"), ("hf-4", "ghent")):
            session.scalar(select(Record).where(Record.slug == slug)).organisation = numbers[key]
    return app


@pytest.fixture(scope="module")
def settled_app(tmp_path_factory):
    """An application over these, whose records and people stay as they are."""
    folder = tmp_path_factory.mktemp("enquiries")
    catalogue = Catalogue(
        Settings(public_address=ADDRESS, instance=str(folder), mail="memory", rate_limits="off")
    )
    catalogue.database.migrate()
    yield settled(catalogue)
    catalogue.close()


@pytest.fixture
def app(settled_app):
    """The same before anybody wrote to anybody."""
    with settled_app.extensions["catalogue"].database.write() as session:
        for table in (Mail, Enquiry, EnquiryReceived, Audit):
            session.execute(delete(table))
    return settled_app


@pytest.fixture
def town(app):
    """The catalogue of that application."""
    return app.extensions["catalogue"]


@pytest.fixture
def own_app(new_catalogue):
    """An application over these, to change at will."""
    return settled(new_catalogue(mail="memory"))


def asker(app):
    return signed_in(app, "ada@uni.example", name="Ada Lovelace")


def about(*slugs, **more):
    return {**FORM, "dataset": list(slugs), **more}


def preview(client, *slugs, **more):
    response = client.post("/enquiries/new", data=about(*slugs, step="preview", **more))
    assert response.status_code == 200, response.text
    return response.text


def hidden(page, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def send(client, page, *slugs, **more):
    kept = {name: hidden(page, name) for name in ("once", "seen")}
    return client.post("/enquiries/new", data=about(*slugs, step="send", **{**kept, **more}))


def sent(catalogue):
    with catalogue.database.read() as session:
        return mails(session)


def test_who_has_not_signed_in_does_so_first_and_comes_back_to_the_same_list(app, town):
    response = browser_of(app).get("/enquiries/new?dataset=hf&dataset=hf-2")
    assert response.status_code == 303
    assert "next=/enquiries/new%3Fdataset%3Dhf%26dataset%3Dhf-2" in response.headers["Location"]


def test_it_is_seen_before_it_is_sent_and_nothing_goes_out_by_looking(app, town):
    client = asker(app)
    form = client.get("/enquiries/new?dataset=hf&dataset=hf-3").text
    assert "Hearts of Ghent" in form
    assert "ada@uni.example" in form
    page = preview(client, "hf", "hf-3", asked="/datasets?q=heart")
    assert "Enquiry about Hearts of Ghent and 1 more" in page
    assert "How many men" in page
    assert sent(town) == []
    changed = client.post("/enquiries/new", data=about("hf", step="change")).text
    assert "have EPIC-26?" in changed


def test_it_goes_to_managers_and_editors_each_about_their_own_datasets_only(app, town):
    client = asker(app)
    page = preview(client, "hf", "hf-2", "hf-3", asked="/datasets?q=heart")
    response = send(client, page, "hf", "hf-2", "hf-3", asked="/datasets?q=heart")
    assert response.status_code == 303
    found = {one.recipient: one for one in sent(town)}
    assert set(found) == {"manager@ghent.example", "editor@ghent.example", "boss@liege.example"}
    ghent, liege = found["editor@ghent.example"], found["boss@liege.example"]
    assert "Lungs of Ghent\nhttps://catalogue.example.org/datasets/hf-2" in ghent.body
    assert "withheld" not in ghent.body
    assert "Ghent" not in liege.body
    assert ghent.reply_to == liege.reply_to == "ada@uni.example"
    assert "> How many men\n> have EPIC-26?\n> .\n> From 2015 on." in ghent.body
    assert "https://catalogue.example.org/datasets?q=heart" in ghent.body
    shown = client.get(response.headers["Location"]).text
    assert "It is on its way" in shown
    assert "How many men" in shown
    assert "Outcomes of surgery" in client.get("/enquiries").text


def test_it_is_recorded_for_the_owners_and_in_the_log(app, town):
    client = asker(app)
    send(client, preview(client, "hf", "hf-3"), "hf", "hf-3")
    with town.database.read() as session:
        rows = session.execute(
            select(Record.slug, Organisation.key)
            .join(EnquiryRecipient, EnquiryRecipient.record_id == Record.id)
            .join(Organisation, Organisation.id == EnquiryRecipient.organisation_id)
            .order_by(Record.slug)
        ).all()
        assert [tuple(one) for one in rows] == [("hf", "ghent"), ("hf-3", "liege")]
        entry = session.scalar(select(Audit).where(Audit.action == "enquiry-sent"))
        assert (entry.name, entry.detail) == ("Ada Lovelace", {"datasets": 2})


def test_pressed_twice_it_is_sent_once(app, town):
    client = asker(app)
    page = preview(client, "hf")
    first, second = send(client, page, "hf"), send(client, page, "hf")
    assert first.headers["Location"] == second.headers["Location"]
    assert len(sent(town)) == 2  # to the manager and the editor


def test_pressed_twice_at_the_same_moment_it_is_sent_once(app, town):
    client = asker(app)
    page = preview(client, "hf")
    with ThreadPoolExecutor(1) as pool:
        with town.database.write() as session:
            ada = session.scalar(select(User).where(User.email == "ada@uni.example"))
            first = Enquiry(
                user_id=ada.id,
                once=hidden(page, "once"),
                purpose="Research",
                text="Is it mapped?",
                asked="",
                at=datetime.now(UTC),
            )
            session.add(first)
            session.flush()
            number = first.id
            second = pool.submit(send, client, page, "hf")
            until_somebody_waits(town.database)
        response = second.result(30)
    assert response.status_code == 303
    assert f"/enquiries/{number}" in response.headers["Location"]
    assert sent(town) == []  # what the first sends it sends itself


def test_whom_it_does_not_reach_is_said_before_with_the_contact_of_the_description(app, town):
    page = asker(app).get("/enquiries/new?dataset=hf&dataset=hf-4&dataset=hf-5&dataset=nope").text
    assert "It is a demonstration" in page
    assert "Nobody looks after it here" in page
    assert "desk@hospital.example" in page
    assert "“nope” is not in the catalogue" in page
    client = asker(app)
    none = client.post("/enquiries/new", data=about("hf-4", "hf-5", step="preview"))
    assert none.status_code == 422
    assert "None of these datasets can be asked about" in none.text
    assert sent(town) == []


def test_nothing_tells_who_holds_what(app, town):
    client = asker(app)
    pages = [client.get("/enquiries/new?dataset=hf-3").text, preview(client, "hf-3")]
    response = send(client, preview(client, "hf-3"), "hf-3")
    pages += [response.text, client.get(response.headers["Location"]).text]
    for page in pages:
        assert "Liege" not in page
        assert "boss@" not in page
        assert "desk@hospital.example" not in page


def test_a_dataset_that_was_withdrawn_between_looking_and_sending_is_looked_at_again(own_app):
    town = own_app.extensions["catalogue"]
    client = asker(own_app)
    page = preview(client, "hf", "hf-3")
    with town.changing() as session:
        record = town.records.get(session, "dataset", "hf-3")
        town.records.withdraw(session, record, author="test", note="x")
    again = send(client, page, "hf", "hf-3")
    assert again.status_code == 200
    assert "Meanwhile it reaches others" in again.text
    assert sent(town) == []


def test_who_looks_after_a_dataset_does_not_write_to_themselves(app, town):
    manager = signed_in(app, "boss@liege.example")
    assert "Nobody but you looks after it here" in manager.get("/enquiries/new?dataset=hf-3").text


def test_what_is_lacking_or_too_long_is_said_at_its_field(app, town):
    client = asker(app)
    wrong = {"purpose": " ", "text": "x" * 4001, "asked": "/elsewhere"}
    response = client.post("/enquiries/new", data=about("hf", step="preview") | wrong)
    assert response.status_code == 422
    for name in wrong:
        assert f'id="{name}-fault"' in response.text
    many = "&".join(f"dataset=x{n}" for n in range(21))
    assert client.get(f"/enquiries/new?{many}").status_code == 400
    assert "No dataset is chosen" in client.get("/enquiries/new").text


def test_it_is_limited_how_often_somebody_writes(own_app):
    client = asker(own_app)
    *answers, last = [send(client, preview(client, "hf"), "hf") for _ in range(11)]
    assert [one.status_code for one in answers] == [303] * 10
    assert last.status_code == 429
    assert "Try again in 24 hours." in last.text


def received(catalogue, key, number, **ago):
    """Somebody sent an organisation some enquiries, and has no account any more."""
    with catalogue.database.write() as session:
        one = session.scalar(select(Organisation.id).where(Organisation.key == key))
        at = datetime.now(UTC) - timedelta(**ago)
        session.add_all(EnquiryReceived(organisation_id=one, at=at) for _ in range(number))


def test_many_accounts_flood_no_inbox(app, town):
    client = asker(app)
    page = preview(client, "hf")
    received(town, "ghent", MOST_A_DAY - 1, hours=3)
    assert send(client, page, "hf").status_code == 303
    before = len(sent(town))
    page = client.post("/enquiries/new", data=about("hf", "hf-2", step="preview"))
    assert page.status_code == 429
    assert 20 * 3600 < int(page.headers["Retry-After"]) <= 21 * 3600
    assert "had as many enquiries as they get in a day. Try again in 21 hours" in page.text
    assert "asked about often today" in page.text
    page = preview(client, "hf", "hf-3")  # others are written to all the same
    assert "asked about often today" in page
    assert send(client, page, "hf", "hf-3").status_code == 303
    assert {one.recipient for one in sent(town)[before:]} == {"boss@liege.example"}


def test_an_inbox_that_was_filled_meanwhile_gets_no_more(app, town):
    client = asker(app)
    page = preview(client, "hf")
    with town.database.read() as session:
        user = town.accounts.by_email(session, "ada@uni.example")
        record = session.scalar(select(Record).where(Record.slug == "hf"))
        reached = town.enquiries.reach(session, [record], user)
    received(town, "ghent", MOST_A_DAY, hours=3)
    assert send(client, page, "hf").status_code == 429
    written, names = Written("For", "What"), {record.id: ("Hearts", "datasets/hf")}
    with pytest.raises(TooOften), town.database.write() as session:
        town.enquiries.send(session, user, written, reached, names, "f" * 32)
    assert sent(town) == []


def test_enquiries_of_yesterday_keep_nobody_from_writing_and_are_forgotten(app, town):
    received(town, "ghent", MOST_A_DAY, hours=25)
    client = asker(app)
    assert send(client, preview(client, "hf"), "hf").status_code == 303
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(EnquiryReceived)) == 1


def test_nobody_reads_what_others_sent_and_it_goes_with_the_account(app, town):
    client = asker(app)
    path = send(client, preview(client, "hf"), "hf").headers["Location"]
    assert signed_in(app, "eve@uni.example").get(path).status_code == 404
    with town.database.write() as session:
        session.delete(session.scalar(select(User).where(User.email == "ada@uni.example")))
        session.flush()
        assert session.scalar(select(Enquiry)) is None
        assert session.scalar(select(EnquiryRecipient)) is None


def test_a_blocked_member_is_not_written_to(own_app):
    town = own_app.extensions["catalogue"]
    with town.database.write() as session:
        user = session.scalar(select(User).where(User.email == "boss@liege.example"))
        session.delete(session.scalar(select(Membership).where(Membership.user_id == user.id)))
    assert "Nobody looks after it here" in asker(own_app).get("/enquiries/new?dataset=hf-3").text


def test_a_mail_says_whom_to_answer():
    letter = SmtpMailer("h", 25, "catalogue@example.org")._letter(
        Message("to@example.org", "S", "B", reply_to="ada@uni.example")
    )
    assert letter["Reply-To"] == "ada@uni.example"
