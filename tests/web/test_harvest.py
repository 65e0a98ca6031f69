"""The pages of the harvester: who comes in, what is told, and the steps that are taken."""

from __future__ import annotations

import csv
import io
import re

import harvest_rows
import pytest
from conftest import ROOT, signed_in
from sqlalchemy import func, select, update

from catalogue.harvest.models import Item, Page, Run, Source
from catalogue.records.models import Record
from catalogue.web.harvest.options import OPTIONS

PAGE = {"Accept": "text/html"}
ADDED = {
    "title": "Ghent University Hospital",
    "address": harvest_rows.FEED,
    "protocol": "auto",
    "schedule": "weekly",
    "organisation": "",
    "listed_in": "",
    "edits": "local",
    "incomplete": "hold",
    "grace": "7",
    "brake": "20",
    "field": ["", ""],
    "word": ["source", "source"],
}


@pytest.fixture
def catalogue(catalogue_app):
    return catalogue_app.extensions["catalogue"]


@pytest.fixture
def administrator(catalogue_app):
    return signed_in(catalogue_app, "root@example.org", role="administrator", name="Ada Admin")


@pytest.fixture
def reviewer(catalogue_app):
    return signed_in(catalogue_app, "rita@example.org", role="reviewer")


@pytest.fixture
def ghent(catalogue):
    return harvest_rows.ghent(catalogue)


def sources(catalogue):
    with catalogue.database.read() as session:
        return {one.key: one for one in session.scalars(select(Source))}


def runs(catalogue, key="ghent"):
    with catalogue.database.read() as session:
        found = select(Run).join(Source, Source.id == Run.source_id).where(Source.key == key)
        return session.scalars(found.order_by(Run.id)).all()


def waiting(catalogue_app):
    return catalogue_app.extensions["jobs"].huey.pending_count()


def rows_of(answer):
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.text)))


# who comes in ---------------------------------------------------------------------------


def test_strangers_sign_in_members_are_told_no_and_reviewers_only_see(
    catalogue_app, catalogue, ghent, reviewer
):
    numbers = harvest_rows.others(catalogue)
    member = signed_in(catalogue_app, "nora@example.org", organisations={"ghent": "manager"})
    forms = re.compile(r"/new$|/change$|/give-up|/undo$")
    for path in harvest_rows.every_page(ghent, numbers):
        stranger = catalogue_app.test_client().get(path, headers=PAGE)
        assert stranger.status_code == 303, path
        assert stranger.headers["Location"].startswith("/sign-in?next=/harvest"), path
        assert member.get(path, headers=PAGE).status_code == 403, path
        answer = reviewer.get(path, headers=PAGE)
        assert answer.status_code == (403 if forms.search(path) else 200), path
        assert answer.headers["Cache-Control"] == "private, no-store", path
        assert not re.search(r'<form[^>]+method="post" action="/harvest', answer.text), path


def test_a_reviewer_can_take_no_step(catalogue, ghent, reviewer):
    stem = f"/harvest/ghent/runs/{ghent['run']}"
    for path in (
        "/harvest/new",
        "/harvest/ghent/change",
        "/harvest/ghent/read",
        "/harvest/ghent/pause",
        "/harvest/ghent/give-up",
        f"/harvest/ghent/items/{ghent['kept']}/exclude",
        *(f"{stem}/{step}" for step in ("stop", "resume", "answer", "undo")),
    ):
        assert reviewer.post(path, data={"way": "delete"}).status_code == 403, path
    assert len(runs(catalogue)) == 1
    assert sources(catalogue)["ghent"].state == "active"


def test_the_way_there_is_shown_to_those_who_may_go_it(
    catalogue_app, administrator, reviewer, catalogue
):
    member = signed_in(catalogue_app, "nora@example.org", organisations={"ghent": "manager"})
    assert 'href="/harvest"' in administrator.get("/workspace").text
    assert 'href="/harvest"' in reviewer.get("/workspace").text
    assert 'href="/harvest"' not in member.get("/workspace").text


# sources ----------------------------------------------------------------------------------


