"""The side panel of the list."""

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def listed(page: Page, dashboard_url: str) -> Page:
    page.goto(f"{dashboard_url}/demo/completions/?limit=20")
    expect(page.locator("tr.row")).to_have_count(20)
    return page


def completion(page: Page, row: int) -> str:
    return (page.locator("tr.row").nth(row).get_attribute("id") or "").removeprefix("row-")


def title(page: Page):
    return page.locator("#panel h2")


def open_row(page: Page, row: int) -> None:
    page.locator("tr.row").nth(row).locator("a.main").click()
    expect(title(page)).to_have_attribute("title", completion(page, row))


def test_a_row_opens_beside_the_list_and_has_an_address(listed):
    open_row(listed, 2)
    expect(listed.locator("tr.row.on")).to_have_count(1)
    expect(listed.locator("tr.row.on a.main")).to_have_attribute("aria-current", "true")
    expect(listed).to_have_url(re.compile(re.escape(f"?limit=20&peek={completion(listed, 2)}") + "$"))
    listed.reload()
    expect(title(listed)).to_have_attribute("title", completion(listed, 2))
    expect(listed.locator("tr.row.on")).to_have_count(1)


def test_another_row_switches_and_ten_rows_are_one_step_back(listed):
    before = listed.url
    open_row(listed, 0)
    for row in range(1, 6):
        listed.keyboard.press("j")
        expect(title(listed)).to_have_attribute("title", completion(listed, row))
    listed.keyboard.press("k")
    expect(title(listed)).to_have_attribute("title", completion(listed, 4))
    open_row(listed, 9)
    listed.go_back()
    expect(listed).to_have_url(before)
    expect(title(listed)).to_have_count(0)


def test_keys_in_quick_succession_end_at_the_last_row(listed):
    open_row(listed, 0)
    for _ in range(7):
        listed.keyboard.press("j")
    expect(title(listed)).to_have_attribute("title", completion(listed, 7))
    expect(listed.locator("tr.row").nth(7)).to_have_class("row on")


def test_the_buttons_of_the_panel_do_the_same(listed):
    open_row(listed, 3)
    listed.get_by_role("button", name="Next row").click()
    expect(title(listed)).to_have_attribute("title", completion(listed, 4))
    listed.get_by_role("button", name="Previous row").click()
    expect(title(listed)).to_have_attribute("title", completion(listed, 3))


@pytest.mark.parametrize("how", ["Escape", "link"])
def test_closing_leads_back_to_the_row(listed, how):
    before = listed.url
    open_row(listed, 5)
    listed.keyboard.press("Escape") if how == "Escape" else listed.get_by_role("link", name="Close", exact=True).click()
    expect(listed.locator("#panel")).to_be_empty()
    expect(listed.locator("tr.row").nth(5).locator("a.main")).to_be_focused()
    expect(listed).to_have_url(before)


def test_a_click_with_a_modifier_opens_a_tab(listed):
    with listed.context.expect_page() as opened:
        listed.locator("tr.row").first.locator("a.main").click(modifiers=["ControlOrMeta"])
    expect(opened.value.locator("#output")).to_be_attached()
    expect(title(listed)).to_have_count(0)


def test_load_more_keeps_the_panel_and_its_address(listed):
    open_row(listed, 1)
    listed.get_by_role("link", name="Load 20 more").click()
    expect(listed.locator("tr.row")).to_have_count(40)
    expect(title(listed)).to_be_visible()
    expect(listed).to_have_url(re.compile(re.escape(f"&pages=2&peek={completion(listed, 1)}") + "$"))
    listed.keyboard.press("Escape")
    listed.get_by_role("link", name="Load 20 more").click()
    expect(listed.locator("tr.row")).to_have_count(60)
    expect(listed).to_have_url(re.compile(re.escape("?limit=20&pages=3") + "$"))


def test_another_list_closes_the_panel(listed):
    open_row(listed, 1)
    listed.get_by_role("link", name="Oldest").click()
    expect(listed.locator("#status")).to_contain_text("oldest first")
    expect(title(listed)).to_have_count(0)


def test_on_a_phone_the_panel_is_the_screen(phone, dashboard_url):
    phone.goto(f"{dashboard_url}/demo/completions/")
    phone.locator("tr.row").first.locator("a.main").click()
    expect(title(phone)).to_be_visible()
    box = phone.locator("#panel").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("link", name="Close", exact=True).click()
    expect(title(phone)).to_have_count(0)


def test_a_completion_that_fails_says_so_in_the_panel(page, connected_url, upstream, expected_problems):
    expected_problems.append("Response Status Error Code 404")
    page.goto(f"{connected_url}/default/completions/")
    expect(page.locator("tr.row").first).to_be_visible()
    upstream.fault = (404, "{}")
    page.locator("tr.row").first.locator("a.main").click()
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("The API has no such completion")
