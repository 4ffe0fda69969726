"""JSON as the API sends it: compact, and always valid UTF-8."""

import json
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON of value.

    A lone surrogate has no UTF-8 form, so it is written as the escape that JSON allows for it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        text = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode()
