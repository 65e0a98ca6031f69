"""The pages of questions: sentence, confirmation, criteria, fit table, files, faults."""

import csv
import io
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

ASKED = "condition=prostate-cancer;stage=localised;persons=5000..&outcome=urinary-function"
SENTENCE = (
    "Which databases hold more than 5,000 men with localised prostate cancer, PSA at diagnosis and "
    "urinary-function PROMs, in OMOP, with five years of follow-up?"
)


@pytest.fixture
def page(client):
    """The text of a page, and its status."""

    def page(address, status=200):
        response = client.get(address, headers={"Accept": "text/html"})
        assert response.status_code == status, address
        return unescape(response.get_data(as_text=True))

    return page


def rows(html):
    """The datasets of a table: their titles with the states of their cells."""
    for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.S):
        title = re.search(r'<th scope="row"><a[^>]*>([^<]*)', body)[1]
        yield title, re.findall(r'<td class="state (\w+)"', body)


def test_with_nothing_asked_the_page_invites(page):
    html = page("/questions")
    assert "Your question in a sentence" in html
    assert "Questions to begin with" in html
    for label in ("Condition", "Core outcome set", "Follow-up", "Country"):
        assert f">{label}</a>" in html


def test_every_question_to_begin_with_is_understood_whole(client, page, catalogue):
    examples = re.findall(r'<li><a href="/questions\?text=([^"]*)"', page("/questions"))
    assert len(examples) >= 4
    for one in examples:
        found = catalogue.understanding.of(parse_qs(f"text={one}")["text"][0])
        assert found.question.criteria
        assert not found.left


def test_a_sentence_is_confirmed_before_it_is_asked(page, client):
    html = page(f"/questions?{urlencode({'text': SENTENCE})}")
    assert "What was understood" in html
    assert "“more than 5,000 men … localised prostate cancer”" in html
    assert "Localised prostate cancer, at least 5,000 people" in html
    assert 'class="fit"' not in html
    form = re.search(r'<form class="confirm".*?</form>', html, re.S)[0]
    said = re.findall(r'name="([^"]+)" value="([^"]+)"', form)
    html = page(f"/questions?{urlencode(said)}")
    assert 'class="fit"' in html
    assert html.count('<span class="which">') == 5


def test_a_sentence_adds_to_what_is_asked(page):
    html = page("/questions?" + urlencode([("omop_status", "mapped"), ("text", "in Belgium")]))
    form = re.search(r'<form class="confirm".*?</form>', html, re.S)[0]
    assert re.findall(r'name="(\w+)" value="(\w+)"', form) == [
        ("omop_status", "mapped"),
        ("spatial", "BEL"),
    ]


def test_an_acronym_of_several_things_leads_to_the_sentence_that_says_which(page):
    html = page("/questions?text=MS+in+Belgium")
    assert "“MS” can mean" in html
    assert "Multiple sclerosis in Belgium" in page(
        re.search(r'href="([^"]+)">Multiple sclerosis', html)[1]
    )


def test_words_without_sense_ask_for_nothing_and_lead_on(page):
    html = page("/questions?text=zebrafish")
    assert "No criterion was found in it" in html
    assert "/datasets?q=zebrafish" in html


# the table --------------------------------------------------------------------------


def test_datasets_stand_in_groups_the_best_first_and_none_is_left_out(page, catalogue):
    html = page(f"/questions?{ASKED}")
    assert re.search(r"<h2 id=\"found\">\d+ meets? both; \d+ meet 1; \d+ may meet both", html)
    assert "Near misses: 1 of 2" in html
    found = list(rows(html))
    assert found[0] == ("TrueNTH Global Registry (Movember)", ["met", "met"])
    met = [states.count("met") for _, states in found]
    assert met == sorted(met, reverse=True)
    seen, number = [title for title, _ in found], 1
    while "Next page" in html:
        number += 1
        html = page(f"/questions?{ASKED}&page={number}")
        seen += [title for title, _ in rows(html)]
    with catalogue.database.read() as session:
        total = catalogue.fitter.fit(session, catalogue.questions.parse([])).total
    assert len(seen) == len(set(seen)) == total


