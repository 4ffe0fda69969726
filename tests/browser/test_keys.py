import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def listed(page: Page, dashboard_url: str) -> Page:
    page.goto(f"{dashboard_url}/demo/completions/")
    expect(page.locator("tr.row").first).to_be_visible()
    return page


def main_link(page: Page, row: int):
    return page.locator("tr.row").nth(row).locator("a.main")


def test_j_and_k_walk_through_the_rows(listed):
    listed.keyboard.press("j")
    expect(main_link(listed, 0)).to_be_focused()
    listed.keyboard.press("j")
    listed.keyboard.press("j")
    expect(main_link(listed, 2)).to_be_focused()
    listed.keyboard.press("k")
    expect(main_link(listed, 1)).to_be_focused()


@pytest.mark.parametrize("key", ["o", "Enter"])
def test_a_row_is_opened_by_key_beside_the_list_and_then_as_a_page(listed, key):
    completion = listed.locator("tr.row").nth(1).get_attribute("id").removeprefix("row-")
    listed.keyboard.press("j")
    listed.keyboard.press("j")
    listed.keyboard.press(key)
    expect(listed.locator("#panel h2")).to_have_attribute("title", completion)
    listed.keyboard.press("o")
    expect(listed.locator("h1")).to_have_attribute("title", completion)


def test_escape_leads_from_a_page_to_the_panel_and_from_there_to_the_row(listed):
    address = listed.url
    main_link(listed, 3).click()
    expect(listed.locator("#panel h2")).to_be_focused()
    listed.locator("#panel").get_by_role("link", name="Open", exact=True).click()
    expect(listed.locator("#output")).to_be_attached()
    listed.keyboard.press("Escape")
    expect(listed.locator("#panel h2")).to_be_visible()
    listed.keyboard.press("Escape")
    expect(listed).to_have_url(address)
    expect(listed.locator("#panel")).to_be_empty()
    expect(main_link(listed, 3)).to_be_focused()


@pytest.mark.parametrize(("key", "tab"), [("2", "Logprobs"), ("3", "JSON"), ("4", "Use in code"), ("1", "Transcript")])
def test_the_tabs_of_a_completion_have_numbers(listed, key, tab):
    listed.goto(listed.url + main_link(listed, 0).get_attribute("href").rsplit("/", 2)[1] + "/")
    listed.keyboard.press(key)
    expect(listed.locator(".tabs [aria-current]")).to_have_text(tab)


def test_j_and_k_lead_to_the_neighbours_of_a_completion(listed):
    second, third = (main_link(listed, row).get_attribute("href") for row in (1, 2))
    listed.goto(listed.url + second.rsplit("/", 2)[1] + "/")
    expect(listed.locator("#output")).to_be_attached()
    listed.keyboard.press("j")
    expect(listed).to_have_url(re.compile(re.escape(third) + "$"))
    listed.keyboard.press("k")
    expect(listed).to_have_url(re.compile(re.escape(second) + "$"))


def test_slash_goes_to_the_find_field(listed):
    listed.keyboard.press("/")
    expect(listed.get_by_label("Find in the loaded completions")).to_be_focused()


def test_keys_typed_into_a_field_are_text(listed):
    field = listed.get_by_label("Model")
    field.focus()
    listed.keyboard.type("jko/?m")
    expect(field).to_have_value("jko/?m")
    expect(field).to_be_focused()
    expect(listed.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta"])
def test_keys_with_a_modifier_are_left_to_the_browser(listed, modifier):
    listed.locator("h1").click()
    listed.keyboard.press(f"{modifier}+k")
    expect(listed.locator("tr.row a:focus")).to_have_count(0)


def test_the_question_mark_opens_the_help_and_escape_closes_it(listed):
    listed.keyboard.press("?")
    expect(listed.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    listed.keyboard.press("Escape")
    expect(listed.get_by_role("dialog")).to_have_count(0)


def test_single_keys_stay_off_once_switched_off(listed):
    listed.get_by_role("button", name="Shortcuts").click()
    listed.get_by_label("Single-key shortcuts").uncheck()
    listed.reload()
    listed.keyboard.press("j")
    listed.keyboard.press("?")
    expect(listed.locator("tr.row a:focus")).to_have_count(0)
    expect(listed.get_by_role("dialog")).to_have_count(0)
    listed.get_by_role("button", name="Shortcuts").click()
    listed.get_by_label("Single-key shortcuts").check()
    listed.keyboard.press("Escape")
    listed.keyboard.press("j")
    expect(main_link(listed, 0)).to_be_focused()


def test_m_loads_more(listed):
    listed.keyboard.press("m")
    expect(listed.locator("tr.row")).to_have_count(100)
