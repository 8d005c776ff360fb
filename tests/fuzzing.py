"""What the fuzz tests of both applications share: which routes, which fields, which nasty values.

A few examples of each run with the tests; `make fuzz` looks for ten minutes.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
LEAVES = {"logout.index", "login.log_out", "account.log_out_everywhere", "password.change", "establishments.create"}
OUR_OWN = {"csrf_token", "etablissement"}
"""Fields that the browser must send as they are, or nothing is looked at."""
FILES = {"static", "admin.static", "site.theme"}
NASTY = [
    "",
    "\0",
    "\N{SNOWMAN}",
    "'\"<script>alert(1)</script>",
    "{{ 7*7 }}{% x %}",
    "%s%n%(x)s",
    "../../../etc/passwd",
    "a@b.fr\r\nBcc: x@y.fr",
    "javascript:alert(1)",
    "-1",
    "0",
    "999999999999999999999999",
    "1e309",
    "NaN",
    "\u202e\u2066",
    "\N{GRINNING FACE}" * 5,
    "x" * 5000,
    "2026-13-45",
    "é" * 300,
    "٣",
    "²",
]

values = st.one_of(st.sampled_from(NASTY), st.integers().map(str), st.text(max_size=40))
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def fields_of(page: TestResponse) -> list[str]:
    """The names of everything that the forms of a page send."""
    names = re.findall(r'<(?:input|select|textarea|button)[^>]*\sname="([^"]+)"', page.text)
    return sorted(set(names) - OUR_OWN)


def routes(application: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in sorted(application.url_map.iter_rules(), key=lambda rule: (rule.endpoint, str(rule)))
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if rule.endpoint not in FILES | LEAVES
    ]


def parameters(application: Flask) -> list[str]:
    """Every name that a view of ours reads from an address."""
    package = sys.modules[application.import_name].__file__
    assert package is not None
    code = "".join(path.read_text("utf-8") for path in sorted(Path(package).parent.rglob("*.py")))
    return sorted({*re.findall(r'args\.get(?:list)?\(\s*"([^"]+)"', code), "inconnu"})


def path_of(data: st.DataObject, rule: Rule, known: dict[str, Any]) -> str:
    """An address of `rule`, of a row that exists or of anything."""
    chosen = {}
    for name in sorted(rule.arguments):
        converter = rule._converters[name]
        number = isinstance(converter, IntegerConverter)
        anything = st.integers(0, 2**70) if number else st.text(min_size=1, max_size=20)
        own = [st.just(known[name])] if name in known else []
        chosen[name] = data.draw(st.one_of(*own, anything))
    return rule.build(chosen)[1]
