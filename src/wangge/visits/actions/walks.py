"""Shifts, patrols and their tracks, places to check."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.commands import Command
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.actions import Report, report_case
from wangge.journal.actions import record
from wangge.visits import queries
from wangge.visits.models import Check, Patrol, Place, Shift, Track
from wangge.visits.rules import (
    CHECKED,
    EVERY_DAYS,
    PLACE_KINDS,
    SEEN,
    BadVisit,
    NoShift,
    OnShift,
    day_of,
    happened,
    next_check,
)

LONGEST_SHIFT = timedelta(hours=24)
MOST_POINTS = 20_000
TRACK_DAYS = 30


def start_shift(
    viewer: Viewer, command: Command, shift_id: UUID | None = None, *, area: str = "", now: datetime
) -> Shift:
    """Begins a shift where the viewer walks; the same command again gives the same shift. OnShift while another is open."""
    wanted = shift_id or command.id
    known = Shift.objects.filter(id=wanted, account_id=queries.account_of(viewer)).first()
    if known:
        return known
    path, posts = _walked(viewer, area, command.at)
    began = happened(command.at, command.came or now)
    open_one = queries.open_shift(viewer)
    if open_one and open_one.started_at > began - LONGEST_SHIFT:
        raise OnShift(started=f"{open_one.started_at:%F %R}")
    if open_one:
        # Nobody works for so long: it was forgotten.
        _end(viewer, open_one, open_one.started_at + LONGEST_SHIFT, open_one.started_at + LONGEST_SHIFT, now)
    try:
        with transaction.atomic():
            shift = Shift.objects.create(
                id=wanted,
                path=path,
                account_id=queries.account_of(viewer),
                stands_in_for_id=queries.stands_in_for(viewer, posts, day_of(began)),
                said_started_at=command.at,
                started_at=began,
            )
    except IntegrityError:
        known = Shift.objects.filter(id=wanted, account_id=queries.account_of(viewer)).first()
        if known is None:
            raise OnShift(started=f"{began:%F %R}") from None
        return known
    record(
        viewer,
        verb="shift.started",
        subject=f"shift:{shift.id}",
        path=path,
        at=now,
        command_id=command.id,
    )
    return shift


def end_shift(viewer: Viewer, command: Command, shift_id: UUID, *, now: datetime) -> Shift:
    """Ends one's own shift; NotFound for another's. It never ends before it began, whatever the phone's clock says."""
    shift = (
        Shift.objects.select_for_update().filter(id=shift_id, account_id=queries.account_of(viewer)).first()
    )
    if shift is None:
        raise NotFound
    if shift.ended_at is None:
        moment = max(
            shift.started_at, min(happened(command.at, command.came or now), shift.started_at + LONGEST_SHIFT)
        )
        _end(viewer, shift, command.at, moment, now, command.id)
    return shift


def _end(
    viewer: Viewer,
    shift: Shift,
    said: datetime,
    moment: datetime,
    now: datetime,
    command_id: UUID | None = None,
) -> None:
    shift.said_ended_at, shift.ended_at, shift.revision = said, moment, shift.revision + 1
    shift.save(update_fields=["said_ended_at", "ended_at", "revision"])
    record(
        viewer,
        verb="shift.ended",
        subject=f"shift:{shift.id}",
        path=shift.path,
        at=now,
        command_id=command_id,
    )


def _walked(viewer: Viewer, area: str, at: datetime) -> tuple[str, list[str]]:
    """The grid where the viewer walks: the one named, else their own lowest; of one that is no more, the grid that took it over since.
    And the grids of the posts that they may walk there with, in somebody's place or their own: the one named, else all of theirs, since
    one shift is for all of them.
    """
    if area:
        path = _standing(area, at)
        if not viewer.may(Verb.PLACE_KEEP, path):
            raise NotAllowed
        return path, [path, str(areas.area_by_code(area).path)]
    own = sorted(
        (seat.path for seat in viewer.seats if Verb.PLACE_KEEP in seat.verbs and not seat.department),
        key=lambda path: (-path.count("."), path),
    )
    if not own:
        raise NotAllowed
    return _standing(own[0].rsplit(".", 1)[-1], at), own


