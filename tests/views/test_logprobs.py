"""The logprobs page: text in colours, table, CSV, and one token for the inspector."""

import csv
import json

import pytest
from bs4 import BeautifulSoup

from tests.stub_upstream import reply, stored
from tests.views.test_completion import serving

URL = "/default/completions/chatcmpl-1/"
PAGE = f"{URL}logprobs/"


def token(text: str, logprob: float = -0.01, **alternatives: float) -> dict:
    listed = {text: logprob} | alternatives
    top = [{"token": name, "logprob": value, "bytes": list(name.encode())} for name, value in listed.items()]
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": top}


WORDS = [token("It"), token(" left", -1.2, here=-0.9), token(" on"), token(" Monday", -3.5, Friday=-0.1), token(".")]


def answered(content=None, refusal=None, **fields) -> dict:
    message = {"role": "assistant", "content": "It left on Monday."}
    choice = {"index": 0, "message": message, "logprobs": {"content": content, "refusal": refusal}}
    return stored(choices=[choice | fields])


@pytest.fixture
def shown(client, upstream):
    """The page of a completion with those logprobs, parsed."""

    def get(query="", document=None, status=200):
        upstream.answer = serving(document or answered(WORDS))
        response = client.get(PAGE + query)
        assert response.status_code == status
        return BeautifulSoup(response.content, "html.parser")

    return get


def numbers(page) -> dict[str, str]:
    return {one.dt.text: " ".join(one.dd.text.split()) for one in page.select(".lpstats > div")}


def inspected(page) -> dict[str, str]:
    return {one.dt.text: one.dd.text for one in page.select("#inspect dl > div")}


def test_the_answer_is_one_element_a_token_coloured_by_probability(shown, upstream):
    page = shown()
    elements = page.select(".tk section > *")
    assert [one.text for one in elements] == ["It", "left", "on", "Monday", "."]
    assert page.select_one(".tk").text == "It left on Monday."
    assert [one.name for one in elements] == ["i", "u", "i", "a", "i"]
    assert elements[3]["class"] == ["alt"]
    assert upstream.asked == ["/chat/completions/chatcmpl-1"]


def test_the_numbers_of_the_answer_stand_above_it(shown):
    assert numbers(shown()) == {
        "Tokens": "5",
        "Perplexity": "2.58",
        "Below 50%": "2 40%",
        "Not the top choice": "2 40%",
        "Total surprise": "7 bits",
    }


def test_the_tab_counts_the_tokens_of_all_choices(shown):
    tab = shown().select_one('.tabs a[aria-current="page"]')
    assert tab.text == "Logprobs 5"


def test_without_a_choice_of_token_the_least_likely_one_is_inspected(shown):
    page = shown()
    assert "Token 3" in page.select_one("#inspect h2").text
    assert "preset" in page.select_one("#inspect")["class"]
    assert not page.select(".cur")


def test_a_token_has_an_address_that_works_without_script(shown):
    page = shown("?t=1")
    assert page.select_one(".cur").text == "left"
    assert "preset" not in page.select_one("#inspect")["class"]
    assert inspected(page) == {
        "Probability": "30.12%",
        "Rank": "2",
        "Surprise": "1.73 bits",
        "Logprob": "−1.2",
        "Entropy": "≥ 1.57 bits",
        "Covered": "70.78%",
    }
    assert page.select_one("#inspect .tok small").text == "20 6C 65 66 74"
    links = {one["aria-label"]: one["href"] for one in page.select("#inspect header a")}
    assert links == {"Previous token": "?t=0#t0", "Next token": "?t=2#t2", "Close": PAGE}
    assert page.select_one("#inspect [data-copy]")["data-copy"] == f"{PAGE}?t=1#t1"
    assert [row.get_text(" ", strip=True) for row in page.select("#inspect tbody tr")] == [
        "1 here 40.66%",
        "2 ␣left chosen 30.12%",
        "all tokens not listed 29.22%",
    ]


