import ast
import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from dashboard.inspection.snippets import (
    CURL,
    JAVASCRIPT,
    LANGUAGES,
    OPENAI,
    PYTHON,
    Upstream,
    fetch_snippet,
    run_snippet,
)
from dashboard.upstream.decode import decode
from dashboard.upstream.records import completion, message

AZURE = Upstream("https://a.example/openai/v1", (("api-version", "preview"),), "api-key")
HOSTILE = "'\"`$(touch /tmp/owned) ${HOME} \\ \n\r\t\x01\x7f\u2028\u202e</script> END_OF_REQUEST\nEND_OF_REQUEST\n!! %s {0} 🚲"
STORED = {
    "model": HOSTILE,
    "temperature": 0.2,
    "top_p": None,
    "seed": -2442975908631003347,
    "tool_choice": "auto",
    "response_format": {"type": "json_schema", "json_schema": {"name": HOSTILE, "schema": {"type": "object"}}},
    "input_user": HOSTILE,
    "metadata": {HOSTILE[:60]: HOSTILE},
    "tools": [{"type": "function", "function": {"name": "f", "description": HOSTILE}}],
}
MESSAGES: list[dict[str, Any]] = [
    {"id": "x-0", "role": "user", "content": None, "content_parts": [{"type": "text", "text": HOSTILE}], "name": None},
    {"id": "x-1", "role": "assistant", "content": HOSTILE},
]
WANTED = {
    "model": HOSTILE,
    "temperature": 0.2,
    "seed": -2442975908631003347,
    "tool_choice": "auto",
    "response_format": STORED["response_format"],
    "user": HOSTILE,
    "metadata": STORED["metadata"],
    "store": True,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": HOSTILE}]},
        {"role": "assistant", "content": HOSTILE},
    ],
    "tools": STORED["tools"],
}


def run(language, *, short: bool = False, upstream: Upstream = AZURE, stored: Any = STORED) -> str:
    return run_snippet(language, upstream, completion(stored), [message(one) for one in MESSAGES], short=short)


def curl(script: str, folder, **environment: str) -> tuple[list[str], bytes]:
    """What a curl on the path would have been given."""
    tool = folder / "curl"
    tool.write_text(
        '#!/bin/sh\nprintf "%s\\0" "$@" > "$0.arguments"\ncase "$*" in *data-binary*) cat > "$0.body";; esac\n'
    )
    tool.chmod(0o755)
    subprocess.run(
        ["sh", "-c", script],
        check=True,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **environment},
        capture_output=True,
    )
    body = folder / "curl.body"
    return (folder / "curl.arguments").read_text().split("\0")[:-1], body.read_bytes() if body.exists() else b""


def test_python_sends_the_request_as_it_was():
    called = [
        node
        for node in ast.walk(ast.parse(run(PYTHON)))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("completions.create")
    ]
    assert {one.arg: ast.literal_eval(one.value) for one in called[0].keywords} == WANTED


def test_curl_sends_the_request_as_it_was(tmp_path):
    arguments, body = curl(run(CURL), tmp_path, OPENAI_API_KEY="k3y")
    assert arguments[0] == "https://a.example/openai/v1/chat/completions?api-version=preview"
    assert "api-key: k3y" in arguments
    assert json.loads(body) == WANTED


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_is_javascript(tmp_path):
    for name, script in (
        ("run", run(JAVASCRIPT)),
        ("short", run(JAVASCRIPT, short=True)),
        ("fetch", fetch_snippet(JAVASCRIPT, AZURE, "chatcmpl-1")),
    ):
        path = tmp_path / f"{name}.mjs"
        path.write_text(script)
        subprocess.run(["node", "--check", str(path)], check=True)


def test_javascript_holds_the_request_and_a_word_about_the_seed():
    script = run(JAVASCRIPT)
    begin = script.index("create({") + len("create(")
    assert decode(script[begin : script.index("\n});", begin) + 2].encode()) == WANTED
    assert "The seed is -2442975908631003347" in script
    assert "The seed" not in run(JAVASCRIPT, stored={"seed": 7})


def test_numbers_that_nothing_can_hold_stay_text():
    stored = decode(b'{"seed": ' + b"9" * 5000 + b"}")
    for language in LANGUAGES:
        assert "9" * 5000 in run(language, stored=stored)


def test_the_short_form_names_what_the_download_has():
    for language in LANGUAGES:
        script = run(language, short=True)
        assert "1 tool and 2 messages, in the download" in script
        assert "x-0" not in script
        assert "The API does not return max_completion_tokens" in script
    ast.parse(run(PYTHON, short=True))
    nothing = run_snippet(PYTHON, AZURE, completion({}), [], short=True)
    assert "no messages, in the download" in nothing


def test_the_short_curl_is_still_a_request(tmp_path):
    _, body = curl(run(CURL, short=True), tmp_path)
    assert json.loads(body) == {**{name: value for name, value in WANTED.items() if name != "tools"}, "messages": []}


def test_a_choice_of_tools_goes_with_its_tools():
    assert "tool_choice" not in run(PYTHON, stored={"tool_choice": "auto"})


@pytest.mark.parametrize(
    "upstream", [Upstream(OPENAI), Upstream("http://127.0.0.1:1/v1"), AZURE, Upstream(OPENAI, (), "api-key")]
)
def test_fetching_names_the_upstream_and_never_a_key(upstream, tmp_path):
    python = fetch_snippet(PYTHON, upstream, "chatcmpl-1")
    ast.parse(python)
    assert "retrieve('chatcmpl-1')" in python
    assert (upstream.base_url in python) == (upstream.base_url != OPENAI)
    assert ("api-key" in python) == (upstream.key_header == "api-key")
    assert ("api-version" in python) == bool(upstream.query)
    javascript = fetch_snippet(JAVASCRIPT, upstream, "chatcmpl-1")
    assert ("process.env.OPENAI_API_KEY" in javascript) == (upstream.key_header == "api-key")
    assert (upstream.base_url in javascript) == (upstream.base_url != OPENAI)
    arguments, _ = curl(fetch_snippet(CURL, upstream, "chatcmpl-1"), tmp_path, OPENAI_API_KEY="k3y")
    assert arguments[0].startswith(f"{upstream.base_url}/chat/completions/chatcmpl-1/messages")
    assert arguments[2] == ("api-key: k3y" if upstream.key_header == "api-key" else "Authorization: Bearer k3y")
