import json
from typing import Any

import pytest

from dashboard.upstream.demo.api import Answer, answer, unauthorized
from dashboard.upstream.demo.encoding import encode
from dashboard.upstream.demo.store import Row, Store

LIST = "/v1/chat/completions"


def row(name: str, created: int, model: str = "gpt-5.4-2026-03-05", messages: int = 1, **metadata: Any) -> Row:
    document = {"id": name, "created": created, "model": model, "metadata": metadata}
    asked = tuple(encode({"id": f"{name}-{n}", "content": f"message {n}"}) for n in range(messages))
    return Row(name, created, model, metadata, encode(document), asked)


ODD_LABEL: dict[str, Any] = {"key with [brackets]": "a&b=c"}
# b, c and d share a second.
STORE = Store(
    (
        row("e", 500, env="prod", user="amara"),
        row("d", 400, env="prod"),
        row("c", 400, "gpt-4o-mini-2024-07-18", env="dev", note=""),
        row("b", 400, **ODD_LABEL),
        row("a", 300, messages=45, env="prod"),
    )
)
EMPTY = Store(())


def ask(query: str = "", path: str = LIST, method: str = "GET", store: Store = STORE) -> Answer:
    return answer(store, method, path, query)


def body(found: Answer) -> Any:
    return json.loads(found.body)


def ids(query: str = "", store: Store = STORE) -> str:
    return "".join(item["id"] for item in body(ask(query, store=store))["data"])


def error(found: Answer) -> dict[str, str | None]:
    assert found.status >= 400
    assert list(body(found)) == ["error"]
    assert list(body(found)["error"]) == ["message", "type", "param", "code"]
    return dict(body(found)["error"])


def test_it_lists_newest_first_when_order_is_absent():
    assert ids() == ids("order=desc") == "edcba"


def test_it_lists_oldest_first_on_request():
    assert ids("order=asc") == "abcde"


def test_the_version_prefix_is_optional():
    assert body(ask(path="/chat/completions")) == body(ask())
    assert body(ask(path="/chat/completions/e")) == body(ask(path="/v1/chat/completions/e"))


def test_a_page_names_its_ends():
    page = body(ask("limit=2"))
    assert page == {"object": "list", "data": page["data"], "first_id": "e", "last_id": "d", "has_more": True}


def test_the_last_page_has_no_more():
    assert body(ask("limit=5"))["has_more"] is False
    assert body(ask("limit=4"))["has_more"] is True


def test_the_ends_of_an_empty_page_are_null():
    nothing: dict[str, Any] = {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
    assert body(ask(store=EMPTY)) == body(ask("after=a")) == body(ask("model=none")) == nothing


def test_the_cursor_loses_rows_of_the_same_second():
    assert ids("limit=2") == "ed"
    assert ids("limit=2&after=d") == "a"


def test_the_cursor_loses_rows_of_the_same_second_in_ascending_order_too():
    assert ids("order=asc&limit=2") == "ab"
    assert ids("order=asc&limit=2&after=b") == "e"


def test_the_cursor_need_not_match_the_filter():
    assert ids("after=e&metadata[env]=dev") == "c"


@pytest.mark.parametrize("after", ["nobody", "", "%00"])
def test_an_unknown_cursor_is_not_found(after):
    found = ask(f"after={after}")
    assert found.status == 404
    assert error(found)["param"] == "after"
    assert error(found)["code"] == "not_found"


def test_the_default_limit_is_twenty(store):
    assert len(body(ask(store=store))["data"]) == 20


@pytest.mark.parametrize("limit", [1, 2, 50, 99, 100])
def test_limits_from_1_to_100_are_honoured(store, limit):
    assert len(body(ask(f"limit={limit}", store=store))["data"]) == limit


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("0", "integer_below_min_value"),
        ("-5", "integer_below_min_value"),
        ("101", "integer_above_max_value"),
        ("999999999999999999", "integer_above_max_value"),
        ("9" * 5_000, "invalid_type"),
        ("ten", "invalid_type"),
        ("1.5", "invalid_type"),
        ("%D9%A3", "invalid_type"),
        ("", "invalid_type"),
    ],
)
@pytest.mark.parametrize("path", [LIST, f"{LIST}/a/messages"])
def test_a_bad_limit_is_refused(path, limit, code):
    found = ask(f"limit={limit}", path)
    assert found.status == 400
    assert error(found)["param"] == "limit"
    assert error(found)["code"] == code


