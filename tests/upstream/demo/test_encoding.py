import json

from dashboard.upstream.demo.encoding import encode


def test_json_is_compact_utf8():
    assert encode({"名": ["é", 1, None]}) == '{"名":["é",1,null]}'.encode()


def test_a_lone_surrogate_is_escaped():
    assert encode("half \ud83d é") == '"half \\ud83d é"'.encode()
    assert json.loads(encode("half \ud83d é")) == "half \ud83d é"


def test_big_integers_stay_exact():
    assert encode(-(2**63)) == b"-9223372036854775808"
