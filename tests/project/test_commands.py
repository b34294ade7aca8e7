"""The commands as a person types them: what they print, what they answer, and that a refusal is one sentence."""

import csv
import subprocess
import sys

import psycopg
import pytest
from tests.project.program import environ, run

from wangge.project.cluster import attached

AREAS = """code,name,level,parent,kind
320700000000,连云港市,city,,
320703000000,连云区,county,320700000000,
320703001000,连云街道,township,320703000000,
320703001001,荷花社区,community,320703001000,
3207030010011001,荷花第一网格,grid,320703001001,public
"""
STAFF = """username,name,area,post,from
zhang.wei,张伟,320700000000,administrator,2026-01-01
"""


def refused(done, *words):
    """One sentence or two, naming the way out; no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("wangge: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[-1]


@pytest.fixture(scope="module")
def city(shared_data, tmp_path_factory):
    """The way from an empty database to the first sign-in, by the commands of the guide, beside a database that runs."""
    files = tmp_path_factory.mktemp("files")
    for name, text in (("areas.csv", AREAS), ("staff.csv", STAFF)):
        (files / name).write_text(text, encoding="utf-8")
    with attached(shared_data):
        for arguments in (
            ("import", "areas", str(files / "areas.csv"), "--valid-from", "2026-01-01"),
            ("import", "items", "--sample"),
            ("import", "staff", str(files / "staff.csv")),
        ):
            done = run(shared_data, *arguments)
            assert done.returncode == 0, done.stderr
        yield shared_data


def test_the_first_account_can_sign_in_after_the_commands_of_the_guide(city):
    command = [sys.executable, "-m", "wangge.project.cli", "account", "password", "zhang.wei"]
    done = subprocess.run(
        command,
        env=environ(city),
        input="正确的马和电池和订书钉\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with attached(city) as cluster, psycopg.connect(cluster.dsn()) as connection:
        (kept,) = connection.execute(
            "select password from staff_account where username = 'zhang.wei'"
        ).fetchone()
    assert kept.startswith("scrypt$")


def test_a_password_for_nobody_is_refused(city):
    refused(run(city, "account", "password", "nobody"), "no account nobody", "wangge import staff")


def test_routing_check_names_what_reaches_nobody(city):
    done = run(city, "routing", "check")
    assert done.returncode == 1
    assert "3207030010011001: no desk is reached for" in done.stdout


def test_a_proven_journal_answers_0_and_a_changed_one_names_the_entry(city):
    assert run(city, "journal", "verify").returncode == 0
    with attached(city) as cluster, psycopg.connect(cluster.dsn()) as connection:
        connection.execute(
            "update journal_entry set reason = 'forged' where seq = 2 and area_id = '320700000000'"
        )
    done = run(city, "journal", "verify")
    assert done.returncode == 1
    assert "320700000000: number 2 (entry" in done.stdout
    assert "was changed by hand" in done.stdout


def test_an_export_is_a_table_with_a_header(city, tmp_path):
    file = tmp_path / "cases.csv"
    done = run(city, "export", "cases", str(file))
    assert done.returncode == 0, done.stderr
    with file.open(encoding="utf-8-sig", newline="") as table:
        assert next(csv.reader(table))[:3] == ["number", "title", "description"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["cases.csv"]
    assert run(city, "export", "cases", str(tmp_path / "cases.xlsx")).returncode == 0


def test_an_export_in_no_known_format_is_refused(city, tmp_path):
    refused(run(city, "export", "cases", str(tmp_path / "cases.doc")), ".csv", ".xlsx")


def test_an_export_to_a_folder_that_is_not_there_is_refused(city, tmp_path):
    refused(run(city, "export", "cases", str(tmp_path / "away" / "cases.csv")), "cannot be written")


def test_a_file_with_faults_lists_each_and_imports_nothing(city, tmp_path):
    file = tmp_path / "areas.csv"
    file.write_text(AREAS + "12,坏,village,320700000000,\n", encoding="utf-8")
    done = run(city, "import", "areas", str(file))
    refused(done, "Nothing was imported")
    assert "line 7, " in done.stderr
    assert "expected: " in done.stderr


def test_a_file_that_is_not_there_is_refused(city):
    refused(run(city, "import", "areas", "nowhere.csv"), "no file nowhere.csv")


def test_a_demo_is_refused_beside_other_data(city):
    refused(run(city, "demo", "build"), "holds other data", "WANGGE_DATA")


def test_a_demo_is_refused_where_others_can_reach_it(tmp_path):
    for setting in ({"WANGGE_HOST": "0.0.0.0"}, {"WANGGE_ALLOWED_HOSTS": "grid.example.cn"}):
        refused(run(tmp_path, "demo", "start", **setting), "passwords are published", "WANGGE_HOST")


def test_a_public_address_without_a_name_is_refused(tmp_path):
    refused(run(tmp_path, "serve", WANGGE_HOST="0.0.0.0"), "WANGGE_ALLOWED_HOSTS")


def test_a_bad_setting_is_refused(tmp_path):
    refused(run(tmp_path, "serve", WANGGE_PORT="eighty"), "WANGGE_PORT", "whole number")


def test_a_server_that_is_away_is_refused(tmp_path):
    url = "postgresql://owner:hushhush@127.0.0.1:1/grid"
    done = run(tmp_path, "migrate", DATABASE_URL=url)
    refused(done, "cannot be reached", "DATABASE_URL")
    assert "hushhush" not in done.stderr


def test_a_folder_of_another_version_is_refused(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("14\n")
    refused(run(tmp_path, "serve"), "made by PostgreSQL 14", "WANGGE_DATA")


def test_a_server_of_ones_own_without_tables_is_not_migrated_unasked(shared_data):
    with (
        attached(shared_data) as cluster,
        psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection,
    ):
        connection.execute("create database empty owner wangge_owner")
        owner, app = cluster.dsn("wangge_owner", "empty"), cluster.dsn("wangge_app", "empty")
        done = run(shared_data, "migrate", "--check", DATABASE_URL=owner, WANGGE_APP_DATABASE_URL=app)
    refused(done, "lacks", "wangge migrate")


def test_nothing_to_route_is_said(data):
    refused(run(data, "routing", "check"), "no areas")


def test_a_wrong_call_answers_2(tmp_path):
    assert run(tmp_path, "import", "areas").returncode == 2
    assert run(tmp_path, "demo", "build", "--cases", "many").returncode == 2
