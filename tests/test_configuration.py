from functools import partial

import certifi
import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.configuration import (
    check_certificates,
    keys_in_clear,
    read_hosts,
    read_log_level,
    read_login,
    read_number,
    read_projects,
    read_secret,
    read_secret_key,
    read_switch,
)

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


def refusal(function, *arguments, **options) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        function(*arguments, **options)
    sentence = str(caught.value)
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert KEY not in sentence
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return sentence


def test_nothing_configured_means_no_project():
    assert read_projects({}) == ()
    assert read_projects({"OPENAI_API_KEY": " ", "DASHBOARD_PROJECTS": " "}) == ()
    assert read_projects({"PRODUCTION_OPENAI_API_KEY": " ", "PRODUCTION_OPENAI_BASE_URL": "https://host/v1"}) == ()


def test_a_key_alone_makes_the_default_project():
    (project,) = read_projects({"OPENAI_API_KEY": f" {KEY}\n"})
    assert (project.name, project.key, project.base_url) == ("default", KEY, "https://api.openai.com/v1")
    assert (project.key_header, project.key_variable, project.fixed_query) == ("Authorization", "OPENAI_API_KEY", ())
    assert (project.organization, project.openai_project) == ("", "")
    assert KEY not in repr(project)


def test_everything_of_a_project_can_be_set():
    (project,) = read_projects(
        {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": "http://127.0.0.1:8321/openai?api-version=2025-02-01&x=",
            "OPENAI_KEY_HEADER": "API-Key",
            "OPENAI_ORG_ID": "org-1",
            "OPENAI_PROJECT_ID": "proj_1",
        }
    )
    assert (project.base_url, project.key_header) == ("http://127.0.0.1:8321/openai", "api-key")
    assert project.fixed_query == (("api-version", "2025-02-01"), ("x", ""))
    assert (project.organization, project.openai_project) == ("org-1", "proj_1")


def test_further_projects_have_variables_of_their_own():
    projects = read_projects(
        {
            "DASHBOARD_PROJECTS": "production, stage-2",
            "OPENAI_API_KEY": "the-first-of-three-keys",
            "PRODUCTION_OPENAI_API_KEY": "the-second-of-three-keys",
            "STAGE_2_OPENAI_API_KEY": "third",
            "STAGE_2_OPENAI_BASE_URL": "https://[::1]:8000/v1",
        }
    )
    assert [(one.name, one.key) for one in projects] == [
        ("default", "the-first-of-three-keys"),
        ("production", "the-second-of-three-keys"),
        ("stage-2", "third"),
    ]
    assert projects[2].base_url == "https://[::1]:8000/v1"
    assert projects[2].key_variable == "STAGE_2_OPENAI_API_KEY"


@pytest.mark.parametrize(
    "names",
    ["a b", "Production", "é", "-a", "a_b", "a/b", "a" * 64, "demo", "s", "admin", "healthz", "default", "a,b,a"],
)
def test_project_names_that_cannot_be_are_refused(names):
    assert "DASHBOARD_PROJECTS" in refusal(read_projects, {"DASHBOARD_PROJECTS": names})


def test_a_named_project_needs_a_key():
    assert "PRODUCTION_OPENAI_API_KEY" in refusal(read_projects, {"DASHBOARD_PROJECTS": "production"})


@pytest.mark.parametrize("names", [",", " , ", ",,"])
def test_names_of_nobody_are_refused(names):
    sentence = refusal(read_projects, {"DASHBOARD_PROJECTS": names, "OPENAI_API_KEY": KEY})
    assert sentence == "DASHBOARD_PROJECTS is set, but names no project."


@pytest.mark.parametrize("variable", ["PRODUCTION_OPENAI_API_KEY", "PRODUCTION_OPENAI_API_KEY_FILE"])
@pytest.mark.parametrize(
    "others",
    [
        {},
        {"OPENAI_API_KEY": KEY},
        {"DASHBOARD_PROJECTS": "prod", "PROD_OPENAI_API_KEY": KEY},
    ],
)
def test_a_key_that_no_project_uses_is_refused(variable, others):
    sentence = refusal(read_projects, {variable: KEY} | others)
    assert sentence == f"{variable} is set, but DASHBOARD_PROJECTS does not name its project."


def test_keys_in_files_are_used_by_their_projects(tmp_path):
    (tmp_path / "key").write_text(KEY)
    (project,) = read_projects(
        {"DASHBOARD_PROJECTS": "production", "PRODUCTION_OPENAI_API_KEY_FILE": str(tmp_path / "key")}
    )
    assert project.key == KEY


@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_KEY_HEADER"])
def test_half_of_a_project_is_refused(variable):
    sentence = refusal(read_projects, {variable: "x"})
    assert "OPENAI_API_KEY" in sentence
    assert variable in sentence


