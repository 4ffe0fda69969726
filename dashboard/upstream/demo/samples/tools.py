"""Tool calls out of the ordinary: legacy functions, custom tools, arguments that are not JSON."""

from random import Random

from dashboard.upstream.demo.samples.dice import code
from dashboard.upstream.demo.samples.shapes import (
    LARGE,
    OLDER,
    SMALL,
    Sample,
    assistant,
    call,
    calling,
    function_tool,
    part,
    reply,
    result,
    system,
    user,
)
from dashboard.upstream.demo.samples.vocabulary import facts, tags

_TEXT = {"type": "string"}
_WEATHER = function_tool("get_weather", "Weather of a place for the next days.", place=_TEXT, days={"type": "integer"})
_PATCH = {
    "type": "custom",
    "custom": {
        "name": "apply_patch",
        "description": "Change files of the shop's web site with a patch.",
        "format": {
            "type": "grammar",
            "grammar": {"syntax": "lark", "definition": 'start: "*** Begin" LINE+ "*** End"'},
        },
    },
}


def legacy_function(dice: Random, *, answered: bool) -> Sample:
    """`function_call` and the role `function`, as before tools; answered or still to be run."""
    known = facts(dice)
    arguments = '{"place": "' + known["city"] + '", "days": 2}'
    asked = {"role": "assistant", "content": None, "function_call": {"name": "get_weather", "arguments": arguments}}
    found = {"role": "function", "name": "get_weather", "content": '{"sky": "rain", "high": 11, "low": 6}'}
    choice = reply(f"Rain in {known['city']} for two days, 6 to 11 °C. Take the Tern rain jacket.")
    if not answered:
        choice = reply(None, "function_call")
        choice["message"]["function_call"] = {"name": "get_weather", "arguments": arguments}
    return Sample(
        messages=[user(f"Do I need a jacket in {known['city']}?"), *((asked, found) if answered else ())],
        choices=[choice],
        model=OLDER,
        metadata=tags(dice, "research", api="functions"),
    )


def custom_tool(dice: Random) -> Sample:
    """A custom tool takes free text, here a patch."""
    known = facts(dice)
    patch = (
        "*** Begin Patch\n*** Update File: pages/contact.md\n@@ Opening hours\n"
        f"-Shop {known['city']}: 9-18\n+Shop {known['city']}: 9-19, {known['day']} 9-20\n*** End Patch\n"
    )
    made = {"id": f"call_{code(dice, 24)}", "type": "custom", "custom": {"name": "apply_patch", "input": patch}}
    return Sample(
        messages=[
            user(f"On {known['day']}s we now close at 20:00 in {known['city']}, else at 19:00. Update the page.")
        ],
        choices=[calling(made)],
        model=LARGE,
        metadata=tags(dice, "code", team="web", tools="custom"),
        settings={"tools": [_PATCH, _WEATHER], "tool_choice": {"type": "custom", "custom": {"name": "apply_patch"}}},
        reasoning=192,
    )


def forced_tool(dice: Random) -> Sample:
    """`tool_choice` as an object; nested arguments."""
    known = facts(dice)
    save = function_tool(
        "save_address", "Store an address.", address={"type": "object"}, labels={"type": "array", "items": _TEXT}
    )
    place = {"street": "Ropewalk", "number": known["count"], "city": known["city"], "geo": {"lat": 52.09, "lon": 5.12}}
    arguments = {
        "address": place,
        "labels": ["home", "no parcels upstairs"],
        "verified": None,
        "since": 1790000000123456789,
    }
    made = call(dice, "save_address", arguments)
    return Sample(
        messages=[user(f"{known['name']}, Ropewalk {known['count']}, {known['city']}. No parcels upstairs please!")],
        choices=[calling(made)],
        model=SMALL,
        metadata=tags(dice, "extract", tools="forced"),
        settings={"tools": [save], "tool_choice": {"type": "function", "function": {"name": "save_address"}}},
    )


def broken_arguments(dice: Random, position: int) -> Sample:
    """JSON that stops too early, single quotes, a trailing comma: all kept as text."""
    known = facts(dice)
    broken = (
        '{"place": "' + known["city"] + '", "days": ',
        "{'place': '" + known["city"] + "', 'days': 3}",
        '{"place": "' + known["city"] + '", "days": 3,}',
    )
    return Sample(
        messages=[user(f"Weather in {known['city']}, three days")],
        choices=[reply(None, "length", calls=[call(dice, "get_weather", broken[position])])],
        model=OLDER,
        metadata=tags(dice, "research", tools="broken"),
        settings={"tools": [_WEATHER]},
    )


def glued_arguments(dice: Random) -> Sample:
    """Two objects in one string, and a second call with no arguments at all."""
    known = facts(dice)
    glued = '{"place": "' + known["city"] + '", "days": 1}{"place": "Leeds", "days": 1}'
    return Sample(
        messages=[user(f"Weather in {known['city']} and in Leeds, then our opening hours")],
        choices=[calling(call(dice, "get_weather", glued), call(dice, "opening_hours", ""))],
        model=OLDER,
        metadata=tags(dice, "research", tools="glued"),
        settings={"tools": [_WEATHER]},
    )


def lonely_result(dice: Random) -> Sample:
    """A result whose call is not there, a call that nobody answered, and a result made of parts."""
    known = facts(dice)
    open_call = call(dice, "get_weather", {"place": known["city"], "days": 1})
    parts_call = call(dice, "get_weather", {"place": "Leeds", "days": 1})
    lost = {"role": "tool", "content": '{"sky": "fog"}', "tool_call_id": f"call_{code(dice, 24)}"}
    in_parts = {
        "role": "tool",
        "content": [part("text", '{"sky": '), part("text", '"sun"}')],
        "tool_call_id": parts_call["id"],
    }
    return Sample(
        messages=[
            system("You plan picnics."),
            user(f"Is {known['day']} a good day?"),
            assistant("", [open_call, parts_call]),
            in_parts,
            lost,
            user("And?"),
        ],
        choices=[reply(f"In Leeds the sun shines. For {known['city']} I got no answer.")],
        model=SMALL,
        metadata=tags(dice, "research", tools="lost"),
        settings={"tools": [_WEATHER]},
    )


def long_result(dice: Random) -> Sample:
    """A tool that answers with a table of a hundred rows."""
    known = facts(dice)
    made = call(dice, "export_orders", {"city": known["city"], "format": "csv"})
    rows = [
        f"BW-{dice.randrange(40_000, 99_999)},{known['city']},{dice.randrange(5, 300)}.{dice.randrange(100):02}"
        for _ in range(100)
    ]
    return Sample(
        messages=[
            user(f"Which order from {known['city']} was the largest?"),
            assistant(None, [made]),
            result(made, "\n".join(["order,city,total", *rows])),
        ],
        choices=[reply(f"It was {max(rows, key=lambda row: float(row.split(',')[2])).split(',')[0]}.")],
        model=LARGE,
        metadata=tags(dice, "research", team="finance"),
        settings={"tools": [function_tool("export_orders", "All orders of a city.", city=_TEXT, format=_TEXT)]},
        reasoning=64,
        cached=1_024,
    )
