"""Questions about pictures: parts with text and images, which come back as data URIs."""

from random import Random

from dashboard.upstream.demo.samples.media import png
from dashboard.upstream.demo.samples.shapes import LARGE, SMALL, Sample, image, part, reply, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_SIZES = ((48, 32), (120, 80), (320, 200), (64, 640), (900, 120))
_PALETTES = (
    ("0f766e", "14b8a6", "5eead4"),
    ("7c2d12", "ea580c", "fdba74", "fed7aa"),
    ("1e3a8a", "3b82f6"),
    ("581c87", "a855f7", "e9d5ff", "c084fc", "7e22ce"),
)
_QUESTIONS = (
    ("What does this chart say? One sentence.", "The bars grow from left to right: each period is better than the one before it, the last one by far."),
    ("Is the colour of the {product} in this picture the one from our catalogue?", "Close, but not the same: the picture leans towards blue. Compare it in daylight before you print."),
    ("Describe the picture for somebody who cannot see it.", "A plain chart on a white ground. Coloured bars rise like a staircase from the lower left to the upper right; there are no labels."),
    ("Which of the bars is the highest?", "The one on the right; it reaches the top edge."),
)  # fmt: skip


def picture(dice: Random) -> Sample:
    """One picture, or two to compare."""
    known = facts(dice)
    asked, answer = dice.choice(_QUESTIONS)
    parts = [part("text", asked.format(**known))]
    for _ in range(dice.choice((1, 1, 2))):
        width, height = dice.choice(_SIZES)
        parts.append(image(png(width, height, dice.choice(_PALETTES)), dice.choice(("auto", "low", "high"))))
    return Sample(
        messages=[user(parts)],
        choices=[reply(answer)],
        model=dice.choice((LARGE, SMALL)),
        metadata=tags(dice, "research", team="catalogue", images=str(len(parts) - 1)),
        reasoning=dice.choice((None, 0, 128)),
    )


def file_and_picture(dice: Random) -> Sample:
    """Every kind of part in one message, the remote address of an image included."""
    known = facts(dice)
    parts = [
        part("text", f"Compare the drawing of the {known['product']} "),
        image(png(200, 120, _PALETTES[0]), "high"),
        part("text", "with the one from the supplier."),
        image("https://images.example/drawings/rev-c.png", "low"),
        part("file", {"file_id": "file-Q3v8XkPz1mYw7LdTs2BnRe", "filename": "drawing-rev-c.pdf", "file_data": None}),
    ]
    answer = "They differ in one place: the strap of revision C is sewn on, not riveted. All measures are the same."
    return Sample(
        messages=[user(parts, name="buyer_2")],
        choices=[reply(answer)],
        model=LARGE,
        metadata=tags(dice, "research", team="buying"),
        reasoning=320,
        cached=512,
    )
