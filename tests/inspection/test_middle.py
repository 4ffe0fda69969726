import pytest

from dashboard.inspection.middle import Gap, gap_after, stretches


def places(count, start=None):
    return [(one.start, one.stop) for one in stretches(count, start)]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_short_conversation_is_shown_whole(count):
    assert places(count) == [(0, count)]
    assert gap_after(range(count), stretches(count, None)) is None


def test_a_long_one_shows_its_beginning_and_its_end():
    assert places(100) == [(0, 3), (88, 100)]
    shown = stretches(100, None)
    assert gap_after(shown[0], shown) == Gap(3, 88)
    assert gap_after(shown[1], shown) is None


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        (3, [(0, 103), (988, 1000)]),
        (500, [(0, 3), (500, 600), (988, 1000)]),
        (900, [(0, 3), (900, 1000)]),
        (987, [(0, 3), (987, 1000)]),
        (0, [(0, 3), (988, 1000)]),
        (988, [(0, 3), (988, 1000)]),
        (5000, [(0, 3), (988, 1000)]),
    ],
)
def test_a_stretch_of_the_middle_is_shown_where_it_is_asked_for(start, shown):
    assert places(1000, start) == shown


def test_no_message_is_shown_twice_and_gaps_hold_the_others():
    for count in range(31, 260, 7):
        for start in [None, *range(count)]:
            shown = stretches(count, start)
            gaps = [gap for one in shown if (gap := gap_after(one, shown))]
            seen = sorted(
                [*(p for one in shown for p in one), *(p for gap in gaps for p in range(gap.start, gap.stop))]
            )
            assert seen == list(range(count)), (count, start)


def test_a_step_is_at_most_a_hundred_messages():
    assert (Gap(3, 988).count, Gap(3, 988).step, Gap(3, 20).step) == (985, 100, 17)
