import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import copied


def rows(page: Page):
    return page.locator("tr.row")


def ids(page: Page) -> list[str]:
    return list(rows(page).evaluate_all("rows => rows.map(row => row.id)"))


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def open_list(page: Page, dashboard_url: str, search: str = "") -> None:
    page.goto(f"{dashboard_url}/demo/completions/{search}")
    expect(rows(page).first).to_be_visible()
    # Survives swaps, not page loads: shows whether htmx saved the reload.
    page.evaluate("window.sameDocument = true")


def is_same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def test_the_first_address_leads_to_the_newest_completions(page, dashboard_url):
    page.goto(dashboard_url)
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/")
    expect(rows(page)).to_have_count(50)
    expect(page.locator("tr.day").first).to_contain_text("loaded")
    expect(page.locator("#status")).to_have_text("50 loaded, newest first")
    expect(page.locator("#more")).to_contain_text("The API reports more.")


def test_the_model_filters_the_rows_without_a_reload(page, dashboard_url):
    open_list(page, dashboard_url)
    model = rows(page).first.locator(".c-model").inner_text()
    page.get_by_label("Model").fill(model)
    page.get_by_label("Model").press("Enter")
    expect(page.get_by_role("group", name="Active filters")).to_contain_text(f"model = {model}")
    assert query(page) == {"model": [model]}
    assert set(rows(page).locator(".c-model").all_inner_texts()) == {model}
    assert is_same_document(page)


