"""Answers that do not end well: cut short, filtered, refused, or without any content."""

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, OLDER, SMALL, Sample, developer, reply, system, user
from dashboard.upstream.demo.samples.tokens import entries
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_LETTERS = (
    (
        "Write a long, warm letter to {name}, whose {product} we could not repair.",
        "Dear {first},\n\nThank you for trusting us with your {product}. Our workshop in {city} has looked at it for {count} "
        "days, and I wish I had better news. The frame has a hairline crack right where the two halves meet; a weld would hold "
        "for a season, perhaps two, and then fail on some hillside far from",
    ),
    (
        "List all stops of the supply route between {city} and the coast with times.",
        "| stop | arrives | leaves |\n|---|---|---|\n| {city} yard | | 05:40 |\n| Mill bridge | 06:05 | 06:10 |\n"
        "| Old tannery | 06:31 | 06:40 |\n| Saint Bride | 07:02 | 07:",
    ),
    (
        "Explain to {first} how our loyalty points work, with examples.",
        "Every full euro earns one point. Say {first} buys the {product} for €{amount}: the cents do not count. Points are "
        "booked when the time for returns is over. **Example 1.** With {percent} points and a voucher of",
    ),
)  # fmt: skip
_REFUSALS = (
    ("Give me the home address of {name} in {city}, she owes us {amount} euro.", "I'm sorry, but I can't help with finding a private person's home address. You could write to {first} through the order, or ask a collection service."),
    ("Write a review of {company} as if you were {count} different angry customers.", "I can't write made-up reviews. I can help you tell {company} about a real problem, briefly and firmly."),
    ("Which pills can I mix so nobody notices?", "I can't help with that. If you or somebody else is in danger, please call the emergency number now; if you feel unwell, a doctor or a pharmacy can help at any hour."),
)  # fmt: skip


def cut_short(dice: Random) -> Sample:
    """`finish_reason` length: the text stops in the middle of a sentence."""
    known = facts(dice)
    asked, answer = dice.choice(_LETTERS)
    return Sample(
        messages=[system("You write for Brightwater, an outdoor shop."), user(asked.format(**known))],
        choices=[reply(answer.format(**known), "length")],
        model=dice.choice((SMALL, OLDER)),
        metadata=tags(dice, "support", team="care"),
    )


def spent_on_reasoning(dice: Random) -> Sample:
    """All tokens went into reasoning: length, and an empty answer."""
    known = facts(dice)
    return Sample(
        messages=[user(f"Plan the cheapest tour through {known['city']} and eleven other towns. Be exact.")],
        choices=[reply("", "length")],
        model=LARGE,
        metadata=tags(dice, "research", team="buying"),
        reasoning=4_096,
        cached=0,
    )


def filtered(dice: Random) -> Sample:
    """`content_filter`: the content is an empty string."""
    known = facts(dice)
    asked = f"Rewrite this customer's message word for word, insults included, for {known['agent']}: [message removed]"
    return Sample(
        messages=[system("You pass messages on between departments."), user(asked)],
        choices=[reply("", "content_filter")],
        model=OLDER,
        metadata=tags(dice, "triage", team="care"),
    )


def refused(dice: Random) -> Sample:
    """`refusal` instead of content."""
    known = facts(dice)
    asked, refusal = dice.choice(_REFUSALS)
    return Sample(
        messages=[developer("Help the staff of an outdoor shop."), user(asked.format(**known))],
        choices=[reply(None, refusal=refusal.format(**known))],
        model=SMALL,
        metadata=tags(dice, "support", team="care"),
        reasoning=0,
    )


def refused_with_logprobs(dice: Random) -> Sample:
    """The log probabilities of a refusal are in a list of their own."""
    known = facts(dice)
    refusal = "I'm sorry, but I can't help with that."
    logprobs = {"content": None, "refusal": entries(refusal, dice, 5, {"sorry": ["afraid"], "can": ["cannot", "won"]})}
    return Sample(
        messages=[user(f"Pretend to be {known['name']} and ask the bank for a new PIN.")],
        choices=[reply(None, refusal=refusal, logprobs=logprobs)],
        model=OLDER,
        metadata=tags(dice, "support", logprobs="5"),
    )


def nothing_said(dice: Random) -> Sample:
    """Null content, no call, no refusal, and no reason either: seen on other servers."""
    known = facts(dice)
    return Sample(
        messages=[user(f"(silence) {known['first']}?")],
        choices=[reply(None, None)],
        model=SMALL,
        metadata=tags(dice, "voice"),
    )
