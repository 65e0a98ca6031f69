"""Vocabularies, concepts and core outcome sets."""

import re


def test_every_vocabulary_has_a_page(client, catalogue):
    for name in catalogue.vocabularies:
        answer = client.get(f"/vocabularies/{name}")
        assert answer.status_code == 200, name
        assert "Licence" in answer.get_data(as_text=True), name


def test_every_concept_has_a_page(client, catalogue):
    """A sample of each list: the first, and every one whose code is unusual."""
    from catalogue.web.filters import concept_path

    with client.application.test_request_context():
        paths = []
        for vocabulary in catalogue.vocabularies.values():
            concepts = [*vocabulary.concepts.values()]
            odd = [one for one in concepts if not re.fullmatch(r"[\w-]+", one.code)][:20]
            paths += [
                concept_path(one.iri)
                for one in (*concepts[:2], *odd, *vocabulary.collections.values())
            ]
    for path in paths:
        assert client.get(path).status_code == 200, path


def test_the_entries_of_a_list_can_be_searched_in_any_language(client):
    page = client.get("/vocabularies/source-type?q=registre").get_data(as_text=True)
    assert "Registry" in page


def test_a_concept_tells_its_names_in_every_language(client):
    page = client.get("/vocabularies/source-type/registry").get_data(as_text=True)
    assert '<span lang="fr">Registre</span>' in page
    assert '<span lang="de">Register</span>' in page


def test_a_concept_lists_the_datasets_that_use_it(client):
    page = client.get("/vocabularies/source-type/cohort").get_data(as_text=True)
    assert page.count('class="found"') > 5
    assert "/datasets?source_type=" in page


def test_a_core_outcome_set_shows_its_items(client, catalogue):
    sets = catalogue.vocabularies["core-outcome-set"].collections
    assert sets
    for one in sets.values():
        page = client.get(f"/vocabularies/core-outcome-set/{one.code}").get_data(as_text=True)
        items = page.partition('<table class="matrix"')[0]
        assert items.count('<th scope="row"') == len(one.members), one.code


def test_what_nobody_checked_is_marked_and_explained(client, catalogue):
    unchecked = [
        (name, concept)
        for name, vocabulary in catalogue.vocabularies.items()
        for concept in vocabulary.concepts.values()
        if not concept.checked
    ]
    for name, concept in unchecked[:5]:
        page = client.get(f"/vocabularies/{name}/{concept.code}").get_data(as_text=True)
        assert "not checked" in page
        assert 'id="unchecked"' in page


def test_the_reference_names_every_property(client, catalogue):
    for name, shape in catalogue.profile.items():
        page = client.get(f"/profile/{name}").get_data(as_text=True)
        for one in shape.stored:
            assert f'id="{one.name}"' in page, f"{name}.{one.name}"


def test_what_nobody_has_checked_is_told_on_the_page_of_the_list_and_of_its_entries(client):
    for address in ("/vocabularies/condition", "/vocabularies/condition/heart-failure"):
        said = client.get(address).get_data(as_text=True)
        assert "no specialist has checked them yet" in said
    assert "Yes, against" not in client.get("/vocabularies/frequency/ANNUAL").get_data(as_text=True)


def test_a_core_outcome_set_shows_which_datasets_state_which_item(client):
    page = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    matrix = page.partition('<table class="matrix"')[2].partition("</table>")[0]
    lines = matrix.count('<th scope="row"')
    assert 5 <= lines <= 50
    assert matrix.count("<td") == lines * (15 + 2)  # one cell an item, and two sums
    assert 'class="state collected"><a href="/datasets/swedehf#outcome-statement-' in matrix
    assert '<td class="state unknown"><span class="sr">unknown</span></td>' in matrix
    every = re.search(r'<a href="(/datasets\?outcome=[^"]+)">Search all', page)[1]
    assert every.count("outcome=") > 5


def test_a_cell_of_a_set_leads_to_the_statement_on_the_page_of_the_dataset(client):
    page = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    for path, name in re.findall(r'<a href="(/datasets/[^"#]+)#(outcome-statement-\d+)"', page)[:9]:
        assert f'id="{name}"' in client.get(path).get_data(as_text=True), path


def test_an_instrument_tells_the_outcomes_and_sets_it_serves(client):
    page = client.get("/vocabularies/instrument/epic-26").get_data(as_text=True)
    assert "/vocabularies/outcome/urinary-function" in page
    assert "/vocabularies/core-outcome-set/compacters-localised-pca" in page


def test_a_condition_tells_the_core_outcome_sets_made_for_it(client):
    page = client.get("/vocabularies/condition/heart-failure").get_data(as_text=True)
    assert "/vocabularies/core-outcome-set/ichom-hf" in page


def test_every_note_of_an_entry_is_shown(client):
    page = client.get("/vocabularies/core-outcome-set/ichom-hf").get_data(as_text=True)
    assert "The full set has 17 items; 15 are listed here." in page
    assert "ICHOM asks to be named as source whenever the set is used." in page
