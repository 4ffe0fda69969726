"""Answers with log probabilities, and the odd cases that a reader of them meets."""

# ruff: noqa: RUF001 (signs of other scripts are meant)

from random import Random

from dashboard.upstream.demo.samples.shapes import OLDER, Document, Sample, reply, system, user
from dashboard.upstream.demo.samples.tokens import OUTSIDE_TOP, entries, logprobs
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_RIVALS = {
    "Yes": ["No", "Maybe", "Sure"],
    "No": ["Yes", "Not"],
    "positive": ["neutral", "mixed", "negative"],
    "negative": ["neutral", "mixed", "positive"],
    "likely": ["possible", "unlikely", "certain"],
    "blue": ["green", "grey", "red"],
    "Tuesday": ["Wednesday", "Monday", "Thursday"],
}
_VERDICTS = (
    ("Is this review positive or negative? The {product} held for {count} years, then the shop repaired it for nothing.", "positive"),
    ("Is this review positive or negative? Arrived broken, {carrier} shrugged, nobody answers.", "negative"),
    ("Does this mail ask for a refund? Keep the {product}, just send me the missing screws.", "No, it asks for screws."),
    ("Will the parcel reach {city} by the weekend? It left on {day}.", "Yes, most likely on Saturday morning."),
)  # fmt: skip


def verdict(dice: Random, alternatives: int = 5, position: int | None = None) -> Sample:
    """A short judgement; position picks it, otherwise chance does."""
    known = facts(dice)
    asked, answer = dice.choice(_VERDICTS) if position is None else _VERDICTS[position]
    return _sample(dice, asked.format(**known), answer, entries(answer, dice, alternatives, _RIVALS), alternatives)


def paragraph(dice: Random, alternatives: int = 20) -> Sample:
    """Some sixty tokens, each with up to twenty alternatives."""
    known = facts(dice)
    answer = (
        f"The {known['product']} comes in blue. It is likely to be back in {known['city']} on Tuesday, when "
        f"{known['carrier']} delivers.\n\nShall I keep one for you, {known['first']}? It costs €{known['amount']} and can be "
        "returned for thirty days."
    )
    return _sample(dice, "Which colours, and when?", answer, entries(answer, dice, alternatives, _RIVALS), alternatives)


def split_characters(dice: Random) -> Sample:
    """Emoji and other scripts: characters that fall into several tokens with parts of their bytes."""
    answer = "🎉 Family 👩‍👩‍👧‍👦 in テント, नमस्ते and مرحبا! naïve 𝒳 → 7 °C 🇳🇱"
    return _sample(dice, "Say hello to everybody", answer, entries(answer, dice, 5), 5)


def null_bytes(dice: Random) -> Sample:
    """Some tokens have `bytes: null`; their text stands for them."""
    answer = "Line one\n\tline two <|sep|> done"
    found = entries(answer, dice, 3)
    for entry in found[1::4]:
        entry["bytes"] = None
        entry["top_logprobs"][-1]["bytes"] = None
    return _sample(dice, "Two lines", answer, found, 3)


def surprising(dice: Random) -> Sample:
    """Chosen tokens that are missing among the alternatives, and the `-9999.0` of a very unlikely one."""
    answer = "The lamp sings, quietly, of purple Wednesdays."
    found = entries(answer, dice, 5)
    for entry in found[2::3]:
        entry["top_logprobs"] = [other for other in entry["top_logprobs"] if other["token"] != entry["token"]]
        entry["logprob"] = -7.25
    found[6]["logprob"] = OUTSIDE_TOP
    found[6]["top_logprobs"] = [other for other in found[6]["top_logprobs"] if other["token"] != found[6]["token"]]
    found[4]["top_logprobs"][-1]["logprob"] = OUTSIDE_TOP
    return _sample(dice, "Something odd, temperature two", answer, found, 5)


def without_alternatives(dice: Random) -> Sample:
    """`top_logprobs` is empty everywhere: only the chosen tokens were asked for."""
    known = facts(dice)
    answer = f"Shelf {known['count']}, left of the door in {known['city']}."
    return _sample(dice, f"Where is the {known['product']}?", answer, entries(answer, dice, 0), 0)


def uneven(dice: Random) -> Sample:
    """Fewer alternatives than asked for, another number at each token."""
    answer = "Cork, then Porto, then home."
    found = entries(answer, dice, 10)
    for index, entry in enumerate(found):
        entry["top_logprobs"] = entry["top_logprobs"][: index % 5 + 1]
    return _sample(dice, "Route?", answer, found, 10)


def of_each_choice(dice: Random) -> Sample:
    """Three choices, each with its own log probabilities but the last."""
    known = facts(dice)
    texts = (f"Gear up, {known['city']}!", "Rain? Bring it on.", "Small bag, long way.")
    choices = [reply(text, logprobs=logprobs(text, dice, 4)) for text in texts[:2]] + [reply(texts[2])]
    return Sample(
        messages=[user(f"Three slogans for the shop in {known['city']}")],
        choices=choices,
        model=OLDER,
        metadata=tags(dice, "research", n="3", logprobs="4"),
    )


def empty_lists(dice: Random) -> Sample:
    """Log probabilities were asked for, and there is nothing in them."""
    choice = reply("", "length", logprobs={"content": [], "refusal": None})
    other = reply(None, None, logprobs={"content": None, "refusal": None})
    return Sample([user("Say nothing")], [choice, other], OLDER, tags(dice, "research", logprobs="0"))


def code_line(dice: Random) -> Sample:
    """Indentation as tokens."""
    answer = (
        "def total(lines):\n    return sum(\n        line.price * line.quantity\n        for line in lines\n    )\n"
    )
    rivals = {"sum": ["reduce", "math", "len"], "price": ["amount", "cost"], "quantity": ["count", "number"]}
    return _sample(dice, "total of lines, Python, no comment", answer, entries(answer, dice, 8, rivals), 8)


def _sample(dice: Random, asked: str, answer: str, found: list[Document], alternatives: int) -> Sample:
    return Sample(
        messages=[system("Answer briefly."), user(asked)],
        choices=[reply(answer, logprobs={"content": found, "refusal": None})],
        model=OLDER,
        metadata=tags(dice, "research", team="quality", logprobs=str(alternatives)),
        settings={"temperature": 0.7},
    )
