"""The exact requests that leave, and what becomes of every status and body that comes back."""

import ast
import json
import os
import re
import time
from email.utils import formatdate
from pathlib import Path

import pytest
import responses

from dashboard.upstream import errors
from dashboard.upstream.client import Client
from dashboard.upstream.errors import UpstreamError

BASE = "https://api.example.test/v1"
LIST = f"{BASE}/chat/completions"
PAGE: dict[str, object] = {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
STORED = {"id": "chatcmpl-1", "choices": []}


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def make_client(canary: str, **options) -> Client:
    return Client(BASE, key=canary, key_variable="OPENAI_API_KEY", **options)


@pytest.fixture
def api(canary) -> Client:
    return make_client(canary)


def listed(api: Client, order: str = "desc", limit: int = 20, **options):
    return api.list(order=order, limit=limit, **options)


def failure(wire, api, status: int, body: object = None, call=listed, **headers: str) -> UpstreamError:
    wire.add("GET", LIST, status=status, headers=headers, **_body(body))
    wire.add("GET", f"{LIST}/chatcmpl-1", status=status, headers=headers, **_body(body))
    wire.add("GET", f"{LIST}/chatcmpl-1/messages", status=status, headers=headers, **_body(body))
    with pytest.raises(UpstreamError) as caught:
        call(api)
    return caught.value


def _body(body: object) -> dict[str, object]:
    return {"body": body} if isinstance(body, str | bytes) else {"json": body}


def retrieved(api: Client):
    return api.retrieve("chatcmpl-1")


def messages(api: Client):
    return api.messages("chatcmpl-1")


# What leaves


def test_a_failure_that_passes_is_seen_by_nobody(wire, api):
    wire.add("GET", LIST, status=502, json={})
    wire.add("GET", LIST, json=PAGE)
    assert listed(api).items == ()
    assert len(wire.calls) == 2


def test_a_failure_that_stays_is_told_after_the_second_call(wire, api):
    assert type(failure(wire, api, 500, {})) is errors.ServerFault
    assert len(wire.calls) == 2


def test_a_key_that_is_refused_is_not_tried_again(wire, api):
    failure(wire, api, 401, {})
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, "order=desc&limit=20"),
        ({"order": "asc", "limit": 100}, "order=asc&limit=100"),
        ({"model": "gpt-5.4 mini"}, "order=desc&limit=20&model=gpt-5.4%20mini"),
        ({"metadata": [("env", "prod")]}, "order=desc&limit=20&metadata%5Benv%5D=prod"),
        (
            {"metadata": [("a", ""), ("b c", "é&=/")]},
            "order=desc&limit=20&metadata%5Ba%5D=&metadata%5Bb%20c%5D=%C3%A9%26%3D%2F",
        ),
        ({"after": "chatcmpl-9"}, "order=desc&limit=20&after=chatcmpl-9"),
        ({"after": "a b#?"}, "order=desc&limit=20&after=a%20b%23%3F"),
    ],
)
def test_the_query_of_a_list(wire, api, options, query):
    wire.add("GET", LIST, json=PAGE)
    listed(api, **options)
    assert wire.calls[0].request.url == f"{LIST}?{query}"


def test_a_completion_is_asked_for_without_a_query(wire, api):
    wire.add("GET", f"{LIST}/chatcmpl-1", json=STORED)
    assert retrieved(api).id == "chatcmpl-1"
    assert wire.calls[0].request.url == f"{LIST}/chatcmpl-1"


def test_the_query_of_messages(wire, api):
    wire.add("GET", f"{LIST}/chatcmpl-1/messages", json=PAGE)
    messages(api)
    api.messages("chatcmpl-1", order="desc", limit=5, after="chatcmpl-1-4")
    assert [call.request.url.partition("?")[2] for call in wire.calls] == [
        "order=asc&limit=100",
        "order=desc&limit=5&after=chatcmpl-1-4",
    ]


