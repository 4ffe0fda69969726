# mypy: disable-error-code="arg-type, operator, type-var, comparison-overlap, union-attr"
"""The numbers of the logprobs page, against numpy and the definitions; and that no list of tokens breaks them."""

import json
import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.inspection.answer_tokens import least_likely, uncertain
from dashboard.inspection.field_confidence import field_confidence
from dashboard.inspection.logprobs import OUTSIDE, entropy, is_not_top, rank, summary, surprise
from dashboard.inspection.measures import MEASURES
from dashboard.inspection.surprise_strip import FEWER_BARS, HEIGHT, MOST_BARS, histogram, strip
from dashboard.inspection.token_text import token_texts
from dashboard.upstream.demo.store import build_store
from dashboard.upstream.tokens import Alternative, Token, tokens

odd = st.sampled_from([None, OUTSIDE, -20_000.0, 0.5, 3.0])


@st.composite
def one_token(draw) -> Token:
    """As an API gives it: a distribution of which the likeliest are listed, the chosen one among them or not."""
    weights = draw(st.lists(st.floats(0.001, 1), min_size=2, max_size=12))
    shares = np.array(weights) / sum(weights)
    names = [f"w{place}" for place in range(len(shares))]
    chosen = draw(st.integers(0, len(shares) - 1))
    listed = sorted(range(len(shares)), key=lambda place: -shares[place])[: draw(st.integers(0, len(shares)))]
    logprob = draw(odd) if draw(st.integers(0, 9)) == 0 else float(np.log(shares[chosen]))
    options = tuple(Alternative(names[place], float(np.log(shares[place]))) for place in listed)
    return Token(names[chosen], logprob, None, options)


def counted(listed) -> np.ndarray:
    """The logprobs that can be counted with."""
    return np.array([one.logprob for one in listed if one.logprob is not None and OUTSIDE < one.logprob <= 0])


def known_half(listed) -> int:
    values = counted(listed)
    return int(np.sum(np.exp(values) < 0.5 - 1e-6)) + sum(
        one.logprob is not None and one.logprob <= OUTSIDE for one in listed
    )


@pytest.fixture(scope="module")
def demo_lists() -> list[list[Token]]:
    """Every list of tokens of the demo data, but that of the 16,000 tokens, which is like the others."""
    documents = [json.loads(row.read()) for row in build_store(1_790_000_000).rows if isinstance(row.document, bytes)]
    found = [
        tokens(listed)
        for document in documents
        for choice in document["choices"]
        for listed in (choice["logprobs"] or {}).values()
        if listed
    ]
    assert len(found) > 15
    return found


def check_summary(listed: list[Token]) -> None:
    found, values = summary(listed), counted(listed)
    assert found.tokens == len(listed)
    if len(values):
        assert found.perplexity == pytest.approx(np.exp(-np.mean(values)), rel=1e-9)
        assert found.surprise == pytest.approx(-np.sum(np.log2(np.exp(np.maximum(values, -700)))), rel=1e-6, abs=1e-9)
    else:
        assert found.perplexity is None
    assert found.below_half == known_half(listed)
    assert found.outside + found.unusable + len(values) == len(listed)


def check_token(one: Token) -> None:
    others = np.array([other.logprob for other in one.alternatives])
    known = one.logprob is not None and OUTSIDE < one.logprob <= 0
    if known and len(others):
        assert rank(one) == 1 + int(np.sum(others > one.logprob + 1e-6))
        assert is_not_top(one, rank(one)) == bool(np.max(others) > one.logprob + 1e-6)
    else:
        assert rank(one) is None
    shares = np.exp(others)
    if known and one.token not in [other.token for other in one.alternatives]:
        shares = np.append(shares, np.exp(one.logprob))
    found = entropy(one)
    if not len(shares):
        assert found is None
        return
    rest = max(1 - float(np.sum(shares)), 0.0)
    parts = np.append(shares, rest)
    parts = parts[parts > 0]
    assert found is not None
    assert found.bits == pytest.approx(-float(np.sum(parts * np.log2(parts))), abs=1e-5)
    assert found.covered == pytest.approx(min(float(np.sum(shares)), 1.0), abs=1e-9)


