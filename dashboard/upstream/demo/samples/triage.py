"""Tickets sorted into JSON: one short object an answer, the kind of call that runs all day."""

import json
from random import Random

from dashboard.upstream.demo.samples.shapes import (
    OLDER,
    SMALL,
    Sample,
    json_schema,
    object_schema,
    reply,
    system,
    user,
)
from dashboard.upstream.demo.samples.tokens import logprobs
from dashboard.upstream.demo.samples.vocabulary import facts, tags

INSTRUCTIONS = (
    "Sort the ticket. Answer with JSON only: category (billing, delivery, product, account, other), "
    "priority (low, medium, high, urgent), summary (at most 12 words), needs_human (true or false)."
)
_FORMAT = json_schema(
    "ticket_triage",
    object_schema(
        category={"type": "string", "enum": ["billing", "delivery", "product", "account", "other"]},
        priority={"type": "string", "enum": ["low", "medium", "high", "urgent"]},
        summary={"type": "string"},
        needs_human={"type": "boolean"},
    ),
)
RIVALS = {
    "billing": ["account", "other", "delivery"],
    "delivery": ["product", "other", "billing"],
    "product": ["delivery", "other"],
    "account": ["billing", "other"],
    "other": ["product", "account"],
    "low": ["medium", "high"],
    "medium": ["high", "low", "urgent"],
    "high": ["urgent", "medium", "low"],
    "urgent": ["high", "medium"],
    "true": ["false"],
    "false": ["true"],
}
# ticket, category, priority, summary, needs_human
_TICKETS = (
    ("I have been charged {amount} euro for {order} after cancelling it.", "billing", "high", "Charged {amount} after cancelling {order}", True),
    ("The {fabric} smells of petrol, is that normal??", "product", "medium", "Smell of petrol from new {fabric}", True),
    ("where do i find my invoices", "account", "low", "Asks where invoices are", False),
    ("The stove from {order} leaked gas inside our tent. Nobody is hurt.", "product", "urgent", "Gas leak from stove in tent, {order}", True),
    ("Parcel stuck in {city} since {day}, {carrier} says address incomplete", "delivery", "medium", "Parcel held in {city}, address incomplete", False),
    ("Please delete my account and all of my data.", "account", "high", "Requests deletion of account and data", True),
    ("Just wanted to say that {agent} in your {city} shop was wonderful!", "other", "low", "Praise for {agent} in {city}", False),
    ("Someone logged in from a country I have never been to and ordered {count} tents.", "account", "urgent", "Account taken over, {count} tents ordered", True),
    ("My discount code of {percent} % is not accepted at the checkout", "billing", "medium", "Discount code refused at checkout", False),
    ("My two Alder walking sticks are not of the same length, 2 cm apart", "product", "medium", "Alder walking sticks of uneven length", False),
    ("Courier threw the parcel over the fence in {city}, box soaked, {product} fine", "delivery", "low", "Parcel thrown over fence in {city}, contents fine", False),
    ("I can't log in since {day}, reset mail never arrives (checked spam)", "account", "medium", "Reset mail never arrives since {day}", False),
    ("Refund of {amount} promised {count} weeks ago, still nothing. Next stop: my lawyer.", "billing", "urgent", "Refund of {amount} overdue {count} weeks, legal threat", True),
    ("do you sponsor school trips? we are {count}0 kids from {city}", "other", "low", "School in {city} asks for sponsoring", True),
    ("{other} instead of {product} in the box, order {order}", "delivery", "medium", "Wrong item in {order}", False),
    ("VAT number missing on the invoice of {company}, our auditor needs it by {day}", "billing", "high", "Invoice lacks VAT number, due {day}", True),
)  # fmt: skip


def ticket(dice: Random) -> Sample:
    """One ticket, one object."""
    asked, answer = _sorted_ticket(dice)
    return _triage(dice, asked, answer)


def ticket_with_logprobs(dice: Random, alternatives: int = 5) -> Sample:
    """The same with log probabilities: how sure was it of the category?"""
    asked, answer = _sorted_ticket(dice)
    found = _triage(dice, asked, answer)
    choice = reply(answer, logprobs=logprobs(answer, dice, alternatives, RIVALS))
    return Sample(found.messages, [choice], OLDER, found.metadata | {"logprobs": str(alternatives)}, found.settings)


def _sorted_ticket(dice: Random) -> tuple[str, str]:
    known = facts(dice)
    asked, category, priority, summary, needs_human = dice.choice(_TICKETS)
    answer = {
        "category": category,
        "priority": priority,
        "summary": summary.format(**known),
        "needs_human": needs_human,
    }
    return asked.format(**known), json.dumps(answer)


def _triage(dice: Random, asked: str, answer: str) -> Sample:
    return Sample(
        messages=[system(INSTRUCTIONS), user(asked)],
        choices=[reply(answer)],
        model=dice.choice((OLDER, SMALL)),
        metadata=tags(dice, "triage", team="care", ticket=f"T-{dice.randrange(1_000, 9_999)}"),
        settings={"response_format": _FORMAT, "temperature": 0.0},
    )
