"""Did the server honour the filter? Some ignore `metadata`; then the page must say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dashboard.upstream.records import Completion


def ignored_filters(
    rows: Sequence[Completion], model: str, metadata: Sequence[tuple[str, str]], appended: bool = False
) -> list[str]:
    """One sentence for each filter that some rows do not match; `appended` rows are the last ones of several pages."""
    wrong = {("model", model): sum(not _is_model(row.model, model) for row in rows)} if model else {}
    wrong |= {(key, value): sum(row.metadata.get(key) != value for row in rows) for key, value in metadata}
    loaded = "loaded last" if appended else "loaded"
    return [
        f"The API ignored the filter {key} = {value}: {_share(count, len(rows), loaded)} not match it."
        for (key, value), count in wrong.items()
        if count
    ]


def _share(wrong: int, rows: int, loaded: str) -> str:
    if rows == 1:
        return f"the one row {loaded} does"
    return f"{wrong} of the {rows} rows {loaded} {'does' if wrong == 1 else 'do'}"


def _is_model(returned: str, asked: str) -> bool:
    """An alias may stand for a dated snapshot: `gpt-4o` for `gpt-4o-2024-08-06`, but not for `gpt-4o-mini`."""
    return bool(re.fullmatch(re.escape(asked) + r"(-\d{4}(-\d{2}-\d{2})?)?", returned))
