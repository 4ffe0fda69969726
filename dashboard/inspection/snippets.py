"""A completion as code: fetch it, or run its request again, as Python, cURL and JavaScript.

What came from upstream is hostile: it enters Python by `repr`, a shell by `shlex.quote` or a quoted here-document,
JavaScript as JSON. The key is a variable of the environment, always.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from dashboard.upstream.records import Completion, Message, Verbatim

OPENAI = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
PARAMETERS = (
    *("model", "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "tool_choice"),
    *(
        "response_format",
        "service_tier",
        "user",
        "metadata",
        "modalities",
        "audio",
        "max_completion_tokens",
        "max_tokens",
    ),
    *("n", "stop", "logprobs", "top_logprobs", "logit_bias", "reasoning_effort", "verbosity", "parallel_tool_calls"),
    *("prediction", "web_search_options", "prompt_cache_key", "prompt_cache_retention", "safety_identifier"),
)
"""Of a request, as the API reference names them: some servers return more of them than others."""
RENAMED = {"user": "input_user"}
"""Parameter of the request -> field of the stored completion."""
OFTEN_MISSED = ("max_completion_tokens", "stop", "n", "logprobs", "modalities", "stream")
LARGEST_SAFE = 2**53 - 1
"""Above it, a number of JavaScript stands for several integers."""
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
WIDTH = 90
"""Characters of a list or an object that stands in one line."""


@dataclass(frozen=True, slots=True)
class Language:
    """`suffix` of its files, the name that Pygments has for it, and what a comment begins with."""

    label: str
    suffix: str
    lexer: str
    comment: str


PYTHON = Language("Python (openai)", "py", "python", "#")
CURL = Language("cURL", "sh", "bash", "#")
JAVASCRIPT = Language("JavaScript (openai)", "mjs", "javascript", "//")
LANGUAGES = (PYTHON, CURL, JAVASCRIPT)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where to ask: the base URL, a query that every request carries, and the header that holds the key."""

    base_url: str
    query: tuple[tuple[str, str], ...] = ()
    key_header: str = "Authorization"


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a language writes the values of JSON."""

    step: str
    key: Callable[[str], str]
    scalar: Callable[[Any], str]


def fetch_snippet(language: Language, upstream: Upstream, completion_id: str) -> str:
    """Retrieve the completion and list its messages."""
    if language is CURL:
        return _fetch_curl(upstream, completion_id)
    if language is JAVASCRIPT:
        return (
            f"{_javascript_client(upstream)}\n"
            f"const completion = await client.chat.completions.retrieve({json.dumps(completion_id)});\n"
            "console.log(completion);\n"
            f"for await (const message of client.chat.completions.messages.list({json.dumps(completion_id)})) {{\n"
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
    left = _left_out(len(messages), tools) if short else None
    return {PYTHON: _run_python, CURL: _run_curl, JAVASCRIPT: _run_javascript}[language](upstream, request, left)


def _parameters(completion: Completion) -> dict[str, Any]:
    """Those that are set; stored again, as this one was."""
    found = {name: completion.raw.get(RENAMED.get(name, name), completion.raw.get(name)) for name in PARAMETERS}
    set_ones = {name: value for name, value in found.items() if value not in (None, "", {})}
    if not completion.raw.get("tools"):
        set_ones.pop("tool_choice", None)  # the API refuses one without the other
    return set_ones | {"store": True}


def _message(message: Message) -> dict[str, Any]:
    """A stored message as a request takes it: without its id, with its parts as content, without nulls anywhere."""
    fields: dict[str, Any] = {
        name: _without_nulls(value)
        for name, value in message.raw.items()
        if value is not None and name not in ("id", "content_parts")
    }
    if message.parts:
        fields["content"] = [_without_nulls(part) for part in message.parts]
    if message.audio and message.audio.get("id"):
        fields["audio"] = {"id": message.audio["id"]}  # the API has the recording, and takes nothing but its id
    return fields


def _without_nulls(value: Any) -> Any:
    """A stored part carries the fields of every kind of part; those of other kinds are null, and would be refused."""
    if isinstance(value, Mapping):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Left:
    """What the short form leaves out: `names` of parameters, and how many there are of each in `words`."""

    names: tuple[str, ...]
    words: str


def _left_out(messages: int, tools: Any) -> _Left:
    counts = {"tool": len(tools) if isinstance(tools, list) else 0, "message": messages}
    counted = [f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items() if count]
    names = ("tools", "messages") if tools else ("messages",)
    return _Left(names, f"{' and '.join(counted) or 'no messages'}, in the download")


def _not_returned(request: Mapping[str, Any]) -> str:
    return f"The API does not return {', '.join(one for one in OFTEN_MISSED if one not in request)}: add what you need."


# --- Values


def _written(value: Any, notation: _Notation, level: int = 1) -> str:
    """In one line where it is short and holds nothing long, else a line for each item."""
    if isinstance(value, dict):
        inside = [f"{notation.key(name)}: {_written(one, notation, level + 1)}" for name, one in value.items()]
    elif isinstance(value, list):
        inside = [_written(one, notation, level + 1) for one in value]
    else:
        return notation.scalar(value)
    begin, end = "{}" if isinstance(value, dict) else "[]"
    if sum(map(len, inside)) <= WIDTH and not any("\n" in one for one in inside):
        return f"{begin}{', '.join(inside)}{end}"
    margin = "\n" + notation.step * level
    return f"{begin}{margin}{notation.step}{f',{margin}{notation.step}'.join(inside)}{margin}{end}"


def _json_scalar(value: Any) -> str:
    """Numbers that no Python number can hold are written as they came; NaN, which JSON has not, stays text."""
    return str(value) if _is_long_number(value) else json.dumps(value)


def _javascript_scalar(value: Any) -> str:
    if _is_long_number(value) or (type(value) is int and abs(value) > LARGEST_SAFE):
        return f'JSON.rawJSON("{value}")'
    return json.dumps(value)


def _javascript_key(name: str) -> str:
    """In a literal, `__proto__` would set the prototype of the object."""
    return '["__proto__"]' if name == "__proto__" else json.dumps(name)


def _is_long_number(value: Any) -> bool:
    return isinstance(value, Verbatim) and NUMBER.fullmatch(value) is not None


JSON_NOTATION = _Notation("  ", json.dumps, _json_scalar)
JAVASCRIPT_NOTATION = _Notation("  ", _javascript_key, _javascript_scalar)
PYTHON_NOTATION = _Notation("    ", repr, repr)


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _scalars(one)
    else:
        yield value


# --- Python


def _python_client(upstream: Upstream) -> str:
    given = [] if upstream.base_url == OPENAI else [f"base_url={upstream.base_url!r}"]
    if upstream.query:
        given.append(f"default_query={dict(upstream.query)!r}")
    if by_header := upstream.key_header.lower() != "authorization":
        given.append(f'default_headers={{{upstream.key_header!r}: os.environ["{KEY}"]}}')
    imports = ["import os", "", "from openai import OpenAI"] if by_header else ["from openai import OpenAI"]
    return "\n".join([*imports, "", f"client = OpenAI({', '.join(given)})", ""])


def _run_python(upstream: Upstream, request: Mapping[str, Any], left: _Left | None) -> str:
    comments = [f"# {_not_returned(request)}"]
    if any(isinstance(one, Verbatim) for one in _scalars(dict(request))):
        comments.append("# Some numbers stand here as text, because no number of Python holds them.")
    arguments = [f"    {name}={_written(value, PYTHON_NOTATION)}," for name, value in request.items()]
    if left:
        arguments.append(f"    {', '.join(f'{name}={name}' for name in left.names)},  # {left.words}")
    called = ["completion = client.chat.completions.create(", *arguments, ")"]
    return "\n".join([_python_client(upstream), *comments, *called, "print(completion.choices[0].message)", ""])


# --- cURL


def _fetch_curl(upstream: Upstream, completion_id: str) -> str:
    path = f"/{quote(completion_id, safe='')}"
    return (
        f"{_curl_get(upstream, path)}\n"
        "# The first 100 messages. Where has_more is true, ask again with &after= and the last_id of the answer.\n"
        f"{_curl_get(upstream, f'{path}/messages', ('limit', '100'))}"
    )


def _curl_get(upstream: Upstream, path: str, *more: tuple[str, str]) -> str:
    return f"curl {shlex.quote(_address(upstream, path, *more))} \\\n  -H {_key_header(upstream)}\n"


def _address(upstream: Upstream, path: str, *more: tuple[str, str]) -> str:
    query = urlencode([*upstream.query, *more])
    return f"{upstream.base_url}/chat/completions{path}{f'?{query}' if query else ''}"


def _key_header(upstream: Upstream) -> str:
    """In double quotes, so that the shell puts the key in."""
    scheme = "Bearer " if upstream.key_header.lower() == "authorization" else ""
    return f'"{upstream.key_header}: {scheme}${KEY}"'


def _run_curl(upstream: Upstream, request: Mapping[str, Any], left: _Left | None) -> str:
    """The body in a here-document whose end no line of it can be: a JSON string holds no line ends."""
    entries = [f"  {json.dumps(name)}: {_written(value, JSON_NOTATION)}" for name, value in request.items()]
    comments = [f"# {_not_returned(request)}"]
    if left:
        entries.append('  "messages": []')
        comments.append(f"# Left out of this: {left.words}.")
    body = ",\n".join(entries)
    called = [
        f"curl {shlex.quote(_address(upstream, ''))} \\",
        f"  -H {_key_header(upstream)} \\",
        '  -H "Content-Type: application/json" \\',
        "  --data-binary @- <<'END_OF_REQUEST'",
    ]
    return "\n".join([*comments, *called, f"{{\n{body}\n}}", "END_OF_REQUEST", ""])


# --- JavaScript


def _javascript_client(upstream: Upstream) -> str:
    given = [] if upstream.base_url == OPENAI else [f"  baseURL: {json.dumps(upstream.base_url)},"]
    if upstream.query:
        given.append(f"  defaultQuery: {_written(dict(upstream.query), JAVASCRIPT_NOTATION)},")
    if upstream.key_header.lower() != "authorization":
        given.append(f"  defaultHeaders: {{ {json.dumps(upstream.key_header)}: process.env.{KEY} }},")
    options = "\n".join(["{", *given, "}"]) if given else ""
    return f'import OpenAI from "openai";\n\nconst client = new OpenAI({options});\n'


def _run_javascript(upstream: Upstream, request: Mapping[str, Any], left: _Left | None) -> str:
    comments = [f"// {_not_returned(request)}"]
    if any(_javascript_scalar(one).startswith("JSON.rawJSON") for one in _scalars(dict(request))):
        comments.append(
            "// A number of JavaScript would lose digits of these: JSON.rawJSON keeps them (Node 22 or later)."
        )
    entries = [f"  {json.dumps(name)}: {_written(value, JAVASCRIPT_NOTATION)}," for name, value in request.items()]
    if left:
        entries.append(f"  {', '.join(left.names)}, // {left.words}")
    called = ["const completion = await client.chat.completions.create({", *entries, "});"]
    return "\n".join(
        [_javascript_client(upstream), *comments, *called, "console.log(completion.choices[0].message);", ""]
    )
