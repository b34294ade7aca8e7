"""The sample city in a database of its own: what was written, that the real actions agree with it, and a replay over HTTP."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from tests.demo.living import CASES, NOW
from tests.folder import copy, migrated
from tests.project.program import PATIENCE_SECONDS, Program, run

from wangge.cases.actions.steps import PAST
from wangge.demo.rules.posts import DEMO_ACCOUNTS

HERE = Path(__file__).parent


def living(data, *arguments):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("WANGGE_", "DATABASE_URL"))
    }
    kept |= {"WANGGE_DATA": str(data), "PYTHONPATH": str(HERE.parents[1] / "src")}
    done = subprocess.run(
        [sys.executable, str(HERE / "living.py"), *arguments],
        env=kept,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def folder():
    from wangge.project.cluster import Cluster

    with tempfile.TemporaryDirectory(prefix="wangge-city-") as place:
        data = Path(place)
        copy(migrated(), data)
        server = Cluster(data)
        server.start()
        try:
            living(data, "build")
            yield data
        finally:
            server.stop()


@pytest.fixture
def city(folder):
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(folder).dsn("wangge_owner")) as connection:
        yield connection
        connection.rollback()


def ask(city, statement, *values):
    return city.execute(statement, values).fetchall()


def test_everything_is_there_and_said_to_be_made_up(city):
    counts = dict(ask(city, "select level || kind, count(*) from areas_area group by 1"))
    assert counts == {
        "city": 1, "county": 8, "township": 109, "community": 1_761, "gridpublic": 4_234, "griddedicated": 36,
    }  # fmt: skip
    assert ask(city, "select count(*) from areas_area where not boundary_made_up") == [(0,)]
    assert ask(city, "select count(*) from cases_case") == [(CASES,)]
    assert ask(city, "select after ->> 'cases' from journal_entry where verb = 'city.built'") == [
        (str(CASES),)
    ]


def test_the_own_grid_has_homes_with_made_up_people(city):
    grid = "3207030030021001"
    out_of_bounds = "select grid_id, count(*) from households_household group by 1 having count(*) not between 300 and 500"
    assert ask(city, out_of_bounds) == [], "of the whole township"
    assert ask(city, "select count(distinct grid_id) from households_household") == [(46,)]
    assert ask(city, "select count(*) from households_household where not made_up") == [(0,)]
    parts = ask(
        city,
        "select c.name, count(distinct b.grid_id) from households_building b left join households_compound c on c.code = b.compound_id"
        " where b.community_id = '320703003002' group by 1",
    )
    assert len(parts) == 6
    assert all(name for name, _ in parts)
    assert sum(grids > 1 for _, grids in parts) >= 3, "today's grids cut them"
    [(homes,)] = ask(city, "select count(*) from households_household where grid_id = %s and made_up", grid)
    [(people,)] = ask(city, "select count(*) from households_resident where grid_id = %s and made_up", grid)
    assert 2.6 * homes < people < 3.4 * homes
    lived_in = "select grid_id, count(distinct household_id) from households_resident group by 1 order by 1"
    assert ask(city, lived_in) == [(grid, homes), *((f"320703003002100{at}", 80) for at in (2, 3, 4))]
    assert ask(city, "select count(*) from visits_stale") == [(0,)]
    assert ask(city, "select count(*) from households_household where has_plot")[0][0] >= 30
    assert ask(city, "select count(*) from households_careneed where until < %s", NOW.date()) == [(0,)]
    assert {kind for (kind,) in ask(city, "select distinct kind from households_careneed")} >= {
        "elder",
        "disability",
    }
    assert ask(
        city,
        "select count(*) from households_stay s full join households_resident r on r.id = s.resident_id"
        " where s.id is null or r.id is null",
    ) == [(0,)]
    assert ask(
        city,
        "select count(*) from households_tally t where households <>"
        " (select count(*) from households_household h where h.path = t.path)",
    ) == [(0,)]


def test_every_home_lies_inside_its_grid(city):
    import shapely

    boundaries = dict(
        ask(
            city,
            "select path::text, boundary from areas_area where level = 'grid' and left(parent_id, 9) = '320703003'",
        )
    )
    points = ask(city, "select path::text, lon, lat from households_dwelling")
    assert len(points) > 17_000
    shapes = {path: shapely.from_geojson(json.dumps(told)) for path, told in boundaries.items() if told}
    for shape in shapes.values():
        shapely.prepare(shape)
    assert all(shapely.intersects_xy(shapes[path], lon, lat) for path, lon, lat in points)


def test_streets_and_hills_of_the_township_are_known_and_nobody_lives_on_a_hill(city):
    import shapely

    [(path, counts, notes, *kept)] = ask(
        city, "select path::text, counts, notes, barriers, streets from plans_ground where ended_at is null"
    )
    assert path.endswith("320703003000")
    barriers, streets = (shapely.get_parts(shapely.from_wkb(bytes(each))) for each in kept)
    assert (len(barriers), len(streets)) == (counts["barriers"], counts["streets"]) == (4, counts["streets"])
    assert counts["streets"] > 100
    assert counts["crossings"] > 0
    assert "Made up" in notes[0]
    points = shapely.points(
        [(lon, lat) for lon, lat in ask(city, "select lon, lat from households_building")]
    )
    assert not shapely.intersects(shapely.union_all(barriers), points).any()
    assert ask(city, "select source, actor_name from journal_entry where verb = 'ground.kept'") == [
        ("demo", "system")
    ]


def test_nobody_can_sign_in_but_the_demo_accounts(city):
    usable = {name for (name,) in ask(city, "select username from staff_account where password <> '!'")}
    assert usable == set(DEMO_ACCOUNTS)
    assert len(ask(city, "select from staff_account")) > 10_000


def test_every_area_holds_the_posts_that_its_level_requires(city):
    assert (
        ask(
            city,
            "select a.code, r.kind_id from areas_area a join staff_postrequirement r"
            " on r.level = a.level and r.grid_kind in ('', a.kind)"
            " where (select count(*) from staff_post p where p.area_id = a.code and p.kind_id = r.kind_id) < r.minimum",
        )
        == []
    )


def test_the_chain_of_the_journal_holds_and_goes_on(city):
    wrong = ask(
        city,
        "select id from (select *, coalesce(lag(hash) over chain, '') as true_prev, row_number() over chain as place"
        " from journal_entry window chain as (partition by area_id order by seq)) as e"
        " where seq <> place or prev_hash <> true_prev",
    )
    assert wrong == []
    assert ask(city, "select id from journal_entry e where hash <> journal_digest(e, prev_hash)") == []
    heads = "select area_id, max(seq) from journal_entry group by area_id"
    assert ask(city, f"(select area_id, seq from journal_head) except ({heads})") == []
    assert ask(city, f"({heads}) except (select area_id, seq from journal_head)") == []
    assert ask(
        city, "select count(*) from pg_trigger where tgname = 'journal_entry_link' and tgenabled <> 'O'"
    ) == [(0,)]
    area, head = ask(city, "select area_id, seq from journal_head where length(area_id) = 16 limit 1")[0]
    path = ask(city, "select path::text from areas_area where code = %s", area)[0][0]
    added = ask(
        city,
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) values (%s, %s, 0, now(), '', '', 'case.reported', 'case:x', '', '{}', '{}', '',"
        " false, '', '') returning seq",
        area,
        path,
    )
    assert added == [(head + 1,)]


def test_the_tally_counts_what_there_is(city):
    counted = "path, confidential, holder_level, state, late, supervised"
    assert (
        ask(
            city,
            f"select {counted}, count(*)::int from cases_case group by {counted} except select {counted}, count from cases_tally",
        )
        == []
    )
    assert ask(city, "select sum(count) from cases_tally") == [(CASES,)]


def test_numbers_have_no_gap_and_the_next_one_follows(city):
    taken = "select left(number, 11) as id, max(right(number, 4)::int) as last from cases_case group by 1"
    assert ask(city, f"select id, last from cases_counter where id !~ '-T' except ({taken})") == []
    assert ask(city, f"{taken} having count(*) <> max(right(number, 4)::int)") == []
    assert ask(city, "select number from cases_case where left(number, 4) <> substr(county_id, 3, 4)") == []


def test_every_open_case_has_a_clock_that_will_come_or_has_said_all(city):
    wrong = ask(
        city,
        "select number, state, late, next_alarm_at from cases_case where state not in ('closed', 'cancelled', 'merged')"
        " and (next_alarm_at <= %s or next_alarm_at is null and raised_to <> 'city')",
        NOW,
    )
    assert wrong == []
    open_share = ask(
        city, "select avg((state not in ('closed', 'cancelled', 'merged'))::int)::float from cases_case"
    )[0][0]
    assert 0.01 < open_share < 0.07
    assert ask(city, "select number from cases_case where reported_at > %s or closed_at > %s", NOW, NOW) == []


def test_confidential_items_are_confidential_cases_with_a_holder_who_may_read_them(city):
    assert (
        ask(
            city,
            "select from cases_case c join catalogue_itemversion v on v.id = c.item_version_id where c.confidential <> v.confidential",
        )
        == []
    )
    assert ask(city, "select count(*) > 0 from cases_case where confidential") == [(True,)]
    unread = ask(
        city,
        "select number from cases_case c where confidential and state not in ('closed', 'cancelled', 'merged') and not exists ("
        " select from staff_post p join staff_assignment s on s.post_id = p.id join staff_postkind k on k.code = p.kind_id"
        " where p.area_id = subpath(c.holder_path, -1)::text and k.confidential)",
    )
    assert unread == []


def test_the_indexes_are_back(city):
    names = {
        name
        for (name,) in ask(
            city, "select indexname from pg_indexes where tablename in ('cases_case', 'journal_entry')"
        )
    }
    assert {
        "cases_case_search",
        "cases_case_of_grid",
        "cases_case_newest",
        "journal_entry_of_subject",
    } <= names


def test_photos_are_drawings_that_lie_where_attachments_do(city, folder):
    digests = [digest for (digest,) in ask(city, "select digest from blobs_blob")]
    assert digests
    for digest in digests:
        assert (folder / "blobs" / digest[:2] / digest / "clean").stat().st_size > 1_000
    assert ask(city, "select count(*) > 50 from cases_attachment") == [(True,)]


def test_the_real_actions_agree_with_the_written_lives_in_every_column(folder):
    told = json.loads(living(folder, "relive").splitlines()[-1])
    assert told["differences"] == []
    verbs = set(PAST.values()) - {"case.split"} | {
        "case.reported",
        "case.attached",
        "case.warned",
        "case.overdue",
    }
    assert set(told["verbs"]) == verbs | {"case.summons-answered"}


def test_a_database_with_other_data_is_refused(folder):
    assert "OtherData" in living(folder, "refuse")


def test_requests_are_replayed_over_http_from_report_to_closing(folder):
    program = Program(folder)
    try:
        program.await_health()
        command = [sys.executable, "-m", "wangge.project.cli", "demo", "replay", str(HERE / "texts.csv")]
        address = {
            "WANGGE_PORT": str(program.port),
            "WANGGE_DATA": str(folder),
            "PYTHONPATH": str(HERE.parents[1] / "src"),
        }
        for _ in range(2):  # again changes nothing: each report and step carries its own id
            done = subprocess.run(
                command,
                env={**os.environ, **address},
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            said = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line[-1:].isdigit())
            counts = {name.strip(): int(count) for name, count in said.items()}
            assert counts["filed"] == counts["closed"] == 24
            assert counts["on time"] == 22
            assert counts["late"] == 2
            assert counts["refused: no item of the catalogue fits its words"] == 1
            assert len([name for name in counts if name.startswith("resolved in the tier")]) >= 3
    finally:
        program.stop()


def test_the_command_that_registers_homes_finds_those_of_the_city(folder):
    """Last, since the command stops the server that it finds."""
    done = run(folder, "demo", "homes")
    assert done.returncode == 0, done.stderr
    assert "They are registered already." in done.stdout
