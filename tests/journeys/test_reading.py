"""A researcher reads: the page of a dataset, a core outcome set, on paper."""

import re

from playwright.sync_api import expect


def test_from_a_cell_of_a_core_outcome_set_to_the_statement_of_a_dataset(browser_page):
    page = browser_page
    page.goto("/vocabularies/core-outcome-set/ichom-hf")
    page.get_by_role("row", name=re.compile("^SwedeHF")).get_by_role("link").nth(1).click()
    expect(page).to_have_url(re.compile(r"/datasets/swedehf#outcome-statement-\d+$"))
    expect(page.locator("tr:target")).to_be_in_viewport()


def test_the_way_to_the_sections_stays_in_sight_and_is_folded_on_a_telephone(open_page):
    page = open_page()
    page.goto("/datasets/geras")
    way = page.get_by_role("navigation", name="On this page")
    way.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_in_viewport()
    expect(way.get_by_role("link", name="Outcomes")).to_be_in_viewport()

    page = open_page(width=390)
    page.goto("/datasets/geras")
    way = page.get_by_role("navigation", name="On this page")
    expect(way.get_by_role("link", name="Outcomes")).to_be_hidden()
    way.get_by_text("On this page").last.click()
    way.get_by_role("link", name="Outcomes").click()
    expect(page.get_by_role("heading", name="Outcomes")).to_be_in_viewport()


def test_addresses_and_the_citation_can_be_copied(browser_page):
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/datasets/geras")
    for name, said in (
        ("Copy: Turtle", "/datasets/geras.ttl"),
        ("Copy: Citation", "GERAS-EU observational study, Eli Lilly and Company. Description in"),
    ):
        page.get_by_role("button", name=name).click()
        assert said in page.evaluate("navigator.clipboard.readText()")


def test_on_paper_nothing_folded_is_lost_and_no_buttons_are_left(open_page):
    page = open_page(color_scheme="dark")
    page.goto("/datasets/geras")
    page.emulate_media(media="print")
    expect(page.locator(".share-of .ticks").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("navigation", name="On this page")).to_be_hidden()
    expect(page.locator(".copy").first).to_be_hidden()
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
