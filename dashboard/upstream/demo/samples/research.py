"""Answers with sources: `url_citation` annotations whose offsets count code points of the answer."""

# ruff: noqa: RUF001 (signs of other scripts are meant)

import re
from random import Random

from dashboard.upstream.demo.samples.shapes import SEARCH, Document, Sample, reply, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

# A source stands in the text as [[title|address]]; the mark becomes a markdown link and an annotation.
_SOURCE = re.compile(r"\[\[(.+?)\|(.+?)\]\]")
_ANSWERS = (
    (
        "When does the lighthouse museum in {city} open on Sundays?",
        "The lighthouse museum in {city} opens at **11:00** on Sundays, one hour later than on weekdays "
        "([[Opening hours|https://lantern-museum.example/visit?utm_source=chat]]). From November on it is closed on Sundays "
        "([[Winter notice|https://{city}-gazette.example/2026/lantern-winter]]). 🏮 The tower can be climbed until half an hour "
        "before closing.",
    ),
    (
        "How long is the battery life of the Quartz head torch really?",
        "The maker states {percent} hours ([[Quartz head torch, data sheet|https://brightwater.example/gear/data-sheet]]). A test by hikers "
        "measured about a fifth less in the cold ([[Winter test – 12 lamps|https://trailnotes.example/tests/winter]]), and "
        "readers agree: “count on two nights” ([[Forum: naïve battery questions|https://trailnotes.example/forum/4411]]).",
    ),
    (
        "What changed in the parcel rules for shops this year?",
        "Two things matter for a small shop:\n\n- Returns must be refunded within **{count}0 days** of the *announcement*, no longer of "
        "the arrival ([[Parcel rules 2026, §4|https://rules.example/parcels/2026#s4]]).\n- The carrier has to name a two-hour window "
        "([[{carrier} explains the window|https://post.example/window]]).\n\nI found no official date for the rest.",
    ),
    (
        "{city}の天気は？ 週末にテントで寝られる？",
        "{city}の週末は晴れのち曇り、最低気温は6度の見込みです（[[週末の予報|https://tenki.example/weekend]]）。"
        "風は弱いので、{product}があればテントで十分眠れます 🏕️（[[秋のキャンプ入門|https://camp.example/autumn]]）。",
    ),
    (
        "Is {company} still independent?",
        "Yes, as far as public sources go: the register lists the founders as owners "
        "([[Company register, {company}|https://register.example/c/8841]]). A rumour about a sale in {city} was denied "
        "([[Statement|https://news.example/statement?id=77&lang=en]]).",
    ),
)  # fmt: skip


def cited_answer(dice: Random, position: int | None = None) -> Sample:
    """position picks one of the answers; otherwise chance does."""
    known = facts(dice)
    asked, marked = dice.choice(_ANSWERS) if position is None else _ANSWERS[position]
    text, annotations = _annotate(marked.format(**known))
    return Sample(
        messages=[user(asked.format(**known))],
        choices=[reply(text, refusal=None, annotations=annotations)],
        model=SEARCH,
        metadata=tags(dice, "research", team="editorial"),
    )


def _annotate(marked: str) -> tuple[str, list[Document]]:
    """The text with links in place of the marks, and one annotation for each link."""
    text, annotations, done = "", [], 0
    for found in _SOURCE.finditer(marked):
        text += marked[done : found.start()]
        title, url = found.groups()
        start = len(text)
        text += f"[{title}]({url})"
        citation = {"start_index": start, "end_index": len(text), "url": url, "title": title}
        annotations.append({"type": "url_citation", "url_citation": citation})
        done = found.end()
    return text + marked[done:], annotations
