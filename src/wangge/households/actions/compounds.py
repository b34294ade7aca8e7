"""One compound added, changed or ended."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.coordinates import Datum, to_wgs84
from wangge.base.problems import Invalid, NotAllowed
from wangge.households.models import Compound
from wangge.households.queries import compound_by_code
from wangge.households.rules import CompoundEnded, NoArea
from wangge.journal.actions import record


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class CompoundFacts:
    """What is said of a compound. The place is an area's code, or a point in `datum`, or both."""

    name: str
    aliases: tuple[str, ...] = ()
    address: str = ""
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: Datum = "wgs84"


#: What the journal tells of a compound before and after.
TOLD = ("name", "aliases", "address", "area_id", "lon", "lat")


def set_compound(viewer: Viewer, code: str, facts: CompoundFacts, *, now: datetime) -> tuple[Compound, bool]:
    """Adds the compound, or changes it to what is said; and whether it is new. The same again changes nothing.

    NoArea without a place below the city, NotAllowed outside the areas that the viewer administers (where it lay before,
    too), CompoundEnded for one that is no more.
    """
    today = now.astimezone(SHANGHAI).date()
    path, lon, lat = _place(facts)
    if not viewer.may(Verb.AREA_CHANGE, path):
        raise NotAllowed
    said: dict[str, Any] = {
        name: value for name, value in asdict(facts).items() if name in ("name", "address")
    }
    said |= {"aliases": list(facts.aliases), "area_id": path.rsplit(".", 1)[-1], "lon": lon, "lat": lat}
    known = Compound.objects.select_for_update().filter(code=code).first()
    if known is None:
        made = Compound.objects.create(code=code, path=path, valid_from=today, **said)
        _record(viewer, "compound.added", made, now, after={name: said[name] for name in TOLD})
        return made, True
    if known.valid_to:
        raise CompoundEnded(ended=known.valid_to)
    if not viewer.may(Verb.AREA_CHANGE, known.path):
        raise NotAllowed
    changed = {name: value for name, value in said.items() if getattr(known, name) != value}
    if changed:
        before = {name: getattr(known, name) for name in TOLD if name in changed}
        for name, value in {**changed, "path": path}.items():
            setattr(known, name, value)
        known.save(update_fields=[*changed, "path"])
        _record(
            viewer,
            "compound.changed",
            known,
            now,
            before=before,
            after={name: changed[name] for name in before},
        )
    return known, False


def end_compound(
    viewer: Viewer, code: str, *, now: datetime, on: date | None = None, reason: str = ""
) -> Compound:
    """The compound is no more from the day `on`, today by default; it stays in the register."""
    known = Compound.objects.select_for_update().filter(code=code).first()
    if known is None:
        compound_by_code(code)
        raise NotAllowed  # it is there: the row policy keeps it from who may not change it
    if not viewer.may(Verb.AREA_CHANGE, known.path):
        raise NotAllowed
    if known.valid_to:
        raise CompoundEnded(ended=known.valid_to)
    today = now.astimezone(SHANGHAI).date()
    day = on or today
    if not known.valid_from <= day <= today:
        raise Invalid(field="on", expected=_("a day from its beginning until today"))
    known.valid_to = day
    known.save(update_fields=["valid_to"])
    _record(viewer, "compound.ended", known, now, after={"valid_to": str(day)}, reason=reason)
    return compound_by_code(code)


def _place(facts: CompoundFacts) -> tuple[str, float | None, float | None]:
    """The path of its area and its point in WGS 84; an area that is named counts, the point finds one where none is."""
    lon, lat = facts.lon, facts.lat
    if (lon is None) != (lat is None):
        raise Invalid(
            field="lat" if lat is None else "lon", expected=_("longitude and latitude belong together")
        )
    if lon is not None and lat is not None:
        lon, lat = to_wgs84(lon, lat, facts.datum)
        lon, lat = round(lon, 7), round(lat, 7)
    path = ""
    if facts.area:
        area = areas.area_by_code(facts.area)
        path = "" if area.valid_to else area.path
    elif lon is not None and lat is not None:
        path = areas.locate(lon, lat).path
    if path.count(".") < 1:
        raise NoArea(field="area")
    return path, lon, lat


def _record(viewer: Viewer, verb: str, compound: Compound, now: datetime, **told: Any) -> None:
    record(viewer, verb=verb, subject=f"compound:{compound.code}", path=compound.path, at=now, **told)
