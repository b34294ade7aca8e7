"""The source as syntax trees, for the tests about the code itself."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/wangge"
APPS = (
    "areas",
    "blobs",
    "campaigns",
    "cases",
    "catalogue",
    "figures",
    "households",
    "journal",
    "plans",
    "staff",
    "sync",
    "visits",
)
#: Where the kinds of phones' commands are named, which look like names of the journal.
COMMANDS = {"sync/actions/homes.py", "sync/actions/kinds.py", "sync/actions/push.py"}
JOURNAL = r"[a-z]+\.[a-z]+(-[a-z]+)*"
#: What the names of locks begin with, which look like subjects of the journal.
LOCKS = {"campaigns", "plans", "sync"}


@cache
def trees():
    """Every module of the program by its path below `wangge`, migrations left out."""
    return {
        str(file.relative_to(SOURCE)): ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in file.parts
    }


def room(path):
    """`cases/actions/report.py` → `actions`; the doors and wiring have none."""
    parts = Path(path).with_suffix("").parts
    return parts[1] if parts[0] in APPS and len(parts) > 1 else ""


def called(node):
    """The last name of what a call calls."""
    target = node.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def calls(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def texts(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def functions_of(app):
    """Every function of an app's actions by name, with the names that it calls."""
    return {
        node.name: {called(call) for call in calls(node)}
        for path, tree in trees().items()
        if path.startswith(f"{app}/actions")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def journal_names():
    """What entries of the journal are called, from wherever an action names it."""
    return {
        node.value
        for path, tree in trees().items()
        if (room(path) == "actions" and path not in COMMANDS)
        or path.startswith(("demo/actions", "project/files", "project/private"))
        for node in texts(tree)
        if re.fullmatch(JOURNAL, node.value)
        and not re.search(r"^wangge|\.(csv|json|sheet|document|update)$", node.value)
    }


def subject_kinds():
    """Of what entries of the journal tell, as in `case:…`, from wherever an action or a model makes a subject."""
    return {
        node.values[0].value.removesuffix(":")
        for path, tree in trees().items()
        if room(path) in ("actions", "models")
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and re.fullmatch(r"[a-z]+:", node.values[0].value)
    } - LOCKS
