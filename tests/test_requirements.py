"""The locks fit the project and say nothing about where they were made."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]
LOCKS = {"run": RUN, "develop": RUN + PROJECT["dependency-groups"]["dev"]}


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / f"requirements/{lock}.lock").read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_requirement(lock):
    pinned = {pin.partition("==")[0] for pin in pins(lock)}
    assert {re.split(r"[^\w-]", requirement)[0] for requirement in LOCKS[lock]} <= pinned


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_folder(lock):
    assert not re.search(r"://|^\s*-(?!-hash)|(^|\s)/", (ROOT / f"requirements/{lock}.lock").read_text(), re.MULTILINE)


def test_the_develop_lock_contains_the_run_lock_pin_for_pin():
    assert pins("run") <= pins("develop")
