import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.stub_upstream import page, reply, stored
from tests.views.conftest import configured

DEMO, LIST = "/demo/completions/", "/default/completions/"


def ids(response) -> list[str]:
    return re.findall(r'id="row-([^"]+)"', response.content.decode())


def test_the_first_address_leads_to_the_first_project(client):
    assert client.get("/").headers["Location"] == DEMO


def test_it_lists_completions_newest_first(client):
    response = client.get(DEMO)
    assert response.status_code == 200
    assert len(ids(response)) == 50
    assert "50 loaded, newest first" in response.content.decode()
    assert "completions/list.html" in [template.name for template in response.templates]


def test_one_page_costs_one_upstream_call(client, upstream):
    upstream.lists([stored(number) for number in range(50)], has_more=True)
    client.get(LIST)
    assert upstream.asked == ["/chat/completions?order=desc&limit=50"]


def test_the_columns_show_what_the_completion_says(client, upstream):
    upstream.lists([stored(metadata={"env": "prod", "flow": "support", "user": "u_1"})])
    html = client.get(LIST).content.decode()
    for shown in (
        "Answer 1",
        "stop",
        "gpt-5.4-mini-2026-03-05",
        "1,200",
        ">7<",
        "<i>env=</i>prod",
        ">+1<",
        'title="user=u_1"',
    ):
        assert shown in html, shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ({"refusal": "I will not."}, "refusal</span>I will not."),
        (
            {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "get_order", "arguments": "{}"}}]},
            "ƒ get_order",
        ),
        ({"function_call": {"name": "old_way", "arguments": ""}}, "ƒ old_way"),
        ({"audio": {"id": "a", "data": "", "transcript": "Good morning"}}, "♪ audio</span>Good morning"),
        ({"content": "x", "annotations": [{"type": "url_citation"}] * 3}, "3 citations"),
        ({}, "no content"),
        ({"content": "  two\n\n lines "}, ">two lines<"),
    ],
)
def test_a_mark_tells_what_kind_of_answer_it_is(client, upstream, message, shown):
    upstream.lists([stored(choices=[{"index": 0, "message": {"role": "assistant", "content": None} | message}])])
    assert shown in client.get(LIST).content.decode()


def test_several_choices_are_counted_and_all_their_endings_told(client, upstream):
    choices = [
        {"index": n, "message": {"content": "x"}, "finish_reason": end} for n, end in enumerate(["stop", "length"])
    ]
    upstream.lists([stored(choices=choices)])
    html = client.get(LIST).content.decode()
    assert "×2 choices" in html
    assert "stop · length" in html


def test_rows_stand_under_their_day(client, upstream):
    upstream.lists([stored(1, created=1_763_856_000), stored(2, created=1_763_769_599), stored(3, created=None)])
    html = client.get(LIST).content.decode()
    days = re.findall(r'class="day".*?rowheader" colspan="8">([^<]*)<span>', html)
    assert days == ["Sunday 23 November 2025", "Friday 21 November 2025", "No date"]


def test_rows_without_a_date_have_their_header_in_the_first_place_too(client, upstream):
    upstream.lists([stored(1, created=None), stored(2)])
    assert "No date<span>" in client.get(LIST).content.decode()


def test_times_are_utc_until_a_zone_is_known(client, upstream):
    upstream.lists([stored(created=1_763_856_000)])
    assert ">00:00:00</time>" in client.get(LIST).content.decode()
    client.cookies["tz"] = "Asia/Kolkata"
    html = client.get(LIST).content.decode()
    assert ">05:30:00</time>" in html
    assert "UTC+05:30" in html
    client.cookies["clock"] = "utc"
    assert ">00:00:00</time>" in client.get(LIST).content.decode()


def test_a_zone_that_does_not_exist_is_utc(client, upstream):
    upstream.lists([stored(created=1_763_856_000)])
    client.cookies["tz"] = "../../etc/passwd"
    assert ">00:00:00</time>" in client.get(LIST).content.decode()


def test_metadata_chips_of_rows_lead_to_the_filter(client, upstream):
    upstream.lists([stored(metadata={"env": "a b&c"})])
    html = client.get(f"{LIST}?model=gpt-5.4-mini-2026-03-05").content.decode()
    assert f'href="{LIST}?model=gpt-5.4-mini-2026-03-05&amp;metadata%5Benv%5D=a+b%26c"' in html


def test_the_filter_goes_upstream_as_it_is_in_the_address(client, upstream):
    client.get(LIST, {"model": "m", "metadata[env]": "prod", "metadata[empty]": "", "order": "asc", "limit": "20"})
    asked = parse_qsl(urlsplit(upstream.asked[0]).query, keep_blank_values=True)
    assert asked == [
        ("order", "asc"), ("limit", "20"), ("model", "m"), ("metadata[empty]", ""), ("metadata[env]", "prod"),
    ]  # fmt: skip


