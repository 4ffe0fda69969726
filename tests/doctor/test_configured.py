"""What is said of the configuration, without a call."""

import pytest

from dashboard.doctor.configured import configured as look
from dashboard.doctor.configured import key_source
from dashboard.projects import all_projects
from tests.doctor.conftest import KEY


@pytest.fixture
def said(configured):
    """The words by check."""

    def words(**environment: str) -> dict[str, str]:
        configured(**({"OPENAI_API_KEY": KEY} | environment))
        (project,) = all_projects().values()
        return {one.check: f"{one.outcome}: {one.words}" for one in look(project)}

    return words


def test_the_address_and_what_is_sent_are_named(said):
    assert said() == {
        "address": "ok: https://api.openai.com/v1",
        "headers": "ok: OpenAI-Organization is not sent, OpenAI-Project is not sent. "
        "The key goes into the header Authorization.",
        "proxy": "ok: None: calls go straight to the API.",
        "certificates": "ok: The public ones are trusted.",
    }


def test_organization_project_and_the_header_of_the_key_are_named_without_values(said):
    words = said(OPENAI_ORG_ID="org-secret", OPENAI_PROJECT_ID="proj-secret", OPENAI_KEY_HEADER="api-key")
    assert words["headers"] == (
        "ok: OpenAI-Organization is sent, OpenAI-Project is sent. The key goes into the header api-key."
    )


def test_of_a_fixed_query_only_names_are_said(said):
    words = said(OPENAI_BASE_URL="https://host.example/openai/v1?api-version=preview&code=secret")
    assert words["address"] == "ok: https://host.example/openai/v1, with a fixed api-version, code."


@pytest.mark.parametrize("address", ["http://127.0.0.1:8321/v1", "http://localhost/v1", "http://[::1]/v1"])
def test_plain_http_is_fine_on_this_machine(said, address):
    words = said(OPENAI_BASE_URL=address)
    assert words["address"] == f"ok: {address}"
    assert words["certificates"] == "ok: None are needed, as the address is not https."


def test_plain_http_to_another_machine_is_remarked_on(said):
    words = said(OPENAI_BASE_URL="http://host.example/v1")
    assert words["address"] == (
        "note: http://host.example/v1 It is not https: the key and all completions can be read on the way."
    )


def test_demo_data_is_called_so(configured):
    configured()
    (project,) = all_projects().values()
    (one,) = look(project)
    assert one.words == f"No key is set: {project.samples} samples inside of this process stand for the API."


@pytest.mark.parametrize(
    "proxy",
    [
        "http://proxy.example:3128",
        "proxy.example:3128",
        "http://user:pass@proxy.example:3128/",
        "http://us@er:pa/ss@proxy.example:3128",
        "socks5h://user:pa#s?s@proxy.example:3128",
    ],
)
def test_of_a_proxy_only_the_host_is_said(said, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert said()["proxy"] == (
        "ok: Calls go through the proxy proxy.example:3128, which a proxy variable of the environment names."
    )


def test_of_a_key_its_variable_and_about_its_length_are_said(configured):
    configured(OPENAI_API_KEY="any", OPENAI_BASE_URL="http://127.0.0.1/v1")
    words = "It comes from OPENAI_API_KEY and is shorter than 20 characters."
    assert key_source(all_projects()["default"]) == words
