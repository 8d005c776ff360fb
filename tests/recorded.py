"""Every action that the code writes in the journal, read in the code: none escapes because no test does it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TypeGuard

from shared.models.journal import Action
from shared.provider.rotation import Rotation
from shared.rows.opening import Openable

ROOT = Path(__file__).parents[1]
PACKAGES = ("shared", "admin_app", "parent_portal")
# What writes in the journal, and where it is told the action; `Event` is what all of it ends in.
RECORDERS = {"Event": 0, "note": 1}
METHODS_OF_AN_ACT = {"record", "record_for_accounts"}
MADE_WITH_ACTIONS = {Openable.__name__, Rotation.__name__}


@dataclass(frozen=True)
class Recorded:
    """One action, and whether it is in the journal of an account too."""

    action: Action
    of_an_account: bool


@dataclass(frozen=True)
class _Recorder:
    """A function that writes what its `position`th argument says."""

    position: int
    of_an_account: bool


class _Unreadable(Exception):
    """An action that is neither written at the call nor chosen above it: write it there."""


@cache
def recorded() -> frozenset[Recorded]:
    """All of them, from every package.

    Raises:
        _Unreadable: one cannot be read.
    """
    trees = {path: ast.parse(path.read_text("utf-8")) for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    local = {path: _recorders(tree) for path, tree in trees.items()}
    shared_by_all = {name: one for found in local.values() for name, one in found.items() if not name.startswith("_")}
    written = (_in_module(path, tree, {**shared_by_all, **local[path]}) for path, tree in trees.items())
    return frozenset(chain(chain.from_iterable(written), *map(_made_with, trees.values())))


def _made_with(tree: ast.Module) -> Iterator[Recorded]:
    """What is opened and shut, and what is replaced, is told with the actions that it was made with."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MADE_WITH_ACTIONS:
            actions = [one for one in call.args if _is_action(one)]
            assert actions, ast.unparse(call)
            yield from (Recorded(Action[action.attr], of_an_account=False) for action in actions)


def _is_action(one: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == Action.__name__


def _is_of_self(action: ast.expr) -> bool:
    return isinstance(action, ast.Attribute) and isinstance(action.value, ast.Name) and action.value.id == "self"


def _recorders(tree: ast.Module) -> dict[str, _Recorder]:
    """The functions of a module that hand an action of their caller on to the journal."""
    found = {}
    for function in (one for one in _functions(tree) if one.name not in METHODS_OF_AN_ACT):
        names = [argument.arg for argument in function.args.args]
        for call in _calls(function):
            action = call.args[_position(call)] if _writes(call) and len(call.args) > _position(call) else None
            if isinstance(action, ast.Name) and action.id in names:
                found[function.name] = _Recorder(names.index(action.id), _of_an_account(call))
    return found


def _in_module(path: Path, tree: ast.Module, recorders: dict[str, _Recorder]) -> Iterator[Recorded]:
    for function in _functions(tree):
        own = [argument.arg for argument in function.args.args]
        for call in _calls(function):
            name = _name(call)
            if _writes(call):
                position, of_an_account = _position(call), _of_an_account(call)
            elif name in recorders and name not in {*RECORDERS, *METHODS_OF_AN_ACT}:
                position, of_an_account = recorders[name].position, recorders[name].of_an_account
            else:
                continue
            if position >= len(call.args):
                raise _Unreadable(f"{path}:{call.lineno}")
            action = call.args[position]
            if (isinstance(action, ast.Name) and action.id in own) or _is_of_self(action):
                continue
            for word in _words(action, function, f"{path}:{call.lineno}"):
                yield Recorded(word, of_an_account)


def _words(action: ast.expr, function: ast.FunctionDef, where: str) -> list[Action]:
    if isinstance(action, ast.Name):
        chosen = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and any(isinstance(to, ast.Name) and to.id == action.id for to in node.targets)
        ]
        if len(chosen) != 1:
            raise _Unreadable(where)
        action = chosen[0]
    alternatives = [action.body, action.orelse] if isinstance(action, ast.IfExp) else [action]
    words = [Action[one.attr] for one in alternatives if _is_action(one)]
    if len(words) != len(alternatives):
        raise _Unreadable(where)
    return words


def _writes(call: ast.Call) -> bool:
    """Whether it writes in the journal; a method that has the same name does not: `hand_overs.note(…)`."""
    return (isinstance(call.func, ast.Name) and call.func.id in RECORDERS) or _of_an_act(call)


def _of_an_act(call: ast.Call) -> bool:
    """Whether it is `record(…)` of an act, however it came about, or `desk.note(…)`: told the action first."""
    func = call.func
    if not isinstance(func, ast.Attribute):
        return False
    of = func.value.id if isinstance(func.value, ast.Name) else ""
    return (func.attr in METHODS_OF_AN_ACT and of != "self") or (func.attr, of) == ("note", "desk")


def _position(call: ast.Call) -> int:
    return 0 if _of_an_act(call) else RECORDERS[_name(call)]


def _of_an_account(call: ast.Call) -> bool:
    always = _name(call) == "record_for_accounts" or (_name(call) == "note" and not _of_an_act(call))
    return always or any(keyword.arg == "account_id" for keyword in call.keywords)


def _name(call: ast.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _calls(function: ast.FunctionDef) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]