def test_what_is_not_stated_is_not_a_no_and_its_owner_can_be_asked(page):
    html = page(f"/questions?{ASKED}")
    asks = re.findall(r'<a class="cell" href="(/datasets/[^"]+/ask\?[^"]+)"', html)
    assert asks
    said = parse_qs(urlsplit(asks[0]).query)
    assert said["question"] == [f"/questions?{ASKED}"]
    assert said["field"][0] in (
        "studied_condition.condition", "studied_condition.stage", "studied_condition.persons",
        "outcome_statement.outcome",
    )  # fmt: skip
    assert html.count("Ask the owner<") >= len(asks)


def test_each_criterion_tells_what_leaving_it_out_would_give(page, catalogue):
    html = page(f"/questions?{ASKED}")
    told = [int(n.replace("none", "0")) for n in re.findall(r"Left out: (\w+) meet", html)]
    question = catalogue.questions.parse([one.split("=", 1) for one in ASKED.split("&")])
    with catalogue.database.read() as session:
        alone = [catalogue.fitter.fit(session, question.without(n)).full for n in range(2)]
    assert told == alone


def test_a_criterion_can_be_taken_out(page):
    html = page(f"/questions?{ASKED}")
    ways = re.findall(r'<a href="([^"]+)">Remove', html)
    assert ways == [
        "/questions?outcome=urinary-function",
        "/questions?condition=prostate-cancer;stage=localised;persons=5000..",
    ]


def test_the_ways_on_keep_the_question(page):
    html = page("/questions?omop_status=mapped")
    for address in (
        "/questions.csv?omop_status=mapped",
        "/questions.json?omop_status=mapped",
        "/saved/new?asked=%2Fquestions%3Fomop_status%3Dmapped",
        "/statements/new?asked=%2Fquestions%3Fomop_status%3Dmapped",
        "https://catalogue.example.org/questions?omop_status=mapped",
    ):
        assert f'href="{address}"' in html
    assert re.search(r'<form action="/compare".*name="dataset" value="[^"]+"', html, re.S)


def test_a_page_behind_the_last_leads_back(page):
    assert "none on page 900" in page("/questions?omop_status=mapped&page=900")


def test_a_search_leads_to_its_question(client, page):
    sweden = "http://publications.europa.eu/resource/authority/country/SWE"
    html = page("/datasets?" + urlencode([("q", "dementia"), ("spatial", sweden)]))
    path = re.search(r'href="(/questions/from-search[^"]+)"', html)[1]
    response = client.get(path)
    assert response.status_code == 303
    assert response.headers["Location"] == "/questions?spatial=SWE&text=dementia"


def test_what_of_a_search_cannot_be_asked_is_told(client):
    response = client.get("/questions/from-search?persons=1000..&lag_months=..6")
    assert response.headers["Location"] == "/questions?lag_months=..6&left=persons"
    html = client.get(response.headers["Location"]).get_data(as_text=True)
    assert "Not all of the search can be asked: People with the condition." in html
    assert client.get("/questions?left=nonsense&left=../..").status_code == 200


def test_words_that_no_criterion_was_found_in_do_not_stand_in_the_way_of_the_others(client):
    path = "/questions/from-search?spatial=SWE&q=zebra"
    html = client.get(path, follow_redirects=True).get_data(as_text=True)
    assert "No criterion was found in it." in html
    assert "Ask the criteria below" in html
    assert '<input type="hidden" name="spatial" value="SWE">' in html


def test_a_reason_leaves_nothing_to_ask_and_leads_to_the_holder_and_back(client):
    asked = "/questions?condition=prostate-cancer"
    path = "/datasets/capsure/ask?field=follow_up_median_years"
    page = client.get(f"{path}&question={asked}").text
    assert "answers this with a reason: <strong>not stated: unknown</strong>" in page
    assert '<a href="/enquiries/new?dataset=capsure">' in page
    assert f'<a href="{asked}">Back to your question</a>' in page


# the form ---------------------------------------------------------------------------


def test_every_kind_of_criterion_has_a_form(page, catalogue):
    for name, kind in catalogue.questions.kinds.items():
        html = page(f"/questions?add={name}")
        assert f"Add: {kind.label}" in html
        for qualifier in kind.qualifiers:
            assert f'name="beside.{qualifier}"' in html


