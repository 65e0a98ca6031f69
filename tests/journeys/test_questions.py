"""A researcher asks a question in a sentence, confirms it, reads the fit table, takes it along."""

import csv
import re

import pytest
from playwright.sync_api import expect

SENTENCE = "more than 5,000 men with localised prostate cancer and urinary function, five years of follow-up"


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_sentence_to_the_near_misses_and_a_file(open_page, scripts):
    page = open_page(java_script_enabled=scripts, accept_downloads=True)
    page.goto("/questions")
    page.get_by_label("Your question in a sentence").fill(SENTENCE)
    page.get_by_role("button", name="Understand").click()
    expect(page.locator(".takings")).to_contain_text(
        "Localised prostate cancer, at least 5,000 people"
    )
    page.get_by_role("button", name="Ask this").click()
    expect(page.locator(".criteria li")).to_have_count(3)
    expect(page.locator("#found")).to_contain_text("None meets all 3")

    near = page.locator(".fit-group").first
    expect(near.get_by_role("heading")).to_contain_text("Near misses: 2 of 3")
    near.locator("summary").first.click()
    evidence = near.locator(".evidence").first
    expect(evidence).to_contain_text("13,483 people")
    ask = evidence.get_by_role("link", name="Ask the owner about Follow-up")
    expect(ask).to_have_attribute(
        "href", re.compile(r"/ask\?field=follow_up_median_years&question=")
    )

    with page.expect_download() as download:
        page.get_by_role("link", name="As CSV").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[0]["met"] == "2"
    assert lines[0]["3. Follow-up: at least 5 years"] == "not stated"

    page.get_by_role("link", name="Remove criterion 3").click()
    expect(page.locator("#found")).to_contain_text("1 meets both")
    page.get_by_role("link", name="Change criterion 1").click()
    page.get_by_label("At least so many people with it").fill("20,000")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator(".criteria")).to_contain_text("at least 20,000 people")
    expect(page.locator("#found")).to_contain_text("None meets both")


def test_with_the_keyboard_alone(browser_page):
    page = browser_page
    page.goto("/questions?text=heart+failure+in+Sweden")
    page.get_by_role("button", name="Ask this").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".criteria li")).to_have_count(2)
    first = page.locator(".fit summary").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fit details[open]")).to_have_count(1)
    box = page.locator(".fit .tick input").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    page.get_by_role("link", name="Lag", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("At most").fill("soon")
    page.keyboard.press("Enter")
    expect(page.locator(".fault")).to_have_text("“soon” is not a number; write it like 5000.")
    page.get_by_label("At most").fill("6")
    page.keyboard.press("Enter")
    expect(page.locator(".criteria li")).to_have_count(3)


ADDRESSES = [
    "/questions",
    "/questions?text=MS+or+MDS+patients+in+sweeden,+not+trials",
    "/questions?condition=prostate-cancer;stage=localised;persons=5000..&outcome=urinary-function",
    "/questions?omop_status=mapped&add=condition",
    "/questions?condition=the-plague&omop_status=mapped",
]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_are_for_everybody(open_page, axe, width):
    page = open_page(width)
    for address in ADDRESSES:
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
