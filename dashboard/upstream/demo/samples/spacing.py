"""Texts in which the white space is the message: tabs, trailing blanks, indentation, alignment."""

from random import Random

from dashboard.upstream.demo.samples.shapes import OLDER, SMALL, Sample, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_TEXTS = (
    ("Show me the Makefile rule", "build:\n\tmkdir -p out\n\tcp -r pages/ out/   \n\n\n\n.PHONY: build\t\n"),
    ("Two trailing spaces make a line break, right?", "Right.  \nThis line follows a break,\nthis one does not.   \n\n    Four spaces make code.\n"),
    ("An arrow function and a comparison, plain text", "const next = (n) => n + 1; // a -> b, c <- d, e => f\nif (a != b && c <= d || e >= f) { x !== y; }\n  fn go() -> Result<(), E> { ... }"),
    ("Draw the tree of {service}", "{service}/\n├── cmd/\n│   └── main.go\n├── internal/\n│   ├── store/      # {count} files\n│   └── http/\n└── README.md"),
    ("ASCII table please", "name          qty    price\n------------  ---  -------\n{first:<12}    {count}    {amount}\ntotal              {amount}"),
    ("Only a new line", "\n"),
    ("Poem, mind the shape", "  rain\n    on the {product}\n      says\n  nothing\u00a0new\u2003to\u2009{city}\n\n\n        again"),
    ("YAML for {service}", "service: {service}\nreplicas: {count}\nenv:\n  - name: LIMIT\n    value: \"0{percent}\"   # a string, keep the zero\n  - name: EMPTY\n    value: ''\n"),
    ("Windows line ends?", "first\r\nsecond\r\n\r\nfourth\rfifth\u2028sixth\u2029seventh"),
)  # fmt: skip


def spaced_text(dice: Random, position: int | None = None) -> Sample:
    """position picks the text; otherwise chance does."""
    known = facts(dice)
    asked, answer = dice.choice(_TEXTS) if position is None else _TEXTS[position]
    asked = asked.replace("{service}", known["service"])
    return Sample(
        messages=[system("Plain text.\tKeep   the spacing. "), user(asked)],
        choices=[reply(_fill(answer, known))],
        model=dice.choice((OLDER, SMALL)),
        metadata=tags(dice, "code", team="platform"),
    )


def _fill(text: str, known: dict[str, str]) -> str:
    """By hand: the braces of code are not placeholders."""
    text = text.replace("{first:<12}", f"{known['first']:<12}")
    for name in ("service", "count", "amount", "product", "city", "percent"):
        text = text.replace("{" + name + "}", known[name])
    return text
