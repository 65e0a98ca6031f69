"""The page of one dataset: in the order of a reader, and honest about what nobody said."""

import re
from html import unescape

import pytest
from factories import agent, dataset, plant
from flask.testing import FlaskClient

from catalogue.app import create_app

OURS = "https://w3id.org/outcome-catalogue/"


def outcome(code, state, **more):
    return {
        "outcome": f"{OURS}outcome/{code}",
        "state": f"{OURS}outcome-state/{state}",
        **more,
    }


@pytest.fixture
def page(empty):
    app = create_app(catalogue=empty)
    app.testing = True

    def page(**changed) -> str:
        plant(empty, dataset(**changed))
        client: FlaskClient = app.test_client()
        answer = client.get("/datasets/hf", headers={"Accept": "text/html"})
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return page


def text(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(html, name):
    return re.search(rf'<section class="group[^>]* id="{name}".*?</section>', html, re.S)[0]


def test_what_one_must_know_to_decide_comes_before_everything_else(page):
    html = page(
        who_may_apply={"en": "Universities only."},
        access_time_months=6,
        access_cost={"en": "Nothing."},
    )
    block = html.partition('class="decision"')[2].partition("</section>")[0]
    said = text(block)
    for words in ("Non-public", "Universities only.", "6 months", "Nothing.", "Registry desk"):
        assert words in said
    assert html.index('class="decision"') < html.index('class="glance"') < html.index('id="people"')


def test_a_question_that_nobody_answered_is_asked_and_not_answered_with_no(page):
    block = page().partition('class="decision"')[2].partition("</section>")[0]
    assert "What it costs Not stated" in text(block)
    assert "How long it takes Not stated" in text(block)


def test_people_in_the_dataset_and_people_with_the_condition_stay_apart_with_their_dates(page):
    html = page(
        individuals_counted_on="2024-12",
        studied_condition=[
            {
                "condition": f"{OURS}condition/heart-failure",
                "persons": 9000,
                "persons_counted_on": "2020",
            }
        ],
    )
    glance = text(html.partition('class="glance"')[2].partition("</section>")[0])
    assert "People in the dataset 12,000 People counted on December 2024" in glance
    assert "Heart failure People with the condition 9,000 Counted on 2020" in glance


def test_a_number_without_a_date_says_so(page):
    glance = text(page().partition('class="glance"')[2].partition("</section>")[0])
    assert "People in the dataset 12,000 People counted on Not stated" in glance


def test_the_three_states_of_an_outcome_are_told_and_silence_is_called_unknown(page):
    html = page(
        outcome_statement=[
            outcome("overall-survival", "collected", since="2009", completeness_percent=99),
            outcome("dyspnoea", "not-collected"),
            outcome("financial-burden", "not-applicable"),
        ]
    )
    said = text(section(html, "outcomes"))
    assert "Overall survival Mortality/survival Collected 2009 99%" in said
    assert re.search(r"Dyspnoea .* Not collected", said)
    assert re.search(r"Financial burden .* Not applicable", said)
    assert "Outcomes without a line here are unknown" in said


def test_how_much_of_a_core_outcome_set_is_collected_is_counted_without_guessing(page):
    html = page(
        outcome_statement=[
            outcome("overall-survival", "collected"),
            outcome("dyspnoea", "not-collected", set_item=[f"{OURS}core-outcome-set/hf-dyspnoea"]),
        ]
    )
    said = text(section(html, "outcomes"))
    assert "ICHOM standard set for heart failure 1 of 15" in said
    assert "Dyspnoea not collected" in said
    assert "Disturbed sleep unknown" in said


def test_a_section_that_nobody_filled_is_one_line(page):
    html = section(page(), "linkage")
    assert "unsaid" in html
    assert text(html) == "Linkage Not stated"


def test_the_variables_stand_in_a_table_and_a_long_one_is_folded(page):
    columns = [
        {
            "column_name": f"v{number}",
            "column_title": {"en": f"Variable {number}"},
            "description": {"en": "A number."},
            "datatype": "integer",
        }
        for number in range(60)
    ]
    html = page(
        structured_data=True,
        variables=[
            {
                "title": {"en": "Dictionary"},
                "table": [{"title": {"en": "Admissions"}, "column": columns}],
            }
        ],
    )
    html = section(html, "variables")
    assert "60 variables" in text(html)
    assert "Show 35 more" in text(html)
    before, _, after = html.partition("<details")
    assert before.count('<th scope="row"') + before.count("<th scope=row") == 25
    assert after.count("<th scope=row") == 35


def test_what_a_variable_means_is_told_by_its_label_where_the_concept_is_known(page):
    concepts = {
        "qol": f"{OURS}outcome/health-related-quality-of-life",
        "psa": "https://loinc.org/2857-1",
    }
    columns = [
        {
            "column_name": name,
            "column_title": {"en": f"The value of {name}"},
            "description": {"en": "A number."},
            "datatype": "integer",
            "property_url": concept,
        }
        for name, concept in concepts.items()
    ]
    table = {"title": {"en": "Visits"}, "column": columns}
    told = section(
        page(structured_data=True, variables=[{"title": {"en": "Dictionary"}, "table": [table]}]),
        "variables",
    )
    assert "Health-related quality of life" in text(told)
    assert "loinc.org/2857-1" in text(told)


def test_a_long_list_is_folded_and_nothing_of_it_is_lost(page):
    papers = [f"https://doi.org/10.1234/{number}" for number in range(40)]
    html = section(page(is_referenced_by=papers), "related")
    assert "Show 28 more" in text(html)
    assert all(paper in html for paper in papers)


def test_the_address_of_a_part_leads_to_where_it_stands(page):
    html = page(outcome_statement=[outcome("overall-survival", "collected")])
    assert '<tr id="outcome-statement-1">' in html
    assert html.count('id="contact-point-1"') == 1


def test_every_name_in_the_page_is_given_once(client):
    for path in ("/datasets/sidiap", "/datasets/geras", "/vocabularies/core-outcome-set/ichom-hf"):
        names = re.findall(r'\sid="([^"]+)"', client.get(path).get_data(as_text=True))
        assert sorted(names) == sorted(set(names)), path


def test_the_history_is_told_step_by_step_with_its_notes(empty, page):
    page()
    with empty.changing() as session:
        document = dataset(access_time_months=3)
        empty.records.put(session, "dataset", document, key="hf", author="t", note="Faster now")
    client = create_app(catalogue=empty).test_client()
    said = text(section(client.get("/datasets/hf").get_data(as_text=True), "history"))
    assert re.search(r"Updated revision 2 Faster now .* Published revision 1", said)


def test_the_citation_names_the_dataset_its_revision_and_its_lasting_address(page):
    said = text(section(page(custodian="id/agent/ghent"), "cite"))
    assert "Heart failure registry of Ghent, Hospital of Ghent." in said
    assert "revision 1 of " in said
    assert "https://catalogue.example.org/id/dataset/hf" in said


def test_a_holder_who_is_withheld_is_nowhere_on_the_page(empty, page):
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("Access body"), key="body", author="t")
    html = page(
        holder_withheld=True,
        hdab="id/agent/body",
        title={"en": "A registry"},
        identifier=["x"],
        distribution=[
            {
                "access_url": ["https://body.example/apply"],
                "applicable_legislation": ["http://data.europa.eu/eli/reg/2025/327/oj"],
            }
        ],
        custodian="id/agent/ghent",
        creator=["id/agent/ghent"],
        landing_page=["https://hospital.example/registry"],
    )
    assert "ghent" not in html.casefold()
    assert "hospital.example" not in html
    assert "Whom to ask Not disclosed: the holder is not named here" in text(html)


def test_a_title_in_another_language_is_told_with_its_language(page):
    html = page(title={"en": "Registry of Ghent", "nl": "Register van Gent"})
    assert re.search(r'<p class="also" lang="nl">\s*Register van Gent', html)
