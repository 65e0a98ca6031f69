"""A researcher finds a dataset: with a mouse, without scripts, with the keyboard alone."""

import re

from playwright.sync_api import expect


def test_from_a_question_to_a_dataset_and_its_concepts(browser_page):
    page = browser_page
    page.goto("/")
    page.get_by_role("searchbox").fill("dementia")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#how-many")).to_contain_text("for “dementia”")
    before = page.locator("#how-many").inner_text()

    facet = page.locator("#facet-spatial")
    facet.get_by_label("Sweden").check()
    expect(page.locator(".chips")).to_contain_text("Sweden")
    expect(page.locator("#how-many")).not_to_have_text(before)
    expect(page).to_have_url(re.compile(r"q=dementia.*spatial="))
    expect(page.locator("#facet-spatial").get_by_label("Sweden")).to_be_checked()
    expect(page.locator("#facet-spatial").get_by_label("Sweden")).to_be_focused()
    expect(page.locator(".apply")).to_be_hidden()

    page.go_back()
    expect(page.locator("#how-many")).to_have_text(before)
    page.go_forward()
    page.locator(".chips a").first.click()
    expect(page.locator("#how-many")).to_have_text(before)

    title = page.locator(".found h3 a").first.inner_text()
    page.locator(".found h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.locator(".glance a.concept").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Datasets"))).to_be_visible()


def test_the_same_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("dementia")
    page.get_by_role("button", name="Search").click()
    page.locator("#facet-spatial").get_by_label("Sweden").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips")).to_contain_text("Sweden")
    expect(page.get_by_role("searchbox")).to_have_value("dementia")
    page.locator(".found h3 a").first.click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.locator(".glance a.concept").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Datasets"))).to_be_visible()


def test_a_new_search_keeps_the_criteria(browser_page):
    page = browser_page
    page.goto("/datasets?q=dementia")
    page.locator("#facet-spatial").get_by_label("Sweden").check()
    expect(page.locator(".chips")).to_contain_text("Sweden")
    page.get_by_role("searchbox").fill("registry")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#how-many")).to_contain_text("for “registry”")
    expect(page.locator(".chips")).to_contain_text("Sweden")


def test_the_same_with_the_keyboard_alone(browser_page):
    page = browser_page
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("dementia")
    page.keyboard.press("Enter")
    expect(page.locator("#how-many")).to_contain_text("for “dementia”")
    _tab_to(page, "#facets input[type=checkbox]")
    page.keyboard.press("Space")
    expect(page.locator(".chips li").first).to_be_visible()
    _tab_to(page, ".found a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="History")).to_be_visible()


def test_focus_can_be_seen(browser_page):
    page = browser_page
    page.goto("/datasets")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")


def _tab_to(page, selector, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no {selector} within {most} steps")
