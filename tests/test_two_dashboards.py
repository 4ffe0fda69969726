"""Two dashboards, as on two machines, on one PostgreSQL and one Redis: what one of them learns, the other heeds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from redis import Redis as RedisClient

from tests.conftest import ROOT
from tests.database_servers import PostgreSQL, Redis
from tests.database_servers import redis as running_redis
from tests.stub_upstream import StubUpstream, page, question, reply, running, stored

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
PASSWORD = "correct horse battery"
LIST = "/default/completions/"
DATABASE = "shared"


@dataclass
class Pair:
    """`visit` and `sign_in` take the address of one of the two."""

    first: str
    second: str
    postgres: PostgreSQL
    redis: Redis
    upstream: StubUpstream
    root: requests.Session = field(default_factory=requests.Session)

    def sql(self, statement: str) -> list[tuple]:
        return self.postgres.run(DATABASE, statement)

    @property
    def cache(self) -> RedisClient:
        return RedisClient.from_url(self.redis.url)


def submit(person: requests.Session, url: str, **fields: str) -> requests.Response:
    """Fetches the page of a form and sends it; what it leads to is not followed."""
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', person.get(url, timeout=20).text)[0]
    return person.post(url, fields | {"csrfmiddlewaretoken": token}, allow_redirects=False, timeout=20)


def signed_in(address: str, name: str = "alice", password: str = PASSWORD) -> requests.Session:
    person = requests.Session()
    answer = submit(person, f"{address}/login/", login=name, password=password)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    return person


def status(person: requests.Session, url: str, **headers: str) -> int:
    return person.get(url, headers=headers, allow_redirects=False, timeout=20).status_code


@pytest.fixture(scope="module")
def pair(
    start_dashboard: Callable[..., str], postgres: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folders = [tmp_path_factory.mktemp("machine") for _ in range(2)]
    with running() as upstream, running_redis() as cache:
        shared = {
            "DATABASE_URL": postgres.new_database(DATABASE),
            "CACHE_URL": cache.url,
            "DASHBOARD_SECRET_KEY": "not-so-secret" * 4,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": upstream.base_url,
            "DASHBOARD_THREADS": "12",
        }
        first, second = [start_dashboard(DASHBOARD_DATA_DIR=str(folder), **shared) for folder in folders]
        made = Pair(first, second, postgres, cache, upstream)
        _set_up(made, folders[1])
        yield made


def _set_up(pair: Pair, folder: Path) -> None:
    """The first administrator makes an account for alice and gives her the right to view, as people do it."""
    said = (folder / f"log-{urlsplit(pair.second).port}").read_text()
    path = urlsplit(re.findall(r"once, at (\S+)", said)[0]).path
    form = {"password1": PASSWORD, "password2": PASSWORD}
    # The address that the second one printed is good on the first.
    assert submit(pair.root, f"{pair.first}{path}", username="root", **form).status_code == 302
    assert status(pair.root, f"{pair.second}{path}") == 404
    added = submit(pair.root, f"{pair.second}/admin/auth/user/add/", username="alice", usable_password="true", **form)
    assert added.status_code == 302, added.text


@pytest.fixture(autouse=True)
def fresh(pair: Pair) -> None:
    """Alice may view; nothing is counted or known from the test before."""
    pair.cache.flushall()
    pair.sql("UPDATE auth_user SET is_active = true")
    pair.sql("DELETE FROM auth_user_groups")
    pair.sql(
        "INSERT INTO auth_user_groups (user_id, group_id) SELECT u.id, g.id FROM auth_user u, auth_group g"
        " WHERE u.username = 'alice' AND g.name = 'default: may view'"
    )
    time.sleep(1.1)  # until each process looks up again what it has known
    pair.upstream.answer = _answer
    pair.upstream.asked.clear()


def _answer(path: str, query: list[tuple[str, str]]):
    if path.endswith("/messages"):
        return page([question(content="CANARY-PROMPT")])
    return page([stored()]) if path == "/chat/completions" else reply(stored())


def test_a_session_of_one_is_good_on_the_other_and_ends_on_both(pair):
    alice = signed_in(pair.first)
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [200, 200]
    stolen = requests.Session()
    stolen.cookies.update(alice.cookies)
    assert submit(alice, f"{pair.second}/logout/").status_code == 302
    for person in (alice, stolen):
        assert [status(person, f"{address}{LIST}") for address in (pair.first, pair.second)] == [302, 302]


def test_a_right_that_is_taken_away_is_gone_on_both_at_once(pair):
    alice = signed_in(pair.first)
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [200, 200]
    pair.sql("DELETE FROM auth_user_groups")
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [404, 404]


def test_who_is_deactivated_is_signed_out_on_both_at_once(pair):
    alice = signed_in(pair.second)
    pair.sql("UPDATE auth_user SET is_active = false WHERE username = 'alice'")
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [302, 302]


def test_failed_sign_ins_are_counted_across_them(pair):
    stranger = requests.Session()
    stranger.headers["Host"] = "localhost"  # both are one site, as behind one proxy
    for address in (pair.first, pair.second, pair.first, pair.second, pair.first):
        assert "not correct" in submit(stranger, f"{address}/login/", login="alice", password="wrong").text
    for address in (pair.first, pair.second):
        answer = submit(stranger, f"{address}/login/", login="alice", password=PASSWORD)
        assert answer.status_code == 200
        assert "Too many failed login attempts" in answer.text


def test_a_limit_that_one_meets_holds_the_other_back(pair):
    alice = signed_in(pair.first)
    pair.upstream.fails(429, {"error": {"message": "slow down"}}, retry_after="30")
    assert status(alice, f"{pair.first}{LIST}") == 503
    time.sleep(1.1)
    pair.upstream.asked.clear()
    held = alice.get(f"{pair.second}{LIST}", timeout=20)
    assert held.status_code == 503
    assert 20 < int(held.headers["Retry-After"]) <= 30
    assert pair.upstream.asked == []


def test_failures_on_both_open_the_breaker_of_both(pair):
    alice = signed_in(pair.first)
    pair.upstream.fails(500)
    for address in (pair.first, pair.second, pair.first, pair.second, pair.first):
        assert status(alice, f"{address}{LIST}") == 502
        time.sleep(1.1)
    pair.upstream.asked.clear()
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [503, 503]
    assert pair.upstream.asked == []


def test_previews_and_documents_that_one_fetched_the_other_has(pair):
    alice = signed_in(pair.first)
    previews, text = (
        "/default/inputs/?id=chatcmpl-1",
        f"{LIST}chatcmpl-1/text/?at=/completion/choices/0/message/content",
    )
    assert "CANARY-PROMPT" in alice.get(f"{pair.first}{previews}", timeout=20).text
    assert status(alice, f"{pair.first}{LIST}chatcmpl-1/") == 200
    pair.upstream.asked.clear()
    assert "CANARY-PROMPT" in alice.get(f"{pair.second}{previews}", timeout=20).text
    assert "Answer 1" in alice.get(f"{pair.second}{text}", timeout=20).text
    assert pair.upstream.asked == []


def test_no_key_of_the_cache_holds_the_key_of_the_api_and_no_shared_fact_a_prompt(pair):
    alice = signed_in(pair.first)
    assert status(alice, f"{pair.first}/default/inputs/?id=chatcmpl-1") == 200
    pair.upstream.fails(429)
    assert status(alice, f"{pair.first}{LIST}") == 503
    kept = {key: pair.cache.get(key) for key in pair.cache.scan_iter()}
    assert any(b"CANARY-PROMPT" in value for value in kept.values())
    assert {key[:20] for key in kept} == {b"completions:shared:1", b"completions:content:"}
    for key, value in kept.items():
        assert KEY.encode() not in key + value
        assert b"CANARY-PROMPT" not in value or key.startswith(b"completions:content:")
        assert b"alice" not in key + value
        assert 0 < pair.cache.ttl(key) <= 86_400


IS_OVER = """
import sys
from dashboard.models import AccessToken, ShareLink
for line in sys.stdin:
    print(ShareLink.objects.get().is_over, AccessToken.objects.get().is_over, flush=True)