def test_where_nothing_is_harvested_the_page_says_how_to_begin(administrator, reviewer):
    page = administrator.get("/harvest").text
    assert "Nothing is harvested yet" in page
    assert 'href="/harvest/new"' in page
    assert 'href="/harvest/new"' not in reviewer.get("/harvest").text


def test_the_list_tells_the_last_run_of_each_source_and_what_waits_for_somebody(
    administrator, catalogue, ghent
):
    harvest_rows.others(catalogue)
    page = administrator.get("/harvest").text
    assert "53 there, 1 new, 1 changed, 1 kept as edited here, 1 problem" in page
    assert "Health-RI, National Health Data Catalogue of the Netherlands asks</a>" in page
    assert "212 of 812 records are not there any more: more than 20 %" in page
    assert "85 came with the same titles under new ids" in page
    assert "EHDEN failed" in page
    assert "does not answer: no route to it" in page
    assert "340 of 812 read" in page
    assert "Is being given up" in page
    assert "Not read yet" in page
    assert "No background worker is running" in page
    assert '<a href="/harvest/pairs">Probably the same dataset</a>' in page


def test_the_list_takes_as_many_queries_for_two_sources_as_for_twenty(
    administrator, catalogue, ghent
):
    from sqlalchemy import event

    asked = []
    event.listen(
        catalogue.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2])
    )
    administrator.get("/harvest")  # the first counts the pairs
    asked.clear()
    administrator.get("/harvest")
    few = len(asked)
    with catalogue.database.write() as session:
        for number in range(20):
            added = harvest_rows.source(session, f"more-{number}")
            harvest_rows.run(session, added)
    asked.clear()
    administrator.get("/harvest")
    assert len(asked) == few


def test_a_source_tells_how_it_stands_what_came_of_its_items_and_how_it_is_set(
    administrator, ghent
):
    page = administrator.get("/harvest/ghent").text
    assert "53 of 54: 1 missing." in page
    assert 'href="/harvest/ghent/items?outcome=failed"' in page
    assert "dcat:qualifiedRelation" in page
    assert f'href="/harvest/ghent/items/{ghent["kept"]}#unread"' in page
    assert "Ours; in Description: the source’s" in page
    assert "is withdrawn after 7 days; a run that would withdraw more than 20 % asks first" in page


def test_reading_asks_for_a_run_and_rings_the_worker(
    administrator, catalogue, catalogue_app, ghent
):
    answer = administrator.post("/harvest/ghent/read")
    assert answer.status_code == 303
    last = runs(catalogue)[-1]
    assert answer.headers["Location"] == f"/harvest/ghent/runs/{last.id}"
    assert (last.mode, last.state, last.author) == ("full", "waiting", "user:1")
    assert waiting(catalogue_app) == 1
    assert "Waits for a worker" in administrator.get(answer.headers["Location"]).text
    again = administrator.post("/harvest/ghent/read", headers=PAGE)
    assert again.status_code == 409
    assert "still at work" in again.text
    source = administrator.get("/harvest/ghent").text
    assert "See how far it is" in source
    assert "Read now" not in source


def test_a_preview_is_asked_for_by_itself(administrator, catalogue, ghent):
    administrator.post("/harvest/ghent/read", data={"mode": "preview"})
    assert runs(catalogue)[-1].mode == "preview"


def test_a_source_is_paused_and_taken_up_again(administrator, catalogue, ghent):
    administrator.post("/harvest/ghent/pause", data={"paused": "yes"})
    assert sources(catalogue)["ghent"].state == "paused"
    page = administrator.get("/harvest/ghent").text
    assert "It is not read by itself any more." in page
    assert "Resume" in page
    administrator.post("/harvest/ghent/pause", data={"paused": "no"})
    assert sources(catalogue)["ghent"].due is not None


def test_a_source_that_is_not_there_is_not_found(administrator, ghent):
    for path in (
        "/harvest/nowhere",
        "/harvest/ghent/runs/99",
        "/harvest/ghent/runs/99999999999999999999",
        "/harvest/ghent/items/99",
        "/harvest/ghent/items?outcome=sleeping",
        "/harvest/ghent/give-up?way=sell",
    ):
        assert administrator.get(path, headers=PAGE).status_code == 404, path


