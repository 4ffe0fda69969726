"""Documents with unusual fields: metadata at its limits, unknown fields, nulls, sums that do not add up."""

from random import Random

from dashboard.upstream.demo.samples.shapes import LARGE, OLDER, SMALL, Sample, assistant, reply, system, user
from dashboard.upstream.demo.samples.vocabulary import facts, tags


def no_metadata(dice: Random) -> Sample:
    known = facts(dice)
    return Sample(
        [user(f"ping from {known['city']}")],
        [reply("pong")],
        OLDER,
        settings={"top_p": 1, "temperature": 0.70000000000000007},
    )


def null_metadata(dice: Random) -> Sample:
    """Null where others have an object, and elsewhere too."""
    known = facts(dice)
    empty = {"metadata": None, "system_fingerprint": None, "service_tier": None, "temperature": None, "usage": None}
    return Sample([user(f"Hi, {known['first']} here")], [reply(f"Hi {known['first']}!")], OLDER, settings=empty)


def empty_value(dice: Random) -> Sample:
    known = facts(dice)
    text = f"{known['product']}: {known['count']} left."
    return Sample(
        [user(f"Stock of {known['product']}?")],
        [reply(text)],
        SMALL,
        {"env": "prod", "flow": "support", "experiment": "", "user": "u_7"},
    )


def full_metadata(dice: Random) -> Sample:
    """Sixteen pairs, one key of 64 characters, one value of 512."""
    known = facts(dice)
    pairs = tags(dice, "research", team="quality") | {
        "release": "2026.08.1",
        "user": "u_1",
        "city": "Gdańsk",
        "日本語": "値 with blanks  ",
        "long_key_" + "k" * 55: "sixty-four characters of key",
        "long_value": ("five hundred and twelve characters, " * 15)[:512],
        "url": "https://brightwater.example/a?b=c&d=[e]#f",
        "json": '{"nested": ["in", "text"]}',
        "order": known["order"],
        "number": "007",
        "bool": "false",
        "dotted.key-with_signs": "ok",
        "key[with]brackets": "yes",
    }
    return Sample([user("Count my labels")], [reply(f"There are {len(pairs)}.")], SMALL, pairs)


def unknown_fields(dice: Random) -> Sample:
    """Fields of other servers and of days to come: in the document, the choice and the message."""
    known = facts(dice)
    calm = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "low"}}
    choice = reply(
        f"The knife is for mushrooms, {known['first']}; its blade is 6 cm long.",
        reasoning_content="The customer asks about a knife. It is a mushroom knife. Answer plainly, name the length.",
    )
    choice["content_filter_results"] = calm
    verdict = {
        "type": "moderation_result",
        "model": "omni-moderation-latest",
        "flagged": False,
        "categories": {"violence": False},
        "category_scores": {"violence": 0.0123},
        "category_applied_input_types": {"violence": ["text"]},
    }
    extra = {
        "moderation": {"input": verdict, "output": verdict},
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": calm}],
        "x_experiment": {"arm": "b", "weights": [0.25, 0.75], "nested": {"deep": [None, True, 9007199254740993]}},
        "service_tier": "hyperdrive",
    }
    return Sample(
        [user("What is the knife in the catalogue for?")], [choice], SMALL, tags(dice, "support", team="quality"), extra
    )


def odd_usage(dice: Random) -> Sample:
    """The details are more than their totals, and the totals do not add up."""
    known = facts(dice)
    usage = {
        "total_tokens": 90,
        "completion_tokens": 20,
        "prompt_tokens": 60,
        "prompt_tokens_details": {"cached_tokens": 128, "audio_tokens": None},
        "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0, "hidden_tokens": 7},
    }
    return Sample(
        [user(f"Name of the carrier for {known['city']}?")],
        [reply(known["carrier"])],
        LARGE,
        tags(dice, "support"),
        usage=usage,
    )


def every_detail(dice: Random) -> Sample:
    """All documented details of usage, predicted output included; they add up."""
    known = facts(dice)
    usage = {
        "total_tokens": 2_400,
        "completion_tokens": 400,
        "prompt_tokens": 2_000,
        "prompt_tokens_details": {
            "audio_tokens": 0,
            "cached_tokens": 1_536,
            "text_tokens": 2_000,
            "image_tokens": 0,
            "cache_write_tokens": 256,
        },
        "completion_tokens_details": {
            "accepted_prediction_tokens": 180,
            "audio_tokens": 0,
            "reasoning_tokens": 128,
            "text_tokens": 242,
            "rejected_prediction_tokens": 30,
        },
    }
    text = f"Renamed `get` to `fetch` in {known['service']}, {known['count']} places; nothing else has changed."
    return Sample(
        [user("Rename get to fetch in the file below, return all of it.")],
        [reply(text)],
        LARGE,
        tags(dice, "code", team="platform"),
        {"service_tier": "priority"},
        usage=usage,
    )


def many_roles(dice: Random) -> Sample:
    """System and developer in one conversation, names, an empty message, and the same role twice."""
    known = facts(dice)
    return Sample(
        messages=[
            system("You are a clerk."),
            {"role": "developer", "content": "Prefer short answers.", "name": "policy_3"},
            user("Hello", name="amara"),
            user("", name="amara"),
            user(f"and hello from {known['city']}", name="jonas"),
            assistant("Hello, both of you."),
            {"role": "critic", "content": "Too stiff?", "name": None},
            user("Which of us wrote first?"),
        ],
        choices=[reply("Amara did.")],
        model=SMALL,
        metadata=tags(dice, "research", team="quality"),
        reasoning=0,
    )
