"""The sample city's year of cases, written set-wise: rows, what hangs on them, and the journal with its chain."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import orjson

from wangge.access import Verb
from wangge.base.calendar import SHANGHAI
from wangge.cases.rules import case_number, number_prefix
from wangge.catalogue.models import ItemVersion
from wangge.demo.actions.copying import copy_rows, reset_ids, without_indexes
from wangge.demo.actions.courses import Around, live, rng_of
from wangge.demo.actions.draws import Draws, draw_reports
from wangge.demo.actions.lives import Life
from wangge.demo.actions.photos import write_uploads
from wangge.demo.actions.records import COLUMNS, Filed
from wangge.demo.queries import habits
from wangge.demo.rules import distributions as stated
from wangge.demo.rules import texts
from wangge.demo.rules.places import Place
from wangge.demo.rules.world import Actor, World

DAYS = 365
BATCH = 20_000
SOURCES = {
    "grid": "worker",
    "community": "desk",
    "township": "desk",
    "county": "hotline",
    "department": "patrol",
}
_ENTRY = (
    "id", "area_id", "path", "at", "actor_id", "actor_name", "post", "verb", "subject", "command_id", "source", "before", "after",
    "reason", "confidential",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What every case of the city draws from."""

    world: World
    places: tuple[Place, ...]
    names: dict[str, str]
    versions: tuple[ItemVersion, ...]
    photos: tuple[str, ...]
    now: datetime
    seed: int


def write_cases(cursor: Any, setting: Setting, cases: int, progress: Callable[[str, int, int], None]) -> None:
    """Writes the cases; `progress` hears how many are done."""
    draws = draw_reports(
        cases,
        [habits()[version.item_id] for version in setting.versions],
        setting.places,
        setting.now,
        DAYS,
        setting.seed,
    )
    numbers: Counter[str] = Counter()
    brought: set[tuple[str, int]] = set()
    ids = count(1)
    cursor.execute("create temporary table demo_entry (like journal_entry including defaults) on commit drop")
    cursor.execute(
        "alter table demo_entry alter seq drop not null, alter hash drop not null, alter prev_hash drop not null"
    )
    with without_indexes(cursor, ["cases_case", "journal_entry"]):
        for start in range(0, cases, BATCH):
            lives = _lives(draws, setting, range(start, min(start + BATCH, cases)), numbers)
            _write_lives(cursor, lives, ids)
            brought.update(
                (photo["blob_id"], photo["added_by_id"]) for life in lives for photo in life.photos
            )
            progress("cases", start + len(lives), cases)
        _chain(cursor)
    write_uploads(cursor, brought, setting.now)
    copy_rows(cursor, "cases_counter", ("id", "last"), sorted(numbers.items()))


def _lives(draws: Draws, setting: Setting, positions: range, numbers: Counter[str]) -> list[Life]:
    rng = rng_of(setting.seed, positions.start)
    earlier: dict[tuple[str, str], Life] = {}
    lives = []
    for position in positions:
        life = Life(
            _filed(draws, setting, position, rng),
            setting.world,
            setting.places[0].path.split(".")[0],
            setting.now,
            rng,
        )
        received = life.filed.received_at.astimezone(SHANGHAI).date()
        county = life.path.split(".")[1]
        prefix = number_prefix(county, received)
        numbers[prefix] += 1
        life.report(case_number(county, received, numbers[prefix]))
        near = life.path.split(".")[3], life.filed.version.item_id
        live(life, Around(setting.photos, earlier.get(near)))
        earlier[near] = life
        lives.append(life)
    return lives


def _filed(draws: Draws, setting: Setting, position: int, rng: Random) -> Filed:
    place = setting.places[int(draws.place[position])]
    version = setting.versions[int(draws.item[position])]
    reported = datetime.fromtimestamp(int(draws.reported_s[position]), UTC)
    finder, reporter = _reporter(setting.world, place, version, rng)
    where = texts.spot(place.urban_rural_class.startswith("2"), rng)
    word = rng.choice(version.keywords)
    return Filed(
        id=_case_id(reported, rng),
        version=version,
        urgency=_urgency(version, rng),
        path=place.path,
        lon=float(draws.lon[position]),
        lat=float(draws.lat[position]),
        title=texts.title(setting.names[place.parent], where, version.zh, word, rng),
        description=texts.description(finder, where, version.zh, word, rng),
        reporter=reporter,
        source=SOURCES[finder],
        found_tier=reporter.level,
        reported_at=reported,
        received_at=datetime.fromtimestamp(int(draws.received_s[position]), UTC),
    )