# the form -----------------------------------------------------------------------------------


def test_a_new_source_is_kept_and_its_first_descriptions_are_looked_at(
    administrator, catalogue, catalogue_app
):
    page = administrator.get("/harvest/new").text
    first, second = re.findall(r'<button[^>]* value="(\w+)">', page)
    assert (first, second) == ("preview", "save")
    answer = administrator.post("/harvest/new", data={**ADDED, "do": "preview"})
    key = "ghent-university-hospital"
    [run] = runs(catalogue, key)
    assert run.mode == "preview"
    assert answer.headers["Location"] == f"/harvest/{key}/runs/{run.id}"
    assert waiting(catalogue_app) == 1


def test_a_new_source_can_be_kept_without_a_look(administrator, catalogue):
    answer = administrator.post("/harvest/new", data={**ADDED, "do": "save"})
    key = "ghent-university-hospital"
    assert answer.headers["Location"] == f"/harvest/{key}"
    assert not runs(catalogue, key)
    kept = sources(catalogue)[key]
    assert (kept.schedule, kept.grace, kept.brake, kept.organisation) == ("weekly", 7, 20, None)


def test_what_is_wrong_is_said_at_the_top_and_at_the_field_and_what_was_typed_stays(
    administrator, catalogue
):
    answer = administrator.post(
        "/harvest/new",
        data={
            **ADDED,
            "title": "",
            "address": "ftp://old.example/dump",
            "grace": "a week",
            "brake": "101",
            "protocol": "ckan",
            "ckan-fq": "tags:health",
            "organisation": "77",
            "field": ["keyword", ""],
            "word": ["source", "source"],
        },
    )
    assert answer.status_code == 422
    page = answer.text
    assert "5 answers need another look" in page
    assert '<a href="#address">Address</a>: should begin with https:// or http://' in page
    assert 'id="address-fault-' in page
    assert re.search(r'id="grace"[^>]*value="a week"[^>]*aria-invalid="true"', page)
    assert "is no whole number from 0 to 365" in page
    assert "is no whole number from 0 to 100" in page
    assert "There is no such organisation" in page
    assert 'value="ftp://old.example/dump"' in page
    assert re.search(r'id="ckan-fq"[^>]*value="tags:health"', page)
    assert '<option value="keyword" selected>' in page
    assert sources(catalogue) == {}


def test_a_name_never_hides_a_page(administrator, catalogue):
    for title in ("New", "Pairs"):
        administrator.post("/harvest/new", data={**ADDED, "title": title, "do": "save"})
    assert sorted(sources(catalogue)) == ["new-2", "pairs-2"]
    assert "Add a source" in administrator.get("/harvest/new").text


def test_an_address_with_a_password_is_refused(administrator, catalogue):
    said = {**ADDED, "address": "https://me:secret@data.example/"}
    answer = administrator.post("/harvest/new", data=said)
    assert answer.status_code == 422
    assert "holds a name or password" in answer.text
    assert sources(catalogue) == {}


def test_a_change_keeps_what_the_form_does_not_ask_and_drops_other_protocols_options(
    administrator, catalogue
):
    harvest_rows.others(catalogue)
    page = administrator.get("/harvest/health-ri/change").text
    assert re.search(r'id="ckan-fq"[^>]*value="tags:health"', page)
    answer = administrator.post(
        "/harvest/health-ri/change",
        data={
            **ADDED,
            "title": "Health-RI",
            "protocol": "oai-pmh",
            "oai-pmh-set": "health",
            "ckan-fq": "tags:health",
            "field": ["keyword", "title", ""],
            "word": ["source", "local", "source"],
            "edits": "source",
            "do": "save",
        },
    )
    assert answer.status_code == 303
    kept = sources(catalogue)["health-ri"]
    assert kept.title == "Health-RI"
    assert kept.options == {"later": 3, "set": "health"}
    assert kept.fields == {"keyword": "source", "title": "local"}
    assert kept.edits == "source"


