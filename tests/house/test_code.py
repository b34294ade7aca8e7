"""The house rules that no linter knows, each with what it protects."""

import ast
import importlib
import re

import pytest
from django.apps import apps
from django.core.management import call_command
from tests.house import code

from wangge.base.problems import Problem

#: Writes outside `actions`, and why each may stand where it does.
WRITES_ELSEWHERE = {
    "households/queries/rehoming.py": "temporary tables: what would move is laid out there, and nothing is kept",
    "blobs/rules/photos.py": "a picture is saved into memory",
    "campaigns/rules/plants_pictures.py": "as well",
    "project/private.py": "which keys are in use, and the same texts sealed anew, across all tables",
}
#: Public actions that leave no entry of their own, and why.
WITHOUT_ENTRY = {
    "blobs.receiving": "holds one of the few places for uploads while a request runs; changes nothing",
    "blobs.drop_unfinished_uploads": "removes what was never complete, and so never kept",
    "plans.read_answer": "whoever commented reads their answer; only how many codes were tried is counted",
    "staff.set_language": "how somebody reads the pages concerns nobody else",
    "staff.set_preference": "how somebody likes the pages concerns nobody else",
    "sync.give_file_key": "given with the phone's half of the key, which is recorded; changes nothing",
    "sync.note_brought": "a count of what a lost phone brought; each photo is kept with who brought it",
    "sync.forget_gone": "which records left a place long ago; each change was recorded by itself",
    "sync.forget_held": "empties what ended long ago, and tracks, without reading it",
    "sync.meet": "when a phone was last heard of",
    "sync.push": "each command is recorded by the action that it ends in",
    "visits.ask_next_doors": "carries out what the office accepted, which was recorded",
    "visits.erase_tracks": "how somebody deals with their own track concerns nobody else",
    "visits.forget_rounds": "removes the night's own plans that nobody used",
    "visits.forget_tracks": "removes what is older than was promised, without reading it",
    "visits.owe_answers": "follows from a case's end, which was recorded",
    "visits.hear_of_visits": "names at the start of the program who is told of visits; writes nothing",
    "visits.renew_due": "computed from what was recorded",
    "visits.renew_stale": "computed from what was recorded",
    "staff.end_last_words": "the entry of the phone tells it: that it was wiped, or found",
    "staff.sweep_sign_ins": "removes what expired by itself; signing in was recorded",
}
#: What names a person's worth. Allowed: what is not about a person.
SCORING = re.compile(
    r"score|rank|risk|watch_?list|blacklist|suspic|credit|grade|rating|reliab|loyal|star(s|red)?$"
)
NOT_ABOUT_PERSONS = {
    "cases_case.rating": "what the reporter says of the handling: mended or not",
    "OpinionOut.ranked": "which plant it may be",
    "SuggestionOut.score": "how well a work item fits a text",
}
WRITING = {
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
}
WRITING_SQL = re.compile(
    r"^\s*(insert into|update [a-z_]+ |delete from|copy [a-z_]+ .*from|merge into|truncate)",
    re.DOTALL,
)


def is_write(node):
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(WRITING_SQL.search(node.value))
    if not isinstance(node, ast.Call) or code.called(node) not in WRITING:
        return False
    receiver = ast.unparse(node.func).rpartition(".")[0]
    return bool(re.search(r"objects|\.filter\(|\.exclude\(", receiver)) or code.called(node) in (
        "bulk_create",
        "save",
    )


def test_writes_live_in_actions_only():
    """Protects the one place where rights are asked and the journal is written."""
    found = {
        f"{path}:{node.lineno}"
        for path, tree in code.trees().items()
        if code.room(path) != "actions" and not path.startswith("demo/")
        for node in ast.walk(tree)
        if is_write(node)
    }
    assert {place for place in found if place.split(":")[0] not in WRITES_ELSEWHERE} == set()


@pytest.mark.parametrize("app", [app for app in code.APPS if (code.SOURCE / app / "actions").exists()])
def test_every_public_action_leaves_an_entry(app):
    """Protects the answer to who did what: an action that records nothing cannot be asked about."""
    bodies = {name: names for each in code.APPS for name, names in code.functions_of(each).items()}
    bodies |= code.functions_of(app)
    for name in importlib.import_module(f"wangge.{app}.actions").__all__:
        reached, todo = set(), [name]
        while todo:
            now = todo.pop()
            if now not in reached:
                reached.add(now)
                todo += bodies.get(now, ())
        if name in bodies and f"{app}.{name}" not in WITHOUT_ENTRY:
            assert reached & {"record", "record_all"}, f"{app}.actions.{name}"


