"""The digest of a script as it is served, so that a browser runs nothing else under its name."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage


@cache
def integrity(name: str) -> str:
    """Of the collected file, whose map may have another name in it than the source; of the source where none is."""
    collected = Path(settings.STATIC_ROOT) / staticfiles_storage.url(name).removeprefix(settings.STATIC_URL)
    body = (collected if collected.is_file() else Path(str(finders.find(name)))).read_bytes()
    return f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}"
