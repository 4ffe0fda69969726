import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.sign_in import read_password_login, read_provider, read_second_factor, require_packages

SECRET = "canary-client-secret"
SET = {
    "DASHBOARD_OIDC_ISSUER": "https://id.example.org/realms/one",
    "DASHBOARD_OIDC_CLIENT_ID": "dashboard",
    "DASHBOARD_OIDC_CLIENT_SECRET": SECRET,
}


def refusal(function, *arguments, **options) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        function(*arguments, **options)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert SECRET not in sentence
    return sentence


def test_without_variables_there_is_no_provider():
    assert read_provider({}) is None
    assert read_provider({"DASHBOARD_OIDC_ISSUER": " ", "DASHBOARD_OIDC_SIGNUP": "off"}) is None


def test_three_variables_are_enough():
    provider = read_provider(SET)
    assert provider
    assert (provider.issuer, provider.client_id, provider.client_secret) == tuple(SET.values())
    assert (provider.name, provider.groups_claim, provider.admins) == ("single sign-on", "", "")
    assert provider.origin == "https://id.example.org"
    assert not provider.opens_accounts
    assert SECRET not in repr(provider)


def test_everything_can_be_set(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    provider = read_provider(
        {
            "DASHBOARD_OIDC_ISSUER": "http://[::1]:9000",
            "DASHBOARD_OIDC_CLIENT_ID": "dashboard",
            "DASHBOARD_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "DASHBOARD_OIDC_NAME": "Example",
            "DASHBOARD_OIDC_GROUPS_CLAIM": "https://example.org/groups",
            "DASHBOARD_OIDC_ADMINS": "staff",
            "DASHBOARD_OIDC_SIGNUP": "on",
        }
    )
    assert provider
    assert (provider.client_secret, provider.name, provider.origin) == (SECRET, "Example", "http://[::1]:9000")
    assert (provider.groups_claim, provider.admins) == ("https://example.org/groups", "staff")
    assert provider.opens_accounts


@pytest.mark.parametrize("missing", SET)
def test_half_of_it_is_refused(missing):
    rest = {variable: value for variable, value in SET.items() if variable != missing}
    assert refusal(read_provider, rest).startswith(f"{missing} is not set, though ")


@pytest.mark.parametrize("variable", ["NAME", "GROUPS_CLAIM", "ADMINS", "SIGNUP"])
def test_what_belongs_to_a_provider_needs_one(variable):
    sentence = refusal(read_provider, {f"DASHBOARD_OIDC_{variable}": "on"})
    assert sentence == f"DASHBOARD_OIDC_ISSUER is not set, though DASHBOARD_OIDC_{variable} is."


def test_administrators_are_found_among_groups():
    assert "GROUPS_CLAIM" in refusal(read_provider, SET | {"DASHBOARD_OIDC_ADMINS": "staff"})


@pytest.mark.parametrize(
    "issuer",
    [
        *("http://id.example.org", "http://127.0.0.1.example.org", "id.example.org", "ftp://host", "https://"),
        *("https://u:p@host", "https://host/?x", "https://host/#x", "https://host:0", "https://host:99999"),
        *("https://[::1", "https://hö.example", "https://a b", f"https://host/{'x' * 200}"),
    ],
)
def test_an_issuer_that_cannot_be_one_is_refused(issuer):
    assert refusal(read_provider, SET | {"DASHBOARD_OIDC_ISSUER": issuer}).startswith("DASHBOARD_OIDC_ISSUER must ")


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "http://localhost/x", "https://host:8443/a/b"])
def test_loopback_needs_no_https(issuer):
    provider = read_provider(SET | {"DASHBOARD_OIDC_ISSUER": issuer})
    assert provider
    assert provider.issuer == issuer


def test_passwords_are_taken_unless_there_is_another_way():
    assert read_password_login({}, has_provider=False)
    assert not read_password_login({"DASHBOARD_PASSWORD_LOGIN": "off"}, has_provider=True)
    assert "DASHBOARD_OIDC_ISSUER" in refusal(
        read_password_login, {"DASHBOARD_PASSWORD_LOGIN": "off"}, has_provider=False
    )


@pytest.mark.parametrize(("value", "expected"), [("", ""), ("Off", ""), ("on", "on"), ("required", "required")])
def test_a_second_factor_is_off_on_or_required(value, expected):
    assert read_second_factor({"DASHBOARD_MFA": value}) == expected


def test_another_second_factor_is_refused():
    assert refusal(read_second_factor, {"DASHBOARD_MFA": "yes"}) == "DASHBOARD_MFA must be off, on or required."


def test_a_missing_package_is_told_with_its_extra():
    sentence = refusal(require_packages, "DASHBOARD_MFA", "mfa", "jwt", "no_such_package")
    assert sentence == "DASHBOARD_MFA needs packages that are not installed: pip install -e '.[mfa]'."
