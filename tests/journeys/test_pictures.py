"""Pictures are links and tables too: with a mouse, with the keyboard, without scripts."""

import re

import pytest
from playwright.sync_api import expect


def test_a_country_on_the_map_leads_to_its_datasets(browser_page):
    page = browser_page
    page.goto("/")
    number = page.get_by_role("link", name=re.compile(r"^Poland: \d+ datasets?$"))
    name = number.get_attribute("aria-label")
    number.click()
    expect(page.locator(".chips")).to_contain_text("Poland")
    expect(page.locator("#how-many")).to_contain_text(re.search(r"\d+", name)[0])


def test_the_map_can_be_walked_and_passed_by_with_the_keyboard(browser_page):
    page = browser_page
    page.goto("/")
    past = page.get_by_role("link", name="Skip the map")
    past.focus()
    expect(past).to_be_in_viewport()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.map .place')")
    past.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.map .beyond a, .map summary')")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_numbers_of_a_picture_are_a_table_without_scripts(open_page, width):
    page = open_page(width=width, java_script_enabled=False)
    page.goto("/")
    for picture in page.locator("figure.picture").all():
        picture.get_by_text("Show as a table").click()
        expect(picture.get_by_role("table")).to_be_visible()
        expect(picture.get_by_role("rowheader").first).to_be_visible()


def test_axe_finds_nothing_in_opened_tables(open_page, axe):
    page = open_page(width=390)
    page.goto("/")
    page.evaluate("document.querySelectorAll('.picture details').forEach(one => one.open = true)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
