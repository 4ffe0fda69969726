"""Did the server honour the filter? Some ignore `metadata`; then the page must say so."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.upstream.records import Completion


def ignored_filters(rows: Sequence[Completion], model: str, metadata: Sequence[tuple[str, str]]) -> list[str]:
    """One sentence for each filter that some rows do not match."""
    sentences = []
    wrong = sum(not _is_model(row.model, model) for row in rows) if model else 0
    if wrong:
        sentences.append(_sentence("model", model, wrong, len(rows)))
    for key, value in metadata:
        if wrong := sum(row.metadata.get(key) != value for row in rows):
            sentences.append(_sentence(key, value, wrong, len(rows)))
    return sentences


def _is_model(returned: str, asked: str) -> bool:
    """An alias may stand for a dated snapshot: `gpt-4o-mini` for `gpt-4o-mini-2024-07-18`."""
    return returned == asked or returned.startswith(f"{asked}-")


def _sentence(key: str, value: str, wrong: int, rows: int) -> str:
    said = "row that was" if rows == 1 else f"{rows} rows that were"
    return f"The API ignored the filter {key} = {value}: {wrong} of the {said} loaded do not match it."