@pytest.mark.parametrize(
    ("query", "count", "previous", "following"),
    [("", "2 below 50%", 3, 1), ("?t=1", "1 of 2 below 50%", 3, 3), ("?t=2", "2 below 50%", 1, 3)],
)
def test_uncertain_tokens_are_one_link_away_around_the_end(shown, query, count, previous, following):
    page = shown(query)
    assert page.select_one("#uncertain").text == count
    links = [one["href"] for one in page.select("[data-uncertain]")]
    assert links == [f"?t={previous}#t{previous}", f"?t={following}#t{following}"]


def test_the_threshold_is_part_of_the_address_and_of_every_link(shown):
    page = shown("?level=4&t=3")
    assert page.select_one("#uncertain").text == "1 of 1 below 5%"
    assert page.select_one(".tk")["data-level"] == "4"
    assert page.select_one("#inspect header a")["href"] == "?level=4&t=2#t2"
    assert page.select_one("#level")["value"] == "4"
    assert {(one["name"], one["value"]) for one in page.select(".threshold [type=hidden]")} == {("t", "3")}


def test_without_uncertain_tokens_there_is_nowhere_to_go(shown):
    page = shown(document=answered([token("Yes")]))
    assert page.select_one("#uncertain").text == "0 below 50%"
    assert not page.select("[data-uncertain]")


@pytest.mark.parametrize(
    ("by", "classes", "words"),
    [("bits", ["i", "b", "i", "q", "i"], "1 over 2 bits"), ("entropy", ["i", "u", "i", "b", "i"], "1 over 1 bit")],
)
def test_tokens_are_coloured_by_surprise_or_entropy(shown, by, classes, words):
    page = shown(f"?by={by}")
    assert [one.name for one in page.select(".tk section > *")] == classes
    assert page.select_one("#uncertain").text == words
    assert page.select_one('.lpbar [aria-current="true"]').text == {"bits": "Surprise", "entropy": "Entropy"}[by]


def test_the_strip_links_each_bar_to_its_token(shown):
    page = shown()
    assert {one["href"] for one in page.select(".strip a")} >= {"#t1", "#t3"}
    assert page.select(".strip g.h4 a")[0]["href"] == "#t3"
    assert "peak 5.0 bits at token 3" in page.select_one(".strip .axis").text


def test_the_least_likely_tokens_stand_in_their_context(shown):
    row = shown().select(".least tbody tr")[0]
    assert [" ".join(cell.text.split()) for cell in row.find_all(["td", "th"])] == [
        "3",
        "␣Monday",
        "It left on Monday.",
        "3.02%",
        "5.05",
        "2",
    ]
    assert row.mark.text == " Monday"


def test_the_histogram_counts_all_tokens(shown):
    counts = {row.th.text: row.select("td")[-1].text for row in shown().select(".shares tbody tr")}
    assert (counts["90–100%"], counts["30–40%"], counts["0–10%"]) == ("3", "1", "1")


def test_the_values_of_a_json_answer_have_probabilities(shown):
    pieces = [token('{"'), token("city"), token('": "'), token("Par", -0.5), token("is", -1.5), token('"}')]
    rows = shown(document=answered(pieces)).select(".fields tbody tr")
    cells = [[" ".join(cell.text.split()) for cell in row.find_all(["th", "td"])] for row in rows]
    assert cells[1] == ['city: "Paris"', "2", "13.53%", "22.31%"]
    assert rows[1].a["href"] == "?t=4#t4"


def test_an_answer_without_json_has_no_table_of_values(shown):
    assert not shown().select(".fields")


# --- Several answers


