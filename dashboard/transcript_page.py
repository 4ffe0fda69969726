"""What the transcript of a completion shows, ready for its templates: for its own page and for that of a share link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.conversation import Conversation
from dashboard.display import Display
from dashboard.html.words import MarkdownRoom
from dashboard.inspection.declared_tools import declared_tools
from dashboard.inspection.middle import Gap, gap_after, stretches
from dashboard.inspection.properties import other_blocks
from dashboard.inspection.transcript import Entry, Transcript, compared_confidence, transcript


def whole(conversation: Conversation, start: int | None, display: Display) -> dict[str, Any]:
    """All of it but the middle of a long conversation, of which the stretch from `start` on is shown."""
    found = conversation.completion
    shown = stretches(len(conversation.messages), start)
    printed = _printed(conversation, shown, display)
    return {
        "conversation": conversation,
        "stretches": [(_entries(printed, one), gap_after(one, shown)) for one in shown],
        "outputs": printed.outputs,
        "compared": compared_confidence(printed.outputs),
        "choices_left_out": printed.choices_left_out,
        "tools": declared_tools(found, printed.called),
        "others": other_blocks(found),
        "as_markdown": MarkdownRoom() if display.markdown else None,
        "tool_choice": found.raw.get("tool_choice") if isinstance(found.raw.get("tool_choice"), str) else "",
    }


def stretch(conversation: Conversation, start: int, stop: int, display: Display) -> dict[str, Any]:
    """The next messages of a gap, and what is left of it."""
    stop = min(stop, len(conversation.messages))
    shown = range(start, min(start + Gap(start, stop).step, stop)) if start < stop else range(0)
    return {
        "entries": _printed(conversation, [shown], display).inputs,
        "gap": Gap(shown.stop, stop) if 0 < shown.stop < stop else None,
        "as_markdown": MarkdownRoom() if display.markdown else None,
    }


def _printed(conversation: Conversation, shown: Iterable[range], display: Display) -> Transcript:
    places = [place for one in shown for place in one]
    return transcript(conversation.completion, conversation.messages, places, system_open=display.system_open)


def _entries(printed: Transcript, stretch: range) -> list[Entry]:
    return [entry for entry in printed.inputs if entry.place in stretch]
