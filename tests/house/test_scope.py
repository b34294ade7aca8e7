"""Row-level security from the first table on: what each account may see and write, asked with raw SQL as the application.

The database is asked directly, past every query and action of the program, as the role that the program has. What it
answers is compared, row by row, with the rules said once more in Python (expected_scope.py).
"""

import json
import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.cast import PEOPLE
from tests.house.expected_scope import ADDED, CHANGED, REMOVED, SEEN, Who, everyone, who_is
from tests.house.full_town import fill

#: Tables without a place, and why each may go without a row policy. A new table without an answer fails.
WITHOUT_PLACE = {
    "areas_boundarystamp": "one number",
    "cases_counter": "numbers only",
    "django_migrations": "names of migrations, read by /healthz",
    "households_numbercounter": "numbers only",
    "procrastinate_events": "times of jobs",
    "procrastinate_jobs": "names of timers and times",
    "procrastinate_periodic_defers": "names of timers and times",
    "procrastinate_workers": "heartbeats",
    "project_privatekey": "fingerprints of keys, and since when they are used",
    "staff_attempts": "digests and counts",
    "staff_signin": "digests of secrets",
    "visits_stale": "ids of households, until what is due there is computed again",
}
#: Columns that PostgreSQL fills by itself, which a copied row cannot name.
MADE_BY_THE_DATABASE = "attgenerated <> ''"


def tables(connection):
    return connection.execute(
        "select relname, relrowsecurity, (select count(*) from pg_policy where polrelid = c.oid)"
        " from pg_class c where relkind in ('r', 'p', 'm') and relnamespace = 'public'::regnamespace order by 1"
    ).fetchall()


def columns(connection, table):
    found = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        f" and not ({MADE_BY_THE_DATABASE}) order by attnum",
        [table],
    )
    return [name for (name,) in found.fetchall()]


def key_of(connection, table):
    return connection.execute(
        "select attname from pg_index i join pg_attribute a on a.attrelid = indrelid and attnum = any (indkey)"
        " where indrelid = %s::regclass and indisprimary",
        [table],
    ).fetchone()[0]


class Database:
    """The town with all its rows as the owner reads them, and a connection of the application's role beside it."""

    def __init__(self, town, app):
        fill(town)
        self.town, self.app, self.owner = town, app, town.owner
        self.keys = {table: key_of(self.owner, table) for table in SEEN}
        self.columns = {table: columns(self.owner, table) for table in SEEN}
        self.rows = {table: self.all_rows(table) for table in SEEN}
        self.people = {"nobody": Who()} | {name: self.person(name) for name in PEOPLE}

    def all_rows(self, table):
        return [row for (row,) in self.town.rows(f"select to_jsonb(t) from {table} t")]

    def person(self, name):
        kinds = {kind["code"]: kind for kind in self.all_rows("staff_postkind")}
        account = self.town.accounts[name].pk
        held = {row["post_id"] for row in self.all_rows("staff_assignment") if row["account_id"] == account}
        dedicated = {area["code"] for area in self.all_rows("areas_area") if area["kind"] == "dedicated"}
        posts = [row for row in self.all_rows("staff_post") if row["id"] in held]
        return who_is(account, posts, kinds, dedicated)

    def enter(self, name):
        """A new transaction of the application's role, with this account's scope; nobody has none."""
        self.app.rollback()
        if name != "nobody":
            self.app.execute("select staff_set_scope(%s, date '2026-04-15')", [self.people[name].pk])

    def keys_where(self, rule, name, table):
        who = self.people[name]
        return sorted(str(row[self.keys[table]]) for row in self.rows[table] if rule(who, row, self.rows))

    def try_out(self, statement, values=()):
        """What it gives, undone afterwards; None when the row policies or rights refuse it."""
        self.app.execute("savepoint before")
        try:
            asked = self.app.execute(statement, values)
            return sorted(str(key) for (key,) in asked.fetchall()) if asked.description else []
        except psycopg.errors.InsufficientPrivilege:
            return None
        except psycopg.errors.IntegrityError:
            return []  # past the policies: only the copy's own key was in the way
        finally:
            self.app.execute("rollback to savepoint before")


