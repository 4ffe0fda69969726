"""HTML that takes long to make, kept for some minutes under what it was made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe

KEPT_SECONDS = 600


def kept_html(made_of: str, make: Callable[[], SafeString]) -> SafeString:
    """`made_of` names everything that the HTML depends on, the digest of a document for the document."""
    key = f"html:{hashlib.sha256(made_of.encode()).hexdigest()}"
    kept = caches["content"].get(key)
    if kept is not None:
        return mark_safe(str(kept, "utf-8"))  # noqa: S308
    made = make()
    caches["content"].set(key, made.encode(), KEPT_SECONDS)
    return made