def test_each_choice_and_the_refusal_have_their_own_tokens(shown):
    logprobs = [
        {"content": [token("A"), token("B")], "refusal": None},
        None,
        {"content": [token("C")], "refusal": [token("No", -2)]},
    ]
    document = stored(choices=[{"index": n, "message": {}, "logprobs": one} for n, one in enumerate(logprobs)])
    page = shown(document=document)
    assert {one.text: one["href"] for one in page.select(".lists a")} == {
        "choice 0": PAGE,
        "choice 2": f"{PAGE}?choice=2",
        "choice 2 refusal": f"{PAGE}?choice=2&field=refusal",
    }
    page = shown("?choice=2&field=refusal", document)
    assert page.select_one(".tk").text == "No"
    assert page.select_one(".tk")["data-src"] == f"{URL}tokens/2/{{t}}/?field=refusal"
    page = shown("?choice=1", document)
    assert "No logprobs here" in page.text
    assert len(page.select(".lists a")) == 3


def test_a_refusal_alone_is_said_to_be_one(shown):
    assert "tokens of the refusal" in shown(document=answered(None, [token("No")])).text


# --- Edges


@pytest.mark.parametrize("logprobs", [None, {"content": None, "refusal": None}, {"content": []}, {}])
def test_without_logprobs_the_page_says_how_to_ask_for_them(shown, logprobs):
    page = shown(document=stored(choices=[{"index": 0, "message": {}, "logprobs": logprobs}]))
    assert "This completion has no logprobs" in page.text
    assert "top_logprobs=20" in page.text
    assert "see the JSON" not in page.text
    assert page.select_one('.tabs a[aria-current="page"]').text == "Logprobs"


@pytest.mark.parametrize("logprobs", ["text", {"tokens": ["a"], "token_logprobs": [-1]}, {"content": "x"}])
def test_logprobs_of_another_shape_are_in_the_json(shown, logprobs):
    page = shown(document=stored(choices=[{"index": 0, "message": {}, "logprobs": logprobs}]))
    assert page.select_one(".lp-none a")["href"] == f"{URL}json/?at=/completion/choices/0/logprobs"


def test_what_cannot_be_counted_is_left_out_and_said(shown):
    odd = [token("a", -1), token("b", -9999.0), token("c", 0.5), {"token": "d", "logprob": None}, {"token": "e"}]
    page = shown(document=answered(odd))
    assert numbers(page)["Perplexity"] == "2.72"
    assert "1 outside the top 20 (the API writes −9999), 3 without a usable logprob" in page.text
    assert [one.get("class") for one in page.select(".tk section > *")] == [None, ["alt"], ["x"], ["x"], ["x"]]
    assert "outside top 20" in shown("?t=1", answered(odd)).select_one("#inspect dl").text


def test_when_nothing_can_be_counted_nothing_is_made_up(shown):
    page = shown(document=answered([{"token": "a"}]))
    assert numbers(page)["Perplexity"] == "not known"
    assert numbers(page)["Not the top choice"] == "not known, no alternatives"
    assert inspected(page)["Probability"] == inspected(page)["Entropy"] == "not known"
    assert "No alternatives" in page.text
    assert not page.select(".least, .shares")


def test_a_chosen_token_that_is_not_listed_has_a_row_of_its_own(shown):
    entry = token("a", -6, b=-0.1, c=-3)
    entry["top_logprobs"] = entry["top_logprobs"][1:]
    page = shown(document=answered([entry]))
    rows = [row.get_text(" ", strip=True) for row in page.select("#inspect tbody tr")]
    assert rows == ["1 b 90.48%", "2 c 4.98%", "a chosen, below the list 0.25%", "all tokens not listed 4.29%"]
    assert inspected(page)["Rank"] == "≥ 3"


def test_unknown_fields_of_a_token_are_shown(shown):
    page = shown(document=answered([token("a") | {"entropy_of_server": 1.5}]))
    assert "entropy_of_server" in page.select_one("#inspect").text


def test_many_alternatives_are_bounded(shown):
    page = shown(document=answered([token("a", -1, **{f"n{n}": -2 - n / 100 for n in range(150)})]))
    assert len(page.select("#inspect tbody tr")) == 102
    assert "51 more, in the JSON" in page.text


