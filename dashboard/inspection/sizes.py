"""Numbers of bytes in words."""


def size(count: int) -> str:
    """`512 B`, `12 kB`, `3.4 MB`"""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
