"""Customer support of an invented outdoor shop: questions, answers, and conversations with tools."""

from random import Random

from dashboard.upstream.demo.samples.shapes import (
    LARGE,
    OLDER,
    SMALL,
    Document,
    Sample,
    assistant,
    call,
    calling,
    function_tool,
    reply,
    result,
    system,
    user,
)
from dashboard.upstream.demo.samples.vocabulary import facts, tags

INSTRUCTIONS = (
    "You are the support assistant of Brightwater, a shop for outdoor gear. Be brief and friendly. "
    "Never promise a date that the order system does not show. Prices are in euro."
)
_TEXT = {"type": "string"}
TOOLS = [
    function_tool("get_order", "Look up one order by its number.", order_id=_TEXT),
    function_tool("get_shipment", "Where a parcel is now.", order_id=_TEXT, carrier=_TEXT),
    function_tool("check_stock", "How many of a product a warehouse holds.", product=_TEXT, warehouse=_TEXT),
    function_tool(
        "create_refund", "Refund an amount to the original payment.", order_id=_TEXT, amount=_TEXT, reason=_TEXT
    ),
]

_CASES = (
    (
        "Hi, my {bag} arrived today but one of the buckles is cracked. Order {order}. What do I do?",
        "Hello {first}, I am sorry about that buckle. You have two options for order {order}:\n\n"
        "1. **Replacement part**: we post a new buckle to {city}, free of charge.\n"
        "2. **Exchange**: send the {bag} back with the label from your account.\n\n"
        "Tell me which one you prefer and I will set it up.",
    ),
    (
        "Can I still change the delivery address of {order}? I moved to {city} last week.",
        "Yes, {first}: the parcel has not left our warehouse yet. Reply with street, number and postcode in {city}, "
        "and I will change the address. Once {carrier} has it, only they can redirect it.",
    ),
    (
        "Is the {fabric} fine for winter nights in {city}, or do I need the {bag} too?",
        "For nights down to about -5 °C the {fabric} is enough on its own. Below that, people usually take a "
        "second layer. The {bag} keeps things dry, not warm: start with the {fabric} and see.",
    ),
    (
        "I was charged twice for {order}!! {amount} euro, two times. Please fix this today.",
        "I understand the worry, {first}. I can see one charge of €{amount} and one *reservation* of the same amount. "
        "The reservation is not a payment: your bank releases it by itself, usually within {count} days. "
        "If it is still there after that, write to us and mention {ticket}.",
    ),
    (
        "How do I wash the {fabric}? The label says 30 degrees but also 'no machine'.",
        "Both are right: wash it **by hand** at up to 30 °C, with a mild soap and without softener. Rinse twice, do not "
        "wring it, and dry it flat and away from a radiator. The coating lasts longest that way.",
    ),
    (
        "my order {order} says delivered but there's nothing here. neighbours don't have it either",
        "That is annoying, {first}, and I am sorry. {carrier} marked {order} as delivered on {day}. I have opened an "
        "enquiry with them ({ticket}); they answer within two working days. If the parcel does not turn up, we send "
        "a new {product} or refund €{amount}, whichever you like better.",
    ),
    (
        "Do you have a student discount?",
        "Not a permanent one, but the outlet section changes every {day}, and the newsletter starts with {percent} % off "
        "your first order. Returned {product} stock often ends up there too.",
    ),
    (
        "I want to cancel my membership. The form on the site just spins.",
        "I have cancelled it for you, {first}: it ends with the current month and nothing more is charged. Your points "
        "({percent} of them) stay valid until then. Sorry about the form, our developers know about it ({ticket}).",
    ),
    (
        "Two questions: 1) does the {product} come with a warranty? 2) can I pick it up in {city}?",
        "1) The {product} has two years by law and a third one from us if you register it.\n"
        "2) Our shop in {city} can hold it for {count} days. Choose *Collect* at the checkout; there is no fee.",
    ),
    (
        "Your mail says {order} is 'partially shipped'. What does that mean?",
        "That {order} travels in two parcels. The {product} left {city} on {day}; the {other} follows from another warehouse, "
        "usually {count} days later. You pay postage once.",
    ),
    (
        "the head torch from {order} blinks three times and then dies. charged all night. help?",
        "Three blinks mean that the battery got too warm while charging. Let it rest for an hour in the shade, then hold the "
        "button for ten seconds. If it blinks again, {first}, we exchange it: just quote {ticket}.",
    ),
    (
        "I am writing for {company}. We would like {percent} pieces of the {product} with our logo. Possible?",
        "Yes, from three pieces on. For {percent} pieces of the {product} {agent} in our {city} office makes an offer within "
        "{count} working days; please send the logo as a vector file.",
    ),
    (
        "Gift card says 'already used' but I never used it!",
        "Card checks take a moment, {first}: yours was used on {day} for order {order}, €{amount}, shipped to {city}. If that "
        "was not you, tell me here and I will freeze the account before anything else happens.",
    ),
    (
        "What size of the Tern rain jacket for 178 cm, and does it fit over a thick jumper?",
        "At 178 cm most people wear **M**, and **L** over a thick jumper. Reviews from {city} agree: \"cut wide, sleeves a "
        "little long\". You have {count}0 days to try both on and send one back.",
    ),
)  # fmt: skip


