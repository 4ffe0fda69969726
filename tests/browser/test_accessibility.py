"""axe-core finds nothing, in light, in dark and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MARKS


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/demo/completions/", 200, id="list"),
        pytest.param("/demo/completions/?metadata[env]=prod&model=gpt-4o-mini-2024-07-18", 200, id="filtered"),
        pytest.param("/demo/completions/?metadata[env]=nowhere&metadata[flow]=none", 200, id="filtered-empty"),
        pytest.param("/demo/completions/?limit=bad&order=up", 400, id="form-error"),
        pytest.param("/nowhere/completions/", 404, id="not-found"),
        pytest.param("/demo/completions/chatcmpl-missing/", 404, id="no-such-completion"),
    ],
)
def test_axe_finds_nothing(look, axe, dashboard_url, path, status):
    answer = look.goto(f"{dashboard_url}{path}")
    assert answer.status == status
    look.wait_for_load_state("networkidle")
    assert axe(look) == []


@pytest.mark.parametrize("mark", MARKS)
def test_axe_finds_nothing_on_a_completion(look, axe, dashboard_url, marked, mark):
    look.goto(f"{dashboard_url}{marked[mark]}")
    expect(look.locator("#output")).to_be_attached()
    assert axe(look) == []


@pytest.mark.parametrize("part", ["json/", "json/?q=order", "code/", "?as=markdown", "newer/"])
def test_axe_finds_nothing_on_the_other_pages_of_a_completion(look, axe, dashboard_url, marked, part):
    look.goto(f"{dashboard_url}{marked['ƒ']}{part}")
    look.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => (one.open = true))")
    look.wait_for_load_state("networkidle")
    assert axe(look) == []


def test_axe_finds_nothing_in_the_panel(look, axe, dashboard_url, marked):
    look.goto(f"{dashboard_url}/demo/completions/?peek={marked['ƒ'].split('/')[-2]}")
    look.wait_for_load_state("networkidle")
    expect(look.locator("#panel h2")).to_be_visible()
    assert axe(look) == []


def test_axe_finds_nothing_in_the_help(look, axe, dashboard_url):
    look.goto(f"{dashboard_url}/demo/completions/")
    look.keyboard.press("?")
    expect(look.get_by_role("dialog")).to_be_visible()
    assert axe(look) == []


def test_axe_finds_nothing_on_a_failure_of_the_api(look, axe, connected_url, upstream):
    upstream.fault = (401, '{"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}')
    answer = look.goto(f"{connected_url}/default/completions/")
    assert answer.status == 502
    expect(look.get_by_role("heading", name="The API refused the key")).to_be_visible()
    assert axe(look) == []
