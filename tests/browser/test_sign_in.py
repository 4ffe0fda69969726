"""Single sign-on and the second step in a real browser, with a real provider and a key made of software."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.sign_in.conftest import (  # noqa: F401
    PASSWORD,
    Dashboard,
    IdentityProvider,
    dashboard_with,
    provider,
    provider_process,
)

LIST = "/demo/completions/?order=asc"


@pytest.fixture(scope="module")
def with_provider(dashboard_with: Callable[..., Dashboard], provider_process: str) -> str:  # noqa: F811
    dashboard = dashboard_with(
        DASHBOARD_OIDC_ISSUER=provider_process,
        DASHBOARD_OIDC_CLIENT_ID="dashboard",
        DASHBOARD_OIDC_CLIENT_SECRET="a-secret-of-the-tests",
        DASHBOARD_OIDC_NAME="Example",
        DASHBOARD_OIDC_GROUPS_CLAIM="groups",
        DASHBOARD_OIDC_SIGNUP="on",
    )
    return dashboard.address


@pytest.fixture(scope="module")
def guarded(dashboard_with: Callable[..., Dashboard]) -> str:  # noqa: F811
    dashboard = dashboard_with(DASHBOARD_MFA="required")
    dashboard.shell(f"User.objects.create_superuser('root', password='{PASSWORD}')")
    # A browser knows no security key for a bare address.
    return dashboard.address.replace("127.0.0.1", "localhost")


def to_consent(page: Page, address: str) -> None:
    page.goto(f"{address}{LIST}")
    page.get_by_role("button", name="Sign in with Example").click()
    page.get_by_label("Name").fill("alice+demo: may view")
    page.get_by_role("button", name="Go on").click()


def test_the_button_leads_to_the_provider_and_back_to_the_page(look, with_provider, axe):
    look.goto(f"{with_provider}/login/")
    assert axe(look) == []
    to_consent(look, with_provider)
    look.get_by_role("button", name="Allow").click()
    expect(look).to_have_url(f"{with_provider}{LIST}")
    look.goto(f"{with_provider}/account/provider/")
    expect(look.get_by_text("alice can sign in with Example")).to_be_visible()
    assert axe(look) == []


def test_the_way_back_works_without_a_script(page_without_script, with_provider):
    to_consent(page_without_script, with_provider)
    page_without_script.get_by_role("button", name="Allow").click()
    expect(page_without_script).to_have_url(f"{with_provider}{LIST}")


def test_who_refuses_comes_back_to_words(page, with_provider, axe):
    to_consent(page, with_provider)
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", name="You did not sign in")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_answer_of_another_sign_in_is_refused_in_words(page, with_provider):
    answer = page.goto(f"{with_provider}/login/callback/?code=x&state=another")
    assert answer.status == 400
    expect(page.get_by_role("heading", name="This sign-in is over")).to_be_visible()


@pytest.fixture
def key(page: Page) -> dict[str, Any]:
    """A security key of software in the browser of the page; `send` speaks to it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return {"send": session.send, "authenticatorId": added["authenticatorId"]}


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login/?next={LIST}")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_an_administrator_adds_a_key_first_and_signs_in_with_it(page, guarded, key, axe):
    sign_in(page, guarded)
    expect(page).to_have_url(f"{guarded}/account/mfa/")
    expect(page.get_by_text("Administrators set one up before anything else")).to_be_visible()
    page.get_by_role("link", name="Add a key").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of the key").fill("Desk")
    assert axe(page) == []
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Desk")).to_be_visible()
    assert axe(page) == []
    page.goto(f"{guarded}{LIST}")
    expect(page).to_have_url(f"{guarded}{LIST}")

    page.context.clear_cookies()
    sign_in(page, guarded)
    expect(page).to_have_url(f"{guarded}/login/second/")
    assert axe(page) == []
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(f"{guarded}{LIST}")

    page.goto(f"{guarded}/account/mfa/")
    page.get_by_role("link", name="Remove Desk").click()
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Use the key").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page).to_have_url(f"{guarded}/account/mfa/")
    expect(page.get_by_text("Desk")).not_to_be_visible()
