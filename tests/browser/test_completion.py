"""What the completion page does beyond what the server sends."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import copied


def held(upstream, *messages, **fields) -> str:
    answer = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "The answer."}, "finish_reason": "stop"}]
    }
    return upstream.hold(answer | fields, [{"role": "user", "content": None} | one for one in messages])


def test_a_long_text_comes_in_place_and_is_whole(page, connected_url, upstream):
    text = "".join(f"line {n}\n" for n in range(60_000)) + "x" * 20_000
    page.goto(connected_url + held(upstream, {"content": text}))
    said = page.locator("#message-0 .text")
    before = said.evaluate("one => one.firstChild.textContent")
    assert text.startswith(before)
    for _ in range(3):
        length = said.evaluate("one => one.textContent.length")
        said.locator("a.show").click()
        page.wait_for_function(
            "([length]) => document.querySelector('#message-0 .text').textContent.length > length + 1000", arg=[length]
        )
    expect(said.locator("a.show")).to_have_count(0)
    assert said.evaluate("one => one.textContent") == text


def test_a_message_in_the_hidden_middle_is_found_by_its_address(page, connected_url, upstream):
    path = held(upstream, *({"content": f"Message {n}."} for n in range(400)))
    page.goto(f"{connected_url}{path}#message-200")
    expect(page.locator("#message-200")).to_be_in_viewport()
    expect(page.locator("#message-200")).to_contain_text("Message 200.")
    page.goto(f"{connected_url}{path}#message-9999")
    expect(page.locator("#message-0")).to_be_visible()


def test_a_gap_fills_in_steps(page, connected_url, upstream):
    page.goto(connected_url + held(upstream, *({"content": f"Message {n}."} for n in range(150))))
    expect(page.locator(".msg")).to_have_count(16)
    page.get_by_role("link", name="Show the next 100 of 135 messages between").click()
    expect(page.locator(".msg")).to_have_count(116)
    page.get_by_role("link", name="Show 35 messages between").click()
    expect(page.locator(".msg")).to_have_count(151)
    expect(page.locator(".gap")).to_have_count(0)


def test_markdown_is_remembered(page, connected_url, upstream):
    path = held(upstream, {"content": "# Title"})
    page.goto(connected_url + path)
    page.get_by_role("link", name="Markdown").click()
    expect(page.locator("#message-0 p.h1")).to_have_text("Title")
    page.goto(connected_url + path)
    expect(page.locator("#message-0 p.h1")).to_have_text("Title")
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.locator("#message-0 .text")).to_have_text("# Title")


def test_system_prompts_can_be_shown_whole_for_good(page, connected_url, upstream):
    path = held(upstream, {"role": "system", "content": "line\n" * 40})
    page.goto(connected_url + path)
    page.locator("#message-0").hover()
    page.get_by_role("button", name="Always show whole").click()
    expect(page.locator("#message-0 .show")).to_have_count(0)
    page.goto(connected_url + path)
    assert page.locator("#message-0 .text").inner_text().count("line") == 40


def test_what_is_copied_is_exact(new_context, connected_url, upstream):
    text = "two\nlines \u202e and\ttabs 🚲"
    path = held(upstream, {"content": text})
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(connected_url + path)
    page.locator("#message-0").hover()
    page.get_by_role("button", name="Copy text of message 0").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert copied(page) == text
    page.locator("#choice-0").hover()
    page.get_by_role("button", name="Copy link to choice 0").click()
    assert copied(page, ends=f"{path}#choice-0").startswith("http")
    page.get_by_text("Copy as").click()
    page.get_by_role("link", name="Conversation as Markdown").click()
    assert "lines" in copied(page, starts="# chatcmpl-held-")
    page.goto(f"{connected_url}{path}json/")
    page.get_by_role("button", name="Copy", exact=True).click()
    assert json.loads(copied(page, starts="{"))["id"] in path


def test_what_cannot_be_fetched_is_not_copied(page, connected_url, upstream, expected_problems):
    page.goto(connected_url + held(upstream))
    upstream.fault = (500, "{}")
    page.get_by_text("Copy as").click()
    page.get_by_role("link", name="Conversation as Markdown").click()
    expect(page.locator("#live")).to_have_text("Not copied")


def test_a_tree_fetches_what_is_opened(page, connected_url, upstream):
    token = {
        "token": "Hi",
        "logprob": -0.1,
        "bytes": [72, 105],
        "top_logprobs": [{"token": "Hi", "logprob": -0.1, "bytes": None}],
    }
    choice = {"index": 0, "message": {"content": "Hi"}, "logprobs": {"content": [token] * 120, "refusal": None}}
    page.goto(f"{connected_url}{held(upstream, choices=[choice])}json/?at=/completion/choices/0/logprobs")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    content = page.locator("details", has_text="120 items").last
    content.locator("summary").first.click()
    expect(content.get_by_text('"token"')).to_have_count(50)
    content.locator("summary").first.click()
    content.locator("summary").first.click()
    assert len([url for url in fetched if "/json/" in url]) == 1
    content.get_by_role("link", name="70 more items").click()
    expect(content.get_by_text('"token"')).to_have_count(100)


def test_a_recording_plays_from_here_and_an_image_is_shown(page, dashboard_url, marked):
    page.goto(f"{dashboard_url}{marked['♪']}")
    player = page.locator("#choice-0 audio")
    assert player.evaluate(
        "player => new Promise(done => { player.onloadedmetadata = () => done(player.duration > 0);"
        " player.onerror = () => done(false); player.preload = 'metadata'; player.load(); })"
    )


def test_an_image_of_a_message_is_shown_and_one_elsewhere_is_not(page, connected_url, upstream):
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{pixel}"}},
        {"type": "image_url", "image_url": {"url": "https://evil.example/pixel.png"}},
    ]
    page.goto(connected_url + held(upstream, {"content_parts": parts}))
    image = page.locator("img")
    expect(image).to_have_count(1)
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") == 1


def test_a_target_within_a_fold_is_opened(page, connected_url, upstream):
    page.goto(connected_url + held(upstream, {"content": "x"}) + "#message-0")
    page.evaluate(
        "() => { const fold = document.createElement('details'); fold.innerHTML = '<p id=inside>x</p>';"
        " document.querySelector('.msgs').after(fold); location.hash = 'inside'; }"
    )
    expect(page.locator("#inside")).to_be_visible()


@pytest.mark.parametrize("count", [1, 3])
def test_a_completion_that_is_not_there_yet_comes_by_itself(page, connected_url, upstream, count):
    upstream.fault = (404, "{}")
    path = held(upstream)
    page.goto(f"{connected_url}{path}")
    expect(page.get_by_role("heading", name="The API has no such completion")).to_be_visible()
    expect(page.get_by_text(f"({count} of 5)")).to_be_visible(timeout=15_000)
    upstream.fault = None
    expect(page.locator("#choice-0")).to_contain_text("The answer.", timeout=15_000)


def test_on_a_phone_nothing_is_wider_than_the_screen(phone, connected_url, dashboard_url, marked, upstream):
    wide = {"content": "x" * 3_000 + "\n| a | b |\n|---|---|\n| " + "y" * 500 + " | z |"}
    token = {"token": "x" * 300, "logprob": -1, "top_logprobs": [{"token": "y" * 300, "logprob": -3}]}
    answer = {"index": 0, "message": {"role": "assistant", "content": "x"}, "logprobs": {"content": [token] * 5}}
    path = held(upstream, wide, metadata={"k" * 60: "v" * 500}, choices=[answer, answer])
    parts = ("", "?as=markdown", "logprobs/?t=1", "logprobs/?table=1", "json/", "code/", "?as=text")
    pages = [connected_url + path + part for part in parts]
    for address in [*pages, *(dashboard_url + one for one in marked.values())]:
        phone.goto(address)
        expect(phone.locator(".tabs")).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, address
