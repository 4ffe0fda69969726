import pytest

from tests.stub_upstream import page, stored

URL = "/default/completions/chatcmpl-5/"


@pytest.mark.parametrize(("word", "order"), [("older", "desc"), ("newer", "asc")])
def test_a_neighbour_is_the_next_one_in_that_order(client, upstream, word, order):
    upstream.lists([stored(6)])
    answer = client.get(f"{URL}{word}/?model=gpt&metadata[env]=prod&limit=20")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/default/completions/chatcmpl-6/?model=gpt&metadata%5Benv%5D=prod"
    assert upstream.asked == [
        f"/chat/completions?order={order}&limit=1&model=gpt&metadata%5Benv%5D=prod&after=chatcmpl-5"
    ]


@pytest.mark.parametrize(("word", "most"), [("older", "oldest"), ("newer", "newest")])
def test_at_the_end_there_is_none(client, upstream, word, most):
    upstream.lists([])
    answer = client.get(f"{URL}{word}/?metadata[env]=prod")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f"There is no {word} completion with env = prod" in html
    assert f"is the {most} that the API lists with this filter" in html
    assert f'href="{URL}?metadata%5Benv%5D=prod"' in html


def test_a_server_that_ignores_the_cursor_leads_nowhere(client, upstream):
    upstream.answer = lambda path, query: page([stored(5), {"id": "no/address"}])
    assert "There is no older completion" in client.get(f"{URL}older/").content.decode()


def test_a_failure_is_a_page(client, upstream):
    upstream.fails(500)
    assert client.get(f"{URL}older/").status_code == 502
