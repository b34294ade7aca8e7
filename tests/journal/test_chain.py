"""The journal's promise: an entry changed, removed or inserted by hand shows, and which one it was."""

import psycopg
import pytest

from wangge.journal.queries import _BREAKS

TOWN = "320700000000.320703000000"


def add(connection, area="320703000000", subject="case:a", count=1):
    for _ in range(count):
        connection.execute(
            "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after,"
            " reason, confidential, prev_hash, hash) values"
            " (%s, %s, 0, now(), '', '', 'case.reported', %s, '', '{}', '{}', '', false, '', '')",
            [area, f"320700000000.{area}", subject],
        )


def breaks(connection):
    return [(area, seq, what) for area, seq, _, what in connection.execute(_BREAKS).fetchall()]


def test_an_untouched_chain_has_no_break(owner):
    add(owner, count=5)
    add(owner, area="320706000000", count=3)
    assert breaks(owner) == []
    assert [
        row[0]
        for row in owner.execute("select seq from journal_entry where area_id = '320706000000' order by id")
    ] == [1, 2, 3]


def test_a_changed_entry_is_named(owner):
    add(owner, count=5)
    owner.execute("update journal_entry set reason = 'other' where seq = 3")
    assert breaks(owner) == [("320703000000", 3, "changed")]


def test_a_removed_entry_is_named_also_when_it_was_the_last(owner):
    add(owner, count=5)
    owner.execute("delete from journal_entry where seq = 2")
    assert breaks(owner)[0] == ("320703000000", 2, "removed")
    add(owner, area="320706000000", count=3)
    owner.execute("delete from journal_entry where area_id = '320706000000' and seq = 3")
    assert ("320706000000", 3, "removed") in breaks(owner)


def test_an_entry_inserted_past_the_trigger_is_named(owner):
    add(owner, count=2)
    owner.execute("alter table journal_entry disable trigger journal_entry_link")
    owner.execute(
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) select area_id, path, 3, at, '', '', verb, subject, '', '{}', '{}', '', false,"
        " hash, sha256('x') from journal_entry where seq = 2"
    )
    assert breaks(owner)[0][1] == 3


@pytest.mark.parametrize(
    "attempt",
    ["update journal_entry set reason = 'x'", "delete from journal_entry", "update journal_head set seq = 0"],
)
def test_the_application_can_neither_change_nor_remove(cluster, django_db_setup, attempt):
    with (
        psycopg.connect(cluster.dsn("wangge_app")) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(attempt)
