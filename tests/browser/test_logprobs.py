"""The logprobs page in a browser: keys, the inspector, the threshold, odd and many tokens."""

import json
import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import copied


def token(text: str, logprob: float = -0.01, **alternatives: float) -> dict:
    listed = {text: logprob} | alternatives
    top = [{"token": name, "logprob": value, "bytes": list(name.encode())} for name, value in listed.items()]
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": top}


# Uncertain, below one half: 1 (30 %), 3 (3 %) and 6 (14 %).
WORDS = [
    token("It"),
    token(" left", -1.2, went=-0.9),
    token(" on"),
    token(" Monday", -3.5, Friday=-0.1),
    token(",", -0.4),
    token(" by"),
    token(" train", -2, ship=-0.5),
]
KEYS = {"n": [1, 3, 6, 1], "p": [6, 3, 1, 6]}


def hold(upstream, content, refusal=None) -> str:
    said = {"role": "assistant", "content": "".join(str(one.get("token")) for one in content)}
    choice = {"index": 0, "message": said, "logprobs": {"content": content, "refusal": refusal}}
    return upstream.hold({"choices": [choice], "model": "gpt-4o"}) + "logprobs/"


@pytest.fixture
def words(page, connected_url, upstream):
    page.goto(connected_url + hold(upstream, WORDS))
    return page


def current(page) -> int:
    """The number of the token that the text marks, once the inspector shows it and the address names it."""
    marked = page.locator(".tk section > *").evaluate_all("all => all.findIndex(one => one.matches('.cur'))")
    expect(page.locator("#inspect h2")).to_have_text(re.compile(rf"^Token {marked:,} of"))
    assert parse_qs(urlsplit(page.url).query)["t"] == [str(marked)]
    return marked


def test_a_click_on_a_token_shows_its_alternatives_and_names_it_in_the_address(words):
    words.locator(".tk").get_by_text("left").click()
    assert current(words) == 1
    expect(words.locator("#inspect tbody tr").nth(1)).to_contain_text("␣left")
    expect(words.locator("#inspect .hit")).to_contain_text("30.12%")
    expect(words.locator("#live")).to_have_text("␣left, 30.12%")
    words.reload()
    assert current(words) == 1


@pytest.mark.parametrize("key", ["n", "p"])
def test_n_and_p_go_round_the_uncertain_tokens(words, key):
    found = []
    for _ in range(4):
        words.keyboard.press(key)
        found.append(current(words))
    assert found == KEYS[key]
    expect(words.locator("#uncertain")).to_have_text(f"{[1, 3, 6].index(found[-1]) + 1} of 3 below 50%")


def test_n_goes_on_from_a_token_that_is_certain(words):
    words.locator(".tk").get_by_text("on", exact=True).click()
    assert current(words) == 2
    words.keyboard.press("n")
    assert current(words) == 3


def test_the_arrow_keys_move_inside_of_the_text_and_stop_at_its_ends(words):
    words.locator(".tk").focus()
    for expected in (0, 1, 2):
        words.keyboard.press("ArrowRight")
        assert current(words) == expected
    for expected in (1, 0, 0):
        words.keyboard.press("ArrowLeft")
        assert current(words) == expected


def test_outside_of_the_text_the_arrow_keys_are_the_browsers(words):
    words.keyboard.press("ArrowRight")
    expect(words.locator(".cur")).to_have_count(0)


def test_the_number_of_the_tab_is_its_key(words):
    words.keyboard.press("1")
    words.wait_for_url(lambda url: "logprobs" not in url)
    words.keyboard.press("2")
    words.wait_for_url("**/logprobs/")


def test_the_arrows_of_the_inspector_step_without_a_new_page(words):
    words.evaluate("window.stayed = true")
    words.keyboard.press("n")
    words.get_by_role("link", name="Next token").click()
    assert current(words) == 2
    words.get_by_role("link", name="Previous token").click()
    assert current(words) == 1
    assert words.evaluate("window.stayed")


def test_the_strip_and_the_table_of_the_least_likely_lead_to_their_tokens(words):
    words.locator('.strip a[href="#t3"]').click(force=True)
    assert current(words) == 3
    expect(words.locator(".strip .here")).to_have_count(1)
    words.locator(".least tbody a").nth(1).click()
    assert current(words) == 6


def test_the_threshold_dims_what_is_more_certain_and_is_kept(words):
    slider = words.get_by_role("slider", name="Uncertain")
    slider.focus()
    words.keyboard.press("ArrowRight")
    expect(words.locator("#uncertain")).to_have_text("2 below 20%")
    expect(slider).to_have_attribute("aria-valuetext", "below 20%")
    left = words.locator(".tk").get_by_text("left")
    expect(left).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    words.locator(".tk").focus()
    words.keyboard.press("n")
    assert current(words) == 3
    words.reload()
    expect(words.locator("#uncertain")).to_have_text("1 of 2 below 20%")


def test_the_link_of_a_token_can_be_copied(words):
    words.context.grant_permissions(["clipboard-read", "clipboard-write"])
    words.keyboard.press("n")
    assert current(words) == 1
    words.get_by_role("button", name="Copy link to token 1").click()
    assert copied(words, ends="/logprobs/?t=1#t1").startswith("http")


def test_a_hash_alone_selects_its_token(words):
    words.goto(f"{words.url}#t6")
    words.reload()
    assert current(words) == 6


def test_a_token_that_cannot_be_had_is_told_and_the_text_stays(words, upstream, expected_problems):
    expected_problems.append("404")
    words.locator(".tk").evaluate("one => (one.dataset.src = one.dataset.src.replace('held', 'gone'))")
    words.locator(".tk").get_by_text("train").click()
    expect(words.locator("#toasts")).to_contain_text("no such")
    expect(words.locator(".tk section > *")).to_have_count(7)
    expect(words.locator("#inspect h2")).to_have_text("Token 3 of 7")


