"""Every regular expression of the product, and how it is used; run as a program, times each on its worst cases."""

import ast
import importlib
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
PACKAGES = ("shared", "admin_app", "parent_portal")
METHODS = frozenset({"match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
LENGTH = 100_000
SECONDS_FOR_ALL = 60

Worst = tuple[str, str, str]
"""What stands before, what is repeated up to `LENGTH` characters, what stands after."""


@dataclass(frozen=True)
class Used:
    """A pattern, where it is written, and the methods that the product calls on it."""

    key: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: frozenset[str]


def patterns_used() -> list[Used]:
    """Those of every module of the product but migrations.

    Raises:
        AssertionError: one is written where this does not find it.
    """
    texts = {path: path.read_text("utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    everything = "\n".join(texts.values())
    found = []
    for path, text in texts.items():
        if "migrations" not in path.parts and re.search(r"^(?:import re$|from re import)", text, re.MULTILINE):
            found += _in_module(path.relative_to(ROOT), ast.parse(text), everything)
    return found


def _in_module(path: Path, tree: ast.Module, everything: str) -> Iterator[Used]:
    module = importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    compiled = 0
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _is_re(call.func.value):
            if call.func.attr == "compile":
                compiled += 1
            elif call.func.attr in METHODS:
                written = ast.unparse(call.args[0])
                assert isinstance(call.args[0], ast.Constant), f"{path}: {written} is made while the product runs"
                yield Used(f"{path}:{written}", re.compile(call.args[0].value), frozenset({call.func.attr}))
    named = dict(_module_patterns(module))
    assert len(named) >= compiled, f"{path}: a pattern is compiled where this test does not find it"
    for name, pattern in named.items():
        methods = set(re.findall(rf"\b{name.partition('[')[0]}\.(\w+)\(", everything)) & METHODS
        yield Used(f"{path}:{name}", pattern, frozenset(methods or METHODS))


def _is_re(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "re"


def _module_patterns(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Patterns by name, also those that stand in tuples."""
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern):
            yield name, value
        elif isinstance(value, tuple):
            rows = [row if isinstance(row, tuple) else (row,) for row in value]
            for number, row in enumerate(rows):
                yield from ((f"{name}[{number}]", cell) for cell in row if isinstance(cell, re.Pattern))


def worst_text(worst: Worst) -> str:
    """A worst case, in full."""
    before, repeated, after = worst
    return before + repeated * (LENGTH // len(repeated)) + after


def seconds_taken(used: Used, text: str) -> float:
    """The processor time of the slowest method on `text`."""
    slowest = 0.0
    # Encoded as the files are that patterns of bytes read.
    subject = text.encode("utf-8", "surrogateescape") if isinstance(used.pattern.pattern, bytes) else text
    for method in sorted(used.methods):
        begun = time.process_time()
        arguments = (b"" if isinstance(subject, bytes) else "", subject) if method in {"sub", "subn"} else (subject,)
        made = getattr(used.pattern, method)(*arguments)
        if method == "finditer":
            list(made)
        slowest = max(slowest, time.process_time() - begun)
    return slowest


def main() -> None:
    """Read worst cases by key from the standard input; print each key before it is tried, and then its seconds."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_FOR_ALL, SECONDS_FOR_ALL))
    cases: dict[str, list[Worst]] = json.load(sys.stdin)
    for used in patterns_used():
        for worst in cases.get(used.key, ()):
            print(json.dumps([used.key, worst]), end="\t", flush=True)
            print(seconds_taken(used, worst_text(worst)), flush=True)


if __name__ == "__main__":
    main()