def test_a_criterion_is_added_by_names_and_numbers(client):
    said = [
        ("omop_status", "mapped"), ("new", "condition"), ("value", "prostate cancer"), ("value", ""),
        ("beside.stage", "Localised prostate cancer"), ("beside.persons", "5,000"),
    ]  # fmt: skip
    response = client.get(f"/questions/criterion?{urlencode(said)}")
    assert response.status_code == 303
    assert response.headers["Location"] == (
        "/questions?omop_status=mapped&condition=prostate-cancer;stage=localised;persons=5000.."
    )


def test_a_criterion_is_changed_in_its_place(client, page):
    html = page(f"/questions?{ASKED}&change=1")
    form = re.search(r'<form class="form".*?</form>', html, re.S)[0]
    assert 'value="prostate-cancer" checked' in form
    assert 'value="5000"' in form
    said = [
        *[tuple(one.split("=", 1)) for one in ASKED.split("&")],
        *(("new", "condition"), ("place", "1"), ("value", "heart-failure")),
    ]
    response = client.get(f"/questions/criterion?{urlencode(said)}")
    assert response.headers["Location"] == (
        "/questions?condition=heart-failure&outcome=urinary-function"
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("new=condition&value=Prostat+canzer", "There is no “Prostat canzer”"),
        ("new=condition&value=Prostat+canzer", "Did you mean Prostate cancer"),
        ("new=condition", "Choose or type something."),
        ("new=lag_months&high=soon", "“soon” is not a number"),
        ("new=lag_months", "Write a number."),
        ("new=year&low=2020&high=2010", "turned round"),
        ("new=condition&value=stroke&beside.persons=many", "“many” is not a number"),
        ("new=condition&value=" + "x" * 5_000, "There is no “xxx"),
    ],
)
def test_a_form_that_cannot_be_understood_comes_back_with_its_message(page, said, message):
    html = page(f"/questions/criterion?omop_status=mapped&{said}", 400)
    assert message in html
    assert '<p class="fault"' in html
    assert 'name="omop_status" value="mapped"' in html


# faults -----------------------------------------------------------------------------


def test_what_was_right_of_a_faulty_address_is_asked_all_the_same(page):
    html = page("/questions?condition=the-plague&omop_status=mapped&year=2020..2010", 400)
    assert 'there is no "the-plague"' in html
    assert "is turned round" in html
    assert "What was right is asked below" in html
    assert 'class="fit"' in html


@pytest.mark.parametrize(
    "said",
    [
        "shoe_size=42",
        "&".join(f"follow_up_median_years={n}.." for n in range(100)),
        f"text={'prostate+cancer+' * 700}",
        f"condition={'(' * 400}",
        "condition=%00%01",
        "lag_months=[[[[6]]]]",
        "omop_status=mapped&page=0",
    ],
)
def test_nonsense_is_a_bad_request_as_a_page_and_as_a_problem(client, page, said):
    assert "cannot be understood" in page(f"/questions?{said}", 400) or "page" in said
    response = client.get(f"/questions?{said}", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.get_json()["problems"]


# files ------------------------------------------------------------------------------


def test_the_csv_has_a_line_a_dataset_and_two_columns_a_criterion(client, catalogue):
    response = client.get(f"/questions.csv?{ASKED}")
    assert response.content_type == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
    with catalogue.database.read() as session:
        total = catalogue.fitter.fit(session, catalogue.questions.parse([])).total
    assert len(lines) == total
    best = lines[0]
    assert best["dataset"] == "TrueNTH Global Registry (Movember)"
    assert best["met"] == best["criteria"] == "2"
    assert best["1. Condition: Localised prostate cancer, at least 5,000 people"] == "met"
    assert (
        "13,483 people"
        in best["1. Condition: Localised prostate cancer, at least 5,000 people (what is stated)"]
    )
    states = {one["2. Outcome: Urinary function"] for one in lines}
    assert states <= {"met", "not met", "not stated"}


def test_the_json_has_criteria_counts_and_evidence(client):
    response = client.get(f"/questions.json?{ASKED}")
    found = response.get_json()
    assert found["question"]["criteria"][0]["written"].startswith("prostate-cancer;")
    assert found["counts"]["total"] == len(found["items"])
    assert found["complete"] is True
    verdict = found["items"][0]["verdicts"][0]
    assert verdict["state"] == "met"
    assert "13,483 people" in verdict["said"]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_file_of_nothing_is_refused(client, suffix):
    assert client.get(f"/questions.{suffix}").status_code == 400
    assert client.get(f"/questions.{suffix}?condition=plague").status_code == 400
