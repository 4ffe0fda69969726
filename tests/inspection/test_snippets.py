import ast
import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

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
from dashboard.upstream.records import Verbatim, completion, message

AZURE = Upstream("https://a.example/openai/v1", (("api-version", "preview"),), "api-key")
HOSTILE = "'\"`$(touch /tmp/owned) ${HOME} \\ \n\r\t\x01\x7f\u2028\u202e</script> END_OF_REQUEST\nEND_OF_REQUEST\n!! %s {0} 🚲"
PICTURE = {"url": "data:image/png;base64,QUJD"}
PART = {"type": None, "text": None, "image_url": None, "input_audio": None, "file": None}
TOOL = {"name": HOSTILE, "parameters": {"__proto__": {"default": None}, "properties": {"n": {"maximum": 2**53 + 1}}}}
STORED = {
    "model": HOSTILE,
    "temperature": 0.2,
    "top_p": None,
    "seed": -2442975908631003347,
    "tool_choice": "auto",
    "response_format": {"type": "json_schema", "json_schema": {"name": HOSTILE, "schema": {"type": "object"}}},
    "input_user": HOSTILE,
    "metadata": {HOSTILE[:60]: HOSTILE, "__proto__": HOSTILE},
    "tools": [{"type": "function", "function": TOOL}],
}
MESSAGES: list[dict[str, Any]] = [
    {
        "id": "x-0",
        "role": "user",
        "content": f"{HOSTILE} ",
        "content_parts": [
            PART | {"type": "text", "text": HOSTILE},
            PART | {"type": "image_url", "image_url": PICTURE | {"detail": None}},
        ],
        "name": None,
    },
    {
        "id": "x-1",
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": null}'}, "custom": None}
        ],
        "audio": {"id": "audio_1", "data": "QUJD", "transcript": "Said."},
    },
    {"id": "x-2", "role": "tool", "tool_call_id": "c", "content": HOSTILE, "content_parts": None},
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
        {"role": "user", "content": [{"type": "text", "text": HOSTILE}, {"type": "image_url", "image_url": PICTURE}]},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": null}'}}],
            "audio": {"id": "audio_1"},
        },
        {"role": "tool", "tool_call_id": "c", "content": HOSTILE},
    ],
    "tools": STORED["tools"],
}


def run(language, *, short: bool = False, upstream: Upstream = AZURE, stored: Any = STORED) -> str:
    return run_snippet(language, upstream, completion(stored), [message(one) for one in MESSAGES], short=short)


def curl(script: str, folder, *, shell: str = "sh", **environment: str) -> tuple[list[list[str]], bytes]:
    """What a curl on the path would have been given: its arguments each time, and the last body."""
    tool = folder / "curl"
    tool.write_text(
        '#!/bin/sh\nprintf "%s\\0" "$@" >> "$0.arguments"\nprintf "\\0" >> "$0.arguments"\n'
        'case "$*" in *data-binary*) cat > "$0.body";; esac\n'
    )
    tool.chmod(0o755)
    environment |= {"PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run([shell, "-c", script], check=True, env=environment, capture_output=True)
    arguments = (folder / "curl.arguments").read_text().removesuffix("\0\0").split("\0\0")
    body = folder / "curl.body"
    return [one.split("\0") for one in arguments], body.read_bytes() if body.exists() else b""


# A package of that name which says what it was given, where it would have been sent as JSON.
OPENAI_PACKAGE = """
import { writeFileSync } from "node:fs";
JSON.rawJSON = (text) => `raw:${text}:raw`;
const say = (given) => {
  writeFileSync(process.env.SAID, JSON.stringify(given).replace(/"raw:([^"]*):raw"/g, "$1"));
  return { choices: [{ message: "" }] };
};
export default class {
  constructor(options) { this.options = options; }
  chat = { completions: {
    create: (body) => say({ options: this.options, body }),
    retrieve: (id) => say({ options: this.options, id }),
    messages: { list: (id) => { say({ options: this.options, id }); return []; } },
  } };
}
"""


def javascript(script: str, folder) -> Any:
    """What the package would have been given."""
    package = folder / "node_modules/openai"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "openai", "type": "module", "exports": "./index.mjs"}')
    (package / "index.mjs").write_text(OPENAI_PACKAGE)
    (folder / "run.mjs").write_text(script)
    environment = {"PATH": os.environ["PATH"], "SAID": str(folder / "said"), "OPENAI_API_KEY": "k3y"}
    subprocess.run(["node", str(folder / "run.mjs")], check=True, env=environment, capture_output=True)
    return decode((folder / "said").read_bytes())


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def test_python_sends_the_request_as_it_was():
    called = [
        node
        for node in ast.walk(ast.parse(run(PYTHON)))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("completions.create")
    ]
    assert {one.arg: ast.literal_eval(one.value) for one in called[0].keywords} == WANTED


