"""A completion in one line: what it is, how it ended, and the beginning of what it says."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dashboard.upstream.records import UNREADABLE, Choice, Completion, Message, text

OUTPUT_CHARACTERS = 120
INPUT_CHARACTERS = 80
PANEL_CHARACTERS = 600
LABEL_CHARACTERS = 60
"""Of names that should be short: of tools, roles, part types, finish reasons."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag before the text of a row; `kind` is refusal, calls, audio, citations, choices, unreadable or repeated."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Summary:
    marks: tuple[Mark, ...]
    output: str
    """One line of at most `OUTPUT_CHARACTERS`; empty when there is nothing to read."""
    finish_reasons: tuple[str, ...]
    """Each one once, in the order of the choices."""


def summarise(completion: Completion) -> Summary:
    """Of the first choice; the number of choices and all finish reasons are told."""
    choices = completion.choices
    if not choices:
        return Summary((Mark("unreadable", "no choices"),), "", ())
    first = choices[0].message
    unreadable = UNREADABLE in choices[0].raw or UNREADABLE in first.raw
    return Summary(
        marks=(*([Mark("unreadable", "unreadable")] if unreadable else []), *_marks(first, len(choices))),
        output=first_line(first.refusal or output_text(first), OUTPUT_CHARACTERS),
        finish_reasons=_finish_reasons(choices),
    )


def input_line(messages: Sequence[Message]) -> str | None:
    """The beginning of the last user message, else of the last message; None where there is none."""
    for message in reversed(messages):
        if message.role == "user":
            return _shown(message)
    return f"{_label(messages[-1].role)}: {_shown(messages[-1])}" if messages else None


def input_text(message: Message) -> str:
    """The beginning of a message, with its line ends; parts that are no text by their kind."""
    said = (message.content or parts_text(message))[:PANEL_CHARACTERS]
    return "\n".join(filter(None, [said, *(f"[{kind}]" for kind in _other_kinds(message))]))


def output_text(message: Message) -> str:
    """What a message says: its content, its text parts, or the transcript of its audio."""
    return message.content or parts_text(message) or (text(message.audio.get("transcript")) if message.audio else "")


def parts_text(message: Message) -> str:
    return "".join(text(part.get("text")) for part in message.parts)


def first_line(content: str, length: int) -> str:
    """White space collapsed, cut with an ellipsis; looks no further than it needs to."""
    line, reach = "", 4 * length
    while len(line) <= length:
        line = " ".join(content[:reach].split())
        if reach >= len(content):
            break
        reach *= 8  # white space alone, so far
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def wav_seconds(audio: Any) -> int | None:
    """Length of a base64 WAV from its header (bytes 28-31 hold bytes per second); None for anything else."""
    data = text(audio.get("data"))
    try:
        header = base64.b64decode(data[:64], validate=True)
    except (binascii.Error, ValueError):
        return None
    rate = int.from_bytes(header[28:32], "little")
    if header[:4] != b"RIFF" or not rate:
        return None
    return max(1, round((len(data) * 3 // 4 - 44) / rate))


def _marks(message: Message, choices: int) -> list[Mark]:
    marks = []
    if choices > 1:
        marks.append(Mark("choices", f"×{choices} choices"))
    if message.refusal:
        marks.append(Mark("refusal", "refusal"))
    if message.tool_calls:
        marks.append(Mark("calls", f"ƒ {', '.join(_label(call.name) or 'unnamed' for call in message.tool_calls[:3])}"))
    if message.audio:
        seconds = wav_seconds(message.audio)
        marks.append(Mark("audio", f"♪ {seconds} s" if seconds else "♪ audio"))
    if cited := sum(text(one.get("type")) == "url_citation" for one in message.annotations):
        marks.append(Mark("citations", "1 citation" if cited == 1 else f"{cited} citations"))
    return marks


def _finish_reasons(choices: tuple[Choice, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_label(choice.finish_reason) for choice in choices if choice.finish_reason))


def _label(name: str) -> str:
    return first_line(name, LABEL_CHARACTERS)


def _shown(message: Message) -> str:
    said = first_line(message.content or parts_text(message), INPUT_CHARACTERS)
    return " ".join([said, *(f"[{kind}]" for kind in _other_kinds(message))]).strip() or "no text"


def _other_kinds(message: Message) -> Iterable[str]:
    kinds = [_label(text(part.get("type"))) for part in islice(message.parts, 20) if part.get("type") != "text"]
    return dict.fromkeys(kinds)