def test_columns_that_are_called_otherwise_are_lines_of_a_heading_and_a_field(
    administrator, catalogue
):
    harvest_rows.others(catalogue)
    said = {**ADDED, "protocol": "table", "table-identifier": "Register id", "do": "save"}
    lines = "Number of patients = number_of_unique_individuals\n\nBMI = 30 or more = description"
    administrator.post("/harvest/new-one/change", data={**said, "table-columns": lines})
    assert sources(catalogue)["new-one"].options == {
        "identifier": "Register id",
        "columns": {
            "Number of patients": "number_of_unique_individuals",
            "BMI = 30 or more": "description",
        },
    }
    page = administrator.get("/harvest/new-one/change").text
    assert "Number of patients = number_of_unique_individuals\nBMI = 30" in page
    wrong = administrator.post("/harvest/new-one/change", data={**said, "table-columns": "Age"})
    assert wrong.status_code == 422
    assert "“Age” is no heading and field" in wrong.text
    assert ">Age</textarea>" in wrong.text


def test_every_option_of_the_form_is_one_that_its_reader_heeds():
    """Whatever is asked stands in the reader of its protocol, by that name."""
    readers = ROOT / "catalogue/harvest/readers"
    for protocol, options in OPTIONS.items():
        text = (readers / f"{protocol.replace('-', '_')}.py").read_text()
        for one in options:
            assert f'"{one.name}"' in text, (protocol, one.name)


def test_where_a_run_reads_just_now_is_not_changed_under_it(administrator, catalogue):
    harvest_rows.others(catalogue)
    before = sources(catalogue)["sciensano"].title
    answered = administrator.post("/harvest/sciensano/change", data={**ADDED, "do": "save"})
    assert answered.status_code == 409
    assert "stop it first" in answered.text
    assert ADDED["title"] in answered.text  # what was written is not lost
    assert sources(catalogue)["sciensano"].title == before


# runs -----------------------------------------------------------------------------------------


def test_a_run_tells_what_is_missing_what_came_of_it_and_what_was_wrong(administrator, ghent):
    page = administrator.get(f"/harvest/ghent/runs/{ghent['run']}").text
    assert "53 of 54: 1 missing." in page
    assert "https://data.uz-gent.example/sleep" in page
    assert "nothing counts as gone" in page
    assert "is no IRI; the statement was left out" in page
    assert "Publisher: names no organisation" in page
    assert f'href="/harvest/ghent/items/{ghent["kept"]}"' in page
    failed = administrator.get(f"/harvest/ghent/runs/{ghent['run']}?outcome=failed").text
    assert "names no organisation" in failed
    assert "Lung biobank" not in failed


def test_a_run_at_work_says_how_far_it_is_and_its_part_can_be_had_alone(administrator, catalogue):
    numbers = harvest_rows.others(catalogue)
    path = f"/harvest/sciensano/runs/{numbers['sciensano']}"
    page = administrator.get(path).text
    assert re.search(r'<progress id="how-far" max="812" value="340">', page)
    assert "Look again" in page
    part = administrator.get(f"{path}/state").text
    assert part.lstrip().startswith("<section")
    assert f'data-works="{path}/state"' in part
    with catalogue.database.write() as session:
        at = session.get(Run, numbers["sciensano"])
        at.state, at.entries = "writing", 812
        for number in range(12):
            harvest_rows.find(session, at, f"come-{number}", outcome="")
    writing = administrator.get(f"{path}/state").text
    assert "812 read; 12 still to be taken in" in writing
    assert 'max="812" value="800"' in writing
    unknown = administrator.get(f"/harvest/inserm/runs/{numbers['inserm']}/state").text
    assert '<progress id="how-far"></progress>' in unknown


def test_a_preview_says_that_nothing_was_written_and_what_would_become(administrator, catalogue):
    numbers = harvest_rows.others(catalogue)
    page = administrator.get(f"/harvest/biobanks/runs/{numbers['biobanks']}").text
    assert "Nothing was written." in page
    assert "These are the first 20 of 3,120." in page
    assert "Ada Admin" in page
    assert page.index("It has no title.") < page.index("Biobank 1")
    assert "Read all of it" in page
    assert "Undo" not in page


