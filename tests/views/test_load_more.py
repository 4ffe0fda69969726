import re

from tests.stub_upstream import page, reply, stored

LIST = "/default/completions/"


def paged(total: int, has_more_at_end: bool = False):
    """Answers like an upstream with so many completions, going on after the cursor."""

    def answer(path, query):
        asked = dict(query)
        limit, after = int(asked["limit"]), asked.get("after", "")
        start = int(after.removeprefix("chatcmpl-")) + 1 if after else 0
        rows = [stored(number) for number in range(start, min(total, start + limit))]
        return page(rows, start + limit < total or has_more_at_end)

    return answer


def found(pattern: str, html: str) -> str:
    match = re.search(pattern, html)
    assert match, pattern
    return match[1].replace("&amp;", "&")


def more_url(html: str) -> str:
    return found(r'id="more-link" data-key="m" href="[^"]*" hx-get="([^"]+)"', html)


def ids(html: str) -> list[str]:
    return re.findall(r'<tr class="row" role="row" id="row-([^"]+)"', html)


def test_without_a_script_it_leads_to_the_next_window(client, upstream):
    upstream.answer = paged(30)
    html = client.get(f"{LIST}?limit=20&metadata%5Benv%5D=prod").content.decode()
    href = found(r'id="more-link" data-key="m" href="([^"]+)"', html)
    assert href == f"{LIST}?metadata%5Benv%5D=prod&limit=20&after=chatcmpl-19"
    second = client.get(href).content.decode()
    assert ids(second) == [f"chatcmpl-{number}" for number in range(20, 30)]
    assert "Back to the newest" in second


def test_it_adds_the_next_rows_and_keeps_the_filter(client, htmx, upstream):
    upstream.answer = paged(70)
    url = more_url(client.get(f"{LIST}?limit=20&metadata%5Benv%5D=prod").content.decode())
    response = htmx(url)
    html = response.content.decode()
    assert upstream.asked[-1] == "/chat/completions?order=desc&limit=20&metadata%5Benv%5D=prod&after=chatcmpl-19"
    assert "completions/_appended.html" in [template.name for template in response.templates]
    assert ids(html) == [f"chatcmpl-{number}" for number in range(20, 40)]
    assert response.headers["HX-Replace-Url"] == f"{LIST}?metadata%5Benv%5D=prod&limit=20&pages=2"
    assert "40 loaded, newest first" in html
    assert html.count(" data-focus") == 1
    assert html.lstrip().startswith("<tbody"), "anything before it costs the table its tags"


def test_a_reload_brings_the_same_rows_with_one_call_a_page(client, upstream):
    upstream.answer = paged(70)
    html = client.get(f"{LIST}?limit=20&pages=3").content.decode()
    assert ids(html) == [f"chatcmpl-{number}" for number in range(60)]
    assert len(upstream.asked) == 3
    assert "pages=4" in more_url(html)


def test_a_window_that_began_after_a_cursor_still_does_after_load_more(client, htmx, upstream):
    upstream.answer = paged(200)
    url = more_url(client.get(f"{LIST}?after=chatcmpl-9").content.decode())
    assert htmx(url).headers["HX-Replace-Url"] == f"{LIST}?after=chatcmpl-9&pages=2"


def test_more_rows_are_shown_like_those_above_them(client, htmx, upstream):
    upstream.answer = lambda path, query: page([stored(created=1_763_856_000 - len(upstream.asked))], True)
    client.cookies["inputs"] = "off"
    url = more_url(client.get(LIST).content.decode())
    client.cookies["tz"], client.cookies["inputs"] = "Asia/Kolkata", ""
    upstream.answer = paged(100)
    html = htmx(url.replace("chatcmpl-1&", "chatcmpl-9&")).content.decode()
    assert "UTC+05:30" not in html
    assert 'class="c-in"' not in html


def test_a_filter_ignored_on_a_later_page_is_told_of_that_page(client, htmx, upstream):
    upstream.answer = paged(100)
    url = more_url(client.get(f"{LIST}?metadata[env]=prod").content.decode())
    upstream.answer = lambda path, query: page([stored(60, metadata={})])
    assert "the one row loaded last does not match it." in htmx(url).content.decode()