"""


def test_a_link_or_token_that_is_revoked_elsewhere_is_over(pair, tmp_path):
    owner = "(SELECT id FROM auth_user WHERE username = 'alice')"
    pair.sql(
        "INSERT INTO dashboard_sharelink (secret_digest, project, completion_id, creator_id, created, expires,"
        " shows_input, shows_tools, shows_metadata, shows_parameters, shows_logprobs, shows_json, views)"
        f" VALUES ('d', 'default', 'chatcmpl-1', {owner}, now(), now() + '1 day', true, true, true, true, true, true, 0)"
    )
    pair.sql(
        "INSERT INTO dashboard_accesstoken (secret_digest, name, owner_id, projects, created, expires)"
        f" VALUES ('d', 'script', {owner}, '[]', now(), now() + '1 day')"
    )
    environment = {
        "DATABASE_URL": pair.postgres.url(DATABASE),
        "DASHBOARD_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "--verbosity=0", "-c", IS_OVER],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as other:
        questions, answers = other.stdin, other.stdout
        assert questions
        assert answers

        def asked() -> str:
            questions.write("\n")
            return answers.readline().strip()

        assert asked() == "False False"
        pair.sql("UPDATE dashboard_sharelink SET revoked = now()")
        assert asked() == "True False"
        pair.sql("UPDATE dashboard_accesstoken SET revoked = now()")
        assert asked() == "True True"
        questions.close()
    pair.sql("DELETE FROM dashboard_sharelink")
    pair.sql("DELETE FROM dashboard_accesstoken")


def test_a_share_link_that_is_revoked_on_one_leads_nowhere_on_the_other(pair):
    alice = signed_in(pair.first)
    pair.sql(
        "INSERT INTO auth_user_groups (user_id, group_id) SELECT u.id, g.id FROM auth_user u, auth_group g"
        " WHERE u.username = 'alice' AND g.name = 'default: may share'"
    )
    made = submit(alice, f"{pair.first}{LIST}chatcmpl-1/share/", input="on", lifetime="7d")
    path = re.findall(r"/s/[\w-]{43}/", made.text)[0]
    reader = requests.Session()
    assert [status(reader, f"{address}{path}") for address in (pair.first, pair.second)] == [200, 200]
    token = re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', alice.get(f"{pair.second}/links/", timeout=20).text
    )[0]
    alice.post(f"{pair.second}/links/revoke/", {"csrfmiddlewaretoken": token}, allow_redirects=False, timeout=20)
    assert [status(reader, f"{address}{path}") for address in (pair.first, pair.second)] == [410, 410]
    assert not reader.cookies


def test_an_access_token_that_is_revoked_on_one_reads_nothing_on_the_other(pair):
    alice = signed_in(pair.first)
    made = submit(alice, f"{pair.first}/account/tokens/", name="script", projects="default", days="1")
    secret = re.findall(r"cdash_[\w-]+", made.text)[0]
    bearer = {"Authorization": f"Bearer {secret}"}
    script = requests.Session()
    urls = [f"{address}/default/completions.json" for address in (pair.first, pair.second)]
    assert [status(script, url, **bearer) for url in urls] == [200, 200]
    page = alice.get(f"{pair.second}/account/tokens/", timeout=20).text
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    path = re.findall(r"/account/tokens/[0-9]+/revoke/", page)[0]
    alice.post(f"{pair.second}{path}", {"csrfmiddlewaretoken": token}, allow_redirects=False, timeout=20)
    assert [status(script, url, **bearer) for url in urls] == [401, 401]


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "theme", "tz"])
def test_a_nul_in_a_cookie_is_no_fault_of_ours(pair, name):
    """Quoted, a cookie may hold any character; PostgreSQL holds all but this one."""
    cookie = f'{name}="{"a" * 32}\\000"'
    assert status(requests.Session(), f"{pair.first}{LIST}", Cookie=cookie) in {302, 400}


@pytest.mark.parametrize(
    "path", ["/admin/auth/user/?q=%00", "/admin/auth/user/?username=%00", "/admin/auth/user/?username=%ED%A0%80"]
)
def test_an_administrator_who_types_a_nul_gets_no_fault_of_ours(pair, path):
    assert status(pair.root, f"{pair.first}{path}") in {200, 302, 400}


def test_a_nul_in_a_name_or_password_signs_nobody_in(pair):
    for fields in ({"login": "alice\0", "password": PASSWORD}, {"login": "alice", "password": f"{PASSWORD}\0"}):
        answer = submit(requests.Session(), f"{pair.first}/login/", **fields)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text


def test_without_redis_everything_goes_on(pair):
    alice = signed_in(pair.first)
    pair.redis.stop(signal.SIGKILL)
    try:
        for address in (pair.first, pair.second):
            for path in (LIST, f"{LIST}chatcmpl-1/", "/default/inputs/?id=chatcmpl-1", "/healthz"):
                assert status(alice, f"{address}{path}") == 200
            assert status(signed_in(address), f"{address}{LIST}") == 200
        # Each of the two processes counts to five, so that one of them has refused by now.
        answers = [
            submit(requests.Session(), f"{pair.first}/login/", login="root", password="wrong").text for _ in range(11)
        ]
        assert any("Too many failed login attempts" in answer for answer in answers)
    finally:
        pair.redis.start()
    time.sleep(6)
    assert status(signed_in(pair.second), f"{pair.first}{LIST}") == 200
    assert list(pair.cache.scan_iter("completions:shared:*"))


def test_a_redis_that_hangs_costs_a_page_a_second(pair):
    alice = signed_in(pair.first)
    pair.redis.send(signal.SIGSTOP)
    try:
        for address in (pair.first, pair.second):
            begun = time.monotonic()
            assert status(alice, f"{address}{LIST}") == 200
            assert time.monotonic() - begun < 3
    finally:
        pair.redis.send(signal.SIGCONT)


def test_without_postgresql_pages_say_so_and_sessions_outlive_it(pair):
    alice = signed_in(pair.first)
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [200, 200]
    pair.postgres.stop(signal.SIGQUIT)
    try:
        for address in (pair.first, pair.second):
            for path in (LIST, "/admin/"):
                answer = alice.get(f"{address}{path}", timeout=20)
                assert answer.status_code == 503
                assert "own database cannot be reached" in answer.text
                assert "127.0.0.1" not in answer.text
            toast = alice.get(f"{address}{LIST}", headers={"HX-Request": "true"}, timeout=20)
            assert (toast.status_code, toast.headers["HX-Retarget"]) == (503, "#toasts")
            assert status(alice, f"{address}{LIST[:-1]}.json") == 503
            assert status(alice, f"{address}/healthz") == 200
            assert status(requests.Session(), f"{address}/login/") == 200, "the form itself needs nobody's name"
            assert status(requests.Session(), f"{address}{LIST}") == 302
    finally:
        pair.postgres.start()
    for _ in range(100):
        if status(alice, f"{pair.second}{LIST}") == 200:
            break
        time.sleep(0.1)
    assert [status(alice, f"{address}{LIST}") for address in (pair.first, pair.second)] == [200, 200]