def test_a_preview_shows_datasets_before_the_organisations_that_they_name(administrator, catalogue):
    numbers = harvest_rows.others(catalogue)
    with catalogue.database.write() as session:
        looked = session.get(Run, numbers["biobanks"])
        for n in range(60):
            harvest_rows.find(
                session, looked, f"org-{n}", kind="agent", rank=0, title=f"A hospital {n}"
            )
    page = administrator.get(f"/harvest/biobanks/runs/{numbers['biobanks']}").text
    assert page.index("It has no title.") < page.index("Biobank 1") < page.index("A hospital")


def test_a_look_that_failed_says_so_on_the_source_and_leads_to_what_can_be_changed(
    administrator, catalogue, ghent
):
    said = "https://data.example/feed answered 404 Not Found; check the address of the source"
    with catalogue.database.write() as session:
        of = harvest_rows.source(session, "fresh")
        looked = harvest_rows.run(
            session, of, "failed", mode="preview", error=said, kinds={}, entries=0, stated=None
        ).id
    assert said in administrator.get("/harvest/fresh").text
    page = administrator.get(f"/harvest/fresh/runs/{looked}").text
    assert said in page
    assert 'href="/harvest/fresh/change"' in page
    assert "Try again" in page
    assert "These are the first" not in page
    assert "Nothing is new" not in page


def test_a_feed_that_was_found_beside_the_address_is_told(administrator, catalogue, ghent):
    with catalogue.database.write() as session:
        at = session.get(Run, ghent["run"])
        of = session.get(Source, at.source_id)
        first = session.scalars(
            select(Page).where(Page.run_id == at.id).order_by(Page.number)
        ).first()
        at.protocol, first.address = "dcat", of.address + "?page=1"
    way = f"/harvest/ghent/runs/{ghent['run']}"
    assert "There is no feed at the address" not in administrator.get(way).text
    with catalogue.database.write() as session:
        session.get(Source, of.id).address = "https://portal.example/welcome"
    assert "There is no feed at the address" in administrator.get(way).text


def test_what_was_read_adds_up_with_organisations(administrator, catalogue, ghent):
    with catalogue.database.write() as session:
        at = session.get(Run, ghent["run"])
        at.kinds, at.entries, at.stated = {"dataset": 53, "series": 1, "agent": 2}, 54, 53
        at.counts = {"created": 56}
    page = administrator.get(f"/harvest/ghent/runs/{ghent['run']}").text
    assert (
        "53 of 53: none is missing. By kind: 53 datasets, 1 dataset series, 2 organisations."
        in page
    )
    assert "56 there, 56 new" in administrator.get("/harvest/ghent").text


def test_a_question_names_what_each_answer_does_and_is_answered(
    administrator, catalogue, catalogue_app
):
    numbers = harvest_rows.others(catalogue)
    path = f"/harvest/health-ri/runs/{numbers['health-ri']}"
    page = administrator.get(path).text
    assert "212 records will be withdrawn" in page
    assert "Rotterdam Study" in page
    assert 'value="match"' not in page
    assert administrator.post(f"{path}/answer", data={"answer": "match"}).status_code == 422
    assert administrator.post(f"{path}/answer", data={"answer": "go-on"}).status_code == 303
    assert runs(catalogue, "health-ri")[0].state == "waiting"
    assert waiting(catalogue_app) == 1
    ids = administrator.get(f"/harvest/nivel/runs/{numbers['nivel']}").text
    assert "85 records will go on under new ids" in ids
    administrator.post(f"/harvest/nivel/runs/{numbers['nivel']}/answer", data={"answer": "stop"})
    assert runs(catalogue, "nivel")[0].state == "stopped"


def test_a_reviewer_reads_the_question_and_cannot_answer(reviewer, catalogue):
    numbers = harvest_rows.others(catalogue)
    page = reviewer.get(f"/harvest/health-ri/runs/{numbers['health-ri']}").text
    assert "212 of 812" in page
    assert "An administrator answers." in page
    assert 'value="go-on"' not in page