def _reporter(world: World, place: Place, version: ItemVersion, rng: Random) -> tuple[str, Actor]:
    """Who finds it: the tier that was drawn, or the nearest above with somebody who may report."""
    finder = stated.pick(stated.FOUND_BY, rng)
    if finder == "department":
        if key := world.office(version.department_id, place.path):
            return finder, world.handler(key, rng)
        finder = "county"
    desk = next(desk for desk in world.desks_on(place.path) if desk.level == finder)
    by = world.somebody(desk.path, Verb.CASE_REPORT, rng, confidential=False)
    if by is None:
        raise LookupError(f"nobody in the sample city may report at {desk.path}")
    return by.level if by.level in SOURCES else "county", by


def _urgency(version: ItemVersion, rng: Random) -> str:
    levels = version.urgency_levels
    return rng.choices(levels, weights=stated.URGENCY_SHARES[: len(levels)])[0]


def _case_id(reported: datetime, rng: Random) -> UUID:
    """A UUIDv7 of the moment, by chance from the seed."""
    milliseconds = int(reported.timestamp() * 1000) + rng.randint(0, 999)
    return UUID(int=milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62))


def _write_lives(cursor: Any, lives: Sequence[Life], ids: Iterator[int]) -> None:
    copy_rows(cursor, "cases_case", COLUMNS, (tuple(life.row[name] for name in COLUMNS) for life in lives))
    copy_rows(cursor, "demo_entry", _ENTRY, _entries(lives, ids))
    for table, kept in (("task", "tasks"), ("summons", "summonses"), ("attachment", "photos")):
        rows = [(life.row["id"], life.path, part) for life in lives for part in getattr(life, kept)]
        if rows:
            _write_parts(cursor, f"cases_{table}", rows)


def _write_parts(cursor: Any, table: str, rows: list[tuple[UUID, str, dict[str, Any]]]) -> None:
    own = [name for name in rows[0][2] if name != "key"]
    offices = ("office_id", "department_id") if "key" in rows[0][2] else ()
    names = () if offices else ("name",)
    copy_rows(
        cursor,
        table,
        ("case_id", "path", *offices, *names, *own),
        (
            (case, path, *(part["key"].split("/") if offices else ("",)), *(part[name] for name in own))
            for case, path, part in rows
        ),
    )


def _entries(lives: Sequence[Life], ids: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    for life in lives:
        area, subject = life.path.rsplit(".", 1)[-1], f"case:{life.row['id']}"
        for entry in life.entries:
            yield (
                next(ids),
                area,
                life.path,
                entry["at"],
                entry["actor_id"],
                entry["actor_name"],
                entry["post"],
                entry["verb"],
                subject,
                entry["command_id"],
                entry["source"],
                orjson.dumps(entry["before"]).decode(),
                orjson.dumps(entry["after"]).decode(),
                entry["reason"],
                life.confidential,
            )


#: The chain as the trigger would have made it, in one pass: an aggregate over each area's entries in order, whose state is
#: the hash of the entry before. `{columns}` are the journal's own, in its order.
_CHAIN = """
create temporary table demo_ordered on commit drop as
select {ordered} from demo_entry cross join (select coalesce(max(id), 0) as last from journal_entry) as journal;
create function pg_temp.demo_link(prev bytea, e journal_entry) returns bytea language sql immutable as $$
  select public.journal_digest(e, prev)
$$;
create aggregate pg_temp.demo_chain(journal_entry) (sfunc = pg_temp.demo_link, stype = bytea, initcond = '');
alter table journal_entry disable trigger journal_entry_link;
insert into journal_entry ({columns}, prev_hash, hash)
select {columns}, coalesce(lag(made) over chain, ''), made from (
  select {columns}, pg_temp.demo_chain(row(o.*)::journal_entry) over (partition by area_id order by seq) as made
    from demo_ordered o) as hashed
window chain as (partition by area_id order by seq);
alter table journal_entry enable trigger journal_entry_link;
insert into journal_head (area_id, seq) select area_id, max(seq) from demo_ordered group by area_id;
drop aggregate pg_temp.demo_chain(journal_entry);
drop function pg_temp.demo_link;
"""
_ORDER = {
    "id": "journal.last + row_number() over (order by at, id)",
    "seq": "row_number() over (partition by area_id order by at, id)",
}
_HASHES = ("prev_hash", "hash")


def _chain(cursor: Any) -> None:
    """The entries into the journal, in order of time. Their areas have no entries yet: the city is new."""
    cursor.execute(
        "select attname from pg_attribute where attrelid = 'journal_entry'::regclass and attnum > 0 and not attisdropped"
        " order by attnum"
    )
    names = [name for (name,) in cursor.fetchall()]
    ordered = ", ".join(f"{_ORDER.get(name, name)} as {name}" for name in names)
    columns = ", ".join(name for name in names if name not in _HASHES)
    cursor.execute(_CHAIN.format(ordered=ordered, columns=columns))
    reset_ids(cursor, "journal_entry")