def test_the_helper_fields_filter_by_metadata(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_label("Metadata key").fill("env")
    page.get_by_label("Metadata value").fill("prod")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("env = prod")
    assert query(page) == {"metadata[env]": ["prod"]}
    expect(rows(page).filter(has=page.get_by_text("env=prod"))).to_have_count(50)
    assert is_same_document(page)


def test_a_chip_in_a_row_filters_by_it(page, dashboard_url):
    open_list(page, dashboard_url)
    chip = rows(page).first.locator(".chip").first
    key, _, value = (chip.text_content() or "").partition("=")
    chip.click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text(f"{key} = {value}")
    assert query(page) == {f"metadata[{key}]": [value]}


def test_removing_a_chip_takes_only_that_filter_away(page, dashboard_url):
    open_list(page, dashboard_url, "?metadata[env]=prod&metadata[flow]=support")
    page.get_by_role("link", name="Remove filter env = prod").click()
    expect(page.get_by_role("group", name="Active filters")).not_to_contain_text("env")
    assert query(page) == {"metadata[flow]": ["support"]}
    assert is_same_document(page)


def test_a_filter_without_rows_names_itself_and_the_way_out(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[env]=nowhere")
    expect(page.get_by_role("heading", name="Nothing matches env = nowhere")).to_be_visible()
    page.get_by_role("link", name="Remove env = nowhere").click()
    expect(rows(page)).to_have_count(50)


def test_load_more_appends_rows_under_an_address_that_brings_them_back(page, dashboard_url):
    open_list(page, dashboard_url)
    first = ids(page)
    page.get_by_role("link", name="Load 50 more").click()
    expect(rows(page)).to_have_count(100)
    both = ids(page)
    assert both[:50] == first
    assert len(set(both)) == 100
    assert query(page) == {"pages": ["2"]}
    expect(page.locator("#status")).to_have_text("100 loaded, newest first")
    assert is_same_document(page)
    page.reload()
    assert ids(page) == both


def without_ids(items: list[dict[str, Any]]) -> None:
    for item in items[:10]:
        item["id"] = ""


def with_one_id_twice(items: list[dict[str, Any]]) -> None:
    items[1]["id"] = items[0]["id"]


def with_ids_that_fit_no_address(items: list[dict[str, Any]]) -> None:
    for item in items[:10]:
        item["id"] = "same/id"


@pytest.mark.parametrize("change", [without_ids, with_one_id_twice, with_ids_that_fit_no_address])
def test_load_more_keeps_every_row_that_is_there(page, connected_url, upstream, change):
    upstream.edit = change
    page.goto(f"{connected_url}/default/completions/")
    expect(rows(page)).to_have_count(50)
    page.get_by_role("link", name="Load 50 more").click()
    expect(page.locator("#status")).to_have_text(re.compile(r"^\d{2,3} loaded"))
    expect(page.locator("#status")).not_to_have_text(re.compile(r"^50 "))
    page.wait_for_timeout(100)  # what is to be dropped goes after the swap
    loaded = int((page.locator("#status").text_content() or "").split()[0])
    assert rows(page).count() == loaded > 80
    assert page.locator("#row-").count() == 0


def test_rows_that_load_more_sends_again_are_shown_once_and_the_others_get_their_inputs(page, dashboard_url):
    open_list(page, dashboard_url, "?limit=20")
    first = ids(page)

    def send_again(route: Route) -> None:
        html = route.fetch().text()
        sent = re.findall(r'id="row-([^"]+)"', html)
        for old, new in zip(first, sent[:2], strict=False):
            html = html.replace(new, old.removeprefix("row-"))
        route.fulfill(body=html, content_type="text/html")

    page.route("**/completions/?*after=*", send_again)
    page.get_by_role("link", name="Load 20 more").click()
    expect(rows(page)).to_have_count(38)
    assert len(set(ids(page))) == 38
    expect(page.locator("#live")).to_have_text("2 rows were here already")
    rows(page).last.scroll_into_view_if_needed()
    expect(page.locator(".c-in .wait")).to_have_count(0)


def test_load_more_keeps_one_header_for_each_day(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("link", name="Load 50 more").click()
    expect(rows(page)).to_have_count(100)
    days = page.locator("tr.day").all_inner_texts()
    page.reload()
    assert page.locator("tr.day").all_inner_texts() == days
    counts = [int(count) for day in days for count in re.findall(r"(\d+) loaded", day)]
    assert sum(counts) == 100


def test_load_more_keeps_the_filter_to_the_end_of_the_list(page, dashboard_url):
    open_list(page, dashboard_url, "?metadata[env]=dev&limit=20")
    while page.locator("#more-link").count():
        before = rows(page).count()
        page.locator("#more-link").click()
        page.wait_for_function("before => document.querySelectorAll('tr.row').length > before", arg=before)
    expect(rows(page).filter(has=page.get_by_text("env=dev"))).to_have_count(rows(page).count())
    expect(page.locator("#more")).to_contain_text("End of the list as the API gives it.")


def test_the_focus_lands_on_the_first_new_row(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("link", name="Load 50 more").focus()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(100)
    expect(rows(page).nth(50).locator("a.main")).to_be_focused()


def test_back_leaves_the_list_instead_of_shrinking_it(page, dashboard_url):
    page.goto(f"{dashboard_url}/healthz")
    open_list(page, dashboard_url)
    page.get_by_role("link", name="Load 50 more").click()
    expect(rows(page)).to_have_count(100)
    page.go_back()
    expect(page).to_have_url(f"{dashboard_url}/healthz")


def test_back_undoes_a_filter(page, dashboard_url):
    open_list(page, dashboard_url)
    first = ids(page)
    page.get_by_label("Metadata key").fill("env")
    page.get_by_label("Metadata value").fill("dev")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Active filters")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/")
    expect(page.get_by_role("group", name="Active filters")).to_have_count(0)
    assert ids(page) == first


def test_back_from_a_completion_restores_the_loaded_rows(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("link", name="Load 50 more").click()
    expect(rows(page)).to_have_count(100)
    both = ids(page)
    open_completion(page, 70)
    expect(page.locator("h1")).to_have_attribute("title", both[70].removeprefix("row-"))
    page.go_back()
    expect(rows(page)).to_have_count(100)
    assert ids(page) == both


def open_completion(page: Page, row: int) -> str:
    """By the panel. Returns the address of the list with the panel, to which the page leads back."""
    rows(page).nth(row).locator("a.main").click()
    opens = page.locator("#panel").get_by_role("link", name="Open", exact=True)
    expect(opens).to_be_visible()
    address = page.url
    opens.click()
    expect(page.locator("#output")).to_be_attached()
    return address


def go_by_link(page: Page) -> None:
    page.get_by_role("link", name="List").click()


def go_by_escape(page: Page) -> None:
    page.keyboard.press("Escape")


def jump_and_go(page: Page) -> None:
    page.get_by_role("link", name="message 0").click()
    page.get_by_role("link", name="List").click()


@pytest.mark.parametrize("go", [go_by_link, go_by_escape, jump_and_go])
def test_the_way_to_the_list_keeps_its_filter_and_its_loaded_rows(page, dashboard_url, go):
    open_list(page, dashboard_url, "?metadata[env]=prod&limit=20")
    page.get_by_role("link", name="Load 20 more").click()
    expect(rows(page)).to_have_count(40)
    both = ids(page)
    address = open_completion(page, 30)
    go(page)
    expect(page).to_have_url(address)
    assert ids(page) == both


def test_the_way_to_the_list_goes_back_in_history(page, dashboard_url):
    open_list(page, dashboard_url)
    open_completion(page, 40)
    go_by_link(page)
    expect(rows(page)).to_have_count(50)
    page.go_forward()
    expect(page.locator("#output")).to_be_attached()


def test_in_a_tab_of_its_own_a_completion_leads_to_the_same_list(page, dashboard_url):
    open_list(page, dashboard_url, "?metadata[env]=prod")
    with page.context.expect_page() as opened:
        rows(page).first.locator("a.main").click(modifiers=["ControlOrMeta"])
    tab = opened.value
    expect(tab.locator("#output")).to_be_attached()
    go_by_link(tab)
    expect(tab).to_have_url(page.url)


def test_the_other_order_begins_with_the_oldest(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("link", name="Oldest").click()
    expect(page.locator("#status")).to_have_text("50 loaded, oldest first")
    assert query(page) == {"order": ["asc"]}
    times = rows(page).locator("time").evaluate_all("times => times.map(time => time.dateTime)")
    assert times == sorted(times)


def test_the_page_size_is_a_link_in_the_foot(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("navigation", name="Page size").get_by_role("link", name="20").click()
    expect(rows(page)).to_have_count(20)
    assert query(page) == {"limit": ["20"]}


def test_inputs_are_filled_in_after_the_rows(page, dashboard_url):
    open_list(page, dashboard_url)
    expect(rows(page).first.locator(".c-in")).not_to_be_empty()
    rows(page).last.scroll_into_view_if_needed()
    expect(page.locator(".c-in .wait")).to_have_count(0)
    assert all(text.strip() for text in page.locator("td.c-in").all_inner_texts())


def test_inputs_of_rows_loaded_later_are_filled_in_too(page, dashboard_url):
    open_list(page, dashboard_url, "?limit=20")
    page.get_by_role("link", name="Load 20 more").click()
    expect(rows(page)).to_have_count(40)
    rows(page).last.scroll_into_view_if_needed()
    expect(page.locator(".c-in .wait")).to_have_count(0)


def asked_for_inputs(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/inputs/" in request.url else None)
    return asked


@pytest.mark.parametrize("width", [390, 1100])
def test_inputs_that_have_no_room_are_fetched_when_the_window_grows(page, dashboard_url, width):
    asked = asked_for_inputs(page)
    page.set_viewport_size({"width": width, "height": 900})
    open_list(page, dashboard_url)
    page.wait_for_load_state("networkidle")
    assert asked == []
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".c-in .wait")).to_have_count(0)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.abort(),
        lambda route: None,
        lambda route: route.fulfill(status=502, content_type="text/html", body="<!doctype html><p>Bad gateway"),
        lambda route: route.fulfill(status=503, headers={"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}, body="<p>"),
        lambda route: route.fulfill(status=200, content_type="text/html", body="<!doctype html><p>Sign in"),
    ],
    ids=["unreachable", "timeout", "page", "toast", "sign-in"],
)  # fmt: skip
def test_inputs_that_cannot_be_fetched_are_a_dash(page, dashboard_url, expected_problems, answer):
    expected_problems += ["htmx:", "Response Status Error Code"]
    page.route("**/inputs/*", answer)
    page.set_viewport_size({"width": 1000, "height": 900})
    open_list(page, dashboard_url)
    page.evaluate("htmx.config.timeout = 300")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("td.c-in").get_by_title("The input could not be fetched")).to_have_count(50)
    expect(page.locator("td.c-in").first).to_have_text("–")
    expect(page.locator("#toasts > *")).to_have_count(0)


def test_inputs_can_be_switched_off_for_good(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("button", name="Inputs").click()
    expect(page.locator("td.c-in")).to_have_count(0)
    asked = asked_for_inputs(page)
    page.reload()
    expect(page.get_by_role("button", name="Inputs")).to_have_attribute("aria-pressed", "false")
    page.wait_for_load_state("networkidle")
    assert asked == []


def test_find_hides_the_loaded_rows_without_the_words(page, dashboard_url):
    open_list(page, dashboard_url)
    field = page.get_by_label("Find in the loaded completions")
    field.fill("env=staging")
    shown = page.locator("tr.row:visible")
    expect(page.locator("[data-find-count]")).to_have_text(f"{shown.count()} of 50")
    assert 0 < shown.count() < 50
    field.fill("")
    expect(shown).to_have_count(50)


def test_find_says_so_when_no_row_matches_and_offers_a_way_out(page, dashboard_url):
    open_list(page, dashboard_url, "?limit=20")
    field = page.get_by_label("Find in the loaded completions")
    field.fill("no row says this")
    expect(page.locator("tr.row:visible")).to_have_count(0)
    expect(page.get_by_text("None of the 20 loaded rows match.")).to_be_visible()
    page.get_by_role("link", name="Load 20 more").click()
    expect(page.get_by_text("None of the 40 loaded rows match.")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("tr.row:visible")).to_have_count(40)
    expect(page.get_by_text("loaded rows match.")).to_have_count(0)
    expect(field).to_have_value("")
    expect(field).to_be_focused()


def test_copy_link_copies_the_canonical_address(new_context, dashboard_url):
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    open_list(page, dashboard_url, "?metadata[env]=prod")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert copied(page) == f"{dashboard_url}/demo/completions/?metadata%5Benv%5D=prod"


def test_a_metadata_value_without_its_key_is_refused_beside_the_field(page, dashboard_url, expected_problems):
    expected_problems.append("Response Status Error Code 400")
    open_list(page, dashboard_url)
    page.get_by_label("Metadata value").fill("prod")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("A metadata value needs its key.")
    expect(page.get_by_label("Metadata value")).to_have_value("prod")
    expect(rows(page)).to_have_count(50)
    page.get_by_label("Metadata key").fill("env")
    page.get_by_role("button", name="Add filter").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert query(page) == {"metadata[env]": ["prod"]}


def test_a_bad_page_size_in_the_address_is_a_page_with_status_400(page, dashboard_url):
    answer = page.goto(f"{dashboard_url}/demo/completions/?limit=101")
    assert answer.status == 400
    expect(page.get_by_role("alert")).to_be_visible()
    expect(rows(page)).to_have_count(0)
