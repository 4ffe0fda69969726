"""A page together with everything that it brings when it is asked: folded texts, cut trees, messages in between."""

from bs4 import BeautifulSoup, Tag
from django.test import Client

MOST_REQUESTS = 400


def whole_page(browse: Client, url: str) -> bytes:
    """The page with each lazy part in its place; a part may hold further ones."""
    page = browse.get(url)
    assert page.status_code == 200, url
    soup = BeautifulSoup(page.content, "html.parser")
    for _ in range(MOST_REQUESTS):
        link = soup.select_one("a[hx-get]:not([hx-target='#more'])")
        if link is None:
            return str(soup).encode()
        part = browse.get(str(link["hx-get"]), headers={"HX-Request": "true"})
        assert part.status_code == 200, link["hx-get"]
        _put(link, BeautifulSoup(part.content.strip(), "html.parser"))
    raise AssertionError(f"More than {MOST_REQUESTS} lazy parts: {url}")


def _put(link: Tag, part: BeautifulSoup) -> None:
    """In the place of the link; the rest of a JSON string joins its beginning."""
    before, rest = link.previous_sibling, part.find("span", class_="s", recursive=False)
    if isinstance(before, Tag) and before.name == "span" and rest is not None:
        before.string = before.get_text() + rest.extract().get_text()
    place = link.find_parent("li", class_="gap") or link
    place.replace_with(part)
