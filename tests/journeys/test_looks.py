"""Every kind of page: on a telephone, in light and dark, and what axe says."""

import pytest

PAGES = {
    "home": "/",
    "results": "/datasets?q=dementia",
    "results with everything": "/datasets?q=MDS+heart+attack+demntia&year=1990..&spatial=not-stated",
    "values of a criterion": "/datasets/by/condition?q=cohort",
    "how to search": "/help/search",
    "API": "/api/docs",
    "nothing found": "/datasets?q=zzzzqqq",
    "dataset": "/datasets/sidiap",
    "organisations": "/organisations",
    "organisation": "/organisations/inserm",
    "pre-flight of a dataset": "/datasets/sidiap/pre-flight",
    "pre-flight of a catalogue": "/catalogues/roadmap/pre-flight",
    "pre-flight that waits": "/organisations/inserm/pre-flight",
    "catalogues": "/catalogues",
    "catalogue": "/catalogues/roadmap",
    "vocabularies": "/vocabularies",
    "vocabulary": "/vocabularies/country",
    "outcomes": "/vocabularies/outcome",
    "core outcome sets": "/vocabularies/core-outcome-set",
    "core outcome set": "/vocabularies/core-outcome-set/ichom-hf",
    "concept": "/vocabularies/source-type/registry",
    "instrument": "/vocabularies/instrument/epic-26",
    "domain": "/vocabularies/comet-domain/29",
    "profile": "/profile",
    "class": "/profile/Dataset",
    "developers": "/developers",
    "SPARQL": "/sparql",
    "SPARQL with an answer": "/sparql?example=country",
    "SPARQL with statements": "/sparql?example=graph",
    "about": "/about",
    "not found": "/datasets/nothing",
}


@pytest.fixture(scope="module", autouse=True)
def _reported(catalogue):
    """A report is there, as a worker would have made it."""
    catalogue.preflight.ask("id/catalogue/roadmap")
    catalogue.preflight.tend(lambda: False)


@pytest.fixture(params=PAGES.values(), ids=PAGES)
def path(request):
    return request.param


def test_nothing_scrolls_sideways_on_a_telephone(open_page, path):
    page = open_page(width=390)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_page, axe, path, scheme, width):
    page = open_page(width=width, color_scheme=scheme)
    page.goto(path)
    assert axe(page) == []


def test_axe_finds_nothing_in_a_core_outcome_set(open_page, axe):
    page = open_page(width=390)
    page.goto("/vocabularies/core-outcome-set")
    page.locator(".lists a").first.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_tables_of_a_dataset_break_no_word_and_fit_the_page(open_page):
    page = open_page()
    page.goto("/datasets/swedehf")
    for column, lines in {"Since": 1, "Unit": 1, "Data type": 2}.items():
        cells = page.locator(f"td[data-label='{column}']:not(.empty) > div").all()
        assert cells
        assert max(cell.bounding_box()["height"] for cell in cells) < 30 * lines
    tables = "[...document.querySelectorAll('.wide .parts')]"
    assert page.evaluate(f"{tables}.every(t => t.scrollWidth <= t.parentElement.clientWidth)")


@pytest.mark.parametrize("path", ["/developers", "/api/docs"])
def test_no_button_to_copy_covers_what_an_example_is_called(open_page, path):
    page = open_page(width=390)
    page.goto(path)
    page.locator(".copy").first.wait_for(state="attached")
    covered = """[...document.querySelectorAll('.call:has(> .copy)')].filter(call => {
        const words = document.createRange(), button = call.querySelector('.copy');
        words.selectNodeContents(call.querySelector('h3, h4'));
        const at = button.getBoundingClientRect();
        return [...words.getClientRects()].some(box => box.right > at.left && box.top < at.bottom);
    }).map(call => call.textContent)"""
    assert page.evaluate(covered) == []


def test_filters_wait_behind_a_button_on_a_telephone(open_page):
    page = open_page(width=390)
    page.goto("/datasets")
    assert not page.locator("#facets").is_visible()
    page.get_by_text("Narrow the results").click()
    assert page.locator("#facets").is_visible()


def test_what_gives_points_and_what_is_to_be_mended_pass_axe_when_opened(open_page, axe):
    page = open_page(width=390)
    page.goto("/catalogues/roadmap/pre-flight")
    assert page.get_by_text("would take all 23 datasets").is_visible()
    page.get_by_text("Show what gives points").click()
    page.locator(".problem > summary").first.click()
    assert page.locator(".concerned a").first.is_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