def test_the_python_client_takes_every_argument():
    """The package itself, asking a server of this test."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.headers["api-key"], self.rfile.read(int(self.headers["content-length"]))))
            body = json.dumps({"id": "x", "object": "chat.completion", "choices": [{"message": {"role": "assistant"}}]})
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        upstream = Upstream(f"http://127.0.0.1:{server.server_port}/v1", AZURE.query, AZURE.key_header)
        environment = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "k3y", "NO_PROXY": "127.0.0.1"}
        script = run(PYTHON, upstream=upstream)
        subprocess.run([sys.executable, "-c", script], check=True, env=environment, capture_output=True, timeout=60)
    assert [one[:2] for one in asked] == [("/v1/chat/completions?api-version=preview", "k3y")]
    assert decode(asked[0][2]) == WANTED


@pytest.mark.parametrize("shell", ["sh", pytest.param("bash", marks=needs_bash)])
def test_curl_sends_the_request_as_it_was(shell, tmp_path):
    ((address, *options),), body = curl(run(CURL), tmp_path, shell=shell, OPENAI_API_KEY="k3y")
    assert address == "https://a.example/openai/v1/chat/completions?api-version=preview"
    assert options == ["-H", "api-key: k3y", "-H", "Content-Type: application/json", "--data-binary", "@-"]
    assert decode(body) == WANTED


@needs_bash
@pytest.mark.parametrize("short", [True, False])
def test_curl_is_shell(short):
    for script in (run(CURL, short=short), fetch_snippet(CURL, AZURE, HOSTILE)):
        checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=True)
        assert checked.stderr == ""


@needs_node
def test_javascript_is_javascript(tmp_path):
    for name, script in (
        ("run", run(JAVASCRIPT)),
        ("short", run(JAVASCRIPT, short=True)),
        ("fetch", fetch_snippet(JAVASCRIPT, AZURE, HOSTILE)),
    ):
        path = tmp_path / f"{name}.mjs"
        path.write_text(script)
        subprocess.run(["node", "--check", str(path)], check=True)


@needs_node
def test_javascript_sends_the_request_as_it_was(tmp_path):
    said = javascript(run(JAVASCRIPT), tmp_path)
    assert said["body"] == WANTED
    assert said["options"] == {
        "baseURL": AZURE.base_url,
        "defaultQuery": {"api-version": "preview"},
        "defaultHeaders": {"api-key": "k3y"},
    }


def test_integers_that_javascript_would_round_keep_their_digits():
    script = run(JAVASCRIPT)
    assert '"seed": JSON.rawJSON("-2442975908631003347")' in script
    assert '"maximum": JSON.rawJSON("9007199254740993")' in script
    assert "A number of JavaScript would lose digits of these" in script
    for seed in (2**53 - 1, 1 - 2**53, 0.1, True, 7):
        assert "JSON.rawJSON" not in run(JAVASCRIPT, stored={"seed": seed, "model": "JSON.rawJSON"[:-1]})
    assert "JSON.rawJSON" in run(JAVASCRIPT, stored={"seed": 2**53})


LONG = decode(b'{"seed": ' + b"9" * 5000 + b', "top_p": 1e999, "temperature": NaN}')


def test_numbers_that_nothing_can_hold_are_written_as_they_came(tmp_path):
    _, body = curl(run(CURL, stored=LONG), tmp_path)
    assert b'"seed": ' + b"9" * 5000 + b",\n" in body
    assert b'"top_p": 1e999,\n' in body
    assert b'"temperature": "NaN",\n' in body
    assert decode(body)["seed"] == Verbatim("9" * 5000)


@needs_node
def test_javascript_sends_numbers_as_they_came(tmp_path):
    body = javascript(run(JAVASCRIPT, stored=LONG), tmp_path)["body"]
    assert (body["seed"], body["top_p"], body["temperature"]) == ("9" * 5000, "1e999", "NaN")
    assert isinstance(body["seed"], Verbatim)


def test_python_says_what_it_cannot_send():
    script = run(PYTHON, stored=LONG)
    ast.parse(script)
    assert f"seed='{'9' * 5000}'" in script
    assert "# Some numbers stand here as text" in script
    assert "# Some numbers" not in run(PYTHON)


def test_what_a_server_returns_beyond_the_others_is_used():
    stored = {"max_completion_tokens": 5, "stop": ["a"], "n": 2, "stream": True, "novel": 1, "user": "u"}
    script = run(PYTHON, stored=stored)
    assert "The API does not return logprobs, modalities, stream: add what you need." in script
    for shown in ("max_completion_tokens=5,", "stop=['a'],", "n=2,", "user='u',"):
        assert shown in script, shown
    assert "stream=" not in script
    assert "novel" not in script


def test_the_short_form_names_what_the_download_has():
    for language in LANGUAGES:
        script = run(language, short=True)
        assert "1 tool and 3 messages, in the download" in script
        assert "x-0" not in script
        assert "The API does not return max_completion_tokens" in script
    assert "    tools=tools, messages=messages,  # 1 tool and 3 messages, in the download\n)" in run(PYTHON, short=True)
    assert "  tools, messages, // 1 tool and 3 messages, in the download\n}" in run(JAVASCRIPT, short=True)
    ast.parse(run(PYTHON, short=True))
    nothing = run_snippet(PYTHON, AZURE, completion({}), [], short=True)
    assert "    messages=messages,  # no messages, in the download\n" in nothing


def test_the_short_curl_is_still_a_request(tmp_path):
    _, body = curl(run(CURL, short=True), tmp_path)
    assert decode(body) == {**{name: value for name, value in WANTED.items() if name != "tools"}, "messages": []}


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
    asked, _ = curl(fetch_snippet(CURL, upstream, "chatcmpl-1"), tmp_path, OPENAI_API_KEY="k3y")
    query = "api-version=preview" if upstream.query else ""
    address = f"{upstream.base_url}/chat/completions/chatcmpl-1"
    assert [one[0] for one in asked] == [
        address + (f"?{query}" if query else ""),
        f"{address}/messages?" + "&".join(filter(None, [query, "limit=100"])),
    ]
    assert {one[2] for one in asked} == {
        "api-key: k3y" if upstream.key_header == "api-key" else "Authorization: Bearer k3y"
    }


def test_a_hostile_id_stays_an_id(tmp_path):
    asked, _ = curl(fetch_snippet(CURL, AZURE, HOSTILE), tmp_path)
    path = asked[0][0].removeprefix(f"{AZURE.base_url}/chat/completions/").partition("?")[0]
    assert unquote(path) == HOSTILE
    assert not set("[]{}/'") & set(path)
    for call in ast.walk(ast.parse(fetch_snippet(PYTHON, AZURE, HOSTILE))):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".retrieve", ".messages.list")):
            assert [ast.literal_eval(one) for one in call.args] == [HOSTILE]


@needs_node
def test_a_hostile_id_stays_an_id_in_javascript(tmp_path):
    assert javascript(fetch_snippet(JAVASCRIPT, AZURE, HOSTILE), tmp_path)["id"] == HOSTILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_values_begin_no_line(language):
    script = run(language)
    assert not set("\u2028\u202e\x01\r") & set(script)
    assert len([line for line in script.splitlines() if line.startswith("END_OF_REQUEST")]) == (language is CURL)
