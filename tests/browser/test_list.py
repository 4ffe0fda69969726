import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect


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
    rows(page).nth(70).locator("a.main").click()
    expect(page.locator("h1")).to_contain_text(both[70].removeprefix("row-"))
    page.go_back()
    expect(rows(page)).to_have_count(100)
    assert ids(page) == both


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


def test_inputs_can_be_switched_off_for_good(page, dashboard_url):
    open_list(page, dashboard_url)
    page.get_by_role("button", name="Inputs").click()
    expect(page.locator("td.c-in")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_role("button", name="Inputs")).to_have_attribute("aria-pressed", "false")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/inputs/" in url]


def test_find_hides_the_loaded_rows_without_the_words(page, dashboard_url):
    open_list(page, dashboard_url)
    field = page.get_by_label("Find in the loaded completions")
    field.fill("env=staging")
    shown = page.locator("tr.row:visible")
    expect(page.locator("[data-find-count]")).to_have_text(f"{shown.count()} of 50")
    assert 0 < shown.count() < 50
    field.fill("")
    expect(shown).to_have_count(50)


def test_copy_link_copies_the_canonical_address(new_context, dashboard_url):
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    open_list(page, dashboard_url, "?metadata[env]=prod")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#live")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{dashboard_url}/demo/completions/?metadata%5Benv%5D=prod"


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
