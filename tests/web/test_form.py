"""Describing a record through its form: what is asked, taken, refused, kept and merged."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import conftest
import pytest
from factories import EU, HDEU, MINIMUM, OWN, PLACES, agent, dataset
from flask import Flask

from catalogue.app import create_app

ABOUT = "/workspace/dataset/hf/about"
REASON = OWN + "reason/"


class Form(HTMLParser):
    """The successful inputs of the form on a page, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pairs: list[list[str]] = []
        self.html, self._in, self._select, self._area = html, False, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "form":
            self._in = said.get("id") == "form"
        if not self._in:
            return
        name = said.get("name")
        if tag == "input" and name:
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                self.pairs.append([name, said.get("value") or ""])
        elif tag == "textarea" and name:
            self._area = [name, ""]
        elif tag == "select":
            self._select = [name, ""]
        elif tag == "option" and self._select and "selected" in said:
            self._select[1] = said["value"]

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            self._area[1] = self._area[1].removeprefix("\n")
            self.pairs.append(self._area)
            self._area = None
        elif tag == "select" and self._select:
            self.pairs.append(self._select)
            self._select = None
        elif tag == "form":
            self._in = False

    def fill(self, **answers):
        """Type something into inputs; a list gives an input several values."""
        for name, value in answers.items():
            self.pairs = [pair for pair in self.pairs if pair[0] != name]
            values = value if isinstance(value, list) else [value]
            self.pairs += [[name, one] for one in values]
        return self

    def all(self, name):
        return [value for one, value in self.pairs if one == name]

    def data(self, do=None):
        found: dict[str, list[str]] = {}
        for name, value in [*self.pairs, *([["do", do]] if do else [])]:
            found.setdefault(name, []).append(value)
        return found


@pytest.fixture
def writable(empty):
    """A catalogue with a hospital and a dataset that somebody has begun to describe."""
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="test")
        shape = empty.records.shape("dataset")
        begun = shape.begun(PLACES)
        empty.records.save(
            session, "dataset", {**begun, "title": {"en": "HF registry"}}, key="hf", author="test"
        )
    return empty


@pytest.fixture
def person(writable):
    """Somebody who may describe the dataset."""
    return signed_in(create_app(catalogue=writable))


def signed_in(app: Flask):
    """A client of somebody who may change records; the one place that knows how."""
    app.testing = False
    return conftest.signed_in(app, "nora@example.org", role="administrator")


def opened(person, path=ABOUT):
    answer = person.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-500:]
    return Form(answer.get_data(as_text=True))


def sent(person, form, path=ABOUT, do="continue"):
    return person.post(path, data=form.data(do))


def stored(writable, key="hf", kind="dataset"):
    with writable.database.read() as session:
        record = writable.records.get(session, kind, key)
        return record.draft if record.draft is not None else record.document