def test_a_run_is_stopped_and_gone_on_with(administrator, catalogue):
    numbers = harvest_rows.others(catalogue)
    path = f"/harvest/sciensano/runs/{numbers['sciensano']}"
    administrator.post(f"{path}/stop")
    assert runs(catalogue, "sciensano")[0].wish == "stopped"
    page = administrator.get(path).text
    assert "stops after this page" in page
    assert f'action="{path}/stop"' not in page
    failed = f"/harvest/ehden/runs/{numbers['ehden']}"
    assert f'action="{failed}/resume"' in administrator.get(failed).text
    administrator.post(f"{failed}/resume")
    assert runs(catalogue, "ehden")[0].state == "waiting"


def test_undoing_is_asked_twice_and_pauses_the_source(administrator, catalogue, ghent):
    path = f"/harvest/ghent/runs/{ghent['run']}"
    page = administrator.get(f"{path}/undo").text
    assert "1 new: withdrawn again" in page
    assert "2 changed: as they were" in page
    assert "paused then" in page
    assert runs(catalogue)[0].state == "finished"
    administrator.post(f"{path}/undo")
    assert runs(catalogue)[0].state == "undoing"
    assert sources(catalogue)["ghent"].state == "paused"
    assert "cannot be undone" in administrator.get(f"{path}/undo").text


def test_only_the_last_run_offers_to_be_undone(administrator, catalogue, ghent):
    path = f"/harvest/ghent/runs/{ghent['run']}"
    assert f'href="{path}/undo"' in administrator.get(path).text
    with catalogue.database.write() as session:
        harvest_rows.run(session, session.get(Source, 1))
    assert f'href="{path}/undo"' not in administrator.get(path).text


def test_finds_come_as_a_file_of_which_no_cell_is_a_formula(administrator, catalogue, ghent):
    head, *lines = rows_of(administrator.get(f"/harvest/ghent/runs/{ghent['run']}.csv"))
    assert head == ["outcome", "title", "id there", "record", "problems"]
    assert len(lines) == 3
    by_id = {line[2]: line for line in lines}
    assert by_id["'=cmd|' /C calc'!A0"][0] == "failed"
    assert by_id["https://data.uz-gent.example/lungs"][3].startswith(
        "https://catalogue.example.org/datasets/"
    )


def test_a_file_is_whole_however_long_it_is(administrator, catalogue, ghent):
    with catalogue.database.write() as session:
        at = session.get(Run, ghent["run"])
        for number in range(1200):
            harvest_rows.find(session, at, f"more-{number}", title=f"More {number}")
    lines = rows_of(administrator.get(f"/harvest/ghent/runs/{ghent['run']}.csv"))
    assert len(lines) == 1204
    assert len({line[2] for line in lines}) == 1204


# items ------------------------------------------------------------------------------------------


def test_items_are_found_by_title_id_outcome_and_problems(administrator, ghent):
    def shown(query):
        page = administrator.get(f"/harvest/ghent/items{query}").text
        return set(re.findall(r"/harvest/ghent/items/(\d+)", page))

    kept, failed = str(ghent["kept"]), str(ghent["failed"])
    assert len(shown("")) == 3
    assert shown("?q=heart+failure") == {kept}
    assert shown("?q=calc") == {failed}
    assert shown("?q=%25") == set()
    assert shown("?outcome=kept") == {kept}
    assert shown("?outcome=problems") == {failed}
    assert "No item has these words" in administrator.get("/harvest/ghent/items?q=zzz").text


def test_an_item_shows_both_sides_of_an_edit_that_stands(administrator, ghent):
    page = administrator.get(f"/harvest/ghent/items/{ghent['kept']}").text
    table = page[page.index("Where an edit here stands") :]
    assert re.search(r"Hearts.*Heart failure registry.*9,000.*12,000", table, re.S)
    assert "dcat:qualifiedRelation" in page
    assert "&lt;https://data.uz-gent.example/hf&gt;" in page
    assert 'href="/workspace/dataset/hf"' in page


