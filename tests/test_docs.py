"""The documentation names what the code reads, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment_variables(source: str) -> Iterator[str]:
    """Upper-case words in every call or lookup that has to do with the environment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call | ast.Subscript) and re.search(r"\benviron(ment)?\b", ast.unparse(node)):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and re.fullmatch(r"[A-Z][A-Z0-9_]*[A-Z0-9]", str(part.value)):
                    yield str(part.value)


def known_variables() -> set[str]:
    modules = ("settings.py", "configuration.py", "sign_in.py")
    return {name for module in modules for name in environment_variables((ROOT / "dashboard" / module).read_text())}


def documented_variables() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z0-9_]*[A-Z0-9])(?:=[^`]*)?`", (ROOT / "docs/configuration.md").read_text()))


def test_every_environment_variable_is_documented():
    assert known_variables() - documented_variables() == set()


def test_every_documented_variable_exists():
    # A secret has its `_FILE` twin, and a further project its own prefix.
    names = {name.removesuffix("_FILE") for name in documented_variables()}
    known = known_variables()
    assert {name for name in names if not any(f"_{name}".endswith(f"_{variable}") for variable in known)} == set()


def test_the_search_sees_every_way_to_read_the_environment():
    source = "os.environ['A_1']; os.environ.get('B_2'); read(os.environ, f'{prefix}C_3'); read('D_4')"
    assert set(environment_variables(source)) == {"A_1", "B_2", "C_3"}
