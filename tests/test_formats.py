"""Numbers as the pages write them."""

import math

import pytest

from dashboard.templatetags.formats import bits, of_total, percent, perplexity, step_class


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (None, "not known"),
        (0.0, "0%"),
        (1e-9, "<0.01%"),
        (0.312, "31.20%"),
        (0.99995, ">99.99%"),
        (1.0, "100%"),
    ],
)
def test_a_probability_is_not_rounded_to_nothing_or_to_all(share, written):
    assert percent(share) == written


def test_a_share_of_a_total_is_a_whole_percentage():
    assert [of_total(*pair) for pair in ((0, 10), (1, 8), (1, 1000), (3, 3), (0, 0))] == [
        "0%",
        "12%",
        "<1%",
        "100%",
        "",
    ]


def test_perplexity_and_bits_have_two_places():
    assert (perplexity(1.3149), perplexity(math.inf), bits(None), bits(1234.5)) == (
        *("1.31", "over 1,000,000"),
        *("not known", "1,234.50"),
    )


@pytest.mark.parametrize(
    ("share", "step"), [(1.0, "b0"), (0.6, "b1"), (0.3, "b2"), (0.1, "b3"), (0.01, "b4"), (0.0, "b4"), (None, "")]
)
def test_a_probability_has_the_colour_that_its_token_has_in_the_text(share, step):
    assert step_class(share) == step
