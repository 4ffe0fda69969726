import json

import pytest

LIST = "/default/completions/"

BAD = [
    ({"limit": "0"}, "The page size “limit” must be a whole number from 1 to 100."),
    ({"limit": "101"}, "from 1 to 100"),
    ({"limit": "ten"}, "must be a whole number from 1 to 100"),
    ({"limit": "9" * 5000}, "from 1 to 100"),
    ({"order": "sideways"}, "The order is either desc"),
    ({"pages": "11"}, "The number of pages must be a whole number from 1 to 10."),
    ({"after": "../x"}, "must be the id of a completion"),
    ({"after": "x" * 129}, "must be the id of a completion"),
    ({"model": "m" * 257}, "A model name has at most 256 characters."),
    ({"model": "a\x00b"}, "A model name cannot hold null characters."),
    ({"metadata_value": "prod"}, "A metadata value needs its key."),
    ({"metadata[]": "prod"}, "A metadata value needs its key."),
    ({f"metadata[{'k' * 65}]": "v"}, "A metadata key has at most 64 characters."),
    ({"metadata[k]": "v" * 513}, "A metadata value has at most 512 characters."),
    ({"metadata[k]": "a\x00b"}, "Metadata cannot hold null characters."),
    ({f"metadata[k{number}]": "v" for number in range(17)}, "at most 16 metadata pairs; these are 17"),
]


@pytest.mark.parametrize(("given", "sentence"), BAD, ids=range(len(BAD)))
def test_a_bad_value_is_told_beside_the_form_and_never_sent(client, upstream, given, sentence):
    response = client.get(LIST, given)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert "Nothing was asked of the API" in response.content.decode()
    assert upstream.asked == []


def test_what_was_typed_is_still_there(client, upstream):
    html = client.get(LIST, {"model": "m", "metadata_value": "pr od", "metadata[a]": "b"}).content.decode()
    for kept in (
        'value="m"',
        'value="pr od"',
        'name="metadata[a]" value="b"',
        'aria-invalid="true"',
    ):
        assert kept in html, kept


def test_on_a_fragment_the_rows_stay(htmx, upstream):
    response = htmx(f"{LIST}?metadata_value=prod")
    assert response.status_code == 400
    assert response.headers["HX-Reswap"] == "none"
    assert 'id="pair-field" hx-swap-oob="true"' in response.content.decode()
    assert "A metadata value needs its key." in response.content.decode()
    assert upstream.asked == []


def test_a_bad_value_without_a_field_is_not_sent_again(client, upstream):
    html = client.get(LIST, {"order": "up", "limit": "0", "metadata[a]": "b"}).content.decode()
    assert 'name="order"' not in html
    assert 'name="limit"' not in html
    assert f'<a href="{LIST}?metadata%5Ba%5D=b">Leave out what is marked</a>' in html


def test_pairs_that_cannot_be_sent_can_be_left_out(client, upstream):
    html = client.get(LIST, {"model": "m", "metadata[k]": "v" * 513}).content.decode()
    assert f'<a href="{LIST}?model=m">Leave out what is marked</a>' in html


def test_sixteen_pairs_and_an_empty_value_are_legal(client, upstream):
    given = {f"metadata[k{number}]": "" for number in range(16)}
    assert client.get(LIST, given).status_code == 200
    assert upstream.asked[0].count("metadata") == 16


def test_hostile_parameters_get_an_answer_and_only_good_values_are_sent(client, upstream, shared):
    for case in json.loads((shared / "corpora/malicious_filters.json").read_text("utf-8")):
        if not isinstance(case.get("value"), str):
            continue
        response = client.get(LIST, {case["param"]: case["value"]}, follow=True)
        assert response.status_code in {200, 400}, case
    assert all("limit=0" not in asked and "\n" not in asked for asked in upstream.asked)


def test_naughty_strings_in_every_parameter_get_an_answer(client, upstream, shared):
    for text in json.loads((shared / "corpora/blns.json").read_text("utf-8")):
        given = {"model": text[:256], "metadata[k]": text[:512], f"metadata[{text[:64]}]": "v", "after": text}
        response = client.get(LIST, given)
        assert response.status_code in {200, 302, 400}, text
        assert "<script>alert" not in response.content.decode()
