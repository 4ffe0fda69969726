"""Pages about people, the admin among them: usable, and nothing in them is stopped by the Content-Security-Policy."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def guarded_url(start_dashboard, tmp_path_factory) -> str:
    """Demo data behind a login, and root, who administers it."""
    folder = str(tmp_path_factory.mktemp("guarded"))
    address = start_dashboard(DASHBOARD_DATA_DIR=folder, DASHBOARD_LOGIN="required", DASHBOARD_WORKERS="1")
    variables = {"DASHBOARD_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    variables |= {"DJANGO_SUPERUSER_USERNAME": "root", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email=", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=True, timeout=60)
    return address


def sign_in(page: Page, address: str, name: str = "root") -> None:
    page.goto(f"{address}/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/demo/completions/")


def test_an_administrator_makes_a_colleague_who_sees_the_project_at_once(new_context, guarded_url):
    page = new_context().new_page()
    sign_in(page, guarded_url)
    page.goto(f"{guarded_url}/admin/auth/user/add/")
    page.locator("#id_username").fill("alice")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#id_groups_from").select_option("demo: may view")
    page.locator("#id_groups_add_link, #id_groups_add").first.click()
    expect(page.locator("#id_groups_to option")).to_have_text(["demo: may view"])
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#id_groups_to option")).to_have_text(["demo: may view"])
    page.get_by_role("link", name="Reset password").click()
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("input[type=submit]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("Password changed successfully")
    sign_in(new_context().new_page(), guarded_url, "alice")


def test_the_pages_of_the_admin_break_no_rule(new_context, guarded_url):
    page = new_context().new_page()
    sign_in(page, guarded_url)
    for path in ("", "auth/", "auth/group/", "auth/group/add/", "auth/group/1/change/", "auth/group/1/delete/"):
        page.goto(f"{guarded_url}/admin/{path}")
        page.wait_for_load_state("networkidle")
    for path in ("auth/user/", "auth/user/1/change/", "auth/user/1/history/", "password_change/", "nowhere/"):
        page.goto(f"{guarded_url}/admin/{path}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{guarded_url}/admin/auth/user/")
    page.locator("#searchbar").fill("root")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


@pytest.mark.parametrize("path", ["/account/tokens/", "/audit/", "/account/password/", "/logout/", "/login/"])
def test_pages_about_people_have_no_fault(look, axe, guarded_url, path):
    if path != "/login/":
        sign_in(look, guarded_url)
    look.goto(f"{guarded_url}{path}")
    assert axe(look) == []
    width = look.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "nothing sticks out"


def test_a_token_is_made_and_revoked_without_a_script(page_without_script, guarded_url):
    page = page_without_script
    sign_in(page, guarded_url)
    page.goto(f"{guarded_url}/account/tokens/")
    page.get_by_label("Name").fill("nightly report")
    page.get_by_role("button", name="Make the token").click()
    assert str(page.locator("#secret").text_content()).startswith("cdash_")
    page.get_by_role("button", name="Revoke nightly report").click()
    expect(page.locator(".records")).to_contain_text("revoked")


def test_the_audit_loads_older_rows_below(new_context, guarded_url):
    page = new_context().new_page()
    sign_in(page, guarded_url)
    for _ in range(52):
        page.request.get(f"{guarded_url}/demo/completions.json?limit=1")
    page.goto(f"{guarded_url}/audit/")
    rows = page.locator(".records tbody tr:has(td + td)")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Load more").click()
    expect(rows.nth(51)).to_be_visible()
    assert page.url == f"{guarded_url}/audit/"


def test_signing_out_leaves_nothing_in_the_browser(new_context, guarded_url):
    page = new_context().new_page()
    sign_in(page, guarded_url)
    page.evaluate("localStorage.setItem('left', 'behind'); sessionStorage.setItem('left', 'behind')")
    page.goto(f"{guarded_url}/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")
    assert page.evaluate("[localStorage.getItem('left'), sessionStorage.getItem('left')]") == [None, None]
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
