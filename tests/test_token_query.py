"""The query string of the logprobs page, there and back."""

import pytest
from django.http import QueryDict

from dashboard.forms import ListQuery
from dashboard.token_query import TokenQuery, parse_tokens

BASE = "/default/completions/chatcmpl-1/"


def query(text: str, **listed) -> TokenQuery:
    found, faults = parse_tokens(BASE, ListQuery("default", **listed).opened_pairs, QueryDict(text))
    assert faults == []
    return found


def test_defaults_are_left_out_and_the_token_comes_last():
    assert query("").url == f"{BASE}logprobs/"
    assert query("choice=0&by=p&level=2&from=0&table=0").url == f"{BASE}logprobs/"
    everything = "choice=1&field=refusal&by=bits&level=3&from=20&table=1&sort=p&t=21"
    assert query(everything).url == f"{BASE}logprobs/?{everything}"


def test_the_list_that_the_page_was_opened_from_comes_first():
    found = query("t=3", model="gpt-4o", metadata=(("env", "prod"),))
    assert found.url == f"{BASE}logprobs/?model=gpt-4o&metadata%5Benv%5D=prod&t=3"
    assert found.csv_url == f"{BASE}logprobs/tokens.csv?model=gpt-4o&metadata%5Benv%5D=prod"
    assert found.link == f"{BASE}logprobs/?t=3#t3"


def test_links_change_one_thing_and_keep_the_others():
    found = query("choice=1&by=bits&level=3&t=9")
    assert found.selecting == "?choice=1&by=bits&level=3&t="
    assert found.stretching == "?choice=1&by=bits&level=3&from="
    assert found.unselected_url == f"{BASE}logprobs/?choice=1&by=bits&level=3"
    assert found.table_url == f"{BASE}logprobs/?choice=1&by=bits&level=3&table=1"
    assert found.with_(table=True).text_url == found.url
    assert found.least_likely_url == f"{BASE}logprobs/?choice=1&by=bits&level=3&sort=p&t=9"
    assert found.with_(sort="p").in_order_url == found.url
    assert [url for _, url in found.measures][2] == f"{BASE}logprobs/?choice=1&by=entropy&t=9"
    assert found.token_url == f"{BASE}tokens/1/{{t}}/?by=bits&level=3"
    assert found.of(2, "refusal") == f"{BASE}logprobs/?choice=2&field=refusal&by=bits&level=3"
    assert query("").selecting == "?t="


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("choice=x", "“choice” in the address must be a whole number."),
        ("choice=-1", "“choice” in the address must be a whole number."),
        ("t=1234567890", "“t” in the address must be a whole number."),
        ("t=٣", "“t” in the address must be a whole number."),
        ("field=both", "“field” in the address must be content or refusal."),
        ("level=5", "“level” in the address must be a whole number from 1 to 4."),
        ("table=yes", "“table” in the address must be 0 or 1."),
        ("sort=q", "“sort” in the address must be p."),
    ],
)
def test_what_is_wrong_is_said_and_left_out(text, fault):
    found, faults = parse_tokens(BASE, [], QueryDict(text))
    assert faults == [fault]
    assert found.url == f"{BASE}logprobs/"