@pytest.mark.parametrize("order", ["", "DESC", "newest"])
@pytest.mark.parametrize("path", [LIST, f"{LIST}/a/messages"])
def test_a_bad_order_is_refused(path, order):
    found = ask(f"order={order}", path)
    assert found.status == 400
    assert error(found) == {
        "message": f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'.",
        "type": "invalid_request_error",
        "param": "order",
        "code": "invalid_value",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("model=gpt-4o-mini-2024-07-18", "c"),
        ("model=gpt-4o-mini", ""),
        ("model=", ""),
        ("metadata[env]=prod", "eda"),
        ("metadata%5Benv%5D=prod", "eda"),
        ("metadata%5benv%5d=prod&metadata[user]=amara", "e"),
        ("metadata[env]=prod&metadata[user]=noor", ""),
        ("metadata[env]=PROD", ""),
        ("metadata[env]=pro", ""),
        ("metadata[note]=", "c"),
        ("metadata[note]", "c"),
        ("metadata[missing]=", ""),
        ("metadata%5Bkey+with+%5Bbrackets%5D%5D=a%26b%3Dc", "b"),
        ("metadata[env]=dev&model=gpt-4o-mini-2024-07-18&order=asc&limit=1", "c"),
        ("metadata[env]=prod&after=e&limit=1", "d"),
        ("colour=blue&metadata=env", "edcba"),
        ("limit=1&limit=3", "edc"),
    ],
)
def test_filters_are_exact_and_add_up(query, found):
    assert ids(query) == found


def test_it_retrieves_a_completion():
    found = ask(path=f"{LIST}/c")
    assert found.status == 200
    assert found.body == STORE.by_id["c"].read()


@pytest.mark.parametrize("path", [f"{LIST}/chatcmpl-none", f"{LIST}/chatcmpl-none/messages"])
def test_an_unknown_completion_is_not_found(path):
    found = ask(path=path)
    assert found.status == 404
    assert error(found) == {
        "message": "Completion chatcmpl-none not found",
        "type": "invalid_request_error",
        "param": "completion_id",
        "code": "not_found",
    }


def test_an_id_is_decoded_before_it_is_looked_up():
    assert ask(path=f"{LIST}/%63").status == 200
    assert error(ask(path=f"{LIST}/a%2Fmessages"))["message"] == "Completion a/messages not found"


def test_messages_are_oldest_first_and_twenty_a_page():
    page = body(ask(path=f"{LIST}/a/messages"))
    assert [item["content"] for item in page["data"]] == [f"message {n}" for n in range(20)]
    assert (page["object"], page["first_id"], page["last_id"], page["has_more"]) == ("list", "a-0", "a-19", True)


def test_messages_join_up_in_both_orders():
    for order, expected in (("asc", list(range(45))), ("desc", list(range(44, -1, -1)))):
        seen: list[int] = []
        query = f"order={order}&limit=7"
        more = True
        while more:
            page = body(ask(query, f"{LIST}/a/messages"))
            seen += [int(item["id"].removeprefix("a-")) for item in page["data"]]
            query, more = f"order={order}&limit=7&after={page['last_id']}", page["has_more"]
        assert seen == expected


def test_after_the_last_message_there_is_an_empty_page():
    assert body(ask("after=a-44", f"{LIST}/a/messages")) == body(ask(store=EMPTY))


def test_an_unknown_message_cursor_is_not_found():
    found = ask("after=b-0", f"{LIST}/a/messages")
    assert found.status == 404
    assert error(found)["message"] == "Message b-0 not found"


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "get"])
@pytest.mark.parametrize("path", [LIST, f"{LIST}/a", f"{LIST}/a/messages"])
def test_no_method_but_get_is_allowed(method, path):
    found = ask(path=path, method=method)
    assert found.status == 405
    assert found.headers["allow"] == "GET"
    assert error(found)["code"] == "method_not_supported"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/v2/chat/completions",
        "/v1/models",
        f"{LIST}/",
        f"{LIST}/a/",
        f"{LIST}/a/messages/0",
        f"/v1{LIST}",
    ],
)
def test_other_routes_are_unknown(path):
    assert ask(path=path).status == 404
    assert error(ask(path=path, method="POST"))["message"] == f"Invalid URL (POST {path})"


def test_headers_are_those_of_the_api():
    headers = ask().headers
    assert headers["content-type"] == "application/json"
    assert headers["openai-version"] == "2020-10-01"
    assert headers["content-length"] == str(len(ask().body))
    assert int(headers["openai-processing-ms"]) >= 80
    assert headers["x-request-id"].startswith("req_")


def test_equal_requests_have_equal_answers():
    assert ask() == ask()
    assert ask("limit=3").headers["x-request-id"] != ask("limit=4").headers["x-request-id"]


def test_hostile_input_comes_back_as_valid_json():
    path = f"{LIST}/<script>%00%FF\udc80"
    assert error(ask(path=path))["message"] == "Completion <script>\0\ufffd\udc80 not found"


def test_a_refused_key_is_echoed_masked():
    found = unauthorized("sk-secret-words-4711")
    assert found.status == 401
    assert error(found)["code"] == "invalid_api_key"
    assert error(found)["message"] == "Incorrect API key provided: sk-********4711."


def test_nothing_of_a_short_key_is_echoed():
    assert error(unauthorized("hunter2"))["message"] == "Incorrect API key provided: *******."
