from tests.stub_upstream import reply, stored

URL = "/default/completions/chatcmpl-9/"


def test_a_completion_that_is_not_there_has_a_screen_of_its_own(client, upstream):
    upstream.fails(404, {"error": {"message": "Chat completion chatcmpl-9 not found"}}, x_request_id="req_7")
    for path in ("", "json/", "code/"):
        answer = client.get(f"{URL}{path}")
        html = answer.content.decode()
        assert answer.status_code == 404
        for shown in ("never stored", "deleted", "30 days", "another project", "seconds old", "req_7", "Try again"):
            assert shown in html, shown
        assert f'hx-get="{URL}there/?attempt=1" hx-trigger="load delay:2s"' in html


def test_an_id_that_no_api_gives_is_not_asked_for_again(client, upstream):
    upstream.fails(404)
    assert "there/?attempt" not in client.get("/default/completions/foo/").content.decode()


def test_it_is_asked_for_again_a_few_times(htmx, upstream):
    upstream.fails(404)
    html = htmx(f"{URL}there/?attempt=1").content.decode()
    assert f'hx-get="{URL}there/?attempt=2" hx-trigger="load delay:3s"' in html
    assert "(2 of 5)" in html
    html = htmx(f"{URL}there/?attempt=5").content.decode()
    assert "Asked 5 times; it is still not there." in html
    assert "hx-get" not in html


def test_another_failure_is_waited_out_too(htmx, upstream):
    upstream.fails(500)
    assert "attempt=3" in htmx(f"{URL}there/?attempt=2").content.decode()


def test_the_page_comes_once_it_is_there(htmx, upstream):
    upstream.answer = lambda path, query: reply(stored(9))
    assert htmx(f"{URL}there/?attempt=1").headers["HX-Refresh"] == "true"


def test_a_conversation_of_an_unknown_project_is_not_found(client, upstream):
    assert client.get("/nobody/completions/chatcmpl-9/").status_code == 404
