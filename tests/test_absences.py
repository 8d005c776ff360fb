"""What the code does nowhere, so that nobody who types or sends anything can have it done: a page of ASVS rests on it.

The code is read, not run. What is allowed all the same is named here, one by one, with its reason.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for name in ("admin_app", "parent_portal", "shared") for path in (ROOT / name).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
LIBRARY = ROOT / "admin_app" / "static" / "editor" / "prosemirror.js"
"""ProseMirror: what it makes of text is tried in a browser (`tests/browser/test_editor.py`)."""
SCRIPTS = sorted(
    path
    for name in ("admin_app", "parent_portal")
    for path in (ROOT / name / "static").rglob("*.js")
    if path != LIBRARY
)

INVENTED = ("shared/siecle/invented/", "shared/demo/")
"""Schools that do not exist: nothing there is a secret."""
MIGRATIONS = "shared/migrations/"
"""What they write into SQL stands in the migration itself; nobody types while they run."""
SAFE_FILTERS = {"templates/admin/welcome.html": 1, "templates/portal/home.html": 1}
"""The message of welcome, cleaned by nh3 (`shared/allowed_html.py`)."""
MARKUP = {
    # The letter that `markup.py` has cleaned and filled in; a constant, whose value is escaped by `Markup.format`.
    "shared/notifications/letters/pages.py": 2,
    # Constants; their values are escaped by `Markup.format`.
    "admin_app/views/academy/catalogue.py": 1,
    "admin_app/views/academy/establishments.py": 1,
    "admin_app/views/academy/figures.py": 2,
    "admin_app/views/academy/journal.py": 1,
    "admin_app/views/journal.py": 1,
    "admin_app/views/school_base/import_history.py": 4,
    "admin_app/views/staff/personnel.py": 4,
    # The file of changes, in which HTML is not read.
    "admin_app/views/news.py": 1,
}
SQL_MADE = {
    # Names of our own tables.
    "shared/siecle/effects/before.py": 1,
    "shared/siecle/updating/staging.py": 2,
    "shared/database.py": 1,
    # One of two constants, twice.
    "shared/engines.py": 2,
    # What SQLAlchemy wrote of a statement of our own.
    "shared/rows/written.py": 1,
    # A condition of our own models.
    "shared/accounts/ties/overseeing.py": 1,
}
PHONETICS = "shared/persons/phonetics.py"
"""Its patterns are those of its own table of French sounds."""
SENTENCES = {"admin_app/ui/labels.py", "admin_app/tables/kept_list.py", "shared/config.py"}
"""Sentences of a table of ours, told apart by what they speak of."""
SIGN_ON = "shared/sign_on/"
"""It asks the providers that the académie wrote down, over https, in bounded time and size (`web.py`)."""
LOGOUTS = "shared/provider/telling.py"
"""The worker tells téléservices of logouts, where the académie wrote, in the same bounds."""
SMS_GATEWAY = "shared/notifications/sms/http_gateway.py"
"""The worker hands SMS to the gateway of the settings, in the same bounds."""
OUTGOING = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib", "telnetlib", "xmlrpc"}
OPERATORS = "shared/watching/address_trials.py"
"""`teleservices check` asks the two public addresses of the settings; no request leads there."""
PROGRAMS = {"shared/saving/postgresql.py", "shared/demo/lemonldap.py"}
"""`backup` and `restore` run those of PostgreSQL, the demonstration LemonLDAP::NG, without a shell; no request does."""
UNSAFE_READERS = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "subprocess", "pty", "memcache", "ldap"}
COMMANDS = {"system", "popen", "popen2", "spawnl", "spawnv", "spawnvp", "execv", "execve", "execvp", "posix_spawn"}
WEAK_HASHES = {"md5", "sha1", "new"}

Finder = Callable[[str, ast.AST], bool]


def called(node: ast.AST) -> str:
    """The name of what a node calls, with the modules before it; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def imported(node: ast.AST) -> set[str]:
    """The modules that a node imports."""
    if isinstance(node, ast.Import):
        return {name.name for name in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return set()


def belongs(node: ast.AST, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for name in imported(node) for module in modules)


def keyword(node: ast.AST, name: str) -> ast.expr | None:
    return (
        next((each.value for each in node.keywords if each.arg == name), None) if isinstance(node, ast.Call) else None
    )


def is_true(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def is_false(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def evaluates(_file: str, node: ast.AST) -> bool:
    return called(node) in {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}


def reads_what_could_run(file: str, node: ast.AST) -> bool:
    return belongs(node, UNSAFE_READERS - ({"subprocess"} if file in PROGRAMS else set()))


def runs_a_command(_file: str, node: ast.AST) -> bool:
    module, _, name = called(node).rpartition(".")
    return (module == "os" and name in COMMANDS) or is_true(keyword(node, "shell")) or belongs(node, {"commands"})


def calls_an_address(file: str, node: ast.AST) -> bool:
    return file not in {OPERATORS, LOGOUTS, SMS_GATEWAY} and not file.startswith(SIGN_ON) and belongs(node, OUTGOING)


def trusts_any_certificate(_file: str, node: ast.AST) -> bool:
    text = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name | ast.Call | ast.Assign) else ""
    return (
        text.endswith(("CERT_NONE", "_create_unverified_context"))
        or is_false(keyword(node, "verify"))
        or bool(re.search(r"check_hostname = False|verify_mode = ", text))
    )


def opens_a_debugger(_file: str, node: ast.AST) -> bool:
    return (
        is_true(keyword(node, "debug"))
        or belongs(node, {"pdb", "flask_debugtoolbar", "werkzeug.debug"})
        or called(node) in {"breakpoint", "DebuggedApplication"}
        or (isinstance(node, ast.Constant) and node.value in {"DEBUG", "PROPAGATE_EXCEPTIONS"})
    )


def draws_without_secrecy(file: str, node: ast.AST) -> bool:
    return not file.startswith(INVENTED) and belongs(node, {"random", "numpy.random"})


def names_a_file_before_making_it(_file: str, node: ast.AST) -> bool:
    return called(node) in {"tempfile.mktemp", "mktemp", "os.tempnam", "os.tmpnam"}


def hashes_weakly(_file: str, node: ast.AST) -> bool:
    module, _, name = called(node).rpartition(".")
    return module == "hashlib" and name in WEAK_HASHES and not is_false(keyword(node, "usedforsecurity"))


def makes_a_pattern_of_text(file: str, node: ast.AST) -> bool:
    """A regular expression whose text is not all in the code: written out, or of constants in capitals."""
    module, _, name = called(node).rpartition(".")
    if module != "re" or not isinstance(node, ast.Call) or not node.args or name == "escape":
        return False
    names = [each for each in ast.walk(node.args[0]) if isinstance(each, ast.Name)]
    own = {
        each.target.id
        for each in ast.walk(node.args[0])
        if isinstance(each, ast.comprehension) and isinstance(each.target, ast.Name)
    }
    return file != PHONETICS and any(
        not each.id.isupper() and each.id not in own | {"map", "str", "sorted", "re"} for each in names
    )


def makes_a_template_of_text(_file: str, node: ast.AST) -> bool:
    name = called(node).rpartition(".")[2]
    return name in {"render_template_string", "from_string"} or is_false(keyword(node, "autoescape"))


def looks_up_by_path_of_text(_file: str, node: ast.AST) -> bool:
    name = called(node).rpartition(".")[2]
    if name not in {"xpath", "XPath", "ETXPath", "evaluate"}:
        return False
    return not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant))