def _standing(code: str, at: datetime) -> str:
    held = areas.area_by_code(code)
    if held.valid_to is not None and (now := areas.grid_now(code, at)) != code:
        held = areas.area_by_code(now)
    return str(held.path)


@dataclass(frozen=True, slots=True)
class Walked:
    """A patrol: its shift, from when until when, a note, and where it went if the worker started a track: (lon, lat, seconds)."""

    shift: UUID
    started_at: datetime
    ended_at: datetime
    note: str = ""
    points: tuple[tuple[float, float, float], ...] = ()
    patrol: UUID | None = None


def record_patrol(viewer: Viewer, command: Command, walked: Walked, *, now: datetime) -> Patrol:
    """Keeps a patrol of one's own shift. What of its track lies outside the shift is not kept. NoShift without a shift."""
    wanted = walked.patrol or command.id
    known = Patrol.objects.filter(id=wanted, account_id=queries.account_of(viewer)).first()
    if known:
        return known
    shift = Shift.objects.filter(id=walked.shift, account_id=queries.account_of(viewer)).first()
    if shift is None:
        raise NoShift
    if walked.ended_at < walked.started_at:
        raise BadVisit(field="ended_at", expected=f"≥ {walked.started_at:%F %R}")
    # The shift's clock and the patrol's are the same phone's: they are compared with one another.
    last = shift.said_ended_at or max(shift.said_started_at, command.at)
    if walked.started_at > last or walked.ended_at < shift.said_started_at:
        raise NoShift
    began = max(walked.started_at, shift.said_started_at)
    ended = min(walked.ended_at, last)
    patrol = Patrol.objects.create(
        id=wanted,
        shift=shift,
        path=shift.path,
        account_id=queries.account_of(viewer),
        started_at=began,
        ended_at=ended,
        note=walked.note,
        at=now,
    )
    points = _within(walked, began, ended)
    if points:
        Track.objects.create(
            patrol=patrol, account_id=queries.account_of(viewer), began_at=min(began, now), points=points
        )
    record(
        viewer,
        verb="patrol.recorded",
        subject=f"patrol:{patrol.id}",
        path=patrol.path,
        at=now,
        command_id=command.id,
    )
    return patrol


def _within(walked: Walked, began: datetime, ended: datetime) -> list[list[float]]:
    """The positions of the track that lie within, their seconds counted from there."""
    if len(walked.points) > MOST_POINTS:
        raise BadVisit(field="points", expected=f"≤ {MOST_POINTS}")
    kept = []
    earlier = (began - walked.started_at).total_seconds()
    length = (ended - began).total_seconds()
    for lon, lat, seconds in walked.points:
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BadVisit(field="points", expected="lon, lat, s")
        if 0 <= seconds - earlier <= length:
            kept.append([round(lon, 6), round(lat, 6), seconds - earlier])
    return kept


def erase_tracks(viewer: Viewer, patrols: Sequence[UUID] | None = None) -> int:
    """Erases one's own tracks, all or those of these patrols; says how many. Nobody is asked, and nobody told."""
    own = Track.objects.filter(account_id=queries.account_of(viewer))
    if patrols is not None:
        own = own.filter(patrol_id__in=patrols)
    return own.delete()[0]