def models():
    return [model for model in apps.get_models() if model.__module__.startswith("wangge.")]


def test_every_model_says_what_it_is():
    """Protects the reader: a table without a sentence is guessed at."""
    assert [model.__name__ for model in models() if model.__doc__.startswith(f"{model.__name__}(")] == []


def test_every_placed_model_has_a_row_policy(owner):
    """Protects places: whatever has a path is guarded by it."""
    for model in models():
        if any(field.name.endswith("path") for field in model._meta.fields):
            policies = "select count(*) from pg_policy where polrelid = %s::regclass"
            assert owner.execute(policies, [model._meta.db_table]).fetchone()[0] > 0, model


def test_every_choice_is_checked_by_the_database():
    """Protects from values that no screen and no rule knows, whoever writes them."""
    unchecked = [
        f"{model.__name__}.{field.name}"
        for model in models()
        for field in model._meta.fields
        if field.choices
        and not any(f"'{field.name}" in str(rule.deconstruct()) for rule in model._meta.constraints)
    ]
    assert unchecked == []


def test_no_migration_is_missing(db):
    """Protects upgrades: what the models say is what a migration makes."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_leave_and_ending_go_through_the_handover():
    """Protects open cases: nobody is sent on leave or ended without what they hold being handed over."""
    callers = {
        path
        for path, tree in code.trees().items()
        for call in code.calls(tree)
        if code.called(call) in ("grant_leave", "end_account", "end_assignment")
        and "staff" in ast.unparse(call.func)
    }
    assert callers == {"cases/actions/handover.py"}


def test_nothing_scores_or_ranks_persons(owner):
    """Protects residents and workers: no column and no answer holds a person's worth."""
    columns = owner.execute(
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'"
    ).fetchall()
    schemas = interface()["components"]["schemas"]
    fields = [f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", ())]
    named = {
        name for name in [*(name for (name,) in columns), *fields] if SCORING.search(name.partition(".")[2])
    }
    assert {name for name in named if not name.endswith(".rating")} - NOT_ABOUT_PERSONS.keys() == set()
    assert {name for name in named if name.endswith(".rating")} <= {
        "cases_case.rating",
        "CaseOut.rating",
        "CaseDetailOut.rating",
    }


def interface():
    from wangge.doors.exchange.api import api

    return api.get_openapi_schema()


def test_no_two_schemas_share_a_name():
    """Protects the description: of two schemas with one name it would know the last only."""
    from ninja import Schema

    found, todo = {}, [Schema]
    interface()
    while todo:
        below = todo.pop().__subclasses__()
        todo += below
        for schema in below:
            if schema.__module__.startswith("wangge."):
                found.setdefault(schema.__name__, set()).add(schema.__module__)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


def test_operations_are_named_once_and_writes_may_be_refused():
    """Protects programs made from the description; a browser's forged write gets a 403 everywhere."""
    operations = [(method, one) for path in interface()["paths"].values() for method, one in path.items()]
    names = [one["operationId"] for _, one in operations]
    assert len(names) == len(set(names))
    writes = [one for method, one in operations if method != "get" and "security" in one]
    assert [one["operationId"] for one in writes if 403 not in one["responses"]] == []


def documented(heading):
    """The codes of one table of docs/workings/names.md."""
    page = (code.ROOT / "docs/workings/names.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


def test_verbs_and_states_are_documented():
    """Protects those who read the journal, the database or an answer: each code is explained, and none that is gone."""
    from wangge.access import Verb
    from wangge.cases.lifecycle import STATES
    from wangge.cases.rules import mediation
    from wangge.catalogue.models import Admission

    assert documented("Verbs") == {str(verb) for verb in Verb}
    assert documented("States of a case") == set(STATES)
    assert documented("States of a mediation") == set(mediation.STATES)
    assert documented("States of a work item") == set(Admission.values)


def test_problem_codes_are_documented():
    """Protects programs that decide by the code."""
    found, todo = {Problem.code}, [Problem]
    for path in code.trees():
        if "problems" in path or "refusals" in path or "faults" in path or "/rules/" in path:
            importlib.import_module(
                "wangge." + path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )
    while todo:
        below = todo.pop().__subclasses__()
        todo += below
        found |= {problem.code for problem in below}
    assert documented("Problems") == found


def test_journal_names_are_documented():
    """Protects the journal's readers: what an entry is called is written down, and called so by an action."""
    assert documented("Journal") == code.journal_names()