def test_a_fixed_query_goes_first_with_every_call(wire, canary):
    api = make_client(canary, fixed_query=(("api-version", "2025-02-01"), ("x", "")))
    wire.add("GET", LIST, json=PAGE)
    wire.add("GET", f"{LIST}/chatcmpl-1", json=STORED)
    listed(api)
    retrieved(api)
    assert wire.calls[0].request.url == f"{LIST}?api-version=2025-02-01&x=&order=desc&limit=20"
    assert wire.calls[1].request.url == f"{LIST}/chatcmpl-1?api-version=2025-02-01&x="


def test_the_headers(wire, canary):
    api = make_client(canary, organization="org-1", project="proj_1")
    wire.add("GET", LIST, json=PAGE)
    listed(api)
    sent = wire.calls[0].request.headers
    assert sent["Authorization"] == f"Bearer {canary}"
    assert sent["OpenAI-Organization"] == "org-1"
    assert sent["OpenAI-Project"] == "proj_1"
    assert sent["Accept"] == "application/json"
    assert sent["Accept-Encoding"] == "gzip"


def test_the_key_can_go_into_a_header_of_its_own(wire, canary):
    wire.add("GET", LIST, json=PAGE)
    listed(make_client(canary, key_header="api-key"))
    sent = wire.calls[0].request.headers
    assert sent["api-key"] == canary
    assert not {"Authorization", "OpenAI-Organization", "OpenAI-Project"} & set(sent)