def test_active_filters_are_chips_that_lead_away_from_themselves(client, upstream):
    html = client.get(LIST, {"model": "m", "metadata[env]": "prod"}).content.decode()
    assert f'href="{LIST}?metadata%5Benv%5D=prod"' in html
    assert 'aria-label="Remove filter model = m"' in html
    assert f'href="{LIST}?model=m"' in html
    assert "Clear all" in html
    assert "Nothing matches model m and env = prod" in html


def test_the_helper_fields_lead_to_the_canonical_address(client, upstream):
    typed = {"model": "", "metadata_key": "env", "metadata_value": "prod", "metadata[a]": "b"}
    response = client.get(LIST, typed)
    assert response.status_code == 302
    assert response.headers["Location"] == f"{LIST}?metadata%5Ba%5D=b&metadata%5Benv%5D=prod"
    assert upstream.asked == []


def test_a_canonical_address_is_not_redirected_however_it_is_written(client, upstream):
    assert client.get(f"{LIST}?metadata[env]=prod").status_code == 200
    assert client.get(f"{LIST}?metadata%5Benv%5D=prod").status_code == 200


def test_defaults_and_empties_lead_to_the_short_address(client, upstream):
    assert client.get(f"{LIST}?order=desc&limit=50&pages=1").headers["Location"] == LIST


def test_unknown_parameters_are_ignored(client, upstream):
    response = client.get(f"{LIST}?utm_source=chat&limit=20")
    assert response.status_code == 200
    assert upstream.asked == ["/chat/completions?order=desc&limit=20"]


def test_htmx_gets_the_parts_that_changed(htmx, upstream):
    upstream.lists([stored()])
    response = htmx(f"{LIST}?metadata_key=env&metadata_value=prod")
    html = response.content.decode()
    assert "completions/_changed.html" in [template.name for template in response.templates]
    assert "<html" not in html
    assert response.headers["HX-Push-Url"] == f"{LIST}?metadata%5Benv%5D=prod"
    assert html.count("hx-swap-oob=") == 6
    assert "<title>1 completions, env = prod" in html


def test_whole_page_navigations_get_the_whole_page(htmx):
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        assert "<html" in htmx(DEMO, **{header: "true"}).content.decode()


def test_the_answer_is_kept_nowhere(client):
    headers = client.get(DEMO).headers
    assert headers["Cache-Control"] == "no-store, private"
    assert {"Cookie", "HX-Request"} <= set(headers["Vary"].split(", "))
    assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_filter_that_the_server_ignored_is_told(client, upstream):
    upstream.lists([stored(1), stored(2, metadata=None), stored(3, model="gpt-5.4-mini-turbo")])
    html = client.get(LIST, {"model": "gpt-5.4-mini", "metadata[env]": "prod"}).content.decode()
    assert "The API ignored the filter model = gpt-5.4-mini: 1 of the 3 rows loaded does not match it." in html
    assert "The API ignored the filter env = prod: 1 of the 3 rows loaded does not match it." in html


def test_a_filter_that_was_ignored_before_is_told_beside_the_form(client, upstream):
    warning = "This server has ignored filters by metadata so far."
    upstream.lists([stored(1, metadata={"env": "dev"})])
    assert warning not in client.get(LIST).content.decode()
    client.get(f"{LIST}?metadata%5Benv%5D=prod")
    assert warning in client.get(LIST).content.decode()
    client.get(f"{LIST}?metadata%5Benv%5D=dev")
    assert warning not in client.get(LIST).content.decode()


def test_an_empty_answer_tells_nothing_about_filters(client, upstream):
    client.get(f"{LIST}?metadata%5Benv%5D=prod&model=gpt-5")
    assert "has ignored" not in client.get(LIST).content.decode()


def test_a_half_typed_pair_survives_the_removal_of_a_chip(htmx, upstream):
    assert 'id="pair-field"' not in htmx(LIST).content.decode()
    assert 'id="pair-field"' in htmx(f"{LIST}?metadata_key=env&metadata_value=prod").content.decode()


def test_an_empty_list_says_how_to_fill_it(client, upstream):
    html = client.get(LIST).content.decode()
    assert "No stored completions yet" in html
    assert "store=True" in html


def test_the_end_is_said_as_the_api_gives_it(client, upstream):
    upstream.lists([stored(created=1_763_856_000)])
    assert (
        "1 loaded, back to Sun 23 Nov 00:00. End of the list as the API gives it." in client.get(LIST).content.decode()
    )


def test_a_row_whose_id_cannot_stand_in_an_address_is_shown_without_a_link(client, upstream):
    upstream.lists([stored(id="../../x<script>"), stored(id=5), stored(2)])
    html = client.get(LIST).content.decode()
    assert html.count('<tr class="row"') == 3
    assert html.count('class="main" href=') == 2  # 5 is written as "5", which can
    assert "<script>" not in html.replace("<script src=", "")


