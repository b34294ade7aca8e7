"""Signs in grid workers of different counties: `python -m bench.signing COUNT` prints for each a token, an item and a point
in their grid."""

import hashlib
import json
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

_WORKERS = """
select distinct on (s.account_id) s.account_id, a.boundary -> 'coordinates' -> 0
  from staff_assignment s join staff_post p on p.id = s.post_id join areas_area a on a.code = p.area_id
 where p.kind_id = 'grid_worker' and a.boundary is not null order by s.account_id, a.code
"""


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from wangge.project.cluster import Cluster

    count, now = int(sys.argv[1]), datetime.now(UTC)
    people = []
    with psycopg.connect(Cluster(Path(settings.ENVIRONMENT.data)).dsn("wangge_owner")) as owner:
        workers = owner.execute(_WORKERS).fetchall()
        items = [row[0] for row in owner.execute("select w.code from catalogue_workitem w join catalogue_itemversion v on v.id = w.version_id"
                                                 " where not v.confidential order by 1 limit 20")]  # fmt: skip
        for number in range(count):
            account, ring = workers[number * (len(workers) // count)]
            token = secrets.token_urlsafe(32)
            owner.execute(
                "insert into staff_signin (digest, account_id, created_at, expires_at, agent) values (%s, %s, %s, %s, 'bench')",
                [hashlib.sha256(token.encode()).digest(), account, now, now + timedelta(hours=6)],
            )
            middle = [sum(corner[axis] for corner in ring) / len(ring) for axis in (0, 1)]
            people.append(
                {"token": token, "item": items[number % len(items)], "lon": middle[0], "lat": middle[1]}
            )
    print(json.dumps(people))


if __name__ == "__main__":
    main()
