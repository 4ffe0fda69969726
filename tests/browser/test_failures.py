import pytest
from playwright.sync_api import Page, expect

OVERLOADED = (503, '{"error": {"message": "The engine is overloaded.", "type": "server_error"}}')


@pytest.fixture
def listed(page: Page, connected_url: str, upstream, expected_problems) -> Page:
    expected_problems.append("Response Status Error Code")
    page.goto(f"{connected_url}/default/completions/")
    expect(page.locator("tr.row")).to_have_count(50)
    return page


def test_a_failed_load_more_leaves_the_rows_and_can_be_tried_again(listed, upstream):
    upstream.fault = OVERLOADED
    listed.get_by_role("link", name="Load 50 more").click()
    expect(listed.locator("#more").get_by_role("alert")).to_contain_text("The next 50 could not be loaded.")
    expect(listed.locator("tr.row")).to_have_count(50)
    upstream.fault = None
    listed.get_by_role("link", name="Try again").click()
    expect(listed.locator("tr.row")).to_have_count(100)
    expect(listed.get_by_role("alert")).to_have_count(0)


def test_a_failed_filter_says_so_in_the_place_of_the_rows(listed, upstream):
    upstream.fault = OVERLOADED
    listed.get_by_label("Metadata key").fill("env")
    listed.get_by_label("Metadata value").fill("dev")
    listed.keyboard.press("Enter")
    expect(listed.locator("#results").get_by_role("alert")).to_contain_text("The API is overloaded")
    upstream.fault = None
    listed.get_by_role("link", name="Try again").click()
    expect(listed.locator("tr.row").first).to_be_visible()
    expect(listed.get_by_role("group", name="Active filters")).to_contain_text("env = dev")


@pytest.mark.parametrize(
    ("fault", "status", "headline"),
    [
        ((401, '{"error": {"message": "Incorrect API key."}}'), 502, "The API refused the key"),
        (OVERLOADED, 503, "The API is overloaded"),
        ((200, "<html>Sign in</html>"), 502, "The answer was not JSON"),
    ],
)
def test_an_api_that_fails_is_a_page_with_its_status(page, connected_url, upstream, fault, status, headline):
    upstream.fault = fault
    answer = page.goto(f"{connected_url}/default/completions/")
    assert answer.status == status
    expect(page.get_by_role("heading", name=headline)).to_be_visible()
    assert "sk-for-the-browser-tests" not in page.content()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda route: route.fulfill(status=500, body="<!doctype html><p>no"), "The dashboard failed to answer."),
        (lambda route: None, "No answer within 20 seconds."),
    ],
)
def test_an_answer_that_fits_nowhere_or_never_comes_is_a_toast(listed, expected_problems, answer, sentence):
    expected_problems += ["htmx:timeout", "htmx:afterRequest"]
    listed.route("**/completions/?*after=*", answer)
    listed.evaluate("htmx.config.timeout = 300")
    listed.get_by_role("link", name="Load 50 more").click()
    expect(listed.locator("#toasts")).to_contain_text(sentence)
    expect(listed.locator("tr.row")).to_have_count(50)


def test_a_dashboard_that_cannot_be_reached_says_so_and_keeps_the_rows(page, dashboard_url, expected_problems):
    expected_problems += ["htmx:sendError", "htmx:afterRequest"]
    page.goto(f"{dashboard_url}/demo/completions/")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_role("link", name="Load 50 more").click()
    expect(page.locator("#toasts")).to_contain_text("The dashboard cannot be reached.")
    expect(page.locator("tr.row")).to_have_count(50)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#toasts")).to_be_empty()
