import pytest

from dashboard.inspection.chunks import CHUNK, STEP, chunks, next_start


@pytest.mark.parametrize(
    "text",
    ["", "a", "\n", "one\ntwo", "line\n" * 90_000, "x" * 300_000, "x" * 9_000 + "\n" + "y" * 20_000 + "\nend\n"],
)
def test_the_steps_together_are_the_text(text):
    said = ""
    start: int | None = 0
    while start is not None:
        said += "".join(chunk.text for chunk in chunks(text, start))
        start = next_start(text, start)
    assert said == text


def test_pieces_of_whole_lines_may_stand_as_blocks():
    pieces = list(chunks("line\n" * 4_000, 0))
    assert all(piece.whole_lines and piece.text.endswith("\n") and len(piece.text) <= CHUNK for piece in pieces)


def test_a_line_that_is_cut_is_no_block_and_nor_is_what_ends_it():
    pieces = list(chunks("x" * 9_000 + "\nnext\n" + "z" * CHUNK, 0))
    assert [(len(piece.text), piece.whole_lines) for piece in pieces] == [
        (CHUNK, False),
        (1_006, False),
        (CHUNK, False),
    ]


def test_a_step_that_begins_within_a_line_does_not_begin_with_a_block():
    assert [one.whole_lines for one in chunks("ab\ncd\n", 1)] == [False]
    assert [one.whole_lines for one in chunks("ab\ncd\n", 3)] == [True]


def test_one_step_brings_so_much_and_not_more():
    text = "x" * (2 * STEP + 1)
    assert sum(len(chunk.text) for chunk in chunks(text, 0)) == STEP
    assert (next_start(text, 0), next_start(text, STEP), next_start(text, 2 * STEP)) == (STEP, 2 * STEP, None)
    assert list(chunks(text, len(text) + 5)) == []
