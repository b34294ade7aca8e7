"""Row-level security from the first table on: each table says how it is guarded, and nobody unknown sees a row."""

import psycopg
import pytest

#: Tables without a place, and why each may go without a row policy. A new table without an answer fails.
WITHOUT_PLACE = {
    "areas_boundarystamp": "one number",
    "cases_counter": "numbers only",
    "django_migrations": "names of migrations, read by /healthz",
    "procrastinate_events": "times of jobs",
    "procrastinate_jobs": "names of timers and times",
    "procrastinate_periodic_defers": "names of timers and times",
    "procrastinate_workers": "heartbeats",
    "staff_attempts": "digests and counts",
    "staff_signin": "digests of secrets",
}
#: Tables that everyone signed in may read, by decision.
READ_BY_ALL = {"areas_area", "cases_route", "catalogue_itemversion", "catalogue_workitem", "staff_department", "staff_postkind", "staff_postrequirement"}


def tables(connection):
    return connection.execute(
        "select relname, relrowsecurity, (select count(*) from pg_policy where polrelid = c.oid)"
        " from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    ).fetchall()


def test_every_table_has_a_row_policy_or_a_reason(owner):
    for name, secured, policies in tables(owner):
        assert (secured and policies > 0) != (name in WITHOUT_PLACE), name


def test_the_application_owns_nothing_and_cannot_pass_the_policies(owner):
    role = owner.execute("select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'wangge_app'").fetchone()
    assert role == (False, False, False)
    assert owner.execute("select count(*) from pg_class where relowner = 'wangge_app'::regrole").fetchone() == (0,)


def test_without_a_viewer_no_placed_table_shows_or_takes_a_row(cluster, owner):
    placed = [name for name, secured, _ in tables(owner) if secured and name not in READ_BY_ALL]
    assert len(placed) >= 12
    with psycopg.connect(cluster.dsn("wangge_app"), autocommit=True) as app:
        for name in placed:
            assert app.execute(f"select count(*) from {name}").fetchone() == (0,), name
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("insert into areas_area (code, name, level, path, kind, urban_rural_class, boundary_made_up, valid_from)"
                        " values ('1', 'x', 'city', '1', '', '', false, now())")