def plain_question(dice: Random) -> Sample:
    known = facts(dice)
    question, answer = dice.choice(_CASES)
    return Sample(
        messages=[system(INSTRUCTIONS), user(question.format(**known))],
        choices=[reply(answer.format(**known))],
        model=dice.choice((SMALL, SMALL, OLDER)),
        metadata=tags(dice, "support", team="care"),
        settings={"temperature": 0.4},
        cached=0,
    )


def order_lookup(dice: Random) -> Sample:
    """One tool call, one result, the answer."""
    known = facts(dice)
    lookup = call(dice, "get_order", {"order_id": known["order"]})
    found = {
        "order_id": known["order"],
        "status": "packed",
        "items": [{"name": known["product"], "quantity": 1}],
        "total": known["amount"],
        "ships": known["day"],
    }
    answer = (
        f"Good news, {known['first']}: order **{known['order']}** is packed and leaves our warehouse on {known['day']}. "
        f"It holds one {known['product']}. You get a message with the tracking number as soon as it moves."
    )
    return _with_tools(
        dice,
        [user(f"Any news about {known['order']}?"), assistant(None, [lookup]), result(lookup, found)],
        reply(answer),
    )


def parallel_lookup(dice: Random) -> Sample:
    """The answer is two or three calls at once; nothing has been run yet."""
    known = facts(dice)
    calls = [
        call(dice, "get_order", {"order_id": known["order"]}),
        call(dice, "get_shipment", {"order_id": known["order"], "carrier": known["carrier"]}),
        call(dice, "check_stock", {"product": known["other"], "warehouse": known["city"]}),
    ]
    question = f"Where is {known['order']}, and could you add one {known['other']} before it ships?"
    return _with_tools(dice, [user(question)], calling(*calls[: dice.choice((2, 3))]))


def refund_talk(dice: Random) -> Sample:
    """Several turns, two calls in one of them, then a refund call as the answer."""
    known = facts(dice)
    order = call(dice, "get_order", {"order_id": known["order"]})
    parcel = call(dice, "get_shipment", {"order_id": known["order"], "carrier": known["carrier"]})
    messages = [
        user(
            f"Hello, this is {known['name']}. I sent the {known['product']} back {known['count']} weeks ago. Where is my money?"
        ),
        assistant("Let me look at the order and at the parcel."),
        user(f"ok, the number is {known['order']}"),
        assistant("Thank you, one moment.", [order, parcel]),
        result(order, {"order_id": known["order"], "status": "return announced", "paid": known["amount"]}),
        result(parcel, {"status": "received", "place": f"{known['city']} returns desk", "condition": "as new"}),
    ]
    refund = call(
        dice, "create_refund", {"order_id": known["order"], "amount": known["amount"], "reason": "return received"}
    )
    text = f"The parcel reached our returns desk in {known['city']}. I am refunding €{known['amount']} now."
    return _with_tools(
        dice, messages, calling(refund, content=text), model=LARGE, reasoning=dice.randrange(64, 400, 64)
    )


def failed_lookup(dice: Random) -> Sample:
    """The tool answers with an error, the assistant copes."""
    known = facts(dice)
    lookup = call(dice, "get_shipment", {"order_id": known["order"], "carrier": known["carrier"]})
    failure = {"error": "timeout", "detail": f"{known['carrier']} did not answer within 5 s", "retryable": True}
    answer = (
        f"I cannot reach {known['carrier']} at the moment, so I do not know where the parcel is. Please try again in about "
        "half an hour, or follow the tracking link in your e-mail. I would rather say so than guess."
    )
    messages = [user(f"Track {known['order']} please"), assistant(None, [lookup]), result(lookup, failure)]
    return _with_tools(dice, messages, reply(answer))


def _with_tools(
    dice: Random, messages: list[Document], choice: Document, *, model: str = SMALL, reasoning: int | None = None
) -> Sample:
    return Sample(
        messages=[system(INSTRUCTIONS), *messages],
        choices=[choice],
        model=model,
        metadata=tags(dice, "support", team="care", tools="on"),
        settings={"tools": TOOLS, "tool_choice": "auto", "temperature": 0.2},
        reasoning=reasoning,
        cached=384 if reasoning else 0,
    )
