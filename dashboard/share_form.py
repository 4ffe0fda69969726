"""The form that makes a share link: what it shows, for how long, and that its maker has seen what looks like a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms

from dashboard.inspection.secrets_found import Finding
from dashboard.inspection.shared_parts import NOTHING_MORE, SHOWABLE, Shown

LIFETIMES = {
    "1h": ("1 hour", timedelta(hours=1)),
    "1d": ("1 day", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
    "90d": ("90 days", timedelta(days=90)),
}
DEFAULT_LIFETIME = "7d"
WORDS = {
    "input": ("Input", "All messages before the answer, system prompts among them."),
    "tools": ("Tool definitions", "What the request declared that the model may call."),
    "metadata": ("Metadata", "Keys and values that the request was stored with."),
    "parameters": (
        "Request parameters and ids",
        "Temperature, format, end user and the like, and the ids of completion and request.",
    ),
    "logprobs": ("Log probabilities", "Each token of the answer with its alternatives."),
    "json": ("JSON", "The same once more as a document: nothing that is not chosen above is in it."),
}
SHOWN_AT_FIRST = ("input", "tools")
Findings = Mapping[str, list[Finding]]


@dataclass(frozen=True)
class Part:
    """One choice of the form, and what was found in what it would show."""

    field: forms.BoundField
    findings: list[Finding]


class ShareForm(forms.Form):
    lifetime = forms.ChoiceField(
        label="For how long", choices=[(key, words) for key, (words, _) in LIFETIMES.items()], initial=DEFAULT_LIFETIME
    )
    confirmed = forms.BooleanField(label="I have looked at what was found, and want it to be seen.", required=False)

    def __init__(self, findings: Findings, data: Any = None) -> None:
        """`findings` are those of each part; the answer, which is always shown, is among them."""
        super().__init__(data)
        self._findings = findings
        for name in SHOWABLE:
            label, words = WORDS[name]
            self.fields[name] = forms.BooleanField(
                label=label, help_text=words, required=False, initial=name in SHOWN_AT_FIRST
            )

    @property
    def parts(self) -> list[Part]:
        return [Part(self[name], self._findings.get(name, [])) for name in SHOWABLE]

    @property
    def in_answer(self) -> list[Finding]:
        return self._findings.get(NOTHING_MORE, [])

    @property
    def anything_found(self) -> bool:
        return any(self._findings.values())

    @property
    def shown(self) -> Shown:
        """As far as it was sent, right or wrong."""
        return Shown.of(name for name in SHOWABLE if self[name].value() in (True, "on"))

    @property
    def seconds(self) -> timedelta:
        return LIFETIMES[self.cleaned_data["lifetime"]][1]

    def clean(self) -> None:
        cleaned = super().clean() or {}
        seen = [self._findings.get(name) for name in SHOWABLE if cleaned.get(name)]
        if (self.in_answer or any(seen)) and not cleaned.get("confirmed"):
            self.add_error(
                "confirmed",
                "Something that looks like a secret would be seen. Leave it out, or confirm that it may be.",
            )
