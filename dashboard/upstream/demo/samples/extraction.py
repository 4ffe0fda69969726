"""Documents turned into JSON that follows a schema; now and then one that does not."""

import json
from random import Random

from dashboard.upstream.demo.samples.shapes import (
    LARGE,
    OLDER,
    SMALL,
    Document,
    Sample,
    developer,
    json_schema,
    object_schema,
    reply,
    user,
)
from dashboard.upstream.demo.samples.vocabulary import COMPANIES, facts, tags

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_DATE = {"type": "string", "format": "date"}
INVOICE = json_schema(
    "invoice",
    object_schema(
        supplier=_TEXT,
        number=_TEXT,
        issued=_DATE,
        due=_DATE,
        currency={"type": "string", "enum": ["EUR", "GBP", "PLN", "SEK"]},
        lines={"type": "array", "items": object_schema(text=_TEXT, quantity={"type": "integer"}, price=_NUMBER)},
        total=_NUMBER,
    ),
)
_CONTACT = json_schema(
    "contact",
    object_schema(
        name=_TEXT,
        company={"type": ["string", "null"]},
        phone={"type": ["string", "null"]},
        email={"type": ["string", "null"]},
        wants=_TEXT,
    ),
)
_LEASE = json_schema(
    "lease_terms",
    object_schema(
        tenant=_TEXT,
        landlord=_TEXT,
        monthly_rent=_NUMBER,
        notice_months={"type": "integer", "minimum": 1, "maximum": 12},
        pets_allowed={"type": "boolean"},
        clauses={"type": "array", "items": _TEXT},
    ),
)
_LINES = (
    "Enamel signs, blue",
    "Delivery by bicycle",
    "Type setting, per page",
    "Kiln hire, per day",
    "Oak shelves, oiled",
)


def invoice(dice: Random) -> Sample:
    """The line prices add up to the total."""
    known = facts(dice)
    text, found = _invoice(dice, known)
    asked = f"Invoice text follows.\n\n{text}"
    return _extraction(dice, asked, json.dumps(found, ensure_ascii=False), INVOICE, model=LARGE)


def broken_schema(dice: Random) -> Sample:
    """The currency is none of the schema's and `due` is missing: valid JSON, wrong shape."""
    known = facts(dice)
    text, found = _invoice(dice, known)
    found["currency"] = "euro"
    del found["due"]
    found["remark"] = "due date not legible"
    return _extraction(dice, text, json.dumps(found, ensure_ascii=False), INVOICE, model=OLDER)


def broken_json(dice: Random) -> Sample:
    """Cut in the middle of a string by the token limit."""
    known = facts(dice)
    text, found = _invoice(dice, known)
    whole = json.dumps(found, ensure_ascii=False)
    sample = _extraction(dice, text, whole[: len(whole) * 2 // 3], INVOICE, model=OLDER)
    sample.choices[0]["finish_reason"] = "length"
    return sample


def contact(dice: Random) -> Sample:
    known = facts(dice)
    mail = f"{known['first'].lower()}@{known['company'].split()[0].lower()}.example"
    wants = dice.choice(("a call back", "an offer", "a copy of the contract", "to visit the workshop"))
    text = (
        f"Hi there, {known['name']} here from {known['company']} in {known['city']}. We spoke on {known['day']} about the "
        f"{known['product']}. Could you arrange {wants}? Best by mail, {mail}. Thanks!"
    )
    found = {"name": known["name"], "company": known["company"], "phone": None, "email": mail, "wants": wants}
    return _extraction(dice, text, json.dumps(found, indent=2), _CONTACT, model=SMALL)


def lease(dice: Random) -> Sample:
    known = facts(dice)
    rent = dice.randrange(620, 1_900, 5)
    notice = dice.choice((1, 2, 3, 6))
    text = (
        f"This agreement is between {known['colleague']} (the landlord) and {known['name']} (the tenant) for the flat in "
        f"{known['city']}, third floor. The rent is {rent} euro a month, due on the third. Either side may end the "
        f"agreement with {notice} months' notice. One cat may be kept. The cellar is shared; the roof may not be used."
    )
    found = {
        "tenant": known["name"],
        "landlord": known["colleague"],
        "monthly_rent": rent,
        "notice_months": notice,
        "pets_allowed": True,
        "clauses": ["rent due on the third", "one cat", "shared cellar", "no use of the roof"],
    }
    return _extraction(dice, text, json.dumps(found), _LEASE, model=LARGE)


def keywords(dice: Random) -> Sample:
    """`json_object`: any JSON object will do, there is no schema."""
    known = facts(dice)
    found = {
        "product": known["product"],
        "keywords": dice.sample(("light", "sturdy", "small", "waterproof", "repairable", "quiet", "warm"), 4),
        "rating": dice.choice((3.5, 4, 4.5)),
        "source": None,
    }
    asked = f"Keywords as JSON for this review: I carried the {known['product']} through {known['city']} for {known['count']} days."
    return Sample(
        messages=[user(asked)],
        choices=[reply(json.dumps(found))],
        model=OLDER,
        metadata=tags(dice, "extract", team="catalogue"),
        settings={"response_format": {"type": "json_object"}, "temperature": 0.0, "service_tier": "flex"},
    )


def _invoice(dice: Random, known: dict[str, str]) -> tuple[str, Document]:
    supplier = dice.choice([company for company in COMPANIES if company != known["company"]])
    month, day = dice.randrange(1, 9), dice.randrange(1, 28)
    lines: list[Document] = [
        {"text": text, "quantity": dice.randrange(1, 6), "price": dice.randrange(4, 90) + 0.5}
        for text in dice.sample(_LINES, dice.choice((2, 3)))
    ]
    found = {
        "supplier": supplier,
        "number": f"2026-{dice.randrange(100, 999)}",
        "issued": f"2026-{month:02}-{day:02}",
        "due": f"2026-{month + 1:02}-{day:02}",
        "currency": "EUR",
        "lines": lines,
        "total": sum(line["quantity"] * line["price"] for line in lines),
    }
    rows = "\n".join(f"{line['quantity']} x {line['text']:<26}{line['price']:>9.2f}" for line in lines)
    text = (
        f"{supplier}, {known['city']}\nINVOICE {found['number']}   {day}.{month}.2026\nTo: {known['company']}\n\n"
        f"{rows}\n{'-' * 40}\nTOTAL EUR {found['total']:.2f}\nPayable by {day}.{month + 1}.2026. With thanks, {known['agent']}"
    )
    return text, found


def _extraction(dice: Random, text: str, answer: str, form: Document, *, model: str) -> Sample:
    rules = "Extract the fields of the schema from the text. Use null for what is not there. Do not guess."
    return Sample(
        messages=[developer(rules), user(text)],
        choices=[reply(answer)],
        model=model,
        metadata=tags(dice, "extract", team="finance", schema=form["json_schema"]["name"]),
        settings={"response_format": form, "temperature": 0.0, "top_p": 0.1},
        reasoning=dice.choice((0, 64, 128)) if model == LARGE else None,
    )