def test_the_day_goes_on_under_its_header(client, htmx, upstream):
    upstream.answer = paged(100)
    url = more_url(client.get(LIST).content.decode())
    html = htmx(url).content.decode()
    assert 'class="day"' not in html
    assert re.search(r'<span id="day-2026-11-\d\d" hx-swap-oob="true">100 loaded</span>', html)


def test_an_address_holds_ten_pages(client, upstream):
    upstream.answer = paged(2000)
    html = client.get(f"{LIST}?limit=20&pages=10").content.decode()
    assert len(ids(html)) == 200
    assert "hx-get" not in found(r'(<a class="btn" id="more-link"[^>]*>)', html)
    assert "Go on after these" in html


def test_a_failure_leaves_the_rows_and_offers_the_same_again(client, htmx, upstream):
    upstream.answer = paged(100)
    url = more_url(client.get(LIST).content.decode())
    upstream.fails(500, {"error": {"message": "It broke", "code": "server_error"}}, x_request_id="req_1")
    response = htmx(url)
    html = response.content.decode()
    assert response.status_code == 502
    assert "HX-Retarget" not in response.headers
    assert "The next 50 could not be loaded." in html
    assert "req_1" in html
    assert more_url(html) == url
    assert "Try again" in html


def test_a_cursor_that_is_gone_is_told_beside_the_rows(client, htmx, upstream):
    upstream.answer = paged(100)
    url = more_url(client.get(LIST).content.decode())
    for status, message in ((404, "nothing"), (400, "Record chatcmpl-49 not found")):
        upstream.fails(status, {"error": {"message": message}})
        response = htmx(url)
        assert response.status_code == 404
        assert "The API does not know this place in the list" in response.content.decode()
        assert "Back to the newest" in response.content.decode()


def test_a_later_page_that_fails_keeps_the_pages_before(client, upstream):
    good = paged(100)
    upstream.answer = lambda path, query: good(path, query) if "after" not in dict(query) else reply({}, 500)
    response = client.get(f"{LIST}?limit=20&pages=3")
    html = response.content.decode()
    assert response.status_code == 200
    assert len(ids(html)) == 20
    assert "The next 20 could not be loaded." in html
    assert re.search(r'<p class="mono muted">\w{3} \d+ \w{3} \d{4}, \d\d:\d\d:\d\d UTC</p>', html)
    assert "pages=2" in more_url(html)


def test_a_cursor_that_does_not_move_ends_the_list_with_a_sentence(client, htmx, upstream):
    upstream.answer = lambda path, query: page([stored(1), stored(2)], has_more=True)
    html = client.get(f"{LIST}?pages=5").content.decode()
    assert len(upstream.asked) == 2
    assert ids(html) == ["chatcmpl-1", "chatcmpl-2"]
    assert "but sent the same rows again" in html
    assert "more-link" not in html


def test_load_more_that_brings_the_cursor_row_again_stops(client, htmx, upstream):
    upstream.answer = lambda path, query: page([stored(1), stored(2)], has_more=True)
    url = more_url(client.get(LIST).content.decode())
    html = htmx(url).content.decode()
    assert "gave no new cursor" in html
    assert "more-link" not in html


def test_an_empty_page_that_claims_more_is_told(client, upstream):
    upstream.answer = lambda path, query: page([], has_more=True)
    assert "The API says that there is more, but sent no rows." in client.get(LIST).content.decode()


def test_rows_without_a_usable_cursor_end_the_list(client, upstream):
    upstream.answer = lambda path, query: page([stored(id="a b")], has_more=True)
    assert "gave no new cursor" in client.get(LIST).content.decode()


def test_the_end_of_a_window_after_a_cursor_says_so(client, upstream):
    html = client.get(f"{LIST}?after=chatcmpl-9").content.decode()
    assert "Nothing comes after this place in the list" in html


def test_oldest_first_says_so(client, upstream):
    upstream.answer = paged(20)
    html = client.get(f"{LIST}?order=asc").content.decode()
    assert "20 loaded, oldest first" in html
    assert "20 loaded, up to" in html


def test_counts_that_make_no_sense_are_taken_as_nothing(htmx, upstream):
    upstream.answer = paged(70)
    response = htmx(f"{LIST}?after=chatcmpl-9&pages=2&loaded=many&start=../x&day=%3Cscript%3E&day_rows=-1")
    assert response.status_code == 200
    assert response.headers["HX-Replace-Url"] == f"{LIST}?pages=2"
    assert "50 loaded, newest first" in response.content.decode()