@pytest.fixture
def database(cluster, town):
    with psycopg.connect(cluster.dsn("wangge_app")) as app:
        yield Database(town, app)
        app.rollback()


def test_every_table_has_a_row_policy_and_an_expectation_or_a_reason(owner):
    """Protects new tables from being forgotten."""
    for name, secured, policies in tables(owner):
        assert (secured and policies > 0) != (name in WITHOUT_PLACE), name
        assert (name in SEEN) != (name in WITHOUT_PLACE), f"{name}: say in expected_scope.py who sees what"


def test_each_account_sees_exactly_the_rows_of_its_scope(database):
    """Protects every row of every table from everyone it does not concern."""
    for name in database.people:
        database.enter(name)
        for table, rule in SEEN.items():
            seen = database.try_out(f'select "{database.keys[table]}"::text from {table}')
            assert seen == database.keys_where(rule, name, table), (name, table)


def test_the_walk_is_not_empty(database):
    """A table without rows on both sides of every rule would prove nothing."""
    for table, rule in SEEN.items():
        assert database.rows[table], table
        if rule is not everyone:
            seen = {name: len(database.keys_where(rule, name, table)) for name in database.people}
            assert seen["nobody"] == 0, table
            assert any(0 < count < len(database.rows[table]) for count in seen.values()), table


def test_each_account_changes_exactly_the_rows_of_its_scope(database):
    """Protects rows from an UPDATE that names no condition; nothing else is changed but where one works."""
    for name in database.people:
        database.enter(name)
        for table, key in database.keys.items():
            statement = f'update {table} set "{key}" = "{key}" returning "{key}"::text'
            rule = CHANGED.get(table)
            assert database.try_out(statement) == (rule and database.keys_where(rule, name, table)), (
                name,
                table,
            )


def test_each_account_removes_exactly_the_rows_that_may_go(database):
    """Protects history: hardly anything is removed at all."""
    for name in database.people:
        database.enter(name)
        for table, key in database.keys.items():
            rule = REMOVED.get(table)
            found = database.try_out(f'delete from {table} returning "{key}"::text')
            assert found == (rule and database.keys_where(rule, name, table)), (name, table)


def test_each_account_adds_rows_only_within_its_scope(database):
    """Protects the other counties from rows planted there: each existing row is inserted once more by each account."""
    never = lambda *_: False  # noqa: E731
    for name, who in database.people.items():
        database.enter(name)
        for table, names in database.columns.items():
            statement = sql.SQL(
                "insert into {0} ({1}) select {1} from jsonb_populate_record(null::{0}, %s)"
            ).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names)))
            for row in database.rows[table]:
                taken = database.try_out(statement, [json.dumps(row)]) is not None
                assert taken == ADDED.get(table, never)(who, row, database.rows), (name, table, row)


def test_nothing_moves_out_of_the_scope(database):
    """Protects the far county from rows pushed into it: whoever changes a row cannot give it a far place."""
    far = database.town.far_grid.path
    for name in ("worker", "community", "township", "centre"):
        database.enter(name)
        for table in CHANGED.keys() & {table for table, names in database.columns.items() if "path" in names}:
            if table in ("cases_task", "cases_summons", "cases_attachment"):
                continue  # they lie where their case lies, whatever their own path says
            mine = (
                ""
                if table != "cases_case"
                else f" where reported_by_id is distinct from {database.people[name].pk}"
            )
            assert not database.try_out(f"update {table} set path = %s{mine}", [far]), (name, table)


