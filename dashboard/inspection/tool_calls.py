"""Which tool call a result answers: pairs, numbered through a whole conversation.

A result names the id of its call. Some servers use an id again in a later turn, so a result belongs to the nearest call
before it. The old `function` role names the function alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.upstream.records import Choice, Message

HUES = 6
Place = tuple[str, int, int]
"""`message` or `choice`, its place in the sequence, and the place of the call in it."""


@dataclass(frozen=True, slots=True)
class PairedCall:
    """`number` counts calls from 1, `hue` from 1 to `HUES`; `results` are the places of the messages that answer it."""

    number: int
    hue: int
    results: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PairedResult:
    """`number` and `hue` of the call, None where it is not in the conversation. `doubled`: another result answers it too."""

    number: int | None
    hue: int | None
    name: str
    doubled: bool


@dataclass(frozen=True, slots=True)
class Pairing:
    calls: Mapping[Place, PairedCall]
    results: Mapping[int, PairedResult]
    called: Mapping[str, int]
    """How often each tool was called, by its name."""

    def call(self, place: str, index: int, position: int) -> PairedCall:
        return self.calls[place, index, position]

    def result(self, index: int) -> PairedResult | None:
        """None for a message that is no result."""
        return self.results.get(index)


@dataclass(slots=True)
class _Open:
    """A call while the conversation is read."""

    number: int
    name: str
    results: list[int] = field(default_factory=list)


def pair(messages: Sequence[Message], choices: Sequence[Choice]) -> Pairing:
    """The calls of choices come after all messages, so that no result here answers them."""
    calls: dict[Place, _Open] = {}
    answered: dict[int, _Open | None] = {}
    by_id: dict[str, _Open] = {}
    by_name: dict[str, _Open] = {}
    for index, message in enumerate(messages):
        if message.role in ("tool", "function"):
            known = by_id.get(message.tool_call_id) if message.tool_call_id else by_name.get(message.name)
            answered[index] = known
            if known:
                known.results.append(index)
        for position, call in enumerate(message.tool_calls):
            opened = calls["message", index, position] = _Open(len(calls) + 1, call.name)
            if call.id:
                by_id[call.id] = opened
            by_name[call.name] = opened
    for index, choice in enumerate(choices):
        for position, call in enumerate(choice.message.tool_calls):
            calls["choice", index, position] = _Open(len(calls) + 1, call.name)
    return Pairing(
        {place: PairedCall(one.number, _hue(one.number), tuple(one.results)) for place, one in calls.items()},
        {index: _result(messages[index], one) for index, one in answered.items()},
        Counter(one.name for one in calls.values()),
    )


def _result(message: Message, call: _Open | None) -> PairedResult:
    if call is None:
        return PairedResult(None, None, message.name, False)
    return PairedResult(call.number, _hue(call.number), call.name or message.name, len(call.results) > 1)


def _hue(number: int) -> int:
    return (number - 1) % HUES + 1