def test_the_links_keep_the_list_that_the_page_was_opened_from(shown):
    page = shown("?model=gpt-4o&t=1")
    assert page.select_one("#inspect header a")["href"] == "?model=gpt-4o&t=0#t0"
    assert page.select_one(".lpbar .seg a:nth-of-type(2)")["href"] == f"{PAGE}?model=gpt-4o&by=bits&t=1"
    assert ("model", "gpt-4o") in {(one["name"], one["value"]) for one in page.select(".threshold [type=hidden]")}


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?t=99", 404, "There is no token 99: this answer has 5, counted from 0."),
        ("?choice=7", 404, "There is no choice 7: this completion has 1, counted from 0."),
        ("?t=x", 400, "“t” in the address must be a whole number."),
        ("?by=luck", 400, "“by” in the address must be p, bits, entropy."),
        ("?level=9&t=-1", 400, "“level” in the address must be a whole number from 1 to 4."),
    ],
)
def test_an_address_that_is_wrong_is_told_above_the_page(shown, query, status, said):
    page = shown(query, status=status)
    assert said in page.text
    assert page.select(".tk") or "choice" in query


def test_a_long_answer_comes_in_parts(shown):
    many = [{"token": f" w{n}", "logprob": -0.2} for n in range(16_390)]
    page = shown(document=answered(many))
    assert len(page.select(".tk section > *")) == 16_384
    assert [one["href"] for one in page.select(".stretches a")] == ["?from=0", "?from=16384"]
    page = shown("?t=16386", answered(many))
    assert page.select_one(".tk").text == " w16384 w16385 w16386 w16387 w16388 w16389"
    assert page.select_one(".tk")["data-from"] == "16384"
    assert page.select_one(".cur")["id"] == "t16386"
    assert page.select_one('.stretches [aria-current="true"]').text == "16,384 – 16,389"


def test_what_never_changes_is_not_asked_for_again_but_on_a_reload(client, upstream):
    upstream.answer = serving(answered(WORDS))
    first = BeautifulSoup(client.get(PAGE).content, "html.parser").select_one(".lp")
    again = BeautifulSoup(client.get(f"{PAGE}?by=p").content, "html.parser").select_one(".lp")
    assert again == first
    assert client.get(f"{PAGE}?by=entropy&t=2").status_code == 200
    assert client.get(f"{PAGE}tokens.csv").status_code == 200
    assert upstream.asked == ["/chat/completions/chatcmpl-1"]
    upstream.answer = serving(answered([token("Other")]))
    for header in ("max-age=0", "no-cache"):
        reloaded = BeautifulSoup(client.get(PAGE, headers={"Cache-Control": header}).content, "html.parser")
        assert [one.text for one in reloaded.select(".tk section > *")] == ["Other"]
    assert len(upstream.asked) == 3


def test_the_transcript_is_enough_for_the_logprobs(client, upstream):
    upstream.answer = serving(answered([token(f" w{n}") for n in range(3_000)]))
    client.get(URL)
    upstream.asked.clear()
    page = BeautifulSoup(client.get(PAGE).content, "html.parser")
    assert len(page.select(".tk section > *")) == 3_000
    assert upstream.asked == []


# --- Table


def test_all_tokens_stand_in_a_table(shown):
    rows = shown("?table=1").select(".tokens tbody tr")
    cells = [[" ".join(cell.text.split()) for cell in row.find_all(["th", "td"])] for row in rows]
    assert cells[0] == ["0", "It", "99.00%", "0.01", "1"]
    assert cells[3] == ["3", "␣Monday", "3.02%", "5.05", "2"]
    assert rows[3].a["href"] == "?t=3#t3"


def test_the_table_begins_with_the_least_likely_on_request(shown):
    rows = shown("?table=1&sort=p").select(".tokens tbody tr")
    assert [row.td.text for row in rows][:2] == ["3", "1"]


def test_a_long_table_comes_in_pages(shown):
    many = answered([{"token": f" w{n}", "logprob": -0.2} for n in range(1_500)])
    page = shown("?table=1", many)
    assert len(page.select(".tokens tbody tr")) == 1_000
    assert [one["href"] for one in page.select(".stretches a")][:2] == ["?table=1&from=0", "?table=1&from=1000"]
    assert len(shown("?table=1&from=1000", many).select(".tokens tbody tr")) == 500
    assert len(shown("?table=1&from=5000", many).select(".tokens tbody tr")) == 1_000


