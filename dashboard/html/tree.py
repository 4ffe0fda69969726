"""JSON trees: nested `<details>` that need no script, and links that bring what was left out."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from dashboard.html.escaped import escaped
from dashboard.inspection.json_tree import Node
from dashboard.inspection.sizes import size

OPEN, CLOSE, COUNTED = {"object": "{", "array": "["}, {"object": "}", "array": "]"}, {"object": "key", "array": "item"}
CLASSES = {"string": "s", "number": "d", "word": "b", "raw": "s"}


def tree_html(node: Node, base: str | None) -> SafeString:
    """A JSON value as nested `<details>`; what was left out of it is a link that brings it, without a `base` only words."""
    return mark_safe(f'<div class="json">{_node(node, base, ",", last=True)}</div>')  # noqa: S308


def subtree_html(node: Node, base: str) -> SafeString:
    """What takes the place of such a link: the children of the node, or the rest of its string."""
    return mark_safe(_children(node, base))  # noqa: S308


def _node(node: Node, base: str | None, comma: str, *, last: bool) -> str:
    end = "" if last else f'<span class="p">{comma}</span>'
    key = _key(node)
    if node.kind not in OPEN:
        return f"<div>{key}{_scalar(node, base)}{end}</div>"
    opening, closing = OPEN[node.kind], CLOSE[node.kind]
    if not node.size:
        return f'<div>{key}<span class="p">{opening}{closing}</span>{end}</div>'
    count = f'<span class="p">{opening}</span> <span class="p">{_counted(node)}</span>'
    attributes = " open" if node.open and node.children else ""
    return (
        f"<div><details{attributes}><summary>{key}{count}</summary><div>{_children(node, base)}</div>"
        f'<span class="p">{closing}</span>{end}</details></div>'
    )


def _children(node: Node, base: str | None) -> str:
    if node.kind not in OPEN:
        return _scalar(node, base)
    shown = [_node(child, base, ",", last=place == node.size - 1) for place, child in enumerate(node.children)]
    return "".join(shown) + (_fetch_link(node, base) if node.left_out else "")


def _counted(node: Node) -> str:
    noun = COUNTED[node.kind]
    return f"{node.size:,} {noun}{'' if node.size == 1 else 's'}"


def _key(node: Node) -> str:
    if node.key is None:
        return ""
    again = (
        ' <span class="again" title="This key stands more than once in its object">repeated</span>'
        if node.repeated
        else ""
    )
    return f'<span class="k">{escaped(json.dumps(node.key, ensure_ascii=False))}</span>{again}<span class="p">: </span>'


def _scalar(node: Node, base: str | None) -> str:
    said = f'<span class="{CLASSES[node.kind]}">{escaped(node.text)}</span>'
    return said + (_fetch_link(node, base) if node.left_out else "")


def _fetch_link(node: Node, base: str | None) -> str:
    """Opening the `<details>` around it is enough, where nothing else is in there."""
    if base is None:
        return f'<span class="muted">{_left_out(node)}</span>'
    address = f"{base}json/?at={quote(node.at, safe='/~')}"
    if node.first_left_out:
        address += f"&amp;from={node.first_left_out}"
    trigger = "click" if node.children or node.kind not in OPEN else "click, toggle from:closest details once"
    more = f'hx-get="{address}" hx-trigger="{trigger}" hx-swap="outerHTML"'
    return f'<a class="fetch" href="{address}" {more}>{_left_out(node)}</a>'


def _left_out(node: Node) -> str:
    noun = COUNTED.get(node.kind, "character")
    count = f"{node.left_out:,} {'more ' if node.first_left_out else ''}{noun}{'' if node.left_out == 1 else 's'}"
    return f"{count}, {size(node.about_bytes)}" if node.about_bytes else count
