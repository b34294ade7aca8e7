"""Building the sample city, all of it in one transaction as the database's owner."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from django.contrib.auth.hashers import make_password
from django.db import connections, transaction

from wangge.areas.models import Area
from wangge.base.calendar import SHANGHAI
from wangge.catalogue import actions as catalogue
from wangge.catalogue.models import ItemVersion, WorkItem
from wangge.demo import queries
from wangge.demo.actions.cases import Setting, write_cases
from wangge.demo.actions.copying import copy_rows, reset_ids
from wangge.demo.actions.ground import write_ground
from wangge.demo.actions.homes import PLATE_LETTERS, write_homes
from wangge.demo.actions.mediations import write_mediations
from wangge.demo.actions.photos import Photo, draw_photos, store_photos, write_blobs
from wangge.demo.actions.township import expect_visits, write_township
from wangge.demo.actions.visits import write_visits
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.compounds import MadeUpCompound, plan_compounds
from wangge.demo.rules.homes import plan_homes
from wangge.demo.rules.places import TOWNSHIP, Place, short_name
from wangge.demo.rules.posts import DEMO_PASSWORD, Kind, Need, Seating, actors_of, seat_everybody
from wangge.demo.rules.problems import OtherData
from wangge.demo.rules.town import doors_of, plan_town
from wangge.demo.rules.world import world_of
from wangge.staff import actions as staff
from wangge.staff import queries as staff_queries
from wangge.staff.models import Account, Department, PostKind, PostRequirement

#: The edition of the divisions; the made-up areas begin with it.
VALID_FROM = date(2022, 12, 31)
DEFAULT_CASES = 30_000

Progress = Callable[[str, int, int], None]


def build_city(
    *, now: datetime, seed: int = 1, cases: int = DEFAULT_CASES, progress: Progress | None = None
) -> bool:
    """Builds the sample city, the same for the same `seed`, `cases` and `now`; False when it stands there already.

    `progress` hears what is being written, how much is done and how much there is. OtherData on a database that holds
    areas or accounts which are not the sample city's.
    """
    if queries.is_built():
        return False
    _refuse_other_data()
    tell = progress or (lambda _what, _done, _total: None)
    places = plan_city(queries.divisions(), queries.outlines(), seed)
    compounds = plan_compounds(places, seed)
    doors = doors_of(plan_town(places, compounds, TOWNSHIP, seed))
    tell("areas", len(places), len(places))
    _load_tables(places[0].path, now)
    photos = draw_photos()
    store_photos(photos)
    seatings = _seatings(places, now, seed)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        _write_areas(cursor, places)
        _write_compounds(cursor, compounds)
        today = now.astimezone(SHANGHAI).date()
        homes = plan_homes(places, compounds, doors, today, PLATE_LETTERS, seed)
        write_homes(cursor, homes, now=now, since=VALID_FROM, seed=seed)
        _, others = write_township(cursor, doors, now=now, seed=seed)
        tell("homes", len(homes) + others, len(homes) + others)
        _write_staff(cursor, seatings, now)
        write_blobs(cursor, photos, now)
        tell("staff", len(seatings), len(seatings))
        _record(cursor, places, seatings, cases, seed, now)
        write_ground(cursor, places, now=now, seed=seed)
        write_cases(cursor, _setting(places, seatings, photos, now, seed), cases, tell)
    expect_visits(now=now)
    write_mediations(seatings, now=now, seed=seed)
    write_visits(seatings, places[0].path, now=now, seed=seed)
    _settle()
    return True


def _refuse_other_data() -> None:
    if Area.objects.exists() or Account.objects.using("owner").exists():
        raise OtherData


def _load_tables(root: str, now: datetime) -> None:
    """Kinds of post and the sample catalogue, as a city that begins with them."""
    with transaction.atomic():
        viewer = staff_queries.enter_as_system(root)
        staff.load_post_kinds(viewer, now=now)
        if not WorkItem.objects.exists():
            catalogue.load_sample_catalogue(viewer, now=now)


def _seatings(places: Sequence[Place], now: datetime, seed: int) -> list[Seating]:
    kinds = [
        Kind(kind.code, tuple(kind.duties), kind.confidential) for kind in PostKind.objects.order_by("code")
    ]
    needs = [
        Need(need.kind_id, need.level, need.grid_kind, need.minimum)
        for need in PostRequirement.objects.order_by("id")
    ]
    departments = list(Department.objects.order_by("code").values_list("code", flat=True))
    return seat_everybody(places, kinds, needs, departments, now.astimezone(SHANGHAI).date(), seed)


def _setting(
    places: Sequence[Place], seatings: Sequence[Seating], photos: Sequence[Photo], now: datetime, seed: int
) -> Setting:
    known = queries.habits()
    versions = ItemVersion.objects.filter(
        id__in=WorkItem.objects.filter(state="admitted").values("version_id")
    )
    return Setting(
        world_of(actors_of(seatings), dict(Department.objects.values_list("code", "zh"))),
        tuple(place for place in places if place.level == "grid"),
        {place.code: short_name(place.name) for place in places},
        tuple(version for version in versions.order_by("item_id") if version.item_id in known),
        tuple(photo.digest for photo in photos),
        now,
        seed,
    )


def _write_areas(cursor: Any, places: Sequence[Place]) -> None:
    columns = (
        "code", "name", "level", "parent_id", "path", "kind", "urban_rural_class", "boundary", "boundary_made_up", "box",
        "lon", "lat", "valid_from",
    )  # fmt: skip
    copy_rows(
        cursor,
        "areas_area",
        columns,
        (
            (
                place.code,
                place.name,
                place.level,
                place.parent or None,
                place.path,
                place.kind,
                place.urban_rural_class,
                orjson.dumps(place.boundary).decode() if place.rings else None,
                True,
                place.box,
                place.lon,
                place.lat,
                VALID_FROM,
            )
            for place in places
        ),
    )


def _write_compounds(cursor: Any, compounds: Sequence[MadeUpCompound]) -> None:
    columns = (
        "code", "name", "aliases", "address", "area_id", "path", "lon", "lat", "made_up", "valid_from",
    )  # fmt: skip
    copy_rows(
        cursor,
        "households_compound",
        columns,
        (
            (each.code, each.name, list(each.aliases), each.address, each.area, each.path, each.lon, each.lat, True, VALID_FROM)
            for each in compounds
        ),
    )  # fmt: skip


def _write_staff(cursor: Any, seatings: Sequence[Seating], now: datetime) -> None:
    """Accounts nobody can sign in with, but for the demo's own; each holds one post and has its number."""
    held = [seating for seating in seatings if seating.username]
    copy_rows(
        cursor,
        "staff_account",
        ("id", "username", "name", "password", "home_path", "language", "created_at", "failures"),
        (
            (
                each.post_id,
                each.username,
                each.name,
                make_password(DEMO_PASSWORD) if each.is_demo else "!",
                each.place.path,
                "",
                now,
                0,
            )
            for each in held
        ),
    )
    copy_rows(
        cursor,
        "staff_post",
        ("id", "kind_id", "area_id", "path", "department_id"),
        (
            (each.post_id, each.kind.code, each.place.code, each.place.path, each.department or None)
            for each in seatings
        ),
    )
    copy_rows(
        cursor,
        "staff_assignment",
        ("id", "post_id", "account_id", "path", "part", "from_on"),
        (
            (each.post_id, each.post_id, each.post_id, each.place.path, each.part, each.from_on)
            for each in held
        ),
    )
    for table in ("staff_account", "staff_post", "staff_assignment"):
        reset_ids(cursor, table)


def _record(
    cursor: Any, places: Sequence[Place], seatings: Sequence[Seating], cases: int, seed: int, now: datetime
) -> None:
    """One entry for all that is made up at once, written before the trigger of the chain rests."""
    after = {"areas": len(places), "posts": len(seatings), "cases": cases, "seed": seed}
    cursor.execute(
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) values (%s, %s, 0, %s, 'system', '', 'city.built', %s, 'demo', '{}', %s, '', false,"
        " '', '')",
        [places[0].code, places[0].path, now, f"area:{places[0].code}", orjson.dumps(after).decode()],
    )


def _settle() -> None:
    """Fresh statistics, so that the first pages are planned well."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")
