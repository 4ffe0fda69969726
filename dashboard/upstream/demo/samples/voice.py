"""Spoken answers: audio with its transcript, and spoken questions."""

from random import Random

from dashboard.upstream.demo.samples.dice import code
from dashboard.upstream.demo.samples.media import wav
from dashboard.upstream.demo.samples.shapes import VOICE, Document, Sample, part, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_A_DAY = 86_400
_TUNES = ((523.3, 659.3, 784.0), (440.0, 349.2, 440.0), (392.0, 523.3), (659.3, 587.3, 523.3))
_LINES = (
    ("When is my parcel coming?", "Hello {first}. Your parcel {order} is on its way to {city} and should reach you on {day}."),
    ("Do you have the {product}?", "Yes, we have {count} of the {product} in {city}. Shall I keep one for you until {day}?"),
    ("Tell me something nice.", "Gladly. A customer from {city} wrote that her {product} has now crossed {count} countries."),
    ("I'd like to talk to a person.", "Of course. I am connecting you with {agent}. It takes about {count} minutes."),
)  # fmt: skip


def spoken_answer(dice: Random) -> Sample:
    """The content is null: the words are in the transcript. Half of the questions are spoken, too."""
    known = facts(dice)
    asked, said = dice.choice(_LINES)
    tune = dice.choice(_TUNES)
    question = asked.format(**known)
    content: str | list[Document] = question
    if dice.random() < 0.5:
        content = [part("input_audio", {"data": wav(tune[::-1], 0.1), "format": "wav"})]
    audio = {
        "id": f"audio_{code(dice, 24)}",
        "expires_at": _A_DAY,
        "data": wav(tune),
        "transcript": said.format(**known),
    }
    return Sample(
        messages=[system("Speak warmly and in short sentences."), user(content)],
        choices=[reply(None, refusal=None, audio=audio)],
        model=VOICE,
        metadata=tags(dice, "voice", team="care", line=dice.choice(("inbound", "callback"))),
    )
