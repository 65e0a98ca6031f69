"""Toolkits and publications stand beside the datasets and outcomes they are about."""

import re

from flask.testing import FlaskClient

from catalogue.search.similar import similar


def test_a_toolkit_is_found_by_its_words_and_narrowed_by_its_category(client: FlaskClient) -> None:
    page = client.get("/assets?q=prostate").text
    assert "Core outcome set for localised prostate cancer" in page
    assert "CatalogueExport" not in page
    narrowed = client.get(
        "/assets?asset_category=https://w3id.org/outcome-catalogue/asset-category/software"
    ).text
    assert "CatalogueExport" in narrowed
    assert "Core outcome set for localised prostate cancer" not in narrowed


def test_synonyms_of_a_condition_find_what_was_made_about_it(client: FlaskClient) -> None:
    assert (
        "Standard set of outcomes for coronary artery disease"
        in client.get("/assets?q=coronary heart disease").text
    )


def test_nothing_found_names_ways_on(client: FlaskClient) -> None:
    page = client.get("/assets?q=zzzzqqq").text
    assert "Nothing fits" in page
    assert 'href="/datasets?q=zzzzqqq"' in page


def test_a_facet_of_datasets_is_not_one_of_toolkits(client: FlaskClient) -> None:
    answer = client.get("/assets?access_rights=x")
    assert answer.status_code == 400
    assert "asset_category" in answer.text


def test_a_toolkit_has_a_page_with_its_line_category_and_project(client: FlaskClient) -> None:
    page = client.get("/assets/catalogue-export").text
    assert "every count is rounded up to the next hundred" in page
    assert "EHDEN" in page
    assert "https://github.com/EHDEN/CatalogueExport" in page


def test_a_dataset_names_what_was_made_about_it(client: FlaskClient) -> None:
    page = client.get("/datasets/eumds").text
    assert "Core outcome set for myelodysplastic syndromes" in page


def test_an_outcome_and_a_project_name_what_was_made_about_them(client: FlaskClient) -> None:
    assert (
        "Outcomes that matter in Alzheimer&#39;s disease"
        in client.get("/vocabularies/outcome/cognition").text
    )
    assert "CdmInspection" in client.get("/catalogues/ehden").text


def test_a_dataset_names_those_most_like_it(client: FlaskClient) -> None:
    page = client.get("/datasets/eumds").text
    similar = page[page.index('id="similar"') :]
    assert "myelodysplastic" in similar[: similar.index("</section>")]


def test_a_toolkit_is_rdf_as_well(client: FlaskClient) -> None:
    turtle = client.get("/assets/catalogue-export.ttl").text
    assert "outcome-catalogue/ns#Asset" in turtle or "outcome:Asset" in turtle


def test_what_words_were_taken_for_is_said_and_can_be_taken_back(client: FlaskClient) -> None:
    page = client.get("/assets?q=prostat+canser").text
    assert "No description holds “canser”" in page
    assert "/assets?q=prostat+canser&amp;expand=no" in page
    assert 'class="widened"' in client.get("/assets?q=heart+attack").text


def test_datasets_of_another_disease_are_not_alike_for_their_countries(client, catalogue) -> None:
    for slug, disease in (("eumds", "Myelodysplastic"), ("truenth", "rostate")):
        page = client.get(f"/datasets/{slug}").text
        similar = page[page.index('id="similar"') :]
        first = re.findall(r'<article class="found">.*?</article>', similar, re.S)[:2]
        assert all(disease in re.sub("<[^>]*>", "", one) for one in first), slug


def test_what_says_nothing_of_its_subject_is_like_nothing(catalogue) -> None:
    where = {
        "spatial": ["http://publications.europa.eu/resource/authority/country/FRA"],
        "source_type": ["https://w3id.org/outcome-catalogue/source-type/cohort"],
    }
    assert similar(catalogue.engine.reader(), catalogue.profile, 0, where, 4) == []


def test_the_page_of_a_core_outcome_set_names_what_was_made_about_its_condition(client):
    page = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    assert "Toolkits and publications on heart failure" in page
    assert 'href="/assets/ichom-hf-2020"' in page


def test_the_same_words_lead_from_datasets_to_toolkits_and_back(client):
    found = client.get("/datasets?q=heart+failure").get_data(as_text=True)
    assert 'href="/assets?q=heart+failure"' in found
    back = client.get("/assets?q=heart+failure&asset_category=core-outcome-set")
    assert back.status_code == 303, "a criterion by its code leads to the one address of the search"
    page = client.get(back.location).get_data(as_text=True)
    assert "/assets/ichom-hf-2020" in page
    assert 'href="/datasets?q=heart+failure"' in page, "criteria of toolkits stay with toolkits"
