"""Nothing in a completion runs, loads or escapes, in the list and on its own page. The pages' guard (a
violation of the policy, a dialog, an error, a request elsewhere) fails these tests as well."""

import pytest
from playwright.sync_api import Page, expect

PROBES = ["script", "direction", "nul", "invisible", "exfiltration", "formula", "template", "markdown", "address", "combining", "names", "surrogate"]  # fmt: skip


def is_unharmed(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => document.title.endsWith("· Completions") && {}.polluted === undefined
            && [...document.scripts].every(script => script.src.startsWith(location.origin))
            && !document.querySelector("iframe, object, embed, base, [onerror], [onclick], [ontoggle], main u, main form[action^=http]")
            && [...document.querySelectorAll("a")].every(link => ["http:", "https:"].includes(link.protocol))"""
        )
    )


@pytest.mark.parametrize("probe", PROBES)
def test_hostile_content_stays_text(page, dashboard_url, probe):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[probe]={probe}")
    rows = page.locator("tr.row")
    expect(rows.first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert is_unharmed(page)
    page.goto(dashboard_url + rows.first.locator("a.main").get_attribute("href"))
    expect(page.locator("#output")).to_be_attached()
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert is_unharmed(page)


def test_markup_is_shown_as_it_was_written(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[probe]=script")
    page.goto(dashboard_url + page.locator("tr.row a.main").first.get_attribute("href"))
    expect(page.locator("#choice-0")).to_contain_text("<script>document.title='owned'</script>")


def test_characters_that_reorder_text_are_made_visible(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[probe]=direction")
    expect(page.locator("tr.row").first).to_contain_text("\u2039U+202E\u203a")


def test_a_hostile_metadata_key_filters_like_any_other(page, dashboard_url):
    page.goto(f"{dashboard_url}/demo/completions/?metadata[probe]=names")
    page.goto(dashboard_url + page.locator("tr.row a.main").first.get_attribute("href"))
    page.get_by_role("link", name="<script>=").click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("<script> = <img src=x onerror=")
    expect(page.locator("tr.row").first).to_be_visible()
    assert is_unharmed(page)
