"""A researcher finds a dataset: with a mouse, without scripts, with the keyboard alone."""

import re

from playwright.sync_api import expect


def test_from_a_question_to_a_dataset_and_its_concepts(browser_page):
    page = browser_page
    page.goto("/")
    page.locator("#q").fill("dementia")
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
    page.locator("#q").fill("dementia")
    page.get_by_role("button", name="Search").click()
    page.locator("#facet-spatial").get_by_label("Sweden").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips")).to_contain_text("Sweden")
    expect(page.locator("#q")).to_have_value("dementia")
    page.locator(".found h3 a").first.click()
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()
    page.locator(".glance a.concept").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Datasets"))).to_be_visible()


def test_a_new_search_keeps_the_criteria(browser_page):
    page = browser_page
    page.goto("/datasets?q=dementia")
    page.locator("#facet-spatial").get_by_label("Sweden").check()
    expect(page.locator(".chips")).to_contain_text("Sweden")
    page.locator("#q").fill("registry")
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
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("dementia")
    page.keyboard.press("Enter")
    expect(page.locator("#how-many")).to_contain_text("for “dementia”")
    _tab_to(page, "#facets input[type=checkbox]")
    page.keyboard.press("Space")
    expect(page.locator(".chips li").first).to_be_visible()
    _tab_to(page, ".found a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()


def test_focus_can_be_seen(browser_page):
    page = browser_page
    page.goto("/datasets")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML")


def _tab_to(page, selector, most=120):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no {selector} within {most} steps")


def test_help_with_typing_by_keyboard_and_mouse(browser_page):
    page = browser_page
    page.goto("/")
    box = page.locator("#q")
    box.type("herzins")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Heart failure")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#how-many")).to_contain_text("for “Heart failure”")

    box = page.locator("#q")
    box.fill("")
    box.type("sidia")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    box.type("p")
    page.get_by_role("option").filter(has_text="SIDIAP").click()
    expect(page).to_have_url(re.compile("/datasets/sidiap"))


def test_an_expansion_is_seen_and_taken_away(browser_page):
    page = browser_page
    page.goto("/datasets?q=cardiac failure")
    widened = page.locator(".widened")
    expect(widened).to_contain_text("Heart failure")
    widened.get_by_role("link", name="Without Heart failure", exact=True).click()
    expect(page.locator(".widened .removed")).to_contain_text("Heart failure")
    page.get_by_role("link", name="Only my words").click()
    expect(page.locator(".only-words")).to_be_visible()


def test_a_range_narrows_with_and_without_scripts(open_page):
    for scripts in (True, False):
        page = open_page(java_script_enabled=scripts)
        page.goto("/datasets")
        years = page.locator("#facet-year")
        if not years.evaluate("(one) => one.open"):
            years.locator("summary").click()
        years.get_by_label("From").fill("2015")
        if scripts:
            page.keyboard.press("Tab")
        else:
            page.get_by_role("button", name="Apply").click()
        expect(page.locator(".chips").first).to_contain_text("Years covered: since 2015")
        expect(page).to_have_url(re.compile(r"year=2015\.\."))


def test_the_pictures_of_the_hits_narrow_them(browser_page):
    page = browser_page
    page.goto("/datasets?q=dementia")
    page.get_by_text("Look at these").click()
    page.locator(".look svg a").first.click()
    expect(page.locator(".chips").first).to_contain_text("Countries and regions")


def test_a_search_with_many_criteria_has_an_address_that_is_answered(browser_page):
    page = browser_page
    page.goto("/datasets?condition=prostate-cancer")
    chosen = [
        "condition=" + page.locator("#facet-condition input:checked").get_attribute("value"),
        *(f"without={'x' * 90}{number}" for number in range(60)),
    ]
    address = "/datasets?" + "&".join(chosen)
    assert 5_000 < len(address) < 8_000
    answer = page.goto(address)
    assert answer.status == 200
    assert page.locator("#how-many").inner_text() == "20 datasets"
    assert page.goto("/datasets?q=" + "x" * 10_000).status == 414
