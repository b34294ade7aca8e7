"""A made-up year of visits where the sample city has homes, and places to check there: through the same actions as anybody's."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

from django.db import transaction

from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.demo.rules.homes import OWN_GRID
from wangge.demo.rules.posts import Seating
from wangge.households.models import CareNeed, Household, Resident
from wangge.staff.queries import enter_as, enter_as_system
from wangge.visits import actions

#: The name space of the places' ids: the same city has the same ones.
_PLACES = UUID("0192f4c0-0000-7000-8000-766973697400")
_MADE_UP_PLACES = (
    ("hydrant", "1号消火栓(虚构)"),
    ("hydrant", "2号消火栓(虚构)"),
    ("lift", "3号楼电梯(虚构)"),
    ("lift", "5号楼电梯(虚构)"),
    ("site", "东侧道路施工点(虚构)"),
    ("exit", "2号楼安全出口(虚构)"),
    ("water", "河塘边(虚构)"),
    ("slope", "后山坡(虚构)"),
)
#: How calls end, so many in a hundred.
_OUTCOMES = {"met": 86, "nobody_home": 8, "refused": 2, "empty": 2, "moved": 1, "not_found": 1}
_WITH_NEEDS, _WITHOUT = 31, 330


def write_visits(seatings: Sequence[Seating], root: str, *, now: datetime, seed: int) -> None:
    """Visits of a year as a list that is taken in, what is due now, and places with their checks."""
    workers = {
        seating.place.code: seating
        for seating in seatings
        if seating.kind.code == "grid_worker" and seating.username
    }
    rng = Random(f"visits {seed}")  # noqa: S311 - the same city from the same seed
    with transaction.atomic(), TemporaryDirectory() as folder:
        viewer = enter_as_system(root)
        file = Path(folder) / "visits.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["household", "at", "outcome", "visitor"])
            rows.writerows(_visits(workers, now, rng))
        actions.import_visits(viewer, file, now=now)
        actions.renew_stale(viewer, now=now)
    own = workers.get(OWN_GRID)
    if own:
        with transaction.atomic():
            _write_places(own, now, rng)


def _visits(workers: dict[str, Seating], now: datetime, rng: Random) -> Iterator[tuple[str, str, str, str]]:
    """Backwards from today, each household with people as often as it needs; most of them are not due yet."""
    needing = set(CareNeed.objects.values_list("resident__household_id", flat=True))
    lived_in = Household.objects.filter(valid_to__isnull=True, id__in=Resident.objects.values("household_id"))
    for household in lived_in.order_by("number"):
        every = _WITH_NEEDS if household.id in needing else _WITHOUT
        worker = workers.get(household.path.rsplit(".", 1)[-1])
        ago = rng.randrange(1, every + every // 6)
        while ago < 365:
            day = (now - timedelta(days=ago)).astimezone(SHANGHAI)
            at = day.replace(hour=rng.randrange(8, 18), minute=rng.randrange(60), second=0, microsecond=0)
            outcome = rng.choices(list(_OUTCOMES), list(_OUTCOMES.values()))[0]
            yield household.number, at.isoformat(), outcome, worker.username if worker else ""
            ago += max(4, every - rng.randrange(8)) if outcome == "met" else 4


def _write_places(own: Seating, now: datetime, rng: Random) -> None:
    """What the worker of the demo's own grid looks after, most of it looked at some days ago."""
    viewer = enter_as(own.post_id, now=now)
    for number, (kind, name) in enumerate(_MADE_UP_PLACES):
        place = uuid5(_PLACES, str(number))
        new = actions.NewPlace(kind, name, area=own.place.code, made_up=True)
        actions.add_place(viewer, place, new, now=now)
        at = now - timedelta(days=rng.randrange(2, 30))
        command = Command(uuid5(place, "check"), at)
        actions.check_place(viewer, command, actions.Found(place, "fine"), now=now)
