"""What CONTRIBUTING.md asks of the shape of the product, counted."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES_OF_A_FOLDER, LINES_OF_A_MODULE, LINES_OF_A_FUNCTION, PARAMETERS = 15, 300, 35, 6
APPENDED_TO = "shared/migrations/versions"
"""A folder that only grows, whose files change no more."""
NAMED_BY_FLASK_ADMIN = {"admin_app/tables/view.py:get_list"}
PASSED_OVER = re.compile(r"# (?:noqa(?:: [A-Z0-9, ]+)?|type: ignore(?:\[[a-z, -]+\])?)\s*$")
"""A mark that ends its line: no reason follows it."""


def modules() -> Iterator[Path]:
    for package in ("admin_app", "parent_portal", "shared"):
        yield from (path for path in sorted((ROOT / package).rglob("*.py")) if path.parent != ROOT / APPENDED_TO)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT).as_posix()}:{node.name}", node


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether its parameters are the options of a command, as they are typed."""
    return any(".command(" in ast.unparse(one) for one in function.decorator_list)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args
    return len([one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in {"self", "cls"}])


def test_no_folder_is_crowded() -> None:
    counted = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder): count for folder, count in counted.items() if count > MODULES_OF_A_FOLDER} == {}


def test_no_module_is_long() -> None:
    lines = {str(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {path: count for path, count in lines.items() if count > LINES_OF_A_MODULE} == {}


def test_no_function_is_long() -> None:
    lines = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions()}
    assert {name: count for name, count in lines.items() if count > LINES_OF_A_FUNCTION} == {}


def test_no_function_takes_more_than_somebody_keeps_in_mind() -> None:
    counted = {name: parameters(node) for name, node in functions() if not is_command(node)}
    assert {name for name, count in counted.items() if count > PARAMETERS} == NAMED_BY_FLASK_ADMIN


def test_whatever_a_checker_is_told_to_pass_over_says_why() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if PASSED_OVER.search(line)
    ]
    assert bare == []