@pytest.mark.parametrize("key", ["", "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"])
def test_netrc_is_ignored(wire, monkeypatch, tmp_path, key):
    (tmp_path / ".netrc").write_text("machine api.example.test login somebody password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    wire.add("GET", LIST, json=PAGE)
    listed(Client(BASE, key=key))
    assert wire.calls[0].request.headers.get("Authorization") == (f"Bearer {key}" if key else None)


def test_cookies_are_never_sent_back(wire, api):
    wire.add("GET", LIST, json=PAGE, headers={"Set-Cookie": "session=1; Path=/"})
    listed(api)
    listed(api)
    assert "Cookie" not in wire.calls[1].request.headers


def test_a_proxy_that_is_not_there_is_named_as_the_fault(monkeypatch, free_port, canary):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{free_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(errors.Unreachable, match="outgoing proxy") as caught:
        listed(make_client(canary))
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("call", [listed, retrieved, messages])
@pytest.mark.parametrize("place", ["http://169.254.169.254/", "file:///etc/passwd", "http://[::1", "/v1/x", ""])
def test_redirects_are_not_followed(wire, api, call, place):
    error = failure(wire, api, 302, "", call, **({"Location": place} if place else {}))
    assert (type(error), error.status, error.upstream_status) == (errors.Redirected, 502, 302)
    assert len(wire.calls) == 1


@pytest.mark.parametrize("status", [300, 301, 303, 307, 308])
def test_every_kind_of_redirect_is_one(wire, api, status):
    assert isinstance(failure(wire, api, status, "", Location="/x"), errors.Redirected)


@pytest.mark.parametrize("hostile", ["..", ".", "", "a/b", "a%2fb", "a?b", "a#b", "a b", "a\n", "é", "x" * 129, "a;b"])
def test_a_hostile_id_never_leaves(wire, api, hostile):
    for call in (api.retrieve, api.messages):
        with pytest.raises(errors.NotFound):
            call(hostile)
    assert len(wire.calls) == 0


def test_no_hostile_id_of_the_list_changes_the_path(wire, api, shared):
    wire.add("GET", f"{LIST}/chatcmpl-1", json=STORED)
    for case in json.loads((shared / "corpora/malicious_ids.json").read_text("utf-8")):
        if re.fullmatch(r"[A-Za-z0-9_-]{1,128}", case["value"]):  # odd, and harmless in a path
            wire.add("GET", f"{LIST}/{case['value']}", json=STORED)
            api.retrieve(case["value"])
            assert wire.calls[-1].request.url == f"{LIST}/{case['value']}"
            continue
        before = len(wire.calls)
        for call in (api.retrieve, api.messages):
            with pytest.raises(errors.NotFound):
                call(case["value"])
        assert len(wire.calls) == before, case


def test_only_get_leaves_and_only_to_three_paths(wire, api):
    for url in (LIST, f"{LIST}/chatcmpl-1", f"{LIST}/chatcmpl-1/messages"):
        wire.add("GET", url, json=PAGE | STORED)
    public = {name for name in vars(Client) if not name.startswith("_")}
    assert public == {"list", "retrieve", "messages", "ungated", "behind", "way"}  # the last three make no call
    listed(api)
    retrieved(api)
    messages(api)
    assert {call.request.method for call in wire.calls} == {"GET"}
    assert [call.request.url.partition("?")[0] for call in wire.calls] == [
        LIST,
        f"{LIST}/chatcmpl-1",
        f"{LIST}/chatcmpl-1/messages",
    ]


def test_no_code_sends_anything_but_get():
    """Whatever is called on a session, in any module that may import requests."""
    root = Path(__file__).resolve().parents[2] / "dashboard"
    sending = {"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "urlopen"}
    found = set()
    for path in root.rglob("*.py"):
        source = path.read_text("utf-8")
        if "import requests" not in source and "from requests" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in sending:
                found.add(ast.unparse(node.func))
    assert {name for name in found if "session" in name or name.startswith("requests.")} == {"self._session.get"}
    assert not {name for name in found if name.rpartition(".")[2] in sending - {"get", "request"}}


# What comes back: statuses


STATUSES = [
    (400, "Refused", 400), (401, "KeyRejected", 502), (402, "UpstreamError", 502), (403, "NotAllowed", 502),
    (404, "NoSuchRoute", 502), (405, "NoSuchRoute", 502), (407, "ProxyRefused", 502), (408, "TimedOut", 504),
    (409, "ServerFault", 502), (413, "RequestTooLarge", 502), (414, "RequestTooLarge", 502), (418, "UpstreamError", 502),
    (422, "Refused", 400), (429, "RateLimited", 503), (431, "RequestTooLarge", 502), (500, "ServerFault", 502),
    (501, "ServerFault", 502), (502, "ServerFault", 502), (503, "Overloaded", 503), (504, "TimedOut", 504),
    (520, "ServerFault", 502), (529, "Overloaded", 503), (599, "ServerFault", 502), (206, "UpstreamError", 502),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "ours"), STATUSES)
def test_every_status_has_its_error(wire, api, status, kind, ours):
    body = {"error": {"message": "What went wrong.", "code": "some_code"}}
    error = failure(wire, api, status, body, **{"x-request-id": "req_1\u00e9"})
    assert (type(error).__name__, error.status, error.upstream_status) == (kind, ours, status)
    assert error.request_id == "req_1"
    assert (error.detail, error.code) == ("What went wrong.", "some_code")
    assert error.endpoint == f"GET {LIST}"
    assert error.key_variable == "OPENAI_API_KEY"
    assert error.headline
    assert error.advice


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_is_unexpected(wire, api, status):
    error = failure(wire, api, status, "")
    assert (type(error), error.status, error.upstream_status) == (UpstreamError, 502, status)


def test_no_credit_is_told_from_a_rate_limit(wire, api):
    error = failure(wire, api, 429, {"error": {"message": "m", "code": "insufficient_quota"}})
    assert type(error) is errors.OutOfCredit
    assert not error.retryable


def test_a_missing_completion_is_not_found(wire, api):
    error = failure(wire, api, 404, {"error": {"message": "Not there", "code": "not_found"}}, retrieved)
    assert (type(error), error.status) == (errors.NotFound, 404)


def test_messages_of_a_missing_completion_are_not_found(wire, api):
    body = {"error": {"message": "No completion chatcmpl-1", "code": None}}
    assert type(failure(wire, api, 404, body, messages)) is errors.NotFound


def test_a_server_without_messages_is_told_from_a_missing_completion(wire, api):
    error = failure(wire, api, 404, {"detail": "Not Found"}, messages)
    assert type(error) is errors.NoSuchRoute
    assert error.endpoint == f"GET {LIST}/chatcmpl-1/messages"
    assert error.__context__ is None


@pytest.mark.parametrize(("status", "message"), [(404, "gone"), (400, "Record with id='chatcmpl-9' not found")])
def test_a_cursor_that_is_gone_is_told(wire, api, status, message):
    error = failure(wire, api, status, {"error": {"message": message}}, lambda api: listed(api, after="chatcmpl-9"))
    assert (type(error), error.status) == (errors.CursorGone, 404)


def test_a_400_about_something_else_is_no_missing_cursor(wire, api):
    body = {"error": {"message": "Unknown parameter: 'metadata'"}}
    error = failure(wire, api, 400, body, lambda api: listed(api, after="chatcmpl-9"))
    assert type(error) is errors.Refused


def test_a_400_that_names_the_id_is_not_found(wire, api):
    body = {"error": {"message": "Chat completion with id chatcmpl-1 not found"}}
    assert type(failure(wire, api, 400, body, retrieved)) is errors.NotFound


@pytest.mark.parametrize(
    ("body", "detail", "code"),
    [
        ({"error": "just a text"}, "just a text", ""),
        ({"detail": "FastAPI says so"}, "FastAPI says so", ""),
        ({"detail": [{"loc": ["query"]}]}, '[{"loc": ["query"]}]', ""),
        ({"message": "flat", "code": 17}, "flat", "17"),
        ({"error": None, "message": "beside"}, "beside", ""),
        ({"error": {"message": {"odd": 1}, "code": ["c"]}}, '{"odd": 1}', '["c"]'),
        ({"error": []}, "", ""),
        (["list"], "", ""),
        ("<html><h1>Sorry</h1></html>", "", ""),
        ("", "", ""),
        (b"\xff\xfe", "", ""),
        ("[" * 100_000, "", ""),
    ],
)
def test_the_message_is_found_in_every_shape(wire, api, body, detail, code):
    error = failure(wire, api, 500, body)
    assert (error.detail, error.code) == (detail, code)


def test_a_long_message_is_cut(wire, api):
    error = failure(wire, api, 500, {"error": {"message": "word " * 10_000, "code": "c" * 1000}})
    assert len(error.detail) == 300
    assert len(error.code) == 80


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0.2"}, 0.2),
        ({"Retry-After": "100000"}, 120),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "soon", "Retry-After": "3"}, 3),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "NaN"}, None),
        ({"Retry-After": "1e999"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry-After": "Wed, 99 Oct 99999 07:28:00 GMT"}, None),
    ],
)
def test_retry_after(wire, api, headers, seconds):
    coded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert failure(wire, api, 429, {}, **coded).retry_after == seconds


