from playwright.sync_api import expect


def test_the_list_filters_by_its_form(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    page.get_by_label("Metadata key").fill("env")
    page.get_by_label("Metadata value").fill("dev")
    page.get_by_role("button", name="Add filter").click()
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/?metadata%5Benv%5D=dev")
    rows = page.locator("tr.row")
    expect(rows.filter(has=page.get_by_text("env=dev"))).to_have_count(rows.count())


def test_a_second_filter_keeps_the_first(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/?metadata[env]=dev")
    page.get_by_label("Metadata key").fill("flow")
    page.get_by_label("Metadata value").fill("support")
    page.get_by_role("button", name="Add filter").click()
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/?metadata%5Benv%5D=dev&metadata%5Bflow%5D=support")


def test_load_more_opens_the_next_window_with_a_way_back(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    rows = page.locator("tr.row")
    first = rows.evaluate_all("rows => rows.map(row => row.id)")
    page.get_by_role("link", name="Load 50 more").click()
    last = first[-1].removeprefix("row-")
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/?after={last}")
    expect(rows).to_have_count(50)
    assert not set(first) & set(rows.evaluate_all("rows => rows.map(row => row.id)"))
    page.get_by_role("link", name="Back to the newest").click()
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == first


def test_a_completion_opens_and_leads_back(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    page.locator("tr.row a.main").first.click()
    expect(page.locator("h1")).to_contain_text("chatcmpl-")
    expect(page.locator("#message-0")).to_be_visible()
    page.get_by_role("link", name="Markdown").click()
    expect(page.get_by_role("link", name="Markdown")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator(".tree")).to_contain_text('"choices"')
    page.get_by_role("link", name="Use in code").click()
    expect(page.locator("#fetch-py")).to_be_visible()
    page.get_by_role("link", name="Older completion").click()
    expect(page.locator("#output")).to_be_attached()
    page.get_by_role("link", name="List").click()
    expect(page.locator("tr.row")).to_have_count(50)


def test_inputs_that_only_the_script_fetches_take_no_room(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    expect(page.locator("tr.row")).to_have_count(50)
    expect(page.get_by_role("columnheader", name="Input")).to_be_hidden()
    assert page.locator("th.c-in").bounding_box()["width"] == 0


def test_controls_that_need_the_script_are_not_shown(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    expect(page.locator("[data-js]:visible")).to_have_count(0)


def test_a_panel_is_part_of_the_page(page_without_script, dashboard_url):
    page = page_without_script
    page.goto(f"{dashboard_url}/demo/completions/")
    completion = page.locator("tr.row").nth(2).get_attribute("id").removeprefix("row-")
    page.goto(f"{dashboard_url}/demo/completions/?peek={completion}")
    expect(page.locator("#panel h2")).to_have_attribute("title", completion)
    page.get_by_role("link", name="Close", exact=True).click()
    expect(page).to_have_url(f"{dashboard_url}/demo/completions/")


def test_what_is_folded_opens_as_a_page_of_its_own(page_without_script, connected_url, upstream):
    path = upstream.hold({"choices": [{"message": {"role": "assistant", "content": "word " * 3_000}}]})
    page = page_without_script
    page.goto(f"{connected_url}{path}")
    page.get_by_role("link", name="Show all 15,000 characters").click()
    assert page.locator("body").inner_text().count("word") == 3_000
