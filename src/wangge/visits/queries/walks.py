"""Shifts, patrols and tracks, and places to check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from wangge.access import Viewer
from wangge.areas.queries import area_by_code
from wangge.base.problems import NotAllowed, NotFound
from wangge.visits.models import Check, Patrol, Place, Shift, Track
from wangge.visits.queries.dues import placed


def account_of(viewer: Viewer) -> int:
    """Whose shifts and tracks these are; NotAllowed for the system, which walks nowhere."""
    if viewer.account_id is None:
        raise NotAllowed
    return viewer.account_id


def open_shift(viewer: Viewer) -> Shift | None:
    """The shift that the viewer has begun and not ended."""
    return Shift.objects.filter(account_id=account_of(viewer), ended_at__isnull=True).first()


def own_shifts(viewer: Viewer, *, limit: int = 31) -> list[Shift]:
    return list(Shift.objects.filter(account_id=account_of(viewer)).order_by("-started_at")[:limit])


def has_shift(viewer: Viewer, shift_id: UUID) -> bool:
    """Whether this is a shift of the viewer's own."""
    return Shift.objects.filter(id=shift_id, account_id=account_of(viewer)).exists()


_STANDS_IN = """
select absent.account_id from staff_assignment own
  join staff_assignment absent on absent.id = own.stands_in_for_id join staff_post p on p.id = own.post_id
 where own.account_id = %(account)s and p.path = any (%(paths)s::ltree[])
   and own.from_on <= %(day)s and (own.to_on is null or own.to_on >= %(day)s)
 order by array_position(%(paths)s::ltree[], p.path), own.id limit 1
"""


def stands_in_for(viewer: Viewer, paths: Sequence[str], day: date) -> int | None:
    """The account in whose place the viewer works on the day in one of these grids; of several the first's."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDS_IN, {"account": viewer.account_id, "paths": list(paths), "day": day})
        found = cursor.fetchone()
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class OwnTrack:
    """A patrol of the viewer's with where it went; without points when there was no track or it is gone."""

    patrol: Patrol
    points: tuple[tuple[float, float, float], ...]


def own_tracks(viewer: Viewer, *, limit: int = 62) -> list[OwnTrack]:
    """The viewer's patrols, the newest first: their own, nobody else's, whoever asks."""
    patrols = list(Patrol.objects.filter(account_id=account_of(viewer)).order_by("-started_at")[:limit])
    kept = Track.objects.in_bulk([patrol.id for patrol in patrols])
    return [
        OwnTrack(patrol, tuple(tuple(point) for point in kept[patrol.id].points) if patrol.id in kept else ())
        for patrol in patrols
    ]


def track_features(tracks: list[OwnTrack]) -> dict[str, Any]:
    """GeoJSON: a line for each patrol that has a track."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(track.patrol.id),
                "geometry": {
                    "type": "LineString" if len(track.points) > 1 else "Point",
                    "coordinates": [[lon, lat] for lon, lat, _ in track.points]
                    if len(track.points) > 1
                    else list(track.points[0][:2]),
                },
                "properties": {
                    "started_at": track.patrol.started_at.isoformat(),
                    "ended_at": track.patrol.ended_at.isoformat(),
                    "seconds": [seconds for _, _, seconds in track.points],
                },
            }
            for track in tracks
            if track.points
        ],
    }


def track_rows(tracks: list[OwnTrack]) -> list[tuple[str, str, float, float, float]]:
    """A row for each position: patrol, when it began, seconds since, longitude, latitude."""
    return [
        (str(track.patrol.id), track.patrol.started_at.isoformat(), seconds, lon, lat)
        for track in tracks
        for lon, lat, seconds in track.points
    ]


def place_by_id(viewer: Viewer, place_id: UUID) -> Place:  # noqa: ARG001 - the row policy uses it
    found = Place.objects.filter(id=place_id).first()
    if found is None:
        raise NotFound
    return found


def places_of(viewer: Viewer, area: str = "") -> str:
    """The path of the area asked for, by default the viewer's own lowest; NotFound for who has none."""
    if area:
        return str(area_by_code(area).path)
    if not viewer.scope:
        raise NotFound
    return max(viewer.scope, key=lambda path: path.count("."))


def places(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    path: str,
    *,
    day: date | None = None,
    limit: int = 300,
) -> list[Place]:
    """The open places at or below the path, those due first; with a day only those that are due by then."""
    rows = placed(Place.objects.filter(closed_on__isnull=True), path)
    if day:
        rows = rows.filter(due_on__lte=day)
    return list(rows.order_by("due_on", "name", "id")[:limit])


def checks_of(viewer: Viewer, place_id: UUID, *, limit: int = 30) -> list[Check]:  # noqa: ARG001 - the row policy uses it
    return list(Check.objects.filter(place_id=place_id).order_by("-happened_at", "-id")[:limit])
