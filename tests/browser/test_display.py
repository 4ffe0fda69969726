import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKS


def first_time(page: Page):
    return page.locator("tr.row time").first


def test_the_theme_follows_the_system_until_it_is_chosen(new_context, dashboard_url):
    page = new_context(color_scheme="dark").new_page()
    page.goto(f"{dashboard_url}/demo/completions/")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Theme: follow system").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
    assert page.evaluate(background) == light
    page.get_by_role("button", name="Theme: light").click()
    page.get_by_role("button", name="Theme: dark").click()
    page.reload()
    expect(page.get_by_role("button", name="Theme: follow system")).to_be_visible()


def test_times_switch_between_utc_and_the_zone_of_the_browser(new_context, dashboard_url):
    page = new_context(timezone_id="Asia/Kolkata").new_page()
    page.goto(f"{dashboard_url}/demo/completions/")
    page.get_by_role("button", name="UTC", exact=True).click()
    expect(page.locator("th.c-time small")).to_have_text("UTC")
    moment = datetime.fromisoformat(first_time(page).get_attribute("datetime"))
    expect(first_time(page)).to_have_text(f"{moment:%H:%M:%S}")
    page.get_by_role("button", name="Local").click()
    expect(page.locator("th.c-time small")).to_contain_text("5:30")
    expect(first_time(page)).to_have_text(f"{moment + timedelta(hours=5, minutes=30):%H:%M:%S}")
    page.reload()
    expect(page.get_by_role("button", name="Local")).to_have_attribute("aria-pressed", "true")


def test_where_local_time_is_utc_the_choice_shows_all_the_same(new_context, dashboard_url):
    page = new_context(timezone_id="UTC").new_page()
    page.goto(f"{dashboard_url}/demo/completions/")
    page.get_by_role("button", name="UTC", exact=True).click()
    expect(page.get_by_role("button", name="Local")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Local").click()
    expect(page.get_by_role("button", name="Local")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="UTC", exact=True)).to_have_attribute("aria-pressed", "false")


def test_a_printed_list_names_its_filter(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[env]=prod")
    page.emulate_media(media="print")
    expect(page.get_by_text("env = prod")).to_be_visible()
    expect(page.locator(".active a")).to_be_hidden()
    expect(page.get_by_label("Find in the loaded completions")).to_be_hidden()
    expect(page.get_by_label("Metadata key")).to_be_hidden()
    header = page.locator("thead th").first
    assert header.evaluate("cell => getComputedStyle(cell).position") == "static"


def test_a_printed_list_shows_the_words_that_it_was_searched_for(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/")
    field = page.get_by_label("Find in the loaded completions")
    field.fill("env=prod")
    page.emulate_media(media="print")
    expect(field).to_be_visible()


def test_the_full_time_with_its_offset_shows_on_hover(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/")
    assert re.search(r"UTC", first_time(page).get_attribute("title"))


WIDTHS = [320, 390, 768, 1440]


def sideways(page: Page) -> list[int]:
    """The widths at which the page is wider than its window."""
    too_wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(width)
    return too_wide


@pytest.mark.parametrize(
    "path",
    [
        "/demo/completions/",
        "/demo/completions/?metadata[probe]=script",
        "/demo/completions/?metadata[env]=nowhere&model=gpt-4o-mini-2024-07-18",
        "/demo/completions/?limit=bad",
        "/nowhere/",
    ],
)
def test_no_page_scrolls_sideways(page, dashboard_url, path):
    page.goto(f"{dashboard_url}{path}")
    page.wait_for_load_state("networkidle")
    assert sideways(page) == []


@pytest.mark.parametrize("mark", MARKS)
def test_no_completion_scrolls_sideways(page, dashboard_url, marked, mark):
    page.goto(f"{dashboard_url}{marked[mark]}")
    expect(page.locator("#output")).to_be_attached()
    assert sideways(page) == []
