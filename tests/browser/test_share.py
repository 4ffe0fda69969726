"""A share link from the button to the browser of somebody who has never been here."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, copied
from tests.conftest import ROOT

PERSON = {"USERNAME": "alice", "EMAIL": "alice@example.org", "PASSWORD": "correct horse battery"}


@pytest.fixture(scope="module")
def guarded_url(start_dashboard, tmp_path_factory) -> str:
    """The demo data behind a login, with one administrator."""
    folder = str(tmp_path_factory.mktemp("guarded"))
    address = start_dashboard(DASHBOARD_DATA_DIR=folder, DASHBOARD_LOGIN="required")
    environment = {f"DJANGO_SUPERUSER_{name}": value for name, value in PERSON.items()}
    environment |= {"DASHBOARD_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, timeout=60, capture_output=True)
    return address


def sign_in(page: Page, address: str) -> Page:
    page.goto(f"{address}/login/")
    page.get_by_label("Username").fill(PERSON["USERNAME"])
    page.get_by_label("Password").fill(PERSON["PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("tr.row").first).to_be_visible()
    return page


def path_with_logprobs(page: Page, address: str) -> str:
    """Of the first completion in the list that has some."""
    page.goto(f"{address}/demo/completions/?limit=100")
    links = page.locator("tr.row a.main").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for link in links:
        page.goto(f"{address}{link}")
        if page.locator(".tabs .pill").count():
            return str(link)
    raise AssertionError("none has logprobs")


@pytest.fixture(scope="module")
def shared(guarded_url, browser) -> str:
    """The address of a link that shows everything, which no test revokes."""
    page = sign_in(browser.new_context().new_page(), guarded_url)
    page.goto(f"{guarded_url}{path_with_logprobs(page, guarded_url)}share/")
    made = make(page, "Metadata", "Request parameters and ids", "Log probabilities", "JSON")
    page.context.close()
    return made


def make(page: Page, *more: str) -> str:
    for label in more:
        page.get_by_label(label, exact=True).check()
    confirmed = page.locator("#id_confirmed")
    if confirmed.count():
        confirmed.check()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", name="The link is made")).to_be_visible()
    return page.get_by_label("Link", exact=True).input_value()


def test_a_link_is_made_copied_opened_and_revoked(new_context, guarded_url, expected_problems):
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    page = sign_in(context.new_page(), guarded_url)
    page.goto(f"{guarded_url}{path_with_logprobs(page, guarded_url)}")
    page.get_by_role("link", name="Share", exact=True).click()
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.get_by_text("There is no link yet.")).to_be_visible()
    expect(opened.value.locator("header.top")).to_have_count(0)
    address = make(page, "Log probabilities")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert copied(page) == address

    stranger = new_context().new_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="Shared completion")).to_be_visible()
    expect(stranger.locator("#message-0")).to_be_visible()
    expect(stranger.locator("header.top")).to_have_count(0)
    stranger.get_by_role("link", name="Logprobs").click()
    stranger.locator(".tk section > *").nth(2).click()
    expect(stranger.locator("#inspect h2")).to_contain_text("Token 2")
    stranger.keyboard.press("?")
    stranger.wait_for_timeout(300)
    assert stranger.context.cookies() == []
    assert stranger.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    page.get_by_role("link", name="Your links").click()
    page.get_by_role("button", name="Revoke the link").first.click()
    expect(page.get_by_role("status").filter(has_text="1 link revoked.")).to_be_visible()
    answer = stranger.goto(address)
    assert answer
    assert answer.status == 410
    expect(stranger.get_by_role("heading", name="This link has ended")).to_be_visible()


def test_it_all_works_without_the_script(new_context, guarded_url):
    page = sign_in(new_context(java_script_enabled=False).new_page(), guarded_url)
    page.locator("tr.row a.main").first.click()
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_label("JSON", exact=True).check()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.get_by_text("There is no link yet.")).to_be_visible()
    address = make(page)
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    stranger = new_context(java_script_enabled=False).new_page()
    stranger.goto(address)
    expect(stranger.locator("#message-0")).to_be_visible()
    stranger.get_by_role("link", name="JSON", exact=True).click()
    expect(stranger.locator(".tree")).to_contain_text('"choices"')
    expect(stranger.locator("[data-js]:visible")).to_have_count(0)
    assert stranger.context.cookies() == []
    page.goto(f"{guarded_url}/links/")
    page.get_by_text("Revoke all").click()
    page.locator(".sure").get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text="revoked.")).to_be_visible()


def test_a_reader_writes_nothing_whatever_is_clicked(page, shared):
    page.goto(shared)
    page.get_by_role("link", name="Markdown").click()
    expect(page.get_by_role("link", name="Markdown")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Copy link", exact=True).click()
    page.get_by_role("link", name="JSON", exact=True).click()
    page.get_by_label("Search in this JSON").fill("model")
    page.keyboard.press("Enter")
    expect(page.locator(".hits")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("part", ["", "logprobs/", "logprobs/?table=1", "json/", "nowhere/"])
def test_axe_finds_nothing_on_a_shared_page(look, axe, shared, part):
    look.goto(f"{shared}{part}")
    look.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => (one.open = true))")
    look.wait_for_load_state("networkidle")
    assert axe(look) == []
    assert look.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("options", LOOKS.values(), ids=LOOKS)
def test_axe_finds_nothing_where_links_are_made(new_context, axe, guarded_url, options):
    page = sign_in(new_context(**options).new_page(), guarded_url)
    path = page.locator("tr.row a.main").first.get_attribute("href")
    page.goto(f"{guarded_url}{path}share/")
    assert axe(page) == []
    make(page)
    assert axe(page) == []
    page.goto(f"{guarded_url}/links/everyone/")
    page.get_by_text("Revoke all").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