@pytest.mark.parametrize(
    "url",
    [
        "api.openai.com", "ftp://host/v1", "https://", "https:///v1", "https://host:99999/v1", "https://host:0/v1",
        "https://host:x/v1", "https://ho st/v1", "https://hést/v1", "https://[::1/v1", "file:///etc/passwd",
        "https://a\\b/v1", "https://host/v1\nX: 1", "//host", "javascript:alert(1)",
        'http://h"x<y/v1', "http://a..b/v1", "http://.a/v1", "http://a../v1", "http://./v1", "http://h%20x/v1",
        f"http://{'a' * 64}/v1", f"http://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}/v1", "http://-a/v1",
        "http://a-.b/v1", "http://a.-b/v1", "http://999.1.1.1/v1", "http://127.0.0/v1", "http://127.0.0.1./v1x y",
        "http://[::1]x/v1", "http://[::1::]/v1", "http://[fe80::1%25eth0]/v1", "http://::1/v1", "http://a:b:80/v1",
        "http://h*/v1", "http://h,i/v1", "http://h'/v1",
    ],
)  # fmt: skip
def test_a_base_url_that_is_none_is_refused(url):
    sentence = refusal(read_projects, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})
    assert sentence == "OPENAI_BASE_URL must be an address such as https://host/v1."


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/v1", "https://api.example.org/v1", "https://api.example.org./v1", "http://my_api/v1",
        "https://xn--bcher-kva.example/v1", f"http://{'a' * 63}.example", "http://A1.Example:/v1", "http://127.0.0.1/v1",
        "http://[2001:db8::1]:8080/v1", "http://[::ffff:127.0.0.1]/v1", "http://1a.2b/v1",
    ],
)  # fmt: skip
def test_hosts_of_a_base_url(url):
    (project,) = read_projects({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})
    assert project.base_url == url


@pytest.mark.parametrize(
    "url", [f"https://user:{KEY}@host/v1", "https://user@host", "https://@host", "https://host#x", "https://host/v1#"]
)
def test_a_base_url_with_a_user_or_a_fragment_is_refused(url):
    assert "OPENAI_BASE_URL must hold no" in refusal(read_projects, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})


def test_a_key_header_of_another_name_is_refused():
    assert "OPENAI_KEY_HEADER" in refusal(read_projects, {"OPENAI_API_KEY": KEY, "OPENAI_KEY_HEADER": "x-key"})


@pytest.mark.parametrize("key", [f"{KEY}\nX: 1", f"{KEY} {KEY}", f"{KEY}—", f"{KEY}\x7f", f"{KEY}\0"])
def test_a_key_that_no_header_can_carry_is_refused(key):
    assert "OPENAI_API_KEY" in refusal(read_projects, {"OPENAI_API_KEY": key})


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    assert read_secret({"OPENAI_API_KEY_FILE": str(tmp_path / "key")}, "OPENAI_API_KEY") == KEY


