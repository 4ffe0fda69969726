import pytest
from django.test import Client

PAGES = ["/", "/demo/completions/", "/demo/inputs/", "/demo/completions.json", "/demo/completions/chatcmpl-1/"]


@pytest.mark.parametrize("path", [*PAGES, "/healthz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_that_a_page_does_not_offer_is_405(path, method):
    answer = Client().generic(method, path)
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "GET, HEAD", b"")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [*PAGES, "/login/", "/setup/any/"])
def test_what_may_be_forged_is_refused_in_words(path, method):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert answer.status_code == 403
    assert "The session has changed" in answer.content.decode()


def test_htmx_says_in_a_toast_that_the_session_has_changed():
    answer = Client(enforce_csrf_checks=True).post("/login/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#toasts")
    assert "The session has changed" in answer.content.decode()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(("method", "headers"), [("POST", {}), ("GET", {"HX-Request": "true"})])
def test_another_site_cannot_send_a_form_or_get_a_fragment(site, method, headers):
    answer = Client().generic(method, "/demo/completions/", headers=headers | {"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "Not from another site" in answer.content.decode()


@pytest.mark.django_db
def test_a_link_on_another_site_leads_here(client):
    assert client.get("/demo/completions/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_form_sent_to_no_page_is_404():
    answer = Client(enforce_csrf_checks=True).post("/nowhere/at/all/")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


@pytest.mark.parametrize("host", ["testserver", "evil.example", "10.0.0.1:8000", "a b"])
def test_health_is_told_to_whatever_host_asks(client, host):
    answer = client.get("/healthz", headers={"host": host})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert client.head("/healthz", headers={"host": host}).status_code == 200


def test_another_host_gets_the_page_and_neither_name_nor_traceback_is_logged(client, caplog):
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"The request could not be understood" in answer.content
    (record, _) = caplog.records  # the other is the line of the request
    assert (record.name, record.exc_info) == ("django.security.DisallowedHost", None)
    assert "evil" not in record.getMessage()


@pytest.mark.parametrize("path", ["/demo/completions/", "/demo/completions.json", "/nowhere/"])
def test_an_address_that_is_too_long_gets_the_page(client, path):
    answer = client.get(f"{path}?{'x' * 200_001}")
    assert answer.status_code == 400
    assert b"The request could not be understood" in answer.content
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_longest_address_is_read(client):
    assert client.get(f"/nowhere/?{'x' * 200_000}").status_code == 404