def lets_other_sites_read(_file: str, node: ast.AST) -> bool:
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return text.startswith("Access-Control-") or belongs(node, {"flask_cors"})


def fills_in_whatever_comes(_file: str, node: ast.AST) -> bool:
    """Every field of a request at once, into an object."""
    spread = isinstance(node, ast.Call) and any(
        each.arg is None and ast.unparse(each.value).startswith(("request.", "flask.request."))
        for each in node.keywords
    )
    return called(node).endswith(".populate_obj") or spread


def fills_in_what_is_typed(file: str, node: ast.AST) -> bool:
    """`.format` of a text that is a variable or comes from a call: those of ours are constants, or stand in a table."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "format":
        return False
    if file in SENTENCES:
        return False
    pattern = node.func.value
    if called(pattern) == "Markup" and isinstance(pattern, ast.Call) and isinstance(pattern.args[0], ast.Constant):
        return False
    return isinstance(pattern, ast.Call) or (isinstance(pattern, ast.Name) and not pattern.id.isupper())


def reads_a_clock_without_zone(_file: str, node: ast.AST) -> bool:
    name = called(node)
    bare = isinstance(node, ast.Call) and not node.args and not node.keywords
    return name.endswith(("datetime.utcnow", "date.today", "datetime.today")) or (
        name.endswith("datetime.now") and bare
    )


def writes_logs_elsewhere(_file: str, node: ast.AST) -> bool:
    return called(node).rpartition(".")[2] in {"FileHandler", "RotatingFileHandler", "SysLogHandler", "HTTPHandler"}


NOWHERE: dict[str, tuple[Finder, str]] = {
    "code that is made of text": (evaluates, "eval(text)"),
    "readers that can be made to run something": (reads_what_could_run, "import pickle"),
    "commands of the system": (runs_a_command, "os.system('ls ' + name)"),
    "a shell": (runs_a_command, "run(name, shell=True)"),
    "calls to addresses of the web": (calls_an_address, "from urllib.request import urlopen"),
    "certificates that are not looked at": (trusts_any_certificate, "context.verify_mode = ssl.CERT_NONE"),
    "a debugger": (opens_a_debugger, "app.run(debug=True)"),
    "chance that can be foreseen": (draws_without_secrecy, "import random"),
    "files that are named before they are made": (names_a_file_before_making_it, "tempfile.mktemp()"),
    "hashes that are broken": (hashes_weakly, "hashlib.md5(text)"),
    "patterns made of what is typed": (makes_a_pattern_of_text, "re.search(f'^{typed}', line)"),
    "templates made of what is typed": (makes_a_template_of_text, "render_template_string(text)"),
    "paths into XML made of what is typed": (looks_up_by_path_of_text, "tree.xpath(f'//{name}')"),
    "headers that let other sites read": (lets_other_sites_read, "headers['Access-Control-Allow-Origin'] = '*'"),
    "forms that fill in whatever comes": (fills_in_whatever_comes, "Staff(**request.form)"),
    "texts filled in that somebody typed": (fills_in_what_is_typed, "typed.format(account)"),
    "clocks without a zone": (reads_a_clock_without_zone, "datetime.now()"),
    "logs that go elsewhere": (writes_logs_elsewhere, "logging.FileHandler(path)"),
}


def nodes(paths: list[Path]) -> Iterator[tuple[str, ast.AST]]:
    for path in paths:
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield file, node


EVERYTHING = list(nodes(SOURCES))


@pytest.mark.parametrize("what", NOWHERE)
def test_the_code_has_nowhere(what: str) -> None:
    finds, _ = NOWHERE[what]
    found = [
        f"{file}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}" for file, node in EVERYTHING if finds(file, node)
    ]
    assert found == []


@pytest.mark.parametrize("what", NOWHERE)
def test_it_would_be_seen(what: str) -> None:
    finds, example = NOWHERE[what]
    assert any(finds("shared/any.py", node) for node in ast.walk(ast.parse(example)))


def makes_sql(node: ast.AST) -> bool:
    """A statement, or a part of one, that does not stand in the code as it is."""
    name = called(node).rpartition(".")[2]
    if name not in {"text", "exec_driver_sql", "literal_column", "TextClause", "DDL"} or not isinstance(node, ast.Call):
        return False
    made = node.args[0] if node.args else None
    return made is not None and not isinstance(made, ast.Constant | ast.Name)


def counted(finds: Callable[[ast.AST], bool]) -> dict[str, int]:
    files = [file for file, node in EVERYTHING if finds(node) and not file.startswith(MIGRATIONS)]
    return {file: files.count(file) for file in files}


def test_no_statement_of_sql_is_made_of_text() -> None:
    assert counted(makes_sql) == SQL_MADE


@pytest.mark.parametrize(
    "example", ["text(f'DELETE FROM {name}')", "connection.exec_driver_sql('DELETE ' + name)", "text('%s' % name)"]
)
def test_a_statement_of_sql_made_of_text_would_be_seen(example: str) -> None:
    assert any(makes_sql(node) for node in ast.walk(ast.parse(example)))


def test_text_is_taken_for_html_only_where_it_was_cleaned() -> None:
    assert counted(lambda node: called(node) in {"Markup", "markupsafe.Markup"}) == MARKUP
    safe = {
        path.relative_to(ROOT).as_posix(): len(re.findall(r"\|\s*safe\b|autoescape", path.read_text("utf-8")))
        for path in TEMPLATES
        if path.suffix in {".html", ".txt"}
    }
    assert {file: number for file, number in safe.items() if number} == SAFE_FILTERS


def test_scripts_write_no_html_run_no_text_and_speak_to_no_other_window() -> None:
    unsafe = re.compile(
        r"\b(?:outerHTML\s*=[^=]|insertAdjacentHTML|document\.write|eval\(|new Function|postMessage|__proto__)"
    )
    assert [path.name for path in SCRIPTS if unsafe.search(path.read_text("utf-8"))] == []
    written = [
        line
        for path in SCRIPTS
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"innerHTML\s*=[^=]", line)
    ]
    # The message of welcome, cleaned by the server.
    assert [line.strip().partition("  //")[0] for line in written] == ["preview.innerHTML = html;"]