#: What would lead past the policies, each as the application's role may try it.
WAYS_OUT = {
    "another role": "set role wangge_owner",
    "another session": "set session authorization wangge_owner",
    "policies off": "alter table cases_case disable row level security",
    "a policy of its own": "create policy mine on cases_case using (true)",
    "policies off for itself": "set row_security = off; select * from cases_case",
    "a power of its own": "alter role wangge_app bypassrls",
    "a new role": "create role helper superuser",
    "the chain's trigger": "alter table journal_entry disable trigger journal_entry_link",
    "another's function": "create or replace function staff_manages_root() returns boolean language sql as 'select true'",
    "a table between": "create table public.staff_account_2 ()",
    "a function between": "create function public.set_config(text, text, integer) returns text language sql as 'select 1'",
    "triggers off": "set session_replication_role = replica",
    "emptying": "truncate cases_case cascade",
    "the journal changed": "update journal_entry set reason = 'x'",
    "the journal shortened": "delete from journal_entry",
    "the roles' secrets": "select * from pg_authid",
    "a file of the server": "select pg_read_file('PG_VERSION')",
    "a program of the server": "copy (select 1) to program 'cat'",
    "another server": "create extension dblink",
    "counting past the policy": "select cases_expected('true')",
    "the settings of the database": "alter database wangge set row_security = off",
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_the_applications_role_finds_no_way_past_the_policies(cluster, django_db_setup, way):
    """Protects all other tests here: the role cannot become, change or dodge what guards it."""
    with psycopg.connect(cluster.dsn("wangge_app")) as app:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
            app.execute(WAYS_OUT[way])
        app.rollback()


def test_the_application_owns_nothing_and_cannot_pass_the_policies(owner):
    """Protects the policies themselves, which bind everyone but owners and those with a right to bypass them."""
    role = owner.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = 'wangge_app'"
    ).fetchone()
    assert role == (False,) * 5
    assert owner.execute(
        "select count(*) from pg_class where relowner = 'wangge_app'::regrole"
    ).fetchone() == (0,)
    assert owner.execute(
        "select count(*) from pg_auth_members where member = 'wangge_app'::regrole"
    ).fetchone() == (0,)


def test_functions_of_the_owner_look_for_temporary_tables_last(owner):
    """Protects the owner's rights: a temporary table named like one of ours must not be met by a function of the owner."""
    loose = owner.execute(
        "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
        " and not coalesce(proconfig, '{}') @> array['search_path=public, pg_temp']"
    ).fetchall()
    assert loose == []


def test_a_trigger_on_a_temporary_table_does_not_run_as_the_owner(cluster, town):
    """Protects the same by trying it: the stamp's trigger function must write the real table."""
    with psycopg.connect(cluster.dsn("wangge_app")) as app:
        app.execute("create temporary table areas_boundarystamp (id int, version bigint)")
        app.execute("insert into areas_boundarystamp values (1, 1)")
        app.execute(
            "create function pg_temp.evil() returns trigger language plpgsql as"
            " $$ begin alter table journal_entry disable row level security; return new; end $$"
        )
        app.execute(
            "create trigger evil before update on areas_boundarystamp for each row execute function pg_temp.evil()"
        )
        app.execute("select set_config('wangge.manages', '{320700000000}', true)")
        app.execute("update areas_area set boundary = boundary where code = '320700000000'")
        secured = app.execute(
            "select relrowsecurity from pg_class where oid = 'journal_entry'::regclass"
        ).fetchone()
        app.rollback()
    assert secured == (True,)


def test_the_search_for_cases_applies_the_whole_policy(owner):
    """Protects `cases_found`, which reads as the owner: it knows permissive policies only, so there may be no others."""
    strict = owner.execute(
        "select count(*) from pg_policy where polrelid = 'cases_case'::regclass and polcmd in ('r', '*') and not polpermissive"
    ).fetchone()
    assert strict == (0,)


def functions_of_the_owner(owner, condition="true"):
    found = owner.execute(
        "select distinct proname from pg_proc p where prosecdef and pronamespace = 'public'::regnamespace"
        f" and {condition}"
    )
    return {name for (name,) in found.fetchall()}


def test_what_runs_as_the_owner_is_listed_with_what_it_gives_away(owner):
    """Protects the list that a reader trusts: a function that sees past the policies is in scope.md, and what is there exists."""
    page = (Path(__file__).parents[2] / "docs/workings/scope.md").read_text(encoding="utf-8")
    table = page.split("## Functions that run as their owner")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row)]
    assert len(listed) == len(set(listed)), "each once"
    assert set(listed) == functions_of_the_owner(owner)


def test_what_runs_as_the_owner_is_given_to_the_application_alone(owner):
    """Protects it from every other role of the server; a trigger can be called by nobody."""
    everybody = "prorettype <> 'trigger'::regtype and has_function_privilege('public', p.oid, 'execute')"
    assert functions_of_the_owner(owner, everybody) == set()
