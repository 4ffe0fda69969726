"""A completion as code: fetch it, or run its request again, as Python, cURL and JavaScript.

What came from upstream is hostile: it enters Python by `repr`, a shell by `shlex.quote` or a quoted here-document,
JavaScript as JSON. The key is a variable of the environment, always.
"""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dashboard.upstream.records import Completion, Message

OPENAI = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
PARAMETERS = {
    "model": "model",
    "temperature": "temperature",
    "top_p": "top_p",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "seed": "seed",
    "tool_choice": "tool_choice",
    "response_format": "response_format",
    "service_tier": "service_tier",
    "input_user": "user",
    "metadata": "metadata",
}
"""Field of a stored completion -> parameter of the request."""
NOT_RETURNED = (
    "The API does not return max_completion_tokens, stop, n, logprobs, modalities or stream: add what you need."
)
LARGEST_SAFE = 2**53


@dataclass(frozen=True, slots=True)
class Language:
    """`suffix` of its files, and the name that Pygments has for it."""

    label: str
    suffix: str
    lexer: str


PYTHON = Language("Python (openai)", "py", "python")
CURL = Language("cURL", "sh", "bash")
JAVASCRIPT = Language("JavaScript (openai)", "mjs", "javascript")
LANGUAGES = (PYTHON, CURL, JAVASCRIPT)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where to ask: the base URL, a query that every request carries, and the header that holds the key."""

    base_url: str
    query: tuple[tuple[str, str], ...] = ()
    key_header: str = "Authorization"


def fetch_snippet(language: Language, upstream: Upstream, completion_id: str) -> str:
    """Retrieve the completion and list its messages. `completion_id` may stand in an address."""
    if language is CURL:
        return "\n".join(_curl_get(upstream, path) for path in (completion_id, f"{completion_id}/messages"))
    if language is JAVASCRIPT:
        return (
            f"{_javascript_client(upstream)}\n"
            f"const completion = await client.chat.completions.retrieve({_json(completion_id)});\n"
            "console.log(completion);\n"
            f"for await (const message of client.chat.completions.messages.list({_json(completion_id)})) {{\n"
            "  console.log(message.role, message.content);\n"
            "}\n"
        )
    return (
        f"{_python_client(upstream)}\n"
        f"completion = client.chat.completions.retrieve({completion_id!r})\n"
        "print(completion)\n"
        f"for message in client.chat.completions.messages.list({completion_id!r}):\n"
        "    print(message.role, message.content)\n"
    )


def run_snippet(
    language: Language, upstream: Upstream, completion: Completion, messages: Sequence[Message], *, short: bool
) -> str:
    """The request once more. The `short` form leaves messages and tools to the whole one."""
    request = _parameters(completion)
    tools = completion.raw.get("tools")
    if not short:
        request |= {"messages": [_message(one) for one in messages]} | ({"tools": tools} if tools else {})
    left = _left_out(len(messages), len(tools) if isinstance(tools, list) else 0) if short else ""
    return {PYTHON: _run_python, CURL: _run_curl, JAVASCRIPT: _run_javascript}[language](upstream, request, left)


def _parameters(completion: Completion) -> dict[str, Any]:
    """Those that are set; stored again, as this one was."""
    raw = completion.raw
    set_ones = {name: raw[field] for field, name in PARAMETERS.items() if raw.get(field) not in (None, "", {})}
    if not raw.get("tools"):
        set_ones.pop("tool_choice", None)  # the API refuses one without the other
    return set_ones | {"store": True}


def _message(message: Message) -> dict[str, Any]:
    """A stored message as a request takes it: without its id and its nulls, with its parts as content."""
    fields = {
        name: value for name, value in message.raw.items() if value is not None and name not in ("id", "content_parts")
    }
    if message.parts:
        fields["content"] = list(message.parts)
    return fields


def _left_out(messages: int, tools: int) -> str:
    counted = [
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in ((tools, "tool"), (messages, "message"))
        if count
    ]
    return f"{' and '.join(counted) or 'no messages'}, in the download"


# --- Python


def _python_client(upstream: Upstream) -> str:
    lines = ["import os", "", "from openai import OpenAI", ""]
    given = [] if upstream.base_url == OPENAI else [f"base_url={upstream.base_url!r}"]
    if upstream.query:
        given.append(f"default_query={dict(upstream.query)!r}")
    if upstream.key_header.lower() != "authorization":
        given.append(f'default_headers={{{upstream.key_header!r}: os.environ["{KEY}"]}}')
    if not given or (len(given) == 1 and given[0].startswith("base_url")):
        lines = lines[2:]
    return "\n".join([*lines, f"client = OpenAI({', '.join(given)})", ""])


def _run_python(upstream: Upstream, request: Mapping[str, Any], left: str) -> str:
    arguments = [f"    {name}={_python(value)}," for name, value in request.items()]
    if left:
        arguments.append(f"    messages=messages, tools=tools,  # {left}")
    lines = [
        _python_client(upstream),
        f"# {NOT_RETURNED}",
        "completion = client.chat.completions.create(",
        *arguments,
        ")",
    ]
    return "\n".join([*lines, "print(completion.choices[0].message)", ""])


def _python(value: Any) -> str:
    """A literal; numbers that no Python number can hold stay text, and would be refused by the API."""
    written = pprint.pformat(value, width=100, sort_dicts=False)
    return written.replace("\n", "\n    ")


# --- cURL


def _curl_get(upstream: Upstream, path: str) -> str:
    return f"curl {shlex.quote(_address(upstream, f'/{path}'))} \\\n  -H {_key_header(upstream)}\n"


def _address(upstream: Upstream, path: str) -> str:
    query = f"?{urlencode(upstream.query)}" if upstream.query else ""
    return f"{upstream.base_url}/chat/completions{path}{query}"


def _key_header(upstream: Upstream) -> str:
    """In double quotes, so that the shell puts the key in."""
    scheme = "Bearer " if upstream.key_header.lower() == "authorization" else ""
    return f'"{upstream.key_header}: {scheme}${KEY}"'


def _run_curl(upstream: Upstream, request: Mapping[str, Any], left: str) -> str:
    """The body in a here-document whose end no line of it can be: a JSON string holds no line ends."""
    body = _json(dict(request), indent=2)
    if left:
        body = body.removesuffix("\n}") + ',\n  "messages": []\n}'
    comment = f"# {NOT_RETURNED}\n" + (f"# The messages are left out here: {left}.\n" if left else "")
    return (
        f"{comment}curl {shlex.quote(_address(upstream, ''))} \\\n  -H {_key_header(upstream)} \\\n"
        f"  -H \"Content-Type: application/json\" \\\n  --data-binary @- <<'END_OF_REQUEST'\n{body}\nEND_OF_REQUEST\n"
    )


# --- JavaScript


def _javascript_client(upstream: Upstream) -> str:
    given: dict[str, Any] = {} if upstream.base_url == OPENAI else {"baseURL": upstream.base_url}
    if upstream.query:
        given["defaultQuery"] = dict(upstream.query)
    written = _json(given, indent=2) if given else ""
    if upstream.key_header.lower() != "authorization":
        header = f'"defaultHeaders": {{{_json(upstream.key_header)}: process.env.{KEY}}}'
        written = f"{written.removesuffix(chr(10) + '}')},\n  {header}\n}}" if given else f"{{ {header} }}"
    return f'import OpenAI from "openai";\n\nconst client = new OpenAI({written});\n'


def _run_javascript(upstream: Upstream, request: Mapping[str, Any], left: str) -> str:
    """A seed is larger than the numbers of JavaScript are exact: sent as text of JSON, it keeps its digits."""
    lines = [_javascript_client(upstream), f"// {NOT_RETURNED}"]
    seed = request.get("seed")
    if type(seed) is int and abs(seed) > LARGEST_SAFE:
        lines.append(f"// The seed is {seed}; a number of JavaScript does not hold all its digits.")
    body = _json(dict(request), indent=2)
    if left:
        body = body.removesuffix("\n}") + f",\n  messages, tools, // {left}\n}}"
    lines += [
        f"const completion = await client.chat.completions.create({body});",
        "console.log(completion.choices[0].message);",
        "",
    ]
    return "\n".join(lines)


def _json(value: Any, indent: int | None = None) -> str:
    """JSON is JavaScript. Numbers kept as text stay text."""
    return json.dumps(value, ensure_ascii=True, indent=indent)