def forget_tracks(now: datetime) -> int:
    """Erases the tracks of everybody that are older than thirty days, without reading one; says how many."""
    with connection.cursor() as cursor:
        cursor.execute("select visits_forget_tracks(%s)", [now - timedelta(days=TRACK_DAYS)])
        (gone,) = cursor.fetchone()
    return int(gone)


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to check; without an interval the usual one of its kind holds."""

    kind: str
    name: str
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    area: str = ""
    every_days: int | None = None
    basis: str = ""
    made_up: bool = False


def add_place(viewer: Viewer, place_id: UUID, new: NewPlace, *, now: datetime) -> tuple[Place, bool]:
    """The place, and whether it is new. It lies in the area named, else in the one that holds its point."""
    known = Place.objects.filter(id=place_id).first()
    if known:
        if (known.kind, known.name) != (new.kind, new.name):
            raise OtherContent
        return known, False
    if new.kind not in PLACE_KINDS:
        raise BadVisit(field="kind", expected=", ".join(PLACE_KINDS))
    path = _place_path(new)
    if not viewer.may(Verb.PLACE_KEEP, path):
        raise NotAllowed
    place = Place.objects.create(
        id=place_id,
        path=path,
        kind=new.kind,
        name=new.name,
        address=new.address,
        lon=new.lon,
        lat=new.lat,
        every_days=new.every_days or EVERY_DAYS[new.kind],
        basis=new.basis,
        due_on=day_of(now),
        made_up=new.made_up,
    )
    _journal_place(viewer, place, "place.added", now, after={"kind": place.kind, "name": place.name})
    return place, True


def _place_path(new: NewPlace) -> str:
    if new.area:
        return str(areas.area_by_code(new.area).path)
    if new.lon is None or new.lat is None:
        raise BadVisit(field="area", expected="area | lon, lat")
    held = areas.locate(new.lon, new.lat)
    if not held.path:
        raise BadVisit(field="lon", expected="area")
    return str(held.path)


def close_place(viewer: Viewer, place_id: UUID, *, now: datetime) -> Place:
    """It is there no more: nothing is due there from now on, what was found stays."""
    place = _locked(viewer, place_id)
    if place.closed_on is None:
        place.closed_on = day_of(now)
        place.revision += 1
        place.save(update_fields=["closed_on", "revision"])
        _journal_place(viewer, place, "place.closed", now)
    return place


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a place found; `heard` becomes a case of the id `case`, with its photo."""

    place: UUID
    found: str
    note: str = ""
    seen: str = ""
    heard: Report | None = None
    case: UUID | None = None
    check: UUID | None = None


def check_place(viewer: Viewer, command: Command, told: Found, *, now: datetime) -> tuple[Check, bool]:
    """The check, and whether it is new. What comes late does not put back the place's next day."""
    digest = hashlib.sha256(orjson.dumps(asdict(told), option=orjson.OPT_SORT_KEYS)).digest()
    wanted = told.check or command.id
    known = Check.objects.filter(id=wanted).first()
    if known:
        if bytes(known.content_hash) != digest:
            raise OtherContent
        return known, False
    if told.found not in CHECKED:
        raise BadVisit(field="found", expected=", ".join(CHECKED))
    if told.seen not in SEEN:
        raise BadVisit(field="seen", expected=", ".join(each for each in SEEN if each))
    if told.heard and told.case is None:
        raise BadVisit(field="case", expected="heard, case")
    place = _locked(viewer, told.place)
    moment = happened(command.at, command.came or now)
    if told.heard and told.case:
        report_case(viewer, told.case, told.heard, now=now)
    check = Check.objects.create(
        id=wanted,
        content_hash=digest,
        place=place,
        path=place.path,
        found=told.found,
        note=told.note,
        case_id=told.case,
        seen=told.seen,
        said_at=command.at,
        happened_at=moment,
        at=now,
        account_id=viewer.account_id,
    )
    day = day_of(moment)
    if place.checked_on is None or day >= place.checked_on:
        place.checked_on, place.found = day, told.found
        place.due_on = next_check(day, told.found, place.every_days)
        place.revision += 1
        place.save(update_fields=["checked_on", "found", "due_on", "revision"])
    _journal_place(viewer, place, "place.checked", now, after={"found": told.found}, command_id=command.id)
    return check, True


def _locked(viewer: Viewer, place_id: UUID) -> Place:
    place = queries.place_by_id(viewer, place_id)
    if not viewer.may(Verb.PLACE_KEEP, place.path):
        raise NotAllowed
    return Place.objects.select_for_update().get(id=place_id)


def _journal_place(
    viewer: Viewer,
    place: Place,
    verb: str,
    now: datetime,
    *,
    after: dict[str, str] | None = None,
    command_id: UUID | None = None,
) -> None:
    record(
        viewer,
        verb=verb,
        subject=f"place:{place.id}",
        path=place.path,
        at=now,
        after=after,
        command_id=command_id,
    )