def test_a_secret_from_two_places_is_refused(tmp_path):
    sentence = refusal(read_secret, {"A": KEY, "A_FILE": "/x"}, "A")
    assert sentence == "A and A_FILE are both set; keep one of them."


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"", b" \n"])
def test_a_secret_file_without_a_secret_is_refused(tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    assert refusal(read_secret, {"A_FILE": str(path)}, "A").startswith("A_FILE names a file that ")


def test_a_folder_is_no_secret_file(tmp_path):
    assert "A_FILE" in refusal(read_secret, {"A_FILE": str(tmp_path)}, "A")


@pytest.mark.parametrize(
    ("hosts", "read"),
    [
        ("", ["127.0.0.1", "[::1]", "localhost"]),
        ("dash.example.org, 10.0.0.1", ["dash.example.org", "10.0.0.1"]),
        ("[2001:db8::1]", ["[2001:db8::1]"]),
    ],
)
def test_hosts(hosts, read):
    assert read_hosts({"DASHBOARD_ALLOWED_HOSTS": hosts}) == read


@pytest.mark.parametrize("hosts", ["*", ".example.org", "host:80", "a b", "http://host", "é", "a,*"])
def test_hosts_that_are_none_are_refused(hosts):
    assert "DASHBOARD_ALLOWED_HOSTS" in refusal(read_hosts, {"DASHBOARD_ALLOWED_HOSTS": hosts})


@pytest.mark.parametrize(
    ("value", "is_demo", "loopback_only", "required"),
    [
        ("", True, True, False),
        ("", False, True, True),
        ("", True, False, True),
        ("none", False, True, False),
        ("required", True, True, True),
    ],
)
def test_a_login_is_required_as_soon_as_there_is_something_to_protect(value, is_demo, loopback_only, required):
    found = read_login({"DASHBOARD_LOGIN": value}, is_demo=is_demo, loopback_only=loopback_only)
    assert found is required


def test_without_a_login_only_loopback_hosts_are_served():
    refused = refusal(partial(read_login, is_demo=True, loopback_only=False), {"DASHBOARD_LOGIN": "none"})
    assert "DASHBOARD_ALLOWED_HOSTS" in refused
    assert "DASHBOARD_LOGIN" in refusal(
        partial(read_login, is_demo=True, loopback_only=True), {"DASHBOARD_LOGIN": "no"}
    )


@pytest.mark.parametrize(("value", "number"), [("", 7), (" ", 7), ("1", 1), (" 10 ", 10)])
def test_numbers(value, number):
    assert read_number({"N": value}, "N", 7, 1, 10) == number


@pytest.mark.parametrize("value", ["0", "11", "-1", "1.5", "x", "٣", "1e1", "9" * 5000])
def test_other_numbers_are_refused(value):
    assert refusal(read_number, {"N": value}, "N", 7, 1, 10) == "N must be a whole number from 1 to 10."


@pytest.mark.parametrize(("value", "on"), [("", True), ("on", True), (" OFF ", False)])
def test_switches(value, on):
    assert read_switch({"S": value}, "S", default=True) is on


def test_other_switches_are_refused():
    assert refusal(read_switch, {"S": "yes"}, "S", default=True) == "S must be on or off."


CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_certificates_that_are_none_are_refused(tmp_path, variable):
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("no certificate")
    for name in ("absent", "empty", "text"):
        sentence = refusal(check_certificates, {variable: str(tmp_path / name)}, *CERTIFICATES)
        assert sentence == f"{variable} names neither a file of certificates nor a folder of them."


def test_certificates_that_can_be_read(tmp_path):
    check_certificates({}, *CERTIFICATES)
    check_certificates({"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": str(tmp_path)}, *CERTIFICATES)
    check_certificates({"REQUESTS_CA_BUNDLE": certifi.where(), "CURL_CA_BUNDLE": "/not/read"}, *CERTIFICATES)


def test_a_key_that_another_program_brought_is_no_mistake():
    assert read_projects({"AZURE_OPENAI_API_KEY": "azure-key"}) == ()


@pytest.mark.parametrize(("value", "level"), [("", "INFO"), (" debug ", "DEBUG"), ("WARNING", "WARNING")])
def test_levels_of_the_log(value, level):
    assert read_log_level({"DASHBOARD_LOG_LEVEL": value}) == level


@pytest.mark.parametrize("value", ["ERROR", "verbose", "10"])
def test_other_levels_are_refused(value):
    assert "DASHBOARD_LOG_LEVEL" in refusal(read_log_level, {"DASHBOARD_LOG_LEVEL": value})


def test_a_key_of_openai_that_was_cut_is_refused():
    assert "OPENAI_API_KEY" in refusal(read_projects, {"OPENAI_API_KEY": KEY[:19]})
    assert read_projects({"OPENAI_API_KEY": KEY[:20]})[0].key == KEY[:20]
    # Servers of one's own take any key.
    assert read_projects({"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://ogx:8321/v1"})[0].key == "none"


@pytest.mark.parametrize("variable", ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
@pytest.mark.parametrize("value", ["org-1\r\nX-Evil: 1", "org\t1", "é", "org 1"])
def test_an_id_that_no_header_can_carry_is_refused(variable, value):
    assert variable in refusal(read_projects, {"OPENAI_API_KEY": KEY, variable: value})


@pytest.mark.parametrize(
    ("url", "in_clear"),
    [
        ("https://api.example/v1", False),
        ("http://localhost:8321/v1", False),
        ("http://127.0.0.3:8321/v1", False),
        ("http://[::1]:8321/v1", False),
        ("http://ogx:8321/v1", True),
        ("http://10.0.0.7/v1", True),
        ("http://localhost.example/v1", True),
    ],
)
def test_a_key_that_crosses_a_network_in_the_clear_is_found(url, in_clear):
    projects = read_projects({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})
    assert keys_in_clear(projects) == (["OPENAI_API_KEY"] if in_clear else [])


@pytest.mark.parametrize(
    "value", ["x" * 39, "x" * 60, "abcd" * 20, "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"]
)
def test_a_secret_key_that_can_be_guessed_is_refused(value):
    assert "DASHBOARD_SECRET_KEY" in refusal(read_secret_key, {"DASHBOARD_SECRET_KEY": value})


def test_a_random_secret_key_is_taken():
    assert read_secret_key({"DASHBOARD_SECRET_KEY": KEY}) == KEY
    assert read_secret_key({}) == ""