def test_damaged_rows_cost_only_themselves(client, upstream):
    broken = [None, 7, {}, stored(choices=None), stored(choices=[{"message": None}]), stored(created="soon", usage="x")]
    upstream.answer = lambda path, query: reply({"data": [*broken, stored(9)], "has_more": False})
    response = client.get(LIST)
    assert response.status_code == 200
    assert "Answer 9" in response.content.decode()
    assert response.content.decode().count('<tr class="row"') == 7


def test_more_rows_than_asked_for_are_cut_and_told(client, upstream):
    upstream.lists([stored(number) for number in range(60)])
    html = client.get(LIST).content.decode()
    assert html.count('<tr class="row"') == 50
    assert "The API sent 60 rows where 50 were asked for." in html
    assert "after=chatcmpl-49" in html


def test_content_is_never_markup(client, upstream):
    evil = "<script>alert(1)</script>\u202e\x00"
    message = {"content": evil, "tool_calls": [{"type": "function", "function": {"name": evil}}]}
    upstream.lists([stored(model=evil, metadata={evil: evil}, choices=[{"message": message, "finish_reason": evil}])])
    html = client.get(LIST).content.decode()
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "\x00" not in html
    assert "‹U+202E›␀" in html


def test_projects_are_offered_when_there_are_several(client, upstream, settings):
    settings.API_PROJECTS += (configured("staging", upstream.base_url),)
    html = client.get("/staging/completions/").content.decode()
    assert f'href="{LIST}"' in html
    assert 'href="/staging/completions/" aria-current="true"' in html
    assert "Demo data" not in html


def test_the_demo_says_that_it_is_one(client):
    html = client.get(DEMO).content.decode()
    assert "Demo data." in html
    assert re.search(r"These 4\d\d completions are made up", html)


def test_an_unknown_project_is_not_found(client):
    response = client.get("/nowhere/completions/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_it_only_reads(client):
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(DEMO).status_code == 405


def test_nobody_else_than_this_machine_sees_a_real_project(client, upstream):
    response = client.get(LIST, REMOTE_ADDR="10.0.0.7")
    assert response.status_code == 403
    assert "Not from this machine" in response.content.decode()
    assert upstream.asked == []


def test_inputs_can_be_switched_off(client, upstream, settings):
    upstream.lists([stored()])
    assert "/default/inputs/?id=chatcmpl-1" in client.get(LIST).content.decode()
    client.cookies["inputs"] = "off"
    html = client.get(LIST).content.decode()
    assert "/default/inputs/" not in html
    assert 'class="c-in"' not in html
    settings.INPUT_PREVIEWS = False
    assert 'data-set="inputs=' not in client.get(LIST).content.decode()


def test_inputs_that_the_server_inlines_are_there_at_once(client, upstream):
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is it?"}]
    upstream.lists([stored(input_messages=messages), stored(2, input_messages=[])])
    html = client.get(LIST).content.decode()
    assert "Where is it?" in html
    assert "no messages" in html
    assert "/default/inputs/" not in html


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_comes_from_the_cookie(client, theme):
    client.cookies["theme"] = theme
    assert f'data-theme="{theme}"' in client.get(DEMO).content.decode()


def test_an_unknown_theme_is_ignored(client):
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get(DEMO).content.decode().split("<head>")[0]


def test_the_json_twin_is_what_the_api_sent(client, upstream):
    upstream.lists([stored()])
    response = client.get("/default/completions.json?metadata[env]=prod")
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == page([stored()])[2]
    assert upstream.asked == ["/chat/completions?order=desc&limit=50&metadata%5Benv%5D=prod"]


def test_the_list_leads_to_its_json_twin(client, upstream):
    upstream.lists([stored()])
    html = client.get(f"{LIST}?metadata[env]=prod&limit=20").content.decode()
    assert 'href="/default/completions.json?metadata%5Benv%5D=prod&amp;limit=20"' in html


def test_the_json_twin_refuses_bad_parameters(client, upstream):
    response = client.get("/default/completions.json?limit=0&order=up")
    assert response.status_code == 400
    assert "from 1 to 100" in response.json()["error"]["message"]
    assert upstream.asked == []


def test_an_id_that_stands_twice_makes_two_rows_of_which_one_is_found_by_it(client, upstream):
    upstream.lists([stored(1), stored(2), stored(1, metadata={"copy": "yes"})])
    rows = BeautifulSoup(client.get(LIST).content, "html.parser").select("tr.row")
    assert len(rows) == 3
    assert [row.get("id") for row in rows] == ["row-chatcmpl-1", "row-chatcmpl-2", None]
    assert "same id as above" in rows[2].text
    assert not rows[2].select(".wait")
