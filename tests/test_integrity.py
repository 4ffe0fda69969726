"""The digests of scripts."""

import base64
import hashlib

from dashboard.integrity import integrity
from tests.conftest import ROOT


def test_where_nothing_is_collected_it_is_that_of_the_source():
    source = hashlib.sha384((ROOT / "static/app.js").read_bytes()).digest()
    assert integrity("app.js") == f"sha384-{base64.b64encode(source).decode()}"
