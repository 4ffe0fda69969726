"""One answer of exactly 16,000 tokens with log probabilities: some 4 MB, so it is written at first need only."""

from random import Random

from dashboard.upstream.demo.samples.dice import seeded
from dashboard.upstream.demo.samples.shapes import OLDER, Document, Sample, reply, user
from dashboard.upstream.demo.samples.tokens import entries, split
from dashboard.upstream.demo.samples.vocabulary import facts, tags

TOKENS = 16_000
_ALTERNATIVES = 3
_LINES = (
    "Wind from the west, {count} on the scale; the {product} dried by noon.",
    "{first} rowed over from {city} with {count} letters and the lamp oil.",
    "Fog. The bell was rung every {percent} minutes until {day} morning.",
    "The glass of the lamp was cleaned, {agent} held the ladder.",
    "A ship of {company} passed, bound for {city}; we dipped the flag.",
    "Painted the north door. {percent} gulls watched, none helped.",
    "{first} asks when the supply boat comes. On {day}, if the sea allows.",
)


def logbook(dice: Random) -> Sample:
    """Cut by the limit of 16,000 tokens, hence `length`."""
    return Sample(
        messages=[user("Write the logbook of an invented lighthouse, day by day, as long as you can.")],
        choices=[],
        model=OLDER,
        metadata=tags(dice, "research", team="quality", size="16,000 tokens", logprobs=str(_ALTERNATIVES)),
        settings={"temperature": 0.9},
        later=_choices,
    )


def _choices() -> list[Document]:
    dice = seeded("logbook")
    text = b"".join(split(_text(dice))[:TOKENS]).decode()
    found = entries(text, dice, _ALTERNATIVES)
    return [reply(text, "length", logprobs={"content": found, "refusal": None})]


def _text(dice: Random) -> str:
    """Enough text for the tokens, in plain letters so that the cut cannot part a character."""
    days: list[str] = []
    for day in range(1, 461):
        lines = [dice.choice(_LINES).format(**facts(dice)) for _ in range(2)]
        days.append(f"Day {day}. " + " ".join(lines))
    return "\n\n".join(days)
