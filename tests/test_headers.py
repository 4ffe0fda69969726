"""The headers of a public site on every status, scored as Mozilla's Observatory does, and what we ask beyond it."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.conftest import ROOT
from tests.stub_upstream import page, reply, running, stored

HOST, PASSWORD = "dash.example.org", "correct horse battery"
LIST, ITEM = "/default/completions/", "/default/completions/chatcmpl-1/"
FULL = 160
"""By the current rules, without preloading and with the integrity of scripts."""

Headers = dict[str, str]


class Site:
    """A running dashboard on a public host, behind a proxy that ends TLS; `cookies` are those of its browser."""

    def __init__(self, address: str, upstream: Any) -> None:
        self.netloc = urlsplit(address).netloc
        self.upstream = upstream
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> "Answer":
        sent = {"Host": HOST, "X-Forwarded-Proto": "https", "Origin": f"https://{HOST}"}
        sent |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        with contextlib.closing(http.client.HTTPConnection(self.netloc, timeout=30)) as connection:
            connection.request(method, path, body or None, sent | {k.replace("__", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())

    def sign_in(self) -> None:
        form = self.ask("/login/")
        self.cookies |= {name: morsel.value for name, morsel in form.cookies.items()}
        token = BeautifulSoup(form.body, "html.parser").select("[name=csrfmiddlewaretoken]")[0]["value"]
        fields = {"login": "root", "password": PASSWORD, "csrfmiddlewaretoken": token}
        answer = self.ask("/login/", "POST", urlencode(fields))
        assert answer.status == 302
        assert set(answer.cookies) == {"__Host-sessionid", "__Host-csrftoken"}
        assert all(morsel["secure"] and morsel["httponly"] and morsel["samesite"] for morsel in answer.cookies.values())
        self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}


class Answer:
    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}
        self.cookies: SimpleCookie = SimpleCookie()
        for name, value in headers:
            if name.lower() == "set-cookie":
                self.cookies.load(value)


@pytest.fixture(scope="module")
def site(start_dashboard, tmp_path_factory):
    folder = tmp_path_factory.mktemp("public")
    with running() as upstream:
        variables = {
            "DASHBOARD_ALLOWED_HOSTS": HOST,
            "DASHBOARD_SECRET_KEY": "a-long-and-random-secret-" * 3,
            "DASHBOARD_DATA_DIR": str(folder),
            "DASHBOARD_WORKERS": "1",
            "OPENAI_API_KEY": "sk-for-the-tests-of-headers",
            "OPENAI_BASE_URL": upstream.base_url,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        }
        address = start_dashboard(**variables)
        user = {"DJANGO_SUPERUSER_USERNAME": "root", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email=", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **variables, **user}, check=True, timeout=60)
        found = Site(address, upstream)
        found.sign_in()
        yield found


def score(answer: Answer) -> int:
    """After observatory_rules.json: 100, what is missing taken away, what is good added."""
    headers, total = answer.headers, 100
    parts = [part.strip().partition(" ") for part in headers.get("content-security-policy", "").split(";")]
    policy = {name: value for name, _, value in parts}
    is_safe = not re.search(r"unsafe|data:|https:|\*", "".join(policy.get(k, "") for k in ("script-src", "style-src")))
    total += 10 if policy.get("default-src") == "'none'" and is_safe else -25
    total += 5 if all(one["secure"] and one["samesite"] for one in answer.cookies.values()) else -40
    total += -50 if any(name.startswith("access-control-") for name in headers) else 0
    total += 5 if headers.get("referrer-policy") in {"no-referrer", "same-origin", "strict-origin"} else 0
    age = re.search(r"max-age=(\d+)", headers.get("strict-transport-security", "max-age=0"))
    total += 0 if age and int(age[1]) >= 15_552_000 else -20
    total += 0 if headers.get("x-content-type-options") == "nosniff" else -5
    total += 5 if policy.get("frame-ancestors") == "'none'" else -20
    total += 10 if headers.get("cross-origin-resource-policy") == "same-origin" else 0
    total += 10 if headers.get("cross-origin-opener-policy") == "same-origin" else 0
    total += 10 if headers.get("cross-origin-embedder-policy") == "require-corp" else 0
    scripts = BeautifulSoup(answer.body, "html.parser").select("script[src]") if is_html(answer) else []
    return total + (5 if all(script.get("integrity") for script in scripts) else 0)


def is_html(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


def beyond(answer: Answer, is_static: bool = False) -> set[str]:
    """Which of the ten are not met; the eighth is that no browser may be served another policy for other sites."""
    headers, missing = answer.headers, set()
    denied = headers.get("permissions-policy", "")
    for feature in ("camera", "microphone", "geolocation", "usb", "payment", "clipboard-read", "browsing-topics"):
        if f"{feature}=()" not in denied:
            missing.add(f"permissions-policy {feature}")
    if not is_static:
        if headers.get("cache-control") != "no-store, private" and "no-cache" not in headers.get("cache-control", ""):
            missing.add("cache-control")
        if headers.get("x-robots-tag") != "noindex, nofollow, noarchive":
            missing.add("x-robots-tag")
        vary = {word.strip().lower() for word in headers.get("vary", "").split(",")}
        if not {"cookie", "hx-request", "hx-history-restore-request"} <= vary:
            missing.add("vary")
    if re.search(r"\d", headers.get("server", "")) or "x-powered-by" in headers:
        missing.add("server")
    if headers.get("content-type", "").startswith("text/") and "charset=" not in headers["content-type"]:
        missing.add("charset")
    if headers.get("x-permitted-cross-domain-policies") != "none":
        missing.add("cross-domain policies")
    if any(name.startswith("access-control-allow") for name in headers):
        missing.add("access-control")
    return missing


def test_the_rules_are_those_that_are_scored(shared):
    rules = json.loads((shared / "corpora/observatory_rules.json").read_text())
    assert len(rules["checks"]) == 12
    assert len(rules["beyond_observatory"]) == 10
    best = sum(check.get("score", 0) for check in rules["checks"] if "preloaded" not in check)
    assert rules["base"] + best == FULL


def fail(status: int):
    return lambda site: site.upstream.fails(status)


def answer_well(site: Site) -> None:
    site.upstream.answer = lambda path, query: (
        reply(stored()) if path.endswith("chatcmpl-1") else page([] if path.endswith("messages") else [stored()])
    )


CASES: list[tuple[str, int, Any, dict[str, str]]] = [
    (LIST, 200, answer_well, {}),
    (ITEM, 200, answer_well, {}),
    (f"{ITEM}json/", 200, answer_well, {}),
    (f"{LIST}chatcmpl-1.json", 200, answer_well, {}),
    (f"{ITEM}text/?at=/completion/model", 200, answer_well, {}),
    (f"{ITEM}code/run.py", 200, answer_well, {}),
    (f"{ITEM}conversation.md", 200, answer_well, {}),
    ("/account/tokens/", 200, answer_well, {}),
    ("/account/password/", 200, answer_well, {}),
    ("/audit/", 200, answer_well, {}),
    ("/healthz", 200, answer_well, {}),
    ("/", 302, answer_well, {}),
    ("/", 301, answer_well, {"X-Forwarded-Proto": "http"}),
    ("/", 400, answer_well, {"Host": "evil.example"}),
    (f"{LIST}?limit=x", 400, answer_well, {}),
    (f"{LIST}?{'x' * 200_001}", 400, answer_well, {}),
    (LIST, 403, answer_well, {"Sec-Fetch-Site": "cross-site", "HX-Request": "true"}),
    ("/nowhere/", 404, answer_well, {}),
    ("/admin/auth/user/", 200, answer_well, {}),
    ("/admin/jsi18n/", 200, answer_well, {}),
    # Last, and in this order: after a 429 the API is left alone.
    (ITEM, 404, fail(404), {}),
    (f"{LIST}?model=a", 504, fail(504), {}),
    ("/default/completions.json", 502, fail(401), {}),
    (LIST, 502, fail(500), {}),
    (LIST, 503, fail(429), {}),
]


def test_so_do_those_who_are_not_signed_in(site):
    stranger = Site(f"http://{site.netloc}", site.upstream)
    for path, status in (("/login/", 200), (LIST, 302), ("/default/completions.json", 401), ("/favicon.ico", 302)):
        answer = stranger.ask(path)
        assert (answer.status, beyond(answer), score(answer)) == (status, set(), FULL)
    forged = stranger.ask("/login/", "POST", "login=a")
    assert (forged.status, beyond(forged), score(forged)) == (403, set(), FULL)
    wrong = stranger.ask("/healthz", "POST", "a=b")
    assert (wrong.status, beyond(wrong), score(wrong)) == (405, set(), FULL)
    answers = [stranger.ask("/default/completions.json", Authorization=f"Bearer cdash_{n}") for n in range(42)]
    assert {answer.status for answer in answers} == {401, 429}
    assert all((beyond(answer), score(answer)) == (set(), FULL) for answer in answers)


def test_too_many_attempts_to_sign_in_get_the_page(site):
    stranger = Site(f"http://{site.netloc}", site.upstream)
    form = stranger.ask("/login/")
    stranger.cookies = {name: morsel.value for name, morsel in form.cookies.items()}
    token = BeautifulSoup(form.body, "html.parser").select("[name=csrfmiddlewaretoken]")[0]["value"]
    fields = urlencode({"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": token})
    answer = next(one for one in (stranger.ask("/login/", "POST", fields) for _ in range(40)) if one.status == 429)
    assert answer.headers["retry-after"] == "60"
    assert b"Too many attempts" in answer.body
    assert (beyond(answer), score(answer)) == (set(), FULL)


def test_files_carry_them_and_may_be_kept(site):
    html = site.ask("/account/tokens/").body.decode() + site.ask("/admin/").body.decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    assert {path.rpartition(".")[2] for path in files} >= {"css", "js", "svg", "woff2"}
    assert any("/admin/" in path for path in files)
    for path in files:
        answer = site.ask(path)
        assert re.search(r"\.[0-9a-f]{12}\.", path), "hashed"
        assert "immutable" in answer.headers["cache-control"]
        assert "cookie" not in answer.headers.get("vary", "").lower()
        assert (answer.status, beyond(answer, is_static=True), score(answer)) == (200, set(), FULL)


def test_the_digest_of_a_script_is_that_of_the_bytes_as_served(site):
    scripts = BeautifulSoup(site.ask("/account/tokens/").body, "html.parser").select("script[src]")
    assert len(scripts) == 2
    for script in scripts:
        digest = hashlib.sha384(site.ask(str(script["src"])).body).digest()
        assert script["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"


def test_what_is_downloaded_can_do_nothing_where_it_is_opened(site):
    answer_well(site)
    for path in (
        f"{ITEM}code/run.py",
        f"{ITEM}conversation.md",
        f"{ITEM}text/?at=/completion/model",
        f"{ITEM}messages.json",
    ):
        assert site.ask(path).headers["content-security-policy"].startswith("sandbox; default-src 'none'"), path
    assert site.ask(f"{ITEM}code/run.py").headers["content-disposition"].startswith("attachment")


def test_a_failure_of_the_dashboard_itself_carries_them(client, settings, monkeypatch, db):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    client.raise_request_exception = False
    monkeypatch.setattr("dashboard.views.completions.get_project", lambda name: 1 / 0)
    found = client.get("/demo/completions/", secure=True)
    answer = Answer(found.status_code, list(found.headers.items()), found.content)
    assert (answer.status, beyond(answer)) == (500, set())
    assert score(answer) == FULL


@pytest.mark.parametrize(
    ("path", "status", "prepare", "headers"), CASES, ids=[f"{n} {c[1]}" for n, c in enumerate(CASES)]
)
def test_every_status_carries_every_header(site, path, status, prepare, headers):
    prepare(site)
    answer = site.ask(path, **{name.replace("-", "__"): value for name, value in headers.items()})
    assert answer.status == status
    assert beyond(answer) == set()
    # The admin names no digests of its scripts, and over http nothing is said about https.
    assert score(answer) == FULL - (5 if "/admin/" in path and is_html(answer) else 20 if status == 301 else 0)
