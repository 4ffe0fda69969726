"""The guard that fails a browser test sees what it is there to see."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import collect_problems

POLICY = "default-src 'self'; img-src *; script-src 'self'"


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<script>alert(1)</script>", "Content-Security-Policy: script-src-elem"),
        ("<p style='color: red'>", "Content-Security-Policy: style-src-attr"),
        ("<img src='http://192.0.2.1/pixel.png'>", "request to another host"),
        ("<link rel=stylesheet href=/missing.css>", "404 for"),
        ("<script src=/dialog.js></script>", "dialog: 1"),
        ("<script src=/error.js></script>", "script: broken"),
    ],
)
def test_a_page_that_misbehaves_is_noticed(browser: Browser, html, problem):
    answers = {
        "/": {"content_type": "text/html", "headers": {"Content-Security-Policy": POLICY}, "body": html},
        "/dialog.js": {"content_type": "text/javascript", "body": "alert(1)"},
        "/error.js": {"content_type": "text/javascript", "body": "throw new Error('broken')"},
    }
    problems: list[str] = []
    with browser.new_context() as context:
        collect_problems(context, problems)
        context.route("**/*", lambda route: route.fulfill(**answers.get(route.request.url[16:], {"status": 404})))
        page = context.new_page()
        page.goto("http://127.0.0.1/")
        page.wait_for_load_state("networkidle")
    assert any(problem in seen for seen in problems), problems


def test_axe_sees_a_fault(page, axe):
    page.set_content("<html lang=en><title>t</title><main><h1>h</h1><img src='data:,'></main>")
    assert [fault.partition(":")[0] for fault in axe(page)] == ["image-alt"]
