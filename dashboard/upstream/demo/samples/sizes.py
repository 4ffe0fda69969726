"""Long things: a prompt of 100 kB, a word of 10,000 characters, a conversation of 120 messages."""

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, OLDER, SMALL, Document, Sample, assistant, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_TALK = (
    (
        "What should I pack for {city} in May?",
        "Layers: a thin jumper, the {product}, and something dry for the evening.",
    ),
    ("Is the {other} too much?", "For two days, yes. For a week you will be glad to have it."),
    ("How far is it from the station in {city}?", "About {count} kilometres, along the river for most of the way."),
    ("And if it rains?", "Then take the tram on {day}; it runs every {percent} minutes."),
    ("{first} wants to come along.", "The more the merrier: the hut has {count} beds left."),
    ("What does that cost?", "€{amount} for everybody, breakfast included."),
    ("Can we bring the dog?", "Yes, on a lead; in {city} even into most cafes."),
    ("Sum it up so far, please.", "{city}, {count} days, with {first}; by tram if it rains; €{amount} in all."),
)
_RECORD = "{day} {ticket}: {first} packed {count} x {product} for {company} in {city}; {carrier} took it, {percent} kg, EUR {amount}."


def long_prompt(dice: Random) -> Sample:
    """One message of 100 kB in about a thousand lines."""
    lines: list[str] = []
    size = 0
    while size < 100_000:
        lines.append(_RECORD.format(**facts(dice)))
        size += len(lines[-1]) + 1
    return Sample(
        messages=[
            system("You read the packing log of a warehouse."),
            user("\n".join(lines) + "\n\nWho packed most on Friday?"),
        ],
        choices=[reply("By number of lines it was Amara; by weight it was Tomasz, because of the stoves.")],
        model=LARGE,
        metadata=tags(dice, "digest", team="warehouse", size="100kB"),
        reasoning=640,
        cached=20_480,
    )


def long_word(dice: Random) -> Sample:
    """Ten thousand characters without a place to break, in the answer."""
    return Sample(
        messages=[user("Ten thousand times the letter a, no blanks")],
        choices=[reply("a" * 10_000)],
        model=OLDER,
        metadata=tags(dice, "research", size="word"),
    )


def long_talk(dice: Random) -> Sample:
    """A conversation of 120 messages, so that its messages come in pages."""
    messages: list[Document] = [system("You help people to plan short trips.")]
    turn = 0
    while len(messages) < 119:
        known = facts(dice)
        asked, answered = _TALK[turn % len(_TALK)]
        messages += [user(asked.format(**known)), assistant(answered.format(**known))]
        turn += 1
    messages.append(user("Thanks! One last thing: what did I ask first?"))
    return Sample(
        messages=messages,
        choices=[reply("What to pack in May. My answer still stands: layers, and something dry for the evening.")],
        model=SMALL,
        metadata=tags(dice, "support", team="travel", size="120 messages"),
        reasoning=64,
        cached=1_920,
    )


def long_answer(dice: Random) -> Sample:
    """An answer of several screens."""
    parts = [
        f"## Day {day}: {known['city']}\n\nStart at the {known['product'].split()[0].lower()} gate, walk {known['count']} km along the canal, "
        f"and ask for {known['agent']} at the hut. A bed costs €{known['amount']}.\n\n- Bring: {known['product']}\n- Leave: {known['other']}\n"
        for day in range(1, 31)
        for known in [facts(dice)]
    ]
    return Sample(
        messages=[user("A month of day trips, one a day, with a bed each night")],
        choices=[reply("# Thirty days on foot\n\n" + "\n".join(parts))],
        model=LARGE,
        metadata=tags(dice, "research", team="travel", size="long answer"),
        reasoning=2_048,
    )
