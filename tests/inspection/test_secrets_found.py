"""What looks like a secret is told before it is shared."""

import time

import pytest

from dashboard.inspection.secrets_found import KINDS, LOOKED_THROUGH, Finding, secrets_found

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my key is sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz, ok?", "API key"),
        ("sk_live_0123456789abcdefghij", "API key"),
        ("AKIAIOSFODNN7EXAMPLE", "API key"),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "API key"),
        ("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "token"),
        ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "token"),
        (JWT, "token"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private key"),
        ("-----BEGIN PRIVATE KEY-----", "private key"),
        ('{"api_key": "abcdefghijklmnop"}', "password or key by its name"),
        ("password=correct-horse", "password or key by its name"),
        ('{\\"secret\\": \\"abcdefghijkl\\"}', "password or key by its name"),
        ("postgres://dash:hunter22@db/x", "password in an address"),
        ("Write to jane.doe+x@mail.example.org.", "e-mail address"),
        ("Schreib an jörg@example.org", "e-mail address"),
    ],
)
def test_it_is_found(text, kind):
    assert [one.kind for one in secrets_found({"content": text})] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The task-force met; risk-management of the ask-me-anything-session.",
        "Use @decorators, a@b and the token count.",
        "What is a secret? A password is asked for.",
        "-----BEGIN CERTIFICATE-----",
        "https://example.org:8080/path@2x.png",
        "data:image/png;base64,sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_plain_words_are_nothing(text):
    assert secrets_found({"content": text}) == []


def test_every_kind_has_a_test():
    assert {kind for _, kind in test_it_is_found.pytestmark[0].args[1]} == set(KINDS)


def test_keys_values_and_pairs_are_looked_at_however_deep():
    value: object = {"a@example.org": [None, 1, {"password": "correct-horse-battery"}]}
    for _ in range(5_000):
        value = [value]
    assert [one.kind for one in secrets_found(value)] == ["password or key by its name", "e-mail address"]


def test_the_example_gives_nothing_away_and_repetitions_count_once():
    found = secrets_found(["sk-" + "a" * 20, "sk-" + "a" * 20, "sk-" + "b" * 20])
    assert found == [Finding("API key", 2, "sk-aaa")]
    assert found[0].words == "2 × API key (sk-aaa…)"
    assert secrets_found("a@b.example")[0].words == "e-mail address (a@b.ex…)"


def test_media_are_not_looked_through():
    assert secrets_found({"data": "A" * (LOOKED_THROUGH + 1)}) == []


def test_of_more_text_than_can_be_looked_through_that_is_said():
    found = secrets_found(["a@example.org", "words and " * (LOOKED_THROUGH // 10)])
    assert [one.words for one in found] == ["e-mail address (a@exam…)", "too much text to look through"]


@pytest.mark.parametrize("unit", ["a", "a.", "a@", "sk-", "x://y:", "secret:", "eyJ", "Bearer ", "-----BEGIN A"])
def test_hostile_text_takes_no_more_time_than_its_length(unit):
    began = time.process_time()
    secrets_found(unit * (1_000_000 // len(unit)))
    assert time.process_time() - began < 5