@given(st.lists(one_token(), max_size=30))
def test_the_numbers_of_generated_tokens_are_those_of_numpy(listed):
    check_summary(listed)
    for one in listed:
        check_token(one)


def test_the_numbers_of_the_demo_data_are_those_of_numpy(demo_lists):
    for listed in demo_lists:
        check_summary(listed)
        for one in listed:
            check_token(one)


def test_the_entropy_is_a_lower_bound_of_that_of_the_whole_distribution():
    dice = np.random.default_rng(5)
    for _ in range(200):
        shares = np.sort(dice.dirichlet(np.full(60, 0.3)))[::-1]
        whole = -float(np.sum(shares[shares > 0] * np.log2(shares[shares > 0])))
        options = tuple(Alternative(f"w{n}", float(np.log(share))) for n, share in enumerate(shares[:20]) if share > 0)
        found = entropy(Token("w0", options[0].logprob, None, options))
        assert found is not None
        assert found.bits <= whole + 1e-9


@given(st.lists(one_token(), max_size=40), st.sampled_from(list(MEASURES.values())))
def test_levels_are_the_classes_between_fixed_steps(listed, measure):
    for one, level in zip(listed, measure.levels(listed), strict=True):
        found = entropy(one)
        bits = surprise(one) if measure.name != "entropy" else found and found.bits
        if bits is None:
            outside = one.logprob is not None and one.logprob <= OUTSIDE
            assert level == (4 if outside else None)
        elif all(abs(bits - step) > 1e-5 for step in measure.steps):
            assert level == int(np.digitize(bits, measure.steps))


@pytest.mark.parametrize(
    ("share", "level"), [(1, 0), (0.9, 0), (0.89, 1), (0.5, 1), (0.49, 2), (0.2, 2), (0.05, 3), (0.04, 4)]
)
def test_a_step_belongs_to_the_more_likely_class(share, level):
    assert MEASURES["p"].level(Token("a", math.log(share))) == level


@given(st.lists(one_token(), max_size=60))
def test_the_histogram_is_that_of_numpy(listed):
    shares = np.exp(counted(listed))
    if any(abs(share * 10 - round(share * 10)) < 1e-6 for share in shares):
        return  # on an edge, where rounding decides
    assert [one.count for one in histogram(listed)] == (
        list(np.histogram(shares, 10, (0, 1))[0]) if len(shares) else []
    )


@pytest.mark.parametrize("count", [1, MOST_BARS, MOST_BARS + 1, 5_000])
def test_a_bar_is_the_maximum_of_its_tokens(count):
    dice = Random(count)
    listed = [Token("a", -dice.expovariate(1)) for _ in range(count)]
    bits = np.array([-one.logprob / np.log(2) for one in listed if one.logprob is not None])
    found = strip(listed)
    stretches = [bits[start : start + found.step] for start in range(0, count, found.step)]
    assert found.step == (1 if count <= MOST_BARS else math.ceil(count / FEWER_BARS))
    assert [bar.height for bar in found.bars] == pytest.approx(
        [HEIGHT * max(one) / max(bits) for one in stretches], abs=0.06
    )
    assert [bar.at for bar in found.bars] == [n * found.step + int(np.argmax(one)) for n, one in enumerate(stretches)]
    assert (found.peak, found.peak_at) == (pytest.approx(max(bits)), int(np.argmax(bits)))


def test_a_token_outside_of_the_top_20_is_the_highest_bar():
    found = strip([Token("a", -1.0), Token("b", OUTSIDE), Token("c", None)])
    assert [bar.height for bar in found.bars] == [HEIGHT, HEIGHT, 0]
    assert [level for level, bars in found.by_level if bars] == [2, 4]
    assert (found.peak_at, strip([Token("b", OUTSIDE)]).peak, strip([]).bars) == (0, 0.0, ())


# --- Fields of JSON


def pieces(text: bytes, dice: Random) -> list[bytes]:
    cuts = sorted(dice.sample(range(1, len(text)), min(len(text) - 1, dice.randint(1, 12)))) if len(text) > 1 else []
    return [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True)]


values = st.text(max_size=8) | st.integers(-999, 999) | st.booleans() | st.none()


