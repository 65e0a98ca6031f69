"""Outcomes on pages: the cube, coverage of sets, outcomes in four states, EMA, completeness."""

import csv
import io
import re

import pytest
from factories import OWN, dataset, plant

AD = "/cube?disease=alzheimer"


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def table_of(html, name):
    """The rows of a table: the header of each, and its cells."""
    body = re.search(rf'<table class="{name}[^"]*">.*?<tbody>(.*?)</tbody>', html, re.S)[1]
    return [
        (text(re.search(r"<th.*?</th>", row, re.S)[0]), re.findall(r"<td[^>]*>.*?</td>", row, re.S))
        for row in re.findall(r"<tr.*?</tr>", body, re.S)
    ]


def lines(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


# the cube -----------------------------------------------------------------------------


def test_the_cube_of_a_disease_marks_the_gap_and_leads_to_every_statement(client):
    html = client.get(AD).get_data(as_text=True)
    rows = table_of(html, "heat few-gaps")
    assert len(rows) == 11
    assert [name for name, _ in rows if name.endswith("gap")] == [
        "Caregiver-oriented outcomes / carer and family quality of life gap"
    ]
    links = re.findall(r'<td class="state collected"><a href="(/datasets/[^"#]+)#([^"]+)"', html)
    assert len(links) == html.count('<td class="state collected">') > 50
    for path, anchor in links[::9]:
        assert f'id="{anchor}"' in client.get(path).get_data(as_text=True)


def test_page_csv_and_json_of_the_cube_tell_the_same_numbers(client):
    html = client.get(AD).get_data(as_text=True)
    told = client.get("/api/v1/cube?disease=alzheimer").json
    sources = lines(client.get("/cube.csv?disease=alzheimer"))
    totals = lines(client.get("/cube-totals.csv?disease=alzheimer"))
    of_page = [int(text(cells[-1]).split()[0]) for _, cells in table_of(html, "heat few-gaps")]
    of_json = [row["states"]["collected"] for row in told["rows"]]
    labels = [row["outcome"]["label"] for row in told["rows"]]
    of_csv = [sum(one[label] == "collected" for one in sources) for label in labels]
    assert of_page == of_json == of_csv == [int(one["collected"]) for one in totals]
    assert told["total"] == len(sources) == len(told["items"]) == 22
    for item, line in zip(told["items"], sources, strict=True):
        said = [cell["state"].replace("_", " ") for cell in item["cells"]]
        assert said == [line[label] for label in labels]
        assert item["page"] == line["address"]
    assert [one["outcome"] for one in totals if one["gap"]] == [
        row["outcome"]["label"] for row in told["rows"] if row["gap"]
    ]


def test_the_cube_can_be_cut_by_stage_and_laid_by_any_set(client):
    html = client.get(f"{AD}&stage=mild-dementia&rows=ichom-dementia").get_data(as_text=True)
    assert len(table_of(html, "heat")) == 11
    assert 'href="/cube?disease=alzheimers-disease&amp;rows=ichom-dementia"' in html
    assert re.search(r'aria-current="page">Mild dementia', html)
    assert 'aria-current="page">Stage not stated' in client.get(f"{AD}&stage=not-stated").get_data(
        as_text=True
    )


@pytest.mark.parametrize("disease", ["nonsense of sorts", "lymph"])
def test_a_disease_nobody_knows_is_a_clear_answer(client, disease):
    page = client.get("/cube", query_string={"disease": disease})
    assert page.status_code == 400
    assert disease in page.get_data(as_text=True)
    told = client.get("/api/v1/cube", query_string={"disease": disease})
    assert told.status_code == 400
    assert told.json["problems"][0]["path"] == ["disease"]


def test_without_a_disease_one_chooses_from_those_there_are(client):
    html = client.get("/cube").get_data(as_text=True)
    number = re.search(r'\?disease=alzheimers-disease"><span class="what">.*?count">(\d+)', html)[1]
    assert number == "22"
    assert client.get("/cube.csv").status_code == 404
    assert client.get("/api/v1/cube").status_code == 400


# sets and outcomes ----------------------------------------------------------------------


def test_the_coverage_of_a_set_is_of_the_items_that_apply_best_first(client):
    html = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    told = client.get("/vocabularies/core-outcome-set/ichom-hf/coverage.json").json
    whole = lines(client.get("/vocabularies/core-outcome-set/ichom-hf/coverage.csv"))
    rows = table_of(html, "matrix")
    assert told["datasets"] == len(whole) == len(rows) == len(told["coverage"])
    shares = [one["collected"] / one["applicable"] for one in told["coverage"]]
    assert shares == sorted(shares, reverse=True)
    for (_, cells), one, line in zip(rows, told["coverage"], whole, strict=True):
        states = [re.search(r'class="state ([\w-]+)"', cell)[1] for cell in cells[:-2]]
        assert states == [cell["state"].replace("_", "-") for cell in one["cells"]]
        assert text(cells[-2]).startswith(f"{one['collected']} of {one['applicable']}")
        assert (line["collected"], line["address"]) == (str(one["collected"]), one["page"])


def test_at_least_so_many_items_of_a_set_is_a_question(client):
    html = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    assert 'href="/questions?core_outcome_set=ichom-hf;least=1.."' in html
    told = client.get("/vocabularies/core-outcome-set/ichom-hf/coverage.json").json["coverage"]
    for least, number in re.findall(r'least=(\d+)">.*?count">(\d+)', html):
        assert int(number) == sum(one["collected"] >= int(least) for one in told)


def test_an_item_that_does_not_apply_is_told_on_both_pages(empty):
    from catalogue.app import create_app

    plant(
        empty,
        dataset(
            not_stated=[{"field": "treatment", "reason": f"{OWN}reason/not-applicable"}],
            outcome_statement=[
                {
                    "outcome": f"{OWN}outcome/urinary-function",
                    "state": f"{OWN}outcome-state/collected",
                }
            ],
        ),
    )
    client = create_app(catalogue=empty).test_client()
    page = text(client.get("/datasets/hf").get_data(as_text=True))
    found = re.search(r"effectiveness trials (\d+) of (\d+) applicable", page)
    assert int(found[1]) == 1 < int(found[2]) < 19
    assert "Perioperative deaths not applicable: only surgery" in page
    html = client.get("/vocabularies/core-outcome-set/compacters-localised-pca").get_data(
        as_text=True
    )
    [(_, cells)] = table_of(html, "matrix")
    assert text(cells[-2]).startswith(f"1 of {found[2]}")
    assert sum('class="state not-applicable"' in cell for cell in cells) == 19 - int(found[2])


def test_an_outcome_tells_how_many_datasets_are_in_each_of_the_four_states(client):
    html = client.get("/vocabularies/outcome/cognition").get_data(as_text=True)
    numbers = dict(re.findall(r">([\w ]+) <span class=\"count\">(\d+)</span></a></li>", html))
    assert sum(int(numbers[name]) for name in numbers) == 107
    assert {*numbers} == {"Collected", "Not collected", "Not applicable", "Unknown"}
    listed = html.partition('id="datasets"')[2].partition("</ol>")[0]
    assert listed.count('class="found"') == int(numbers["Collected"])
    unknown = client.get("/vocabularies/outcome/cognition?state=unknown").get_data(as_text=True)
    assert "That is not a no." in unknown
    assert "/vocabularies/comet-domain/" in html
    assert "/vocabularies/instrument/mmse" in html
    assert client.get("/vocabularies/outcome/cognition?state=perhaps").status_code == 400


def test_searching_an_instrument_finds_datasets_its_outcomes_and_its_sets(client):
    html = client.get("/datasets?q=EPIC-26").get_data(as_text=True)
    assert html.count('class="found"') > 1
    served = re.search(r'<p class="served">.*?</p>', html, re.S)[0]
    assert "/vocabularies/outcome/urinary-function" in served
    assert "/vocabularies/core-outcome-set/compacters-localised-pca" in served


# facets, EMA, completeness --------------------------------------------------------------


def test_phenotype_follow_up_linkage_access_route_and_drug_coding_can_be_combined(empty):
    from catalogue.app import create_app

    whole = {
        "studied_condition": [
            {
                "condition": f"{OWN}condition/heart-failure",
                "stage": [f"{OWN}disease-stage/hfref"],
                "persons": 500,
            }
        ],
        "follow_up_median_years": 5,
        "linkage": [{"linkage_possibility": f"{OWN}linkage-possibility/possible"}],
        "access_route": [f"{OWN}access-route/secure-environment"],
        "coding_system": [empty.vocabularies["coding-system"].by_code["ATC"].iri],
    }
    plant(empty, dataset(**whole), dataset(**{**whole, "access_route": None}))
    client = create_app(catalogue=empty).test_client()
    asked = {
        "stage": "hfref",
        "follow_up_median_years": "2..",
        "linkage_possibility": "possible",
        "coding_system": "ATC",
    }
    one = {**asked, "access_route": "secure-environment"}
    for said, slugs in (
        (asked, {"hf", "hf-2"}),
        (one, {"hf"}),
        ({**asked, "access_route": "not-stated"}, {"hf-2"}),
    ):
        answer = client.get("/api/v1/datasets", query_string=said)
        assert {item["slug"] for item in answer.json["items"]} == slugs
    lacking = text(client.get("/datasets/hf-2").get_data(as_text=True))
    assert re.search(r"How Not stated", lacking), "what lacks is shown"


def test_every_element_of_the_ema_table_is_answered_by_a_property(catalogue):
    from catalogue.outcomes.ema import elements

    folder = catalogue.settings.data_folder("schemas")
    rows = (folder / "ema.csv").read_text().count("\n") - 1
    known = elements(folder, catalogue.records.shape("dataset"))
    assert len(known) == rows
    assert all(len(one.paths) == 1 or one.name == "Data holder" for one in known), (
        "an alternative was passed by"
    )


def test_a_dataset_is_a_line_with_the_element_names_of_the_ema_catalogues(client):
    [line] = lines(client.get("/datasets/sidiap/ema.csv"))
    assert line["Data source acronym"] == "SIDIAP"
    assert line["Population size"] == "8000000"
    for element in (
        "Event triggering registration of a person in the data source",
        "Event triggering de-registration of a person in the data source",
        "Event triggering creation of a record in the data source",
        "Pre-linked",
        "Linkage strategy",
        "Linkage variable",
        "Linkage completeness (%)",
        "Data source refresh",
        "Lag (months)",
    ):
        assert element in line
    assert line["Linkage variable"] == ""  # nobody stated it, and nothing is made up
    every = lines(client.get("/datasets/ema.csv"))
    assert len(every) == 107
    assert line in every
    assert client.get("/datasets/ema.csv?after=x").status_code == 400


def test_the_ema_table_names_no_holder_that_is_withheld(empty):
    from catalogue.app import create_app

    plant(empty, dataset(holder_withheld=True))
    client = create_app(catalogue=empty).test_client()
    [line] = lines(client.get("/datasets/hf/ema.csv"))
    assert line["Data holder"] == line["Contact details"] == ""
    assert "Ghent" not in line["Governance details"]


def test_reviewers_see_how_complete_descriptions_are_beside_the_published_shares(app, sign_in):
    reviewer = sign_in(app, "reviewer@example.org", "reviewer")
    html = reviewer.get("/workspace/completeness").get_data(as_text=True)
    rows = {name: [text(cell) for cell in cells] for name, cells in table_of(html, "parts")}
    access = next(cells for name, cells in rows.items() if "11%" in name)
    linkage = next(cells for name, cells in rows.items() if "20%" in name)
    assert (access[1], linkage[1]) == ("11%", "20%")
    stated, total = map(int, re.search(r"(\d+) of (\d+)", linkage[0]).groups())
    assert total == 107
    lacking = re.search(r'href="([^"]*linkage_possibility=not-stated[^"]*)"', html)[1]
    assert f">{total - stated} datasets" in reviewer.get(lacking).get_data(as_text=True)
    assert "/questions?omop_status=mapped&amp;lag_months=..6&amp;frequency=..12" in html


def test_how_complete_descriptions_are_is_for_reviewers_only(app, sign_in):
    assert sign_in(app, "editor@example.org").get("/workspace/completeness").status_code == 403
    assert app.test_client().get("/workspace/completeness").status_code in (302, 303)