def test_what_the_source_said_is_had_as_it_was_and_never_as_a_page(administrator, ghent):
    answer = administrator.get(f"/harvest/ghent/items/{ghent['kept']}/raw")
    assert answer.mimetype == "application/n-triples"
    assert answer.text == harvest_rows.RAW
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_source_says_is_text_on_every_page(administrator, catalogue, ghent):
    evil = "<script>alert(1)</script>"
    with catalogue.database.write() as session:
        session.execute(update(Item).values(remote_id=evil, iri=evil))
        session.execute(update(Source).values(title=evil, options={"x": evil}))
        session.execute(update(Record).where(Record.kind == "dataset").values(title=evil))
        session.execute(update(Run).values(error=evil, missing=[evil]))
    for path in harvest_rows.every_page(ghent, {}):
        answer = administrator.get(path)
        assert answer.status_code == 200, path
        assert evil not in answer.text, path


def test_an_item_is_left_out_and_taken_in_again(administrator, catalogue, ghent):
    path = f"/harvest/ghent/items/{ghent['kept']}"
    administrator.post(f"{path}/exclude", data={"excluded": "yes"})
    assert "left out on purpose" in administrator.get(path).text
    with catalogue.database.read() as session:
        assert session.get(Item, ghent["kept"]).excluded
    administrator.post(f"{path}/exclude", data={"excluded": "no"})
    with catalogue.database.read() as session:
        assert not session.get(Item, ghent["kept"]).excluded


def test_problems_of_a_source_come_as_a_file(administrator, ghent):
    head, *lines = rows_of(administrator.get("/harvest/ghent/problems.csv"))
    assert head == ["id there", "title", "outcome", "problem", "record"]
    assert lines == [["'=cmd|' /C calc'!A0", "", "failed", "Publisher: names no organisation", ""]]


# giving up --------------------------------------------------------------------------------------


def test_giving_up_explains_three_ways_and_takes_two_steps(
    administrator, catalogue, catalogue_app, ghent
):
    page = administrator.get("/harvest/ghent/give-up").text
    assert "2 records came from it: 2 published." in page
    assert re.findall(r'name="way" value="(\w+)"', page) == ["keep", "withdraw", "delete"]
    assert 'method="get"' in page
    second = administrator.get("/harvest/ghent/give-up?way=withdraw").text
    assert "2 records are withdrawn" in second
    assert sources(catalogue)["ghent"].state == "active"
    assert administrator.post("/harvest/ghent/give-up", data={}).status_code == 422
    administrator.post("/harvest/ghent/give-up", data={"way": "withdraw"})
    assert (sources(catalogue)["ghent"].state, sources(catalogue)["ghent"].leaving) == (
        "leaving",
        "withdraw",
    )
    assert waiting(catalogue_app) == 1
    left = administrator.get("/harvest/ghent").text
    assert "its records are withdrawn" in left
    assert "Read now" not in left
    with catalogue.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 3


# where records are shown --------------------------------------------------------------------------


def test_a_record_says_where_it_came_from_to_those_who_see_the_harvester(
    catalogue_app, catalogue, administrator, reviewer, ghent
):
    owner = signed_in(catalogue_app, "nora@example.org", organisations={"ghent": "manager"})
    with catalogue.database.write() as session:
        record = session.get(Record, ghent["record"])
        record.organisation = 1
        public = f"/datasets/{record.slug}"
    said = "Edits here win over the source, but not in every field."
    way = f'href="/harvest/ghent/items/{ghent["kept"]}"'
    for path in (public, "/workspace/dataset/hf"):
        for person in (administrator, reviewer):
            page = person.get(path, headers=PAGE).text
            assert said in page, path
            assert way in page, path
        assert "Taken in from" not in owner.get(path, headers=PAGE).text, path
    assert "Taken in from" not in catalogue_app.test_client().get(public, headers=PAGE).text


def test_everybody_sees_where_a_description_comes_from(catalogue_app, catalogue, ghent):
    with catalogue.database.write() as session:
        record = session.get(Record, ghent["record"])
        way = f"/datasets/{record.slug}"
        anybody = catalogue_app.test_client()
        assert "First described at" not in anybody.get(way, headers=PAGE).text
        record.iri = "https://portal.example/id/dataset/7"
    page = anybody.get(way, headers=PAGE).text
    assert re.search(r'First described at <a href="https://portal.example/id/dataset/7"', page)
