"""Who must see nothing of a mediation sees nothing of it: asked of the pages, of the interface, and of the database itself."""

import psycopg
import pytest
from tests import builders
from tests.house.full_town import full_mediation

PARTS = ("mediation", "party", "mediationsession", "agreement", "followup", "referral", "remark")
#: Everybody who is near it or above it, and has no part in it. The last three get their posts here.
OUTSIDERS = (
    "admin", "centre", "dispatcher", "handler", "worker", "worker2", "instructor", "enterprise", "neighbour", "far_community",
    "far_mediator", "clerk", "grid_lead", "above",
)  # fmt: skip
INSIDERS = ("mediator", "community", "township", "secretary")


@pytest.fixture
def file(town):
    for name, kind, where in (
        ("clerk", "clerk", "community"),
        ("grid_lead", "grid_lead", "grid_a"),
        ("above", "mediator", "township"),
    ):
        area = town.areas[where]
        town.accounts[name] = town.add(builders.account, name, area)
        town.add(builders.assignment, town.add(builders.post, kind, area), town.accounts[name])
    return town.add(full_mediation, town.community, town.accounts["mediator"], "0703-T2026-0001")


@pytest.fixture
def app(cluster, town):
    with psycopg.connect(cluster.dsn("wangge_app")) as connection:
        yield connection
        connection.rollback()


def enter(app, town, name):
    app.rollback()
    app.execute("select staff_set_scope(%s, %s)", [town.accounts[name].pk, builders.TODAY])


def counted(app, statement, values=()):
    return app.execute(f"select count(*) from {statement}", values).fetchone()[0]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_an_outsider_reads_and_writes_no_row_by_raw_sql(town, file, app, name):
    enter(app, town, name)
    for part in PARTS:
        assert counted(app, f"cases_{part}") == 0, part
    assert counted(app, "journal_entry where subject like 'mediation:%%'") == 0
    assert app.execute("update cases_mediation set state = 'withdrawn' returning id").fetchall() == []
    for statement in (
        (
            "insert into journal_entry (area_id, path, at, actor_id, subject, verb, seq, actor_name, post, source, before, after,"
            " reason, confidential, prev_hash, hash) values (%(area)s, %(path)s, now(), %(who)s, %(subject)s, 'mediation.looked', 0,"
            " '', '', '', '{}', '{}', '', true, '', '')"
        ),
        (
            "insert into cases_remark (id, mediation_id, written_at, written_by_id, step, text)"
            " values (gen_random_uuid(), %(id)s, now(), %(who)s, 'close', 'x')"
        ),
    ):
        app.execute("savepoint here")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(
                statement,
                {
                    "area": town.community.code,
                    "path": town.community.path,
                    "who": town.accounts[name].pk,
                    "subject": f"mediation:{file.id}",
                    "id": file.id,
                },
            )
        app.execute("rollback to savepoint here")


@pytest.mark.parametrize("name", INSIDERS)
def test_who_has_a_part_in_it_reads_every_row_and_finds_only_sealed_words(town, file, app, name):
    enter(app, town, name)
    for part in PARTS:
        assert counted(app, f"cases_{part}") == 1, part
    assert counted(app, "journal_entry where subject like 'mediation:%%'") == 1
    (said,) = app.execute(
        "select string_agg(encode(name, 'hex') || encode(phone, 'hex'), '') from cases_party"
    ).fetchone()
    assert "王小明".encode().hex() not in said


@pytest.mark.parametrize("name", OUTSIDERS)
def test_an_outsider_finds_no_file_by_the_interface_or_the_pages(town, file, db, name):
    client, browser = town.client(name), town.browser(name)
    for address in (
        f"/api/v1/mediations/{file.id}",
        f"/console/mediations/{file.id}",
        f"/console/mediations/{file.id}/agreement",
    ):
        asked = client if address.startswith("/api") else browser
        answer = asked.get(address)
        assert answer.status_code == 404, address
        assert "王小明" not in answer.content.decode()
    answer = client.get("/api/v1/mediations")
    assert answer.status_code == 403 or answer.json()["items"] == []
    assert str(file.id) not in browser.get("/console/journal").content.decode()


def test_the_entries_of_a_mediator_who_left_are_theirs_no_more(town, file, app):
    enter(app, town, "mediator")
    assert counted(app, "journal_entry where subject like 'mediation:%%'") == 1
    town.run(
        "update staff_assignment set to_on = '2026-04-14' where account_id = %s",
        [town.accounts["mediator"].pk],
    )
    enter(app, town, "mediator")
    assert counted(app, "journal_entry where subject like 'mediation:%%'") == 0
    assert counted(app, "cases_mediation") == 0
