"""The data cube: from a disease to a statement and to a gap, by mouse, keyboard and without scripts."""

import re

import pytest
from playwright.sync_api import expect

AD = "/cube?disease=alzheimer"


def test_somebody_finds_the_gap_of_a_disease_and_the_statements_behind_a_cell(browser_page):
    page = browser_page
    page.goto("/cube")
    page.get_by_label("Disease", exact=True).fill("Alzheimer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alzheimer's disease")
    gap = page.locator(".heat tr.gap").first
    expect(gap.get_by_role("rowheader")).to_contain_text("Caregiver")
    page.get_by_role("navigation", name="Stages").get_by_role("link", name="Mild dementia").click()
    expect(page.locator(".heading .also")).to_have_text("Mild dementia")
    cell = page.get_by_role("link", name=re.compile("^Caregiver.*GERAS.*: collected$"))
    cell.click()
    expect(page).to_have_url(re.compile(r"/datasets/geras#outcome-statement-\d+$"))
    expect(page.locator("tr:target")).to_contain_text("carer", ignore_case=True)


def test_the_matrix_can_be_passed_by_and_walked_with_the_keyboard(browser_page):
    page = browser_page
    page.goto(AD)
    past = page.get_by_role("link", name="Skip the matrix")
    past.focus()
    expect(past).to_be_in_viewport()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.heat-box')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.heat thead a')")
    past.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('#after-matrix summary')")
    page.keyboard.press("Enter")
    expect(page.locator(".totals")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(open_page, axe, width, scheme):
    page = open_page(width=width, color_scheme=scheme)
    for path in (
        AD,
        "/cube",
        "/vocabularies/core-outcome-set/ichom-hf",
        "/vocabularies/outcome/pain",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_without_scripts_the_cube_is_cut_and_laid_anew(open_page):
    page = open_page(width=390, java_script_enabled=False)
    page.goto(AD)
    page.get_by_label("Rows").select_option("ichom-dementia")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".heat .corner").first).to_contain_text("ICHOM")
    page.get_by_role("link", name=re.compile("^Stage not stated")).click()
    expect(page.locator(".heading .also")).to_have_text("stage not stated")
    expect(page.locator(".heat").first).to_be_visible()
