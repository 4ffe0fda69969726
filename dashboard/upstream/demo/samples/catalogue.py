"""Which samples there are, newest first: a showcase, then the daily mix with every special case in it once."""

from collections.abc import Callable
from functools import partial
from random import Random

from dashboard.upstream.demo.samples import (
    confidence,
    digests,
    endings,
    extraction,
    hostile,
    huge,
    languages,
    oddities,
    programming,
    research,
    sizes,
    spacing,
    support,
    tools,
    triage,
    vision,
    voice,
)
from dashboard.upstream.demo.samples.dice import seeded
from dashboard.upstream.demo.samples.shapes import Sample

Scenario = Callable[[Random], Sample]

COUNT = 440
# From this row on there may be anything; the rows before it stay presentable and light, so that the first
# page of 50 is quick.
_DEEP = 60
_HUGE_ROW = COUNT * 9 // 14

# The first screen.
_SHOWCASE: tuple[Scenario, ...] = (
    support.order_lookup,
    triage.ticket,
    support.parallel_lookup,
    digests.digest,
    partial(programming.commit_messages, count=3),
    partial(research.cited_answer, position=1),
    voice.spoken_answer,
    endings.refused,
    languages.japanese,
    partial(triage.ticket_with_logprobs, alternatives=20),
    endings.cut_short,
    extraction.invoice,
    endings.filtered,
    vision.picture,
)
# A hand of the daily mix; it is shuffled and played again and again.
_DAILY: tuple[Scenario, ...] = (
    *(support.plain_question,) * 7,
    *(support.order_lookup,) * 2,
    *(support.parallel_lookup,) * 2,
    support.refund_talk,
    *(triage.ticket,) * 4,
    triage.ticket_with_logprobs,
    extraction.invoice,
    extraction.contact,
    extraction.lease,
    extraction.keywords,
    *(programming.task,) * 3,
    programming.commit_messages,
    *(digests.digest,) * 3,
    research.cited_answer,
    languages.other_language,
    vision.picture,
    endings.cut_short,
)
# Once each, anywhere.
_SPECIAL: tuple[Scenario, ...] = (
    *(partial(languages.other_language, position=position) for position in range(15)),
    *(partial(research.cited_answer, position=position) for position in range(5)),
    *(partial(spacing.spaced_text, position=position) for position in range(9)),
    *(voice.spoken_answer,) * 5,
    support.failed_lookup,
    support.failed_lookup,
    programming.five_names,
    programming.two_answers,
    partial(programming.commit_messages, count=2),
    partial(programming.commit_messages, count=5),
    extraction.broken_schema,
    extraction.broken_json,
    vision.file_and_picture,
    endings.refused,
    endings.refused,
    endings.filtered,
    endings.filtered,
    endings.spent_on_reasoning,
    partial(tools.legacy_function, answered=True),
    tools.custom_tool,
    tools.forced_tool,
    tools.long_result,
    confidence.verdict,
    partial(confidence.verdict, position=3),
    confidence.without_alternatives,
    confidence.code_line,
    oddities.no_metadata,
    oddities.empty_value,
    oddities.every_detail,
    sizes.long_talk,
)
# Once each, not among the first rows.
_SPECIAL_DEEP: tuple[Scenario, ...] = (
    *(partial(hostile.hostile_text, position=position) for position in range(11)),
    hostile.hostile_names,
    hostile.surrogate,
    hostile.formula_request,
    *(partial(confidence.paragraph, alternatives=alternatives) for alternatives in (20, 20, 12)),
    partial(confidence.verdict, alternatives=20, position=0),
    partial(confidence.verdict, alternatives=20, position=1),
    confidence.split_characters,
    confidence.null_bytes,
    confidence.surprising,
    confidence.uneven,
    confidence.of_each_choice,
    confidence.empty_lists,
    endings.refused_with_logprobs,
    endings.nothing_said,
    partial(tools.legacy_function, answered=False),
    *(partial(tools.broken_arguments, position=position) for position in range(3)),
    tools.glued_arguments,
    tools.lonely_result,
    oddities.null_metadata,
    oddities.full_metadata,
    oddities.unknown_fields,
    oddities.odd_usage,
    oddities.many_roles,
    sizes.long_prompt,
    sizes.long_word,
    sizes.long_answer,
)


def all_samples() -> list[Sample]:
    """The samples, newest first; the same ones at every start."""
    dice = seeded("catalogue")
    return [scenario(dice) for scenario in _order(dice)]


def _order(dice: Random) -> list[Scenario]:
    rows: list[Scenario | None] = [None] * COUNT
    rows[: len(_SHOWCASE)] = _SHOWCASE
    rows[_HUGE_ROW] = huge.logbook
    _scatter(_SPECIAL_DEEP, rows, _DEEP, dice)
    _scatter(_SPECIAL, rows, len(_SHOWCASE), dice)
    daily: list[Scenario] = []
    while len(daily) < COUNT:
        daily += dice.sample(_DAILY, len(_DAILY))
    return [scenario or daily[row] for row, scenario in enumerate(rows)]


def _scatter(scenarios: tuple[Scenario, ...], rows: list[Scenario | None], first: int, dice: Random) -> None:
    """Put each scenario into a free row from the first on."""
    free = [row for row in range(first, len(rows)) if rows[row] is None]
    for scenario, row in zip(scenarios, dice.sample(free, len(scenarios)), strict=True):
        rows[row] = scenario