def test_retry_after_may_be_a_date(wire, api):
    error = failure(wire, api, 429, {}, **{"Retry-After": formatdate(time.time() + 9, usegmt=True)})
    assert 7 < (error.retry_after or 0) <= 9


# What comes back: bodies of a 200


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        ("", "CutShort", "empty"),
        (" \n", "CutShort", "empty"),
        ("\ufeff", "NotJson", "Expecting value"),
        ("<html>", "NotJson", "Expecting value at character 0 of 6."),
        ('data: {"a":1}\n\n', "NotJson", "Expecting value"),
        (b'{"a": "\xff"}', "NotJson", "not valid UTF-8 (byte 7)"),
        ('{"a": 1} x', "NotJson", "Extra data"),
        ("[" * 100_000, "NotJson", "nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "WrongShape", "not a list"),
        ("null", "WrongShape", "not null"),
        ("[]", "WrongShape", "not a list"),
        ("1", "WrongShape", "not a number"),
        ("NaN", "WrongShape", "not a number"),
        ("true", "WrongShape", "not true or false"),
        ('"x"', "WrongShape", "not a text"),
        ("{}", "WrongShape", "no list of data"),
        ('{"data": {}}', "WrongShape", "no list of data"),
        ('{"error": {"message": "It failed."}}', "WrongShape", "It holds an error: It failed."),
        ('{"error": "It failed."}', "WrongShape", "It holds an error: It failed."),
    ],
)
def test_a_list_that_is_none(wire, api, body, kind, sentence):
    error = failure(wire, api, 200, body, **{"x-request-id": "req_2"})
    assert (type(error).__name__, error.status, error.upstream_status) == (kind, 502, 200)
    assert sentence in error.detail
    assert error.request_id == "req_2"


def test_html_is_told_by_its_type(wire, api):
    wire.add("GET", LIST, body="<h1>Sign in</h1>", content_type="text/html; charset=utf-8")
    with pytest.raises(errors.NotJson) as caught:
        listed(api)
    assert caught.value.detail.endswith("It calls itself text/html; charset=utf-8.")
    assert "Sign in" not in str(caught.value)