@given(st.dictionaries(st.text("abcdé", min_size=1, max_size=5), values, min_size=1, max_size=6), st.randoms())
def test_a_value_is_as_sure_as_all_tokens_that_hold_a_byte_of_it(answer, dice):
    """The text is written member by member, so that the place of each value is known without a parser."""
    text, places = b"{", []
    for key, value in answer.items():
        text += (b", " if len(text) > 1 else b"") + json.dumps(key, ensure_ascii=False).encode() + b": "
        written = json.dumps(value, ensure_ascii=False).encode()
        inside = 1 if isinstance(value, str) and value else 0
        places.append((len(text) + inside, len(text) + len(written) - inside))
        text += written
    text += b"}"
    cut = pieces(text, dice)
    listed = [Token("?", -dice.random(), tuple(one)) for one in cut]
    starts = np.cumsum([0, *map(len, cut)])
    found = [one for one in field_confidence(listed).values if one.span.depth == 1]
    assert len(found) == len(places)
    for one, (start, stop) in zip(found, places, strict=True):
        held = [n for n in range(len(cut)) if starts[n] < stop and starts[n + 1] > start]
        logprobs = np.array([listed[n].logprob for n in held])
        assert (one.first, one.tokens) == (held[0], len(held))
        assert one.product == pytest.approx(np.exp(np.sum(logprobs)))
        assert one.lowest == pytest.approx(np.exp(np.min(logprobs)))
        assert one.lowest_at == held[int(np.argmin(logprobs))]


def test_a_value_with_a_token_that_cannot_be_counted_is_not_known():
    found = field_confidence([Token('{"a": '), Token("1", OUTSIDE), Token("}", -1.0)])
    assert [(one.product, one.lowest, one.first) for one in found.values] == [(None, None, 0), (None, None, 1)]
    assert field_confidence([]).values == ()


def test_the_answers_in_json_of_the_demo_have_a_probability_for_each_value(demo_lists):
    known = [field_confidence(listed).values for listed in demo_lists]
    structured = [one for one in known if one]
    assert len(structured) >= 2
    for every in structured:
        whole = every[0].product or 0
        assert whole > 0
        assert all(whole <= (one.product or 0) <= (one.lowest or 0) <= 1 for one in every)


# --- The least likely, and the uncertain


@given(st.lists(one_token(), max_size=60))
def test_the_least_likely_are_the_most_surprising_in_order(listed):
    found = least_likely(listed, token_texts(listed))
    bits = [math.inf if one.outside else one.bits for one in found]
    assert bits == sorted(bits, reverse=True)
    assert len(found) <= 20
    left = {one.place for one in found}
    highest_left = max((surprise(one) or 0 for place, one in enumerate(listed) if place not in left), default=0)
    assert all(one >= highest_left - 1e-9 for one in bits) or len(found) >= 5


@given(st.lists(st.none() | st.integers(0, 4), max_size=30), st.integers(1, 4), st.none() | st.integers(0, 29))
def test_uncertain_tokens_go_round(levels, level, current):
    found = uncertain(levels, level, current)
    places = [place for place, one in enumerate(levels) if (one or 0) >= level]
    assert found.count == len(places)
    assert found.counts[level - 1] == len(places)
    assert found.number == (places.index(current) + 1 if current in places else 0)
    if not places:
        assert (found.previous, found.next) == (None, None)
        return
    ahead = [place for place in places if place > (-1 if current is None else current)]
    before = [place for place in places if place < (0 if current is None else current)]
    assert found.next == (ahead or places)[0]
    assert found.previous == (before or places)[-1]


def test_a_perplexity_that_no_number_holds_is_infinite():
    assert summary([Token("a", -5000.0)]).perplexity == math.inf
    assert summary([]).perplexity is None


def test_what_rounds_to_nothing_is_nothing():
    assert surprise(Token("a", 1e-7)) == 0.0
    assert surprise(Token("a", 0.01)) is None
    assert rank(Token("a", -1.0, None, (Alternative("b", -0.9999995),))) == 1


def test_an_alternative_that_cannot_be_counted_changes_no_rank():
    options = (Alternative("b", None), Alternative("c", 7.0), Alternative("d", -0.5), Alternative("a", -1.0))
    assert rank(Token("a", -1.0, None, options)) == 2
    assert rank(Token("a", -1.0, None, (Alternative("b", None),))) == 1
