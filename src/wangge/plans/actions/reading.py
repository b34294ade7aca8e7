"""A map that somebody sends is read in the background: one at a time, whoever sent one waits for nobody's second."""

import logging
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, Problem, TooMany
from wangge.journal.actions import record
from wangge.plans.actions.grounding import Read, box_of, read_apart, too_large
from wangge.plans.actions.keeping import in_turn
from wangge.plans.models import Ground, Reading
from wangge.plans.queries.ground import LOST, OPEN
from wangge.plans.queries.plans import LEVELS
from wangge.plans.rules.ground import MOST_BYTES
from wangge.plans.rules.problems import TooManyReadings
from wangge.staff import queries as staff

log = logging.getLogger("wangge.worker")

#: So many maps of one account may wait or be read.
MOST_OWN = 3
#: So many an account may send within an hour: one that takes another's place was still sent, kept and looked at.
MOST_AN_HOUR = 12
_HOUR = timedelta(hours=1)
#: A reading that was lost is begun once more.
TRIES = 2
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class WaitingReading:
    """In the order in which they are read: what was lost before all, then the one whose sender's last turn is longest ago."""

    first_time: bool
    last_turn: datetime
    since: datetime
    root: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Readings:
    """`reading`: whether one is being read."""

    reading: bool
    waiting: list[WaitingReading]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be read: a reading of a city, and which beginning of it this is."""

    root: str
    id: UUID
    tries: int


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def send_ground(viewer: Viewer, *, area: str, file: Path, now: datetime) -> Reading:
    """Sends streets, barriers, crossings and shops of a county, township or community, as GeoJSON or an extract of OpenStreetMap.
    They are read in the background; what of the same area still waits is not read any more.

    NotAllowed, Invalid, GroundTooLarge, TooMany, TooManyReadings.
    """
    place = areas.area_by_code(area)
    if not viewer.may(Verb.PLAN_DRAFT, place.path):
        raise NotAllowed
    _check_place(place)
    if file.stat().st_size > MOST_BYTES:
        raise too_large()
    in_turn(f"readings:account:{viewer.account_id}")
    _check_often(viewer, now)
    in_turn(f"readings:area:{place.path}")
    for before in Reading.objects.filter(area=place, state="waiting").defer("file").select_for_update():
        _end(viewer, before, now, problem={"code": "replaced"})
    own = Reading.objects.filter(state__in=OPEN, asked_by_id=viewer.account_id)
    if (count := own.count()) >= MOST_OWN:
        raise TooManyReadings(count=count)
    reading = Reading(
        id=new_id(), area=place, path=place.path, file=file.read_bytes(), asked_at=now, asked_by_id=viewer.account_id
    )  # fmt: skip
    reading.save(force_insert=True)
    _record(viewer, reading, "ground.sent", now, bytes=len(reading.file))
    return reading


def _check_often(viewer: Viewer, now: datetime) -> None:
    sent = Reading.objects.filter(asked_by_id=viewer.account_id, asked_at__gt=now - _HOUR)
    earliest = list(sent.order_by("-asked_at").values_list("asked_at", flat=True)[:MOST_AN_HOUR])
    if len(earliest) == MOST_AN_HOUR:
        raise TooMany(seconds=max(1, ceil((earliest[-1] + _HOUR - now).total_seconds())))


def waiting_readings(system: Viewer, root: str, *, now: datetime) -> Readings:
    """Of a city. One whose reader died waits once more, then it is given up; who has one under lock is alive."""
    begun = Reading.objects.filter(state="reading").defer("file")
    silent = {each.id: each for each in begun.select_for_update(skip_locked=True)}
    if any(each.began_at and each.began_at > now - LOST for each in silent.values()):
        return Readings(reading=True, waiting=[])
    if begun.exclude(id__in=list(silent)).exists():
        return Readings(reading=True, waiting=[])
    turns = dict(Reading.objects.values_list("asked_by_id").annotate(Max("began_at")))
    found = []
    for lost in silent.values():
        if lost.tries >= TRIES:
            _end(system, lost, now, problem={"code": "lost"})
        else:
            found.append(WaitingReading(False, _NEVER, lost.asked_at, root, lost.id))
    asked = Reading.objects.filter(state="waiting").values_list("asked_by_id", "asked_at", "id")
    found += [
        WaitingReading(True, turns.get(account) or _NEVER, since, root, one) for account, since, one in asked
    ]
    return Readings(reading=False, waiting=found)


def take_reading(system: Viewer, waiting: WaitingReading, *, now: datetime) -> Taken | None:  # noqa: ARG001 - the row policy uses it
    """Begins it for the worker; None where somebody has it under lock, or another file has taken its place."""
    free = Reading.objects.select_for_update(skip_locked=True).defer("file")
    found = free.filter(id=waiting.id, state__in=OPEN).first()
    if found is None:
        return None
    found.state, found.tries, found.began_at = "reading", found.tries + 1, now
    found.save(update_fields=["state", "tries", "began_at"])
    return Taken(waiting.root, found.id, found.tries)


def carry_out_reading(taken: Taken) -> Reading | None:
    """Reads it and keeps what it tells; what stands in its way is told on its page. Not within a transaction. None where it was begun
    once more meanwhile, or has ended.
    """
    try:
        with transaction.atomic():
            reading = _entered(taken)
            if reading is None:
                return None
            box, sent = box_of(reading.area), bytes(reading.file)
        with TemporaryDirectory(prefix="wangge-") as folder:
            file = Path(folder) / "map"
            file.write_bytes(sent)
            read = read_apart(file, box)
        with transaction.atomic():
            reading = _entered(taken)
            return reading and _kept(taken, reading, read, clock.now())
    except Problem as problem:
        return _failed(taken, {"code": problem.code, "facts": dict(problem.facts)})
    except Exception as problem:  # noqa: BLE001 - whatever it is, its page must tell that it ended
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("reading failed: %s at %s:%s", type(problem).__name__, place.filename, place.lineno)  # noqa: TRY400 - its words may quote data
        return _failed(taken, {"code": "broken"})


def _check_place(place: Area) -> None:
    if place.level not in LEVELS or place.valid_to is not None:
        raise Invalid(field="area", expected=_("a county, township or community of today"))


def _entered(taken: Taken) -> Reading | None:
    """Under lock; None where it is not being read, or was begun once more."""
    staff.enter_as_system(taken.root)
    under_lock = Reading.objects.select_for_update(of=("self",)).select_related("area")
    return under_lock.filter(id=taken.id, state="reading", tries=taken.tries).first()


def _kept(taken: Taken, reading: Reading, read: Read, now: datetime) -> Reading:
    """What was known of the area takes its end; plans begun before keep it."""
    _check_place(reading.area)
    system = staff.enter_as_system(taken.root)
    Ground.objects.filter(area=reading.area, ended_at__isnull=True).update(
        ended_at=now, ended_by_id=reading.asked_by_id
    )
    ground = Ground(
        id=reading.id,
        area=reading.area,
        path=reading.path,
        counts=read.counts,
        notes=read.notes,
        barrier_kinds=read.barrier_kinds,
        added_at=now,
        added_by_id=reading.asked_by_id,
        **read.shapes,
    )
    ground.save(force_insert=True)
    record(system, verb="ground.kept", subject=ground.subject, path=ground.path, at=now, after=ground.counts)
    return _end(system, reading, now)


def _failed(taken: Taken, problem: dict[str, object]) -> Reading | None:
    with transaction.atomic():
        reading = _entered(taken)
        return reading and _end(staff.enter_as_system(taken.root), reading, clock.now(), problem=problem)


def _end(
    viewer: Viewer, reading: Reading, now: datetime, *, problem: dict[str, object] | None = None
) -> Reading:
    """The file is kept no longer than it is needed."""
    reading.state = "failed" if problem else "done"
    reading.problem, reading.file, reading.ended_at = problem or {}, b"", now
    reading.save(update_fields=["state", "problem", "file", "ended_at"])
    if problem:
        _record(viewer, reading, "ground.failed", now, problem=problem["code"])
    return reading


def _record(viewer: Viewer, reading: Reading, verb: str, now: datetime, **after: object) -> None:
    record(viewer, verb=verb, subject=reading.subject, path=reading.path, at=now, after=after)