def autosaved(person, form, path=ABOUT):
    answer = person.post(path, data=form.data(), headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.get_json()


def test_answers_are_stored_and_the_next_section_follows(person, writable):
    form = opened(person).fill(**{"description-en": "Everybody admitted.\r\n\r\nSince 2009."})
    answer = sent(person, form)
    assert answer.status_code == 303
    assert answer.location == "/workspace/dataset/hf/subject?tier=minimum"
    assert stored(writable)["description"] == {"en": "Everybody admitted.\n\nSince 2009."}
    assert stored(writable)["title"] == {"en": "HF registry"}


def test_the_last_section_and_the_other_button_lead_back_to_the_list(person):
    assert sent(person, opened(person), do="back").location == "/workspace/dataset/hf"
    last = "/workspace/dataset/hf/quality-and-origin"
    assert sent(person, opened(person, last), last).location == "/workspace/dataset/hf"


def test_a_page_that_is_sent_unchanged_changes_nothing(person, writable):
    before = stored(writable)
    with writable.database.read() as session:
        revision = writable.records.get(session, "dataset", "hf").revision
    for section in ("about", "access", "who", "files-and-access-points", "variables", "health"):
        path = f"/workspace/dataset/hf/{section}?tier=outcome-rich"
        assert sent(person, opened(person, path), path).status_code == 303, section
    assert stored(writable) == before
    with writable.database.read() as session:
        assert writable.records.get(session, "dataset", "hf").revision == revision


def test_every_demonstration_dataset_goes_through_every_section_unchanged(catalogue, app):
    """What the form shows is what the record says: nothing is lost on the way."""
    from catalogue.profile.folding import fold
    from catalogue.profile.form import fields_of, form
    from catalogue.profile.inputs import read
    from catalogue.profile.merging import tidy

    person, shape = signed_in(app), catalogue.records.shape("dataset")
    for key in ("sidiap", "ukb", "cprd-aurum", "pcor-anz", "harmony-bdp"):
        document = stored(catalogue, key)
        for section in form(shape, "outcome-rich", document):
            page = opened(person, f"/workspace/dataset/{key}/{section.slug}?tier=outcome-rich")
            pairs = [(name, value) for name, value in page.pairs]
            said = fold(shape, fields_of(shape), read(pairs), base=document)
            assert said.faults == []
            for name, value in said.values.items():
                assert tidy({name: value}) == tidy({name: document.get(name)}), (key, name)


def test_the_minimum_is_filled_in_and_published(person, writable):
    answers = {
        "about": {
            "description-en": "Everybody admitted with heart failure.",
            "source_type": ["", "Disease registry"],
        },
        "subject": {"keyword-en": "heart failure\nregistry"},
        "health": {
            "health_category": ["", "MRMR"],
            "studied_condition-0-condition": ["", "Herzinsuffizienz"],
            "studied_condition-0-persons": "12,000",
        },
        "people": {"number_of_unique_individuals": "12 000"},
        "coverage": {"spatial": ["", "Belgien"]},
        "access": {"access_rights": "NON_PUBLIC", "hdab": ["", "Hospital of Ghent"]},
        "contact": {"contact_point-0-email": "desk@hospital.example"},
        "quality-and-origin": {"provenance-0-label-en": "Collected at discharge."},
    }
    path, visited = ABOUT, []
    while path != "/workspace/dataset/hf":
        section = path.rpartition("/")[2].partition("?")[0]
        visited.append(section)
        answer = sent(person, opened(person, path).fill(**answers[section]), path)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        path = answer.location
    assert visited == list(answers)
    document = stored(writable)
    assert document["spatial"] == MINIMUM["spatial"]
    assert document["dataset_type"] == [EU + "dataset-type/PERSONAL_DATA"]
    assert document["studied_condition"][0]["persons"] == 12000
    assert document["health_category"] == [HDEU + "healthcategories/MRMR"]
    with writable.changing() as session:
        record = writable.records.get(session, "dataset", "hf")
        writable.records.publish(session, record, author="test")


def test_what_is_wrong_comes_back_beside_its_input_and_the_rest_is_stored(person, writable):
    path = "/workspace/dataset/hf/people?tier=outcome-rich"
    form = opened(person, path).fill(
        number_of_unique_individuals="many",
        individuals_counted_on="03/04/2009",
        min_typical_age="18",
    )
    answer = sent(person, form, path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "1 answers" not in page
    assert '<a href="#f-number_of_unique_individuals">People in the dataset</a>' in page
    again = Form(page)
    assert again.all("number_of_unique_individuals") == ["many"]
    assert stored(writable)["min_typical_age"] == 18
    assert "number_of_unique_individuals" not in stored(writable)
    fixed = again.fill(number_of_unique_individuals="12000")
    assert sent(person, fixed, path).status_code == 303
    assert stored(writable)["number_of_unique_individuals"] == 12000


def test_a_part_with_a_fault_is_stored_once(person, writable):
    path = "/workspace/dataset/hf/contact"
    form = opened(person, path).fill(
        **{"contact_point-0-contact_name": "Desk", "contact_point-0-email": "no address"}
    )
    page = sent(person, form, path).get_data(as_text=True)
    [contact] = stored(writable)["contact_point"]
    assert contact["contact_name"] == "Desk"
    form = Form(page)
    assert form.all("contact_point-0-id") == [contact["id"]]
    assert form.all("contact_point-0-email") == ["no address"]
    sent(person, form.fill(**{"contact_point-0-email": "desk@example.org"}), path)
    assert stored(writable)["contact_point"] == [{**contact, "email": "desk@example.org"}]


def test_a_name_that_is_not_clear_is_chosen_from_candidates(person, writable):
    path = "/workspace/dataset/hf/coverage"
    page = sent(person, opened(person, path).fill(spatial=["", "Guine"]), path)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "What is meant by “Guine”?" in text
    value = re.search(r'name="pick-spatial" value="([^"]+)"', text)[1]
    form = Form(text).fill(**{"pick-spatial": value})
    assert sent(person, form, path).status_code == 303
    assert stored(writable)["spatial"] == [value]


def test_an_organisation_that_is_not_here_is_added(person, writable):
    path = "/workspace/dataset/hf/who?tier=compliant"
    name = "Ghent Heart Centre"
    form = opened(person, path).fill(publisher=["", name])
    page = sent(person, form, path).get_data(as_text=True)
    assert f"add “{name}” as a new organisation" in page
    form = Form(page).fill(**{"new-publisher": name})
    assert sent(person, form, path).status_code == 303
    reference = stored(writable)["publisher"]
    with writable.database.read() as session:
        record = writable.records.named(session, [reference])[reference]
        assert (record.kind, record.title, record.state) == ("agent", name, "draft")
    # Another record finds the draft by its whole name.
    found = person.get("/workspace/pick/records/agent?q=ghent heart centre").get_json()
    assert [one["value"] for one in found["items"]] == [reference]


def test_parts_are_added_moved_and_removed_without_scripts(person, writable):
    path = "/workspace/dataset/hf/contact"
    form = opened(person, path).fill(**{"contact_point-0-email": "a@example.org"})
    page = sent(person, form, path, do="add contact_point").get_data(as_text=True)
    assert re.search(r'id="f-contact_point-1" tabindex="-1" autofocus', page)
    form = Form(page).fill(**{"contact_point-1-email": "b@example.org"})
    page = sent(person, form, path, do="up contact_point-1").get_data(as_text=True)
    assert [one["email"] for one in stored(writable)["contact_point"]] == [
        "b@example.org",
        "a@example.org",
    ]
    sent(person, Form(page), path, do="remove contact_point-0")
    assert [one["email"] for one in stored(writable)["contact_point"]] == ["a@example.org"]


def test_a_language_is_added_and_removed_without_scripts(person, writable):
    form = opened(person).fill(**{"add-title": "de"})
    page = sent(person, form, do="add title").get_data(as_text=True)
    assert 'lang="de"' in page
    form = Form(page).fill(**{"title-de": "Register"})
    page = sent(person, form, do="add nothing-there").get_data(as_text=True)
    assert stored(writable)["title"] == {"en": "HF registry", "de": "Register"}
    sent(person, Form(page), do="remove title-de")
    assert stored(writable)["title"] == {"en": "HF registry"}


def test_parts_within_parts_are_added(person, writable):
    with writable.changing() as session:
        document = {**stored(writable), "structured_data": True}
        writable.records.save(session, "dataset", document, key="hf", author="t")
    path = "/workspace/dataset/hf/variables?tier=compliant"
    page = opened(person, path).html
    form = Form(page).fill(**{"variables-0-title-en": "Code book"})
    page = sent(person, form, path, do="add variables-0-table").get_data(as_text=True)
    form = Form(page).fill(**{"variables-0-table-0-title-en": "Diagnoses"})
    page = sent(person, form, path, do="add variables-0-table-0-column").get_data(as_text=True)
    form = Form(page).fill(
        **{
            "variables-0-table-0-column-0-column_name": "psa",
            "variables-0-table-0-column-0-datatype": ["", "decimal"],
        }
    )
    assert sent(person, form, path).status_code == 303
    [book] = stored(writable)["variables"]
    assert book["table"][0]["column"][0]["datatype"] == "decimal"


def test_many_parts_are_folded_under_what_they_are_about(person, writable):
    contacts = [{"contact_name": f"Desk {n}", "email": f"d{n}@example.org"} for n in range(5)]
    with writable.changing() as session:
        document = {**stored(writable), "contact_point": contacts}
        writable.records.save(session, "dataset", document, key="hf", author="t")
    path = "/workspace/dataset/hf/contact"
    page = opened(person, path)
    assert "<summary>Contact 4 <strong>Desk 3</strong></summary>" in page.html
    page = sent(person, page.fill(**{"contact_point-3-email": "x"}), path).get_data(as_text=True)
    assert page.count('<details class="folded" open>') == 1


def test_a_trial_is_not_offered_prescriptions(person, writable):
    path = "/workspace/dataset/hf/quality-and-origin?tier=compliant"
    assert "Prescribing or dispensing" in opened(person, path).html
    with writable.changing() as session:
        document = {**stored(writable), "source_type": ["trial"]}
        writable.records.save(session, "dataset", document, key="hf", author="t")
    assert "Prescribing or dispensing" not in opened(person, path).html
    assert "Clinical trial" in opened(person, path).html


def test_a_reason_stands_for_a_value(person, writable):
    path = "/workspace/dataset/hf/people"
    field = "number_of_unique_individuals"
    form = opened(person, path).fill(**{f"reason-{field}": REASON + "suppressed"})
    assert sent(person, form, path).status_code == 303
    [entry] = stored(writable)["not_stated"]
    assert (entry["field"], entry["reason"]) == (field, REASON + "suppressed")
    page = opened(person, path)
    assert page.all(f"reason-{field}") == [REASON + "suppressed"]
    assert 'class="done" data-section="people"' in page.html


def test_what_another_person_changes_meanwhile_is_kept(person, writable):
    mine, theirs = opened(person), opened(person)
    sent(person, theirs.fill(**{"description-en": "Theirs."}))
    assert sent(person, mine.fill(**{"title-en": "Mine"})).status_code == 303
    assert stored(writable)["title"] == {"en": "Mine"}
    assert stored(writable)["description"] == {"en": "Theirs."}


@pytest.mark.parametrize(("choice", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_what_both_changed_is_asked_about(person, writable, choice, title):
    mine, theirs = opened(person), opened(person)
    sent(person, theirs.fill(**{"title-en": "Theirs"}))
    answer = sent(person, mine.fill(**{"title-en": "Mine"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Somebody else changed this meanwhile" in page
    assert "Theirs" in page
    assert stored(writable)["title"] == {"en": "Theirs"}
    form = Form(page)
    assert form.all("title-en") == ["Mine"]
    assert sent(person, form.fill(**{"keep-title": choice})).status_code == 303
    assert stored(writable)["title"] == {"en": title}


def test_a_choice_of_something_older_is_asked_about_again(person, writable):
    mine, theirs, third = opened(person), opened(person), opened(person)
    sent(person, theirs.fill(**{"title-en": "Theirs"}))
    form = Form(sent(person, mine.fill(**{"title-en": "Mine"})).get_data(as_text=True))
    newer = Form(sent(person, third.fill(**{"title-en": "Newest"})).get_data(as_text=True))
    sent(person, newer.fill(**{"keep-title": "mine"}))
    answer = sent(person, form.fill(**{"keep-title": "mine"}))
    assert answer.status_code == 422
    assert "Newest" in answer.get_data(as_text=True)
    assert stored(writable)["title"] == {"en": "Newest"}


def test_programs_are_told_what_became_of_a_save(person, writable):
    path = "/workspace/dataset/hf/contact?tier=compliant"
    form = opened(person, path).fill(
        **{"contact_point-0-contact_name": "Desk", "landing_page": "not an address at all"}
    )
    told = autosaved(person, form, path)
    assert re.fullmatch(r"\d\d:\d\d", told["at"])
    assert [error["name"] for error in told["errors"]] == ["landing_page"]
    assert told["parts"] == {"contact_point-0": "#contact-point-1"}
    assert told["conflicts"] == []
    assert told["sections"]["contact"] == {"answered": 1, "asked": 3}
    # With what it was told, the page saves the same part again and not another one.
    form.fill(**{"contact_point-0-id": told["parts"]["contact_point-0"]})
    form.fill(**{f"was-{field}": state for field, state in told["was"].items()})
    form.fill(**{"contact_point-0-contact_name": "Registry desk"})
    assert autosaved(person, form, path)["conflicts"] == []
    assert [one["contact_name"] for one in stored(writable)["contact_point"]] == ["Registry desk"]


def test_programs_are_told_of_conflicts_and_of_names_that_were_understood(person, writable):
    mine, theirs = opened(person), opened(person)
    sent(person, theirs.fill(**{"title-en": "Theirs"}))
    told = autosaved(person, mine.fill(**{"title-en": "Mine", "source_type": ["", "Cohort study"]}))
    assert told["conflicts"] == [{"field": "title", "label": "Title"}]
    [understood] = told["understood"]
    assert (understood["name"], understood["label"]) == ("source_type", "Cohort study")
    assert stored(writable)["source_type"] == [OWN + "source-type/cohort"]


def test_typing_help_knows_other_words_and_says_so(app):
    person = signed_in(app)
    items = person.get("/workspace/pick/country?q=belgi").get_json()["items"]
    assert items[0]["label"] == "Belgium"
    items = person.get("/workspace/pick/condition?q=herzin").get_json()["items"]
    assert items[0]["label"] == "Heart failure"
    assert "Herzinsuffizienz" in items[0]["note"]
    assert len(person.get("/workspace/pick/media-type?q=application").get_json()["items"]) == 10
    items = person.get("/workspace/pick/records/agent?q=karolinska").get_json()["items"]
    assert "Karolinska Institutet" in {one["label"] for one in items}
    assert person.get("/workspace/pick/records/agent?q=").get_json()["items"] == []
    assert person.get("/workspace/pick/colours?q=red").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/workspace/dataset/nobody/about",
        "/workspace/thing/hf/about",
        "/workspace/dataset/hf/nothing",
    ],
)
def test_what_is_not_there_is_not_found(person, path):
    assert person.get(path).status_code == 404
    assert person.post(path, data={"title-en": "x"}).status_code == 404


def test_nonsense_is_answered_and_stored_nowhere(person, writable):
    before = stored(writable)
    data = {
        "title-en\x00": "x",
        "-": "x",
        "was-title": "= = =",
        "keep-nothing": "mine",
        "title-en": "a\x00b",
        "add-title": "'><script>",
        "distribution-999999999-title-en": "x",
        "identifier": "x" * 60_000,
    }
    answer = person.post(ABOUT, data={**data, "do": "add title"})
    assert answer.status_code == 422
    assert "<script>" not in answer.get_data(as_text=True)
    assert stored(writable)["title"] == before["title"]
    assert stored(writable)["identifier"] == before["identifier"]


def test_a_page_keeps_to_the_content_policy_and_names_every_input_once(person):
    for kind, key in (("dataset", "hf"), ("agent", "ghent")):
        for section in ("about", "contact"):
            page = opened(person, f"/workspace/{kind}/{key}/{section}?tier=outcome-rich").html
            assert "style=" not in page
            ids = re.findall(r' id="([^"]+)"', page)
            assert len(ids) == len(set(ids))
            for label in re.findall(r'<label[^>]* for="([^"]+)"', page):
                assert label in ids
            for described in re.findall(r'aria-describedby="([^"]+)"', page):
                assert set(described.split()) <= set(ids)


def test_what_somebody_wrote_is_never_kept_by_the_browser(person):
    assert person.get(ABOUT).headers["Cache-Control"] == "private, no-store"


def test_a_published_record_changes_in_its_working_copy_only(person, writable):
    with writable.changing() as session:
        writable.records.put(session, "dataset", dataset(), key="hf", author="t")
    form = opened(person).fill(**{"title-en": "New title"})
    assert sent(person, form).status_code == 303
    with writable.database.read() as session:
        record = writable.records.get(session, "dataset", "hf")
        assert record.draft["title"] == {"en": "New title"}
        assert record.document["title"] == dataset()["title"]
