"""Opening the queue page over HTTP, from the request to the last byte, where 100,000 open cases lie in the county; against
`case_page`, the query of such pages alone, asked in turn in the same run.
"""

import hashlib
import http.client
import secrets
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bench.ground import asked, p95, tell
from bench.growing import BUSY, CITY, NOW
from bench.serving import served

OPENED = 100_000
REPEATS = 80
WARMING = 10
PAGES = (
    "/console/?queue=open",
    "/console/?queue=new",
    "/console/?queue=mine",
    "/console/?queue=open&urgency=urgent",
)

#: Closed ones of the county are taken for open, the newest first, in the proportions of a busy day. No alarm is due: the
#: program's own clock would work on them meanwhile.
_OPEN_UP = """
update cases_case set state = (array['reported', 'accepted', 'dispatched', 'handled', 'returned'])[1 + (lon * 1e6)::int %% 5],
       closed_at = null, outcome = '', witness = '', resolved_tier = '', next_alarm_at = null,
       late = case when (lat * 1e6)::bigint %% 20 < 1 then 'overdue' when (lat * 1e6)::bigint %% 20 < 3 then 'soon' else '' end
 where id in (select id from cases_case where county_id = %(county)s and state = 'closed' order by reported_at desc
               limit greatest(0, %(wanted)s - (select count(*) from cases_case where county_id = %(county)s
                      and state in ('reported', 'accepted', 'dispatched', 'handled', 'verified', 'returned', 'suspended'))))
"""


def measure(data: Path, runs: int) -> None:
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        owner.execute(_OPEN_UP, {"county": BUSY[0], "wanted": OPENED})
        owner.execute("update cases_case set next_alarm_at = null where next_alarm_at is not null")
        owner.execute("vacuum analyze cases_case")
        owner.execute("vacuum analyze cases_tally")
        token = _token(owner)
    with served(data, "serve") as server:
        _open(server.port, token, WARMING)
        taken, alone, sizes = [], [], {}
        for _ in range(runs):
            pages, sizes = _open(server.port, token, REPEATS)
            # What `case_page` gives as its figure: the worst of its places. The county's own first page is told beside it.
            asked_alone = asked(data, "bench.asking", "pages")["pages"]
            taken.append((pages, max(p95(took) for took in asked_alone.values())))
            alone.append(p95(asked_alone["county 1"]))
    worst = max(PAGES, key=lambda page: max(p95(pages[page]) for pages, _ in taken))
    tell(
        "desk_open",
        [(p95(pages[worst]), floor) for pages, floor in taken],
        unit="ms p95",
        limit=3,
        worst=worst,
        open_cases=OPENED,
        p95_ms={page: round(min(p95(pages[page]) for pages, _ in taken), 1) for page in PAGES},
        median_ms={
            page: round(min(statistics.median(pages[page]) for pages, _ in taken), 1) for page in PAGES
        },
        first_page_alone_ms=[round(each, 1) for each in alone],
        bytes=sizes,
    )


#: A dispatcher of the county who holds no other post: the city's own accounts hold several each.
_DISPATCHER = """
with person as (
  insert into staff_account (username, name, password, home_path, language, created_at, failures)
  select 'dispatcher-' || count(*), '坐席', '!', %(path)s::ltree, '', '2020-01-01', 0
    from staff_account where username like 'dispatcher-%%' returning id),
seat as (
  insert into staff_post (kind_id, area_id, path) values ('dispatcher', %(county)s, %(path)s::ltree) returning id),
held as (
  insert into staff_assignment (post_id, account_id, path, part, from_on)
  select seat.id, person.id, %(path)s::ltree, 'full_time', '2020-01-01' from seat, person)
insert into staff_signin (digest, account_id, created_at, expires_at, agent)
select %(digest)s, id, %(now)s, %(until)s, 'bench' from person
"""


def _token(owner: "psycopg.Connection") -> str:
    """A sign-in of a dispatcher of the county."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    digest = hashlib.sha256(token.encode()).digest()
    path, until = f"{CITY}.{BUSY[0]}", max(now, NOW) + timedelta(days=30)
    owner.execute(
        _DISPATCHER, {"path": path, "county": BUSY[0], "digest": digest, "now": now, "until": until}
    )
    return token


def _open(port: int, token: str, times: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of each page, over one kept connection as a browser has it, and the bytes that came."""
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took: dict[str, list[float]] = {page: [] for page in PAGES}
    sizes = {}
    for _ in range(times):
        for page in PAGES:
            began = time.perf_counter()
            browser.request(
                "GET", page, headers={"Cookie": f"wangge_session={token}", "Accept-Encoding": "gzip"}
            )
            answer = browser.getresponse()
            body = answer.read()
            took[page].append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{page} answered {answer.status}")
            sizes[page] = len(body)
    browser.close()
    return took, sizes
