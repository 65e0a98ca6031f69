"""The workspace: from a draft by way of a review to the world, and back; nobody oversteps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import EHDS, agent, dataset
from sqlalchemy import event, select

from catalogue import changes
from catalogue.accounts.letters import Letters
from catalogue.accounts.models import Audit, Membership, Organisation, User
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from catalogue.mail import MemoryMailer
from catalogue.records import revisions
from catalogue.records.models import Revision
from catalogue.search.query import Query

EDITOR, CONTRIBUTOR, MANAGER, READER = (
    Viewer(user=n, name=role, roles={1: role})
    for n, role in enumerate(("editor", "contributor", "manager", "reader"), start=1)
)
REVIEWER = Viewer(user=8, name="reviewer", role="reviewer")
ADMINISTRATOR = Viewer(user=9, name="administrator", role="administrator")
STRANGER = Viewer(user=10, name="stranger", roles={2: "manager"})


@pytest.fixture
def ghent(empty):
    """A catalogue with a hospital that has described itself."""
    with empty.changing() as session:
        for number, key in enumerate(("ghent", "elsewhere"), start=1):
            session.add(
                Organisation(
                    id=number, key=key, name=key, agent=f"id/agent/{key}", created=datetime.now(UTC)
                )
            )
        session.flush()
        empty.records.put(session, "agent", agent(), key="ghent", author="seed")
    return empty


def begin(catalogue, viewer=EDITOR, **changed):
    """A draft with everything that publication asks for."""
    with catalogue.changing() as session:
        organisation = session.get(Organisation, 1)
        return catalogue.workspace.create(
            session, viewer, "dataset", organisation, dataset(**changed)
        ).key


def act(catalogue, viewer, key, step, note="Because"):
    with catalogue.changing() as session:
        record = catalogue.workspace.open(session, viewer, "dataset", key, step)
        return catalogue.workspace.take(session, viewer, record, step, note).stage


def edit(catalogue, viewer, key, **changed):
    with catalogue.changing() as session:
        record = catalogue.workspace.open(session, viewer, "dataset", key, "edit")
        return catalogue.workspace.save(
            session, viewer, record, {**record.working_copy, **changed}
        ).stage


def test_a_draft_goes_through_review_to_the_world_and_back(ghent):
    key = begin(ghent)
    assert ghent.finder.find(Query("ghent")).total == 0
    assert act(ghent, EDITOR, key, "submit") == "submitted"
    assert act(ghent, REVIEWER, key, "return", "Whose heart?") == "returned"
    assert edit(ghent, CONTRIBUTOR, key, title={"en": "Hearts of Ghent"}) == "returned"
    assert act(ghent, EDITOR, key, "submit") == "submitted"
    assert act(ghent, EDITOR, key, "recall") == "draft"
    assert act(ghent, EDITOR, key, "submit") == "submitted"
    assert act(ghent, REVIEWER, key, "publish") == "published"
    assert ghent.finder.find(Query("hearts")).total == 1
    assert edit(ghent, EDITOR, key, title={"en": "Lungs of Ghent"}) == "revised"
    assert ghent.finder.find(Query("lungs")).total == 0
    assert act(ghent, EDITOR, key, "discard") == "published"
    assert act(ghent, MANAGER, key, "withdraw", "Moved") == "withdrawn"
    assert ghent.finder.find(Query("hearts")).total == 0
    assert act(ghent, REVIEWER, key, "restore") == "published"
    assert ghent.finder.find(Query("hearts")).total == 1


def test_the_address_is_made_of_the_title_under_which_a_record_is_first_published(ghent):
    with ghent.changing() as session:
        organisation = session.get(Organisation, 1)
        record = ghent.workspace.create(session, EDITOR, "dataset", organisation, {})
        assert record.slug == "record"
    edit(ghent, EDITOR, record.key, **dataset(title={"en": "Hearts of Ghent"}))
    act(ghent, EDITOR, record.key, "submit")
    act(ghent, REVIEWER, record.key, "publish")
    with ghent.database.read() as session:
        assert ghent.records.get(session, "dataset", record.key).slug == "hearts-of-ghent"
    edit(ghent, EDITOR, record.key, title={"en": "Another title"})
    act(ghent, EDITOR, record.key, "submit")
    act(ghent, REVIEWER, record.key, "publish")
    with ghent.database.read() as session:
        assert ghent.records.get(session, "dataset", record.key).slug == "hearts-of-ghent"


def test_what_is_lacking_keeps_a_draft_from_review_and_changes_nothing(ghent):
    key = begin(ghent, description=None)
    with pytest.raises(Invalid) as raised:
        act(ghent, EDITOR, key, "submit")
    assert [problem.path for problem in raised.value.problems] == [("description",)]
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        assert (record.stage, record.revision) == ("draft", 1)


def test_a_stranger_is_told_that_there_is_no_such_record(ghent):
    key = begin(ghent)
    for viewer in (STRANGER, REVIEWER, Viewer()):  # a reviewer sees what was handed in
        with pytest.raises(NotFound, match="that you look after"):
            act(ghent, viewer, key, "submit")
    with pytest.raises(NotFound):
        act(ghent, EDITOR, "nothing-there", "submit")


def test_a_refusal_says_what_would_help(ghent):
    key = begin(ghent)
    with pytest.raises(Forbidden, match="submit it instead"):
        act(ghent, EDITOR, key, "publish")
    with pytest.raises(Forbidden, match="role does not allow"):
        edit(ghent, READER, key, title={"en": "x"})
    act(ghent, EDITOR, key, "submit")
    with pytest.raises(Forbidden, match="Recall it"):
        edit(ghent, EDITOR, key, title={"en": "x"})


def test_a_network_says_whether_its_records_are_reviewed(ghent):
    with ghent.changing() as session:
        for network in ("open", "strict"):
            ghent.records.put(
                session,
                "catalogue",
                {
                    "title": {"en": network},
                    "description": {"en": network},
                    "publisher": "id/agent/ghent",
                    "applicable_legislation": [EHDS],
                },
                key=network,
                author="seed",
            )
        for network, review in (("open", False), ("strict", True)):
            ghent.workspace.set_policy(session, ADMINISTRATOR, f"id/catalogue/{network}", review)
        with pytest.raises(Forbidden):
            ghent.workspace.set_policy(session, MANAGER, "id/catalogue/open", True)
    key = begin(ghent, listed_in=["id/catalogue/open"])
    assert act(ghent, EDITOR, key, "publish") == "published"
    # One network that reviews is enough.
    both = begin(ghent, listed_in=["id/catalogue/open", "id/catalogue/strict"])
    with pytest.raises(Forbidden):
        act(ghent, EDITOR, both, "publish")


def test_the_holders_own_description_is_published_with_its_first_dataset(ghent):
    with ghent.changing() as session:
        organisation = session.get(Organisation, 2)
        ghent.records.save(
            session, "agent", agent("Elsewhere"), key="elsewhere", author="x", organisation=2
        )
        viewer = Viewer(user=10, roles={2: "editor"})
        said = dataset(publisher="id/agent/elsewhere")
        key = ghent.workspace.create(session, viewer, "dataset", organisation, said).key
    act(ghent, viewer, key, "submit")
    with ghent.database.read() as session:
        assert ghent.records.get(session, "agent", "elsewhere").state == "draft"
    act(ghent, REVIEWER, key, "publish")
    with ghent.database.read() as session:
        assert ghent.records.get(session, "agent", "elsewhere").state == "published"


def test_only_organisations_are_published_with_a_dataset_that_names_them(ghent):
    other = begin(ghent, title={"en": "Not handed in"})
    key = begin(ghent, source=[f"id/dataset/{other}"])
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    with ghent.database.read() as session:
        assert ghent.records.get(session, "dataset", other).stage == "draft"


def test_an_organisation_whose_description_was_deleted_begins_another(ghent):
    manager = Viewer(user=11, name="m", roles={2: "manager"})
    with ghent.changing() as session:
        elsewhere = session.get(Organisation, 2)
        elsewhere.agent = ""
        reference = ghent.workspace.holder(session, manager, elsewhere)
        record = ghent.records.named(session, [reference])[reference]
        ghent.workspace.delete(session, manager, record)
        session.refresh(elsewhere)
        assert elsewhere.agent == ""
        assert ghent.workspace.holder(session, manager, elsewhere) != reference


def test_saving_again_and_again_in_one_sitting_is_one_step_of_the_history(ghent):
    key = begin(ghent)
    for number in range(5):
        edit(ghent, EDITOR, key, title={"en": f"Title {number}"})
    edit(ghent, CONTRIBUTOR, key, title={"en": "By another"})
    edit(ghent, EDITOR, key, title={"en": "Mine again"})
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        steps = [(one.author, one.document["title"]["en"]) for one in revisions.of(session, record)]
    assert steps == [
        ("user:1", "Mine again"),
        ("user:2", "By another"),
        ("user:1", "Title 4"),
    ]


def test_a_sitting_ends_after_half_an_hour_and_with_every_other_step(ghent):
    key = begin(ghent)
    with ghent.changing() as session:
        record = ghent.records.get(session, "dataset", key)
        ghent.records.save(
            session,
            "dataset",
            {**record.working_copy, "title": {"en": "Later"}},
            key=key,
            author="user:1",
            at=datetime.now(UTC) + timedelta(minutes=31),
        )
        assert record.revision == 2
    act(ghent, EDITOR, key, "submit")
    act(ghent, EDITOR, key, "recall")
    edit(ghent, EDITOR, key, title={"en": "After the recall"})
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        actions = [one.action for one in revisions.of(session, record)]
    assert actions == ["saved", "recalled", "submitted", "saved", "saved"]


def test_what_was_written_before_an_earlier_revision_was_taken_up_is_not_lost(ghent):
    key = begin(ghent)
    edit(ghent, CONTRIBUTOR, key, title={"en": "Second"})
    edit(ghent, EDITOR, key, title={"en": "An hour of work"})
    with ghent.changing() as session:
        record = ghent.workspace.open(session, EDITOR, "dataset", key, "edit")
        ghent.workspace.revert(session, EDITOR, record, 1)
    edit(ghent, EDITOR, key, title={"en": "Afterwards"})
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        titles = [
            (one.action, one.document["title"]["en"]) for one in revisions.of(session, record)
        ]
    assert titles == [
        ("saved", "Afterwards"),
        ("reverted", "Heart failure registry of Ghent"),
        ("saved", "An hour of work"),
        ("saved", "Second"),
        ("saved", "Heart failure registry of Ghent"),
    ]


def test_a_save_with_a_note_is_a_step_of_its_own(ghent):
    key = begin(ghent)
    for number, note in enumerate(("", "Corrected after an audit", "")):
        with ghent.changing() as session:
            record = ghent.workspace.open(session, EDITOR, "dataset", key, "edit")
            changed = {**record.working_copy, "title": {"en": f"Title {number}"}}
            ghent.workspace.save(session, EDITOR, record, changed, note=note)
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        notes = [one.note for one in revisions.of(session, record)]
    assert notes == ["", "Corrected after an audit", ""]


def test_drafts_and_their_way_through_review_are_no_news_for_the_world(ghent):
    with ghent.database.read() as session:
        before = changes.head(session)
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "return", "No")
    with ghent.database.read() as session:
        assert changes.head(session) == before
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    with ghent.database.read() as session:
        assert changes.head(session) == before + 1


def test_saving_what_is_there_already_is_no_step(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    assert edit(ghent, EDITOR, key) == "published"


def test_who_began_from_another_text_is_told_and_nothing_is_lost(ghent):
    key = begin(ghent)
    with ghent.database.read() as session:
        read = ghent.workspace.open(session, EDITOR, "dataset", key).etag
    edit(ghent, CONTRIBUTOR, key, title={"en": "Theirs"})
    with pytest.raises(Conflict, match="since you read it"), ghent.changing() as session:
        ghent.workspace.open(session, EDITOR, "dataset", key, "edit", etag=read)
    with ghent.database.read() as session:
        assert ghent.records.get(session, "dataset", key).draft["title"] == {"en": "Theirs"}


def test_an_earlier_revision_can_be_taken_up_while_the_public_one_stands(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    edit(ghent, EDITOR, key, title={"en": "Second"})
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    with ghent.changing() as session:
        record = ghent.workspace.open(session, EDITOR, "dataset", key, "edit")
        ghent.workspace.revert(session, EDITOR, record, 1)
        assert record.draft["title"] == {"en": "Heart failure registry of Ghent"}
        assert record.document["title"] == {"en": "Second"}
        with pytest.raises(NotFound, match="no revision 99"):
            ghent.workspace.revert(session, EDITOR, record, 99)


def test_a_working_copy_outlives_withdrawal_and_restoration(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    edit(ghent, EDITOR, key, title={"en": "Half done"})
    act(ghent, MANAGER, key, "withdraw", "For now")
    with ghent.database.read() as session, pytest.raises(Gone):
        ghent.records.by_slug(session, "dataset", "heart-failure-registry-of-ghent")
    act(ghent, REVIEWER, key, "restore")
    with ghent.database.read() as session:
        record = ghent.records.get(session, "dataset", key)
        assert (record.stage, record.draft["title"]) == ("revised", {"en": "Half done"})


def test_withdrawing_and_sending_back_ask_for_a_reason(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    for step, viewer in (("return", REVIEWER), ("withdraw", ADMINISTRATOR)):
        with pytest.raises(Invalid, match="Say why"):
            act(ghent, viewer, key, step, " ")
        act(ghent, REVIEWER, key, "publish") if step == "return" else None


def test_a_draft_that_was_never_public_can_be_deleted_whole(ghent):
    key = begin(ghent)
    with ghent.changing() as session:
        record = ghent.workspace.open(session, READER, "dataset", key, "comment")
        ghent.workspace.comment(session, READER, record, "title", "Which Ghent?")
    with ghent.changing() as session:
        record = ghent.workspace.open(session, EDITOR, "dataset", key, "delete")
        ghent.workspace.delete(session, EDITOR, record)
    with ghent.database.read() as session:
        with pytest.raises(NotFound):
            ghent.records.get(session, "dataset", key)
        assert session.scalars(select(Revision).where(Revision.author == "user:1")).all() == []


def test_comments_stand_at_a_field_until_they_are_dealt_with(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    with ghent.changing() as session:
        record = ghent.workspace.open(session, REVIEWER, "dataset", key, "comment")
        said = ghent.workspace.comment(session, REVIEWER, record, "title", "Which Ghent?")
        with pytest.raises(Invalid, match="no field"):
            ghent.workspace.comment(session, REVIEWER, record, "titel", "?")
        with pytest.raises(Invalid, match="Write what"):
            ghent.workspace.comment(session, REVIEWER, record, "", " \n")
        number = said.id
    with ghent.changing() as session:
        found, _ = ghent.workspace.mine(session, EDITOR)
        assert [one.open_comments for one in found] == [1]
        record = ghent.workspace.open(session, EDITOR, "dataset", key, "comment")
        ghent.workspace.resolve(session, EDITOR, record, number)
    with ghent.database.read() as session:
        found, _ = ghent.workspace.mine(session, EDITOR)
        assert [one.open_comments for one in found] == [0]


def test_lists_hold_what_somebody_looks_after_and_what_waits(ghent):
    first, second = begin(ghent), begin(ghent)
    act(ghent, EDITOR, first, "submit")
    with ghent.database.read() as session:
        mine, total = ghent.workspace.mine(session, EDITOR)
        assert (total, {one.record.key for one in mine}) == (2, {first, second})
        assert ghent.workspace.mine(session, STRANGER) == ([], 0)
        drafts, _ = ghent.workspace.mine(session, EDITOR, stage="draft")
        assert [one.record.key for one in drafts] == [second]
        waiting, waits = ghent.workspace.waiting(session, REVIEWER)
        assert (waits, [one.record.key for one in waiting]) == (1, [first])
        assert ghent.workspace.waiting(session, EDITOR) == ((), 0)


def test_the_audit_log_tells_who_took_which_step(ghent):
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit")
    act(ghent, REVIEWER, key, "publish")
    with ghent.database.read() as session:
        said = session.execute(
            select(Audit.action, Audit.user_id).where(Audit.subject == f"id/dataset/{key}")
        ).all()
    assert said == [("record-begun", 1), ("submit", 1), ("publish", 8)]


def test_reviewers_and_editors_hear_by_mail_what_concerns_them(ghent):
    ghent.mailer = mailer = MemoryMailer()
    with ghent.changing() as session:
        people = {
            "reviewer": User(id=8, role="reviewer"),
            "editor": User(id=1),
            "manager": User(id=3),
            "reader": User(id=4),
        }
        for name, user in people.items():
            user.email = user.email_folded = f"{name}@example.org"
            user.name, user.stamp, user.password = name.capitalize(), "x", ""
            user.created = user.confirmed = datetime.now(UTC)
            session.add(user)
            session.flush()
            if not user.role:
                session.add(Membership(user_id=user.id, organisation_id=1, role=name))
    key = begin(ghent)
    act(ghent, EDITOR, key, "submit", "")
    act(ghent, REVIEWER, key, "return", "Whose heart?")
    ghent.post.close()  # the thread that sends has ended; what it left is sent here
    ghent.post.deliver()
    mails = sorted(mailer.sent, key=lambda mail: (mail.subject[0] != "W", mail.recipient))
    assert [mail.recipient for mail in mails] == [
        "reviewer@example.org",
        "editor@example.org",
        "manager@example.org",
    ]
    assert "editor handed in" in mails[0].body
    assert f"https://catalogue.example.org/workspace/dataset/{key}/review" in mails[0].body
    assert "reviewer says: Whose heart?" in mails[1].body


def test_a_title_of_two_lines_makes_a_subject_of_one(ghent):
    letters = Letters("Outcomes", "https://catalogue.example.org/")
    letter = letters.step("submit", "Hearts\nBcc: all@example.org", "Nora", "", "workspace")
    assert "\n" not in letter.subject


def test_only_who_writes_keeps_others_waiting_for_a_record(ghent):
    key, asked = begin(ghent), []

    @event.listens_for(ghent.database.engine, "before_execute")
    def _noted(connection, statement, *_):
        if getattr(statement, "_for_update_arg", None) is not None:
            asked.append(connection.get_execution_options().get("writes", False))

    with ghent.database.read() as session:
        ghent.workspace.open(session, EDITOR, "dataset", key, "edit")
    assert not asked  # a request that locked a row where it reads would wait for itself
    with ghent.database.write() as session:
        ghent.workspace.open(session, EDITOR, "dataset", key, "edit")
    assert asked == [True]
