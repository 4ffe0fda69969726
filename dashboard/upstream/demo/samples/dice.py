"""The one source of chance: seeded, so that every start has the same samples."""

import string
from random import Random

SEED = "completions-dashboard-1"
_ALPHANUMERIC = string.ascii_letters + string.digits


def seeded(purpose: str) -> Random:
    """A generator of its own for each purpose, so that a change in one place does not shuffle the rest."""
    return Random(f"{SEED}/{purpose}")  # noqa: S311 (samples, not secrets)


def code(dice: Random, length: int) -> str:
    """Letters and digits, as in ids."""
    return "".join(dice.choices(_ALPHANUMERIC, k=length))