def test_without_script_every_token_has_an_address_and_the_threshold_a_button(
    page_without_script, connected_url, upstream
):
    page = page_without_script
    page.goto(connected_url + hold(upstream, WORDS))
    page.locator(".least tbody a").first.click()
    expect(page.locator(".cur")).to_have_text("Monday")
    expect(page.locator("#inspect h2")).to_have_text("Token 3 of 7")
    page.get_by_role("link", name="Previous uncertain token").click()
    expect(page.locator("#inspect h2")).to_have_text("Token 1 of 7")
    page.locator("#level").fill("4")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("#uncertain")).to_have_text("1 below 5%")
    expect(page.locator("#inspect h2")).to_have_text("Token 1 of 7")
    page.get_by_role("link", name="All 7 tokens as a table").click()
    expect(page.locator(".tokens tbody tr")).to_have_count(7)


def test_on_a_phone_the_token_comes_from_below_and_goes_again(phone, connected_url, upstream):
    phone.goto(connected_url + hold(upstream, WORDS))
    expect(phone.locator("#inspect")).to_be_hidden()
    phone.locator(".tk").get_by_text("left").click()
    expect(phone.locator("#inspect")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.locator("#inspect").get_by_role("link", name="Close").click()
    expect(phone.locator("#inspect")).to_be_hidden()
    assert "t=" not in phone.url


def test_in_grey_the_steps_are_told_apart_by_lines(look, connected_url, upstream):
    """What is unlikely is underlined, dotted or not, and what was not the top choice has a line above it."""
    look.goto(connected_url + hold(upstream, WORDS))
    style = "one => { const its = getComputedStyle(one); return [its.textDecorationLine, its.textDecorationStyle, its.boxShadow] }"
    steps = {
        name: look.locator(".tk").get_by_text(name, exact=True).evaluate(style) for name in ("on", "train", "Monday")
    }
    assert steps["on"][0] == "none"
    assert steps["train"][:2] == ["underline", "dotted"]
    assert steps["Monday"][:2] == ["underline", "solid"]
    assert steps["on"][2] == "none" != steps["Monday"][2]


def test_the_steps_differ_in_lightness(look, connected_url, upstream):
    look.goto(connected_url + hold(upstream, WORDS))
    colours = look.locator(".tk section > *").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert colours[0] == "rgba(0, 0, 0, 0)"
    lightness = [float(colours[place].removeprefix("oklch(").split()[0]) for place in (4, 1, 6, 3)]
    steps = [abs(one - other) for one, other in pairwise(lightness)]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))
    assert min(steps) > 0.04


def test_odd_tokens_are_shown(page, connected_url, upstream, shared):
    tokens = json.loads((shared / "corpora/logprob_tokens.json").read_text("utf-8"))
    listed = [{"logprob": -0.5, "bytes": None, "top_logprobs": [None, {"token": None}]} | one for one in tokens]
    path = hold(upstream, listed, listed[:3])
    for form in ("", "?by=bits", "?by=entropy", "?table=1", "?field=refusal", "tokens.csv"):
        if form == "tokens.csv":
            assert page.request.get(f"{connected_url}{path}{form}").status == 200
        else:
            assert page.goto(f"{connected_url}{path}{form}").status == 200
    page.goto(f"{connected_url}{path.removesuffix('logprobs/')}json/?at=/completion/choices/0/logprobs/content")
    assert page.get_by_text('"why"').count() == sum("why" in one for one in tokens)
    page.goto(connected_url + path)
    expect(page.locator(".tk section > *")).to_have_count(len(tokens))
    for place in range(len(tokens)):
        page.goto(f"{connected_url}{path}?t={place}")
        assert current(page) == place
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".tk img, .tk script").count() == 0


def test_sixteen_thousand_tokens_stay_light(page, connected_url, upstream):
    entries = [token(f" w{n % 900}", -3 if n % 50 == 0 else -0.2, other=-4.0) for n in range(16_000)]
    answer = page.goto(connected_url + hold(upstream, entries))
    assert len(answer.body()) < 250_000
    expect(page.locator(".tk section > *")).to_have_count(16_000)
    for expected in (0, 50, 100):
        page.keyboard.press("n")
        assert current(page) == expected
    page.keyboard.press("p")
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert current(page) == 15_950
    expect(page.locator(".cur")).to_be_in_viewport()


@pytest.mark.parametrize("query", ["", "?t=3", "?by=entropy&level=3", "?table=1"])
def test_axe_finds_nothing(look, axe, connected_url, upstream, query):
    pieces = [token('{"'), token("city"), token('": "'), token("Par", -0.5), token("is", -2), token('"}')]
    look.goto(connected_url + hold(upstream, [*WORDS, *pieces, {"token": "x", "logprob": None}]) + query)
    look.wait_for_load_state("networkidle")
    assert axe(look) == []


def test_axe_finds_nothing_where_there_are_no_logprobs_or_several(look, axe, connected_url, upstream):
    path = upstream.hold({"choices": [{"index": 0, "message": {"content": "x"}}]})
    look.goto(f"{connected_url}{path}logprobs/")
    assert axe(look) == []
    several = [{"index": n, "message": {"content": "x"}, "logprobs": {"content": WORDS[n:]}} for n in range(3)]
    path = upstream.hold({"choices": several})
    for form in ("", "logprobs/?choice=1"):
        look.goto(f"{connected_url}{path}{form}")
        assert axe(look) == []