# --- CSV


def test_the_table_can_be_taken_away_as_csv(client, upstream):
    upstream.answer = serving(answered([*WORDS, token("=1+1")]))
    response = client.get(f"{PAGE}tokens.csv")
    assert response["Content-Disposition"] == 'attachment; filename="chatcmpl-1-tokens-0-content.csv"'
    rows = list(csv.DictReader(response.getvalue().decode().splitlines()))
    assert (rows[1]["text"], rows[1]["logprob"], rows[1]["rank_at_least"]) == (" left", "-1.2", "2")
    assert json.loads(rows[1]["alternatives"]) == [[" left", -1.2], ["here", -0.9]]
    assert rows[5]["text"] == "'=1+1"


def test_without_tokens_there_is_no_csv(client, upstream):
    upstream.answer = serving(stored())
    assert client.get(f"{PAGE}tokens.csv").status_code == 404


# --- One token


def test_one_token_comes_as_a_fragment_that_the_browser_keeps(htmx, upstream):
    upstream.answer = serving(answered(WORDS))
    response = htmx(f"{URL}tokens/0/1/")
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert (
        inspected(BeautifulSoup(f'<div id="inspect">{response.content.decode()}</div>', "html.parser"))["Rank"] == "2"
    )
    assert response["Cache-Control"] == "private, max-age=600"


def test_after_the_page_a_token_asks_the_api_for_nothing(client, htmx, upstream):
    upstream.answer = serving(answered([token(f" w{n}") for n in range(3_000)]))
    client.get(PAGE)
    upstream.asked.clear()
    assert "Token 2,345" in htmx(f"{URL}tokens/0/2345/").content.decode()
    assert upstream.asked == []


def test_the_document_is_asked_for_again_where_it_is_no_longer_kept(htmx, upstream):
    upstream.answer = serving(answered(WORDS))
    assert "␣left" in htmx(f"{URL}tokens/0/1/").content.decode()
    assert upstream.asked == ["/chat/completions/chatcmpl-1"]


def test_the_address_of_a_fragment_leads_to_the_page(client, upstream):
    response = client.get(f"{URL}tokens/2/7/?field=refusal&by=bits")
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?choice=2&field=refusal&by=bits&t=7")


@pytest.mark.parametrize("place", ["0/9", "3/0", f"0/{'9' * 5000}"])
def test_a_token_that_is_none_is_not_found(htmx, upstream, place):
    upstream.answer = serving(answered(WORDS))
    assert htmx(f"{URL}tokens/{place}/").status_code == 404


def test_a_failure_of_the_upstream_is_told_in_place_of_the_token(htmx, upstream):
    upstream.answer = lambda path, query: reply({"error": {"message": "down"}}, 500)
    assert htmx(f"{URL}tokens/0/1/").status_code == 502


# --- Large documents


def test_a_large_document_is_packed_beside_the_page_and_read_in_its_parts(client, htmx, upstream):
    entries = [token(f" w{n}", -0.2, **{f"other{m}": -3.0 - m for m in range(12)}) for n in range(2_000)]
    upstream.answer = serving(answered(entries))
    for _ in range(2):  # the second time nothing has to be packed
        assert client.get(PAGE).status_code == 200
    upstream.asked.clear()
    assert "␣w1999" in htmx(f"{URL}tokens/0/1999/").content.decode()
    assert htmx(f"{URL}tokens/0/2000/").status_code == 404
    tree = htmx(f"{URL}json/?at=/completion/choices/0/logprobs/content/1234/token").content.decode()
    assert "w1234" in tree
    assert json.loads(client.get(f"{URL}text/?at=/completion/choices/0/logprobs/content").content) == entries
    assert client.get(f"{URL}text/?at=/completion/choices/0/message/content").content == b"It left on Monday."
    assert upstream.asked == []
