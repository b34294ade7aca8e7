"""A pull finds the conflicts of its account without looking through everybody's."""

import pytest
from django.db import connection
from tests.builders import NOW

from wangge.sync.queries.conflicts import _CHANGED

_MANY = """
insert into sync_conflict (id, account_id, path, kind, subject, content, fields, found_at, settled_at)
select gen_random_uuid(), case when n %% 100 = 0 then %(own)s else %(own)s + n end, %(path)s::ltree, 'household.change', 'household:' || n,
       '', '', %(then)s::timestamptz, case when n %% 10 > 0 then %(then)s::timestamptz end
  from generate_series(1, 5000) n
"""


@pytest.mark.django_db
def test_conflicts_of_one_account_are_found_in_an_index(town):
    own = town.accounts["worker"].pk
    town.run(_MANY, {"own": own, "path": town.grid_a.path, "then": NOW})
    town.run("analyze sync_conflict")
    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (since,) = cursor.fetchone()
        cursor.execute(f"explain {_CHANGED}", {"account": own, "since": since, "settled": NOW})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert "sync_conflict_of_account" in plan
