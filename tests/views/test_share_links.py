"""Making share links, and the lists of them."""

import re

import pytest

from dashboard.models import ShareLink

ITEM = "/default/completions/chatcmpl-1/"
FORM = f"{ITEM}share/"


@pytest.fixture
def signed_in(client, sharer):
    client.force_login(sharer)
    return client


def path_of(html: str) -> str:
    return re.findall(r'data-copy="(/s/[^"]+)"', html)[0]


def test_a_link_is_made_opened_and_revoked(signed_in, reader):
    assert f'href="{FORM}"' in signed_in.get(ITEM).content.decode()
    assert "What readers see" in signed_in.get(FORM).content.decode()
    made = signed_in.post(FORM, {"input": "on", "lifetime": "1d"})
    assert made.status_code == 200
    path = path_of(made.content.decode())
    assert f'value="http://testserver{path}"' in made.content.decode()
    html = reader.get(path).content.decode()
    assert "Answer 1" in html
    assert "A question" in html
    link = ShareLink.objects.get()
    assert (link.expires - link.created).total_seconds() == pytest.approx(86_400, abs=5)
    listed = signed_in.get("/links/").content.decode()
    assert "answer, input" in listed
    assert "1 view," in listed
    answer = signed_in.post("/links/revoke/", {"link": link.pk})
    assert answer.headers["Location"] == "/links/?revoked=1"
    assert "1 link revoked." in signed_in.get("/links/?revoked=1").content.decode()
    assert reader.get(path).status_code == 410
