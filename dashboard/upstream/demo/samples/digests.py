"""Summaries: meetings, releases, reviews, news of the week."""

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, OLDER, SMALL, Sample, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_DIGESTS = (
    (
        "Summarise the stand-up notes of {day}. Three bullets, names in bold.",
        "- **{first}** finished the move of {service} to the new cluster; response times fell by {percent} %.\n"
        "- **{agent}** is waiting for the certificate of {company} and takes {ticket} meanwhile.\n"
        "- The release on {day} stays as planned; nobody is blocked.",
    ),
    (
        "Weekly digest for the shop team in {city}, please keep it under 120 words.",
        "## The week in {city}\n\n"
        "Orders rose by {percent} % against the week before, mostly thanks to the {product}. The {other} sold out on {day} "
        "and is back in {count} days.\n\n"
        "**Returns** stayed low. The one complaint worth a look ({ticket}) is about a torn seam.\n\n"
        "**Next week:** the window is changed on {day}, and {first} starts at the till.",
    ),
    (
        "What do customers say about the {fabric}? Summarise {count}0 reviews.",
        "People like the {fabric} for its weight and for how small it packs. Two complaints come back: the colour fades in "
        "the sun ({percent} % of the reviews), and the bag it comes in is too tight.\n\n"
        "| | share |\n|---|---:|\n| pleased | {percent} of {count}0 |\n| colour | {count} |\n| bag | {count} |\n\n"
        "> \"It outlived two of my tents.\" (a customer from {city})",
    ),
    (
        "Release notes for users from these {count} commits, plain words.",
        "**What is new**\n\n"
        "* Searching for an order number now finds the order at once.\n"
        "* Invoices carry the VAT number of {company}.\n\n"
        "**What is fixed**\n\n"
        "* `{service}` no longer answers twice when a page is reloaded ({ticket}).\n"
        "* Dates are shown in the reader's own time zone.",
    ),
    (
        "tl;dr of the thread about {ticket}",
        "{first} found that `{service}` retries a payment that the bank has already accepted. {agent} has written a fix that "
        "remembers the payment's id; it is on staging since {day}. Open question: whether the {count} affected customers "
        "in {city} have been told. Nobody has answered that yet.",
    ),
    (
        "Minutes of the supplier call with {company}, for people who were not there",
        "1. **Prices**: {company} asks for {percent} % more from next spring. We answered that half of it is possible.\n"
        "2. **Quality**: {count} of the last {percent} {product} had loose stitching. They take them back.\n"
        "3. **Delivery**: from now on every {day}, by {carrier}.\n\n"
        "*Decided:* {first} writes to them by {day}. *Open:* who visits the works in {city}.",
    ),
)  # fmt: skip


def digest(dice: Random) -> Sample:
    known = facts(dice)
    asked, answer = dice.choice(_DIGESTS)
    model = dice.choice((LARGE, SMALL, OLDER))
    return Sample(
        messages=[
            system("You write short digests for busy readers. Facts only."),
            user(_notes(dice, asked.format(**known))),
        ],
        choices=[reply(answer.format(**known))],
        model=model,
        metadata=tags(dice, "digest", team=dice.choice(("retail", "platform", "buying"))),
        settings={"temperature": 0.3, "service_tier": dice.choice(("default", "default", "flex"))},
        reasoning=dice.randrange(0, 600, 64) if model != OLDER else None,
        cached=dice.choice((0, 1_024)),
    )


def _notes(dice: Random, asked: str) -> str:
    """The request with the raw material below it, so that prompts are longer than answers."""
    notes = []
    for _ in range(dice.randrange(4, 12)):
        known = facts(dice)
        line = dice.choice(
            (
                "{day}: {first} says {service} is slow again, maybe the index; {agent} looks at it.",
                "{ticket} ({company}) still open. {first} asked for logs on {day}.",
                "{count} {product} back from {city}; {carrier} dented {percent} % of the boxes.",
                "{company}: offer of {amount} each for the {other}, valid until {day}.",
                "note to self: ask {colleague} about {order}",
            )
        )
        notes.append("- " + line.format(**known))
    return asked + "\n\n" + "\n".join(notes)