def test_json_that_calls_itself_html_is_read(wire, api):
    wire.add("GET", LIST, body=json.dumps(PAGE), content_type="text/html")
    assert listed(api).items == ()


@pytest.mark.parametrize("body", [PAGE, {"detail": "no"}, {}, {"error": "gone"}])
def test_a_completion_that_is_none(wire, api, body):
    assert type(failure(wire, api, 200, body, retrieved)) is errors.WrongShape


def test_a_completion_comes_with_its_bytes(wire, api):
    body = b'{ "id" : "chatcmpl-1",\n "seed": 9007199254740993, "choices": [] }'
    wire.add("GET", f"{LIST}/chatcmpl-1", body=body)
    found = retrieved(api)
    assert found.body == body
    assert found.raw["seed"] == 9007199254740993


# The key


def test_an_error_that_repeats_the_key_is_blanked(wire, api, canary):
    masked = f"{canary[:8]}{'*' * 30}{canary[-4:]}"
    message = f"Incorrect API key provided: {masked}. Bearer {canary}! sk-other-key-1234 {canary[9:15]} stays"
    error = failure(wire, api, 401, {"error": {"message": message, "code": canary}}, **{"x-request-id": canary})
    assert error.detail == "Incorrect API key provided: [key] Bearer [key] [key] [key] stays"
    assert (error.code, error.request_id) == ("[key]", "[key]")


CANARY_FAULTS = {
    "echo": (401, {"error": {"message": "Key {key} is wrong", "code": "c"}}, listed),
    "echo-in-200": (200, {"error": {"message": "Key {key} is wrong"}}, listed),
    "echo-as-type": (200, "<p>", listed),
    "echo-missing": (404, {"error": {"message": "No route for {key}"}}, messages),
    "echo-not-found": (404, {"error": {"message": "chatcmpl-1 {key}", "code": "x"}}, messages),
    "redirect": (302, "", retrieved),
}


@pytest.mark.parametrize("case", CANARY_FAULTS)
def test_no_frame_and_no_attribute_of_an_error_holds_the_key(wire, api, canary, case):
    status, body, call = CANARY_FAULTS[case]
    written = json.loads(json.dumps(body).replace("{key}", canary))
    headers = {"x-request-id": canary, "Location": f"https://x/{canary}", "Content-Type": f"text/{canary}"}
    for path in ("", "/chatcmpl-1", "/chatcmpl-1/messages"):
        wire.add("GET", LIST + path, status=status, headers=headers, **_body(written))
    with pytest.raises(UpstreamError) as caught:
        call(api)
    assert_clean(caught.value, canary)


def test_the_search_finds_a_key_that_leaks(canary):
    def leaking():
        key = canary
        raise UpstreamError("clean" + key[:0])

    with pytest.raises(UpstreamError) as caught:
        leaking()
    with pytest.raises(AssertionError):
        assert_clean(caught.value, canary)


@pytest.mark.parametrize("fault", ["refused", "header"])
def test_an_error_below_http_holds_no_key(free_port, canary, fault):
    key = canary if fault == "refused" else f"{canary}\nX-Injected: 1"
    api = Client(f"http://127.0.0.1:{free_port}/v1", key=key)
    with pytest.raises(UpstreamError) as caught:
        listed(api)
    assert_clean(caught.value, canary)


def assert_clean(error: UpstreamError, key: str) -> None:
    """Nothing that an error report would print, of the error and of every frame of our code that it passed."""
    assert error.__cause__ is None
    assert error.__context__ is None
    printed = [str(error), repr(error), repr(error.args), repr(vars(error))]
    traceback = error.__traceback__
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if f"{os.sep}dashboard{os.sep}" in path or traceback.tb_frame.f_code.co_name == "leaking":
            printed += [f"{name}={value!r}" for name, value in traceback.tb_frame.f_locals.items()]
        traceback = traceback.tb_next
    everything = "\n".join(printed)
    assert [key[start : start + 5] for start in range(3, len(key) - 4) if key[start : start + 5] in everything] == []
