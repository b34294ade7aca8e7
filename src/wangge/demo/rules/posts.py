"""Who holds which post in the sample city, made up. Pure, and the same for the same seed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from wangge.access import verbs_of
from wangge.demo.rules.distributions import PART_TIME_SHARE, VACANT_SHARE
from wangge.demo.rules.people import person_name
from wangge.demo.rules.places import DEMO_COMMUNITY, Place
from wangge.demo.rules.world import Actor

DEMO_PASSWORD = "wangge-demo"  # noqa: S105 - published on purpose: these accounts exist in a demo only
DEMO_COUNTY, DEMO_TOWNSHIP = "320703000000", "320703003000"
DEMO_DEPARTMENT = "city-management"
HANDLERS_PER_OFFICE = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of post, as `staff` keeps it."""

    code: str
    duties: tuple[str, ...]
    confidential: bool


@dataclass(frozen=True, slots=True)
class Need:
    """How many posts of a kind an area must have."""

    kind: str
    level: str
    grid_kind: str
    minimum: int


#: Username → the kind of post, its area, and the department for a handler (contract: the demo accounts).
DEMO_ACCOUNTS: Mapping[str, tuple[str, str, str]] = {
    "admin": ("administrator", "320700000000", ""),
    "centre": ("centre_lead", DEMO_COUNTY, ""),
    "dispatcher": ("dispatcher", DEMO_COUNTY, ""),
    "township": ("subcentre_lead", DEMO_TOWNSHIP, ""),
    "community": ("community_lead", DEMO_COMMUNITY, ""),
    "worker": ("grid_worker", f"{DEMO_COMMUNITY}1001", ""),
    "handler": ("handler", DEMO_COUNTY, DEMO_DEPARTMENT),
    "enterprise": ("grid_worker", f"{DEMO_COMMUNITY}2001", ""),
    "instructor": ("instructor", f"{DEMO_COMMUNITY}2001", ""),
    "mediator": ("mediator", DEMO_COMMUNITY, ""),
}


@dataclass(frozen=True, slots=True)
class Seating:
    """One post and who holds it; `username` is empty for a vacancy."""

    post_id: int
    kind: Kind
    place: Place
    department: str
    username: str
    name: str
    part: str
    from_on: date

    @property
    def is_demo(self) -> bool:
        return self.username in DEMO_ACCOUNTS


def seat_everybody(
    places: Sequence[Place],
    kinds: Sequence[Kind],
    needs: Sequence[Need],
    departments: Sequence[str],
    today: date,
    seed: int,
) -> list[Seating]:
    """Every required post, and each department's office in each county and the city; some posts are vacant."""
    rng = Random(seed + 1)  # noqa: S311 - the same city from the same seed
    by_code = {kind.code: kind for kind in kinds}
    demo = {where: username for username, where in DEMO_ACCOUNTS.items()}
    seatings = []
    for number, (kind, place, department) in enumerate(_posts(places, by_code, needs, departments), 1):
        # The first post of its kind there is the demo account's; popped, so that a second one is somebody else's.
        username = demo.pop((kind.code, place.code, department), "")
        vacant = not username and _may_be_vacant(place) and rng.random() < VACANT_SHARE.get(place.level, 0)
        seatings.append(
            Seating(
                number,
                kind,
                place,
                department,
                "" if vacant else username or f"p{number:06d}",
                "" if vacant else person_name(rng),
                _part(kind, place, rng),
                today - timedelta(days=rng.randint(400, 1_400)),
            )
        )
    return seatings


def actors_of(seatings: Iterable[Seating]) -> list[Actor]:
    """Those who hold a post; an account's id is its post's."""
    return [
        Actor(
            seating.post_id,
            seating.name,
            seating.kind.code,
            seating.place.code,
            seating.place.path,
            seating.place.level,
            verbs_of(seating.kind.duties),
            seating.kind.confidential,
            seating.department,
        )
        for seating in seatings
        if seating.username
    ]


def _posts(
    places: Sequence[Place], kinds: Mapping[str, Kind], needs: Sequence[Need], departments: Sequence[str]
) -> Iterator[tuple[Kind, Place, str]]:
    for place in places:
        for need in needs:
            if need.level == place.level and need.grid_kind in ("", place.kind):
                for _ in range(need.minimum):
                    yield kinds[need.kind], place, ""
        if place.level in ("city", "county"):
            for department in departments:
                for _ in range(HANDLERS_PER_OFFICE if place.level == "county" else 1):
                    yield kinds["handler"], place, department
    # Last, so that all others are who they were.
    if "mediator" in kinds:
        for place in _mediators(places):
            yield kinds["mediator"], place, ""


def _mediators(places: Sequence[Place]) -> Iterator[Place]:
    """No area must have one; the sample city has them in the demo accounts' township and its communities."""
    for place in places:
        if place.code == DEMO_TOWNSHIP or (place.level == "community" and place.parent == DEMO_TOWNSHIP):
            yield place


def _may_be_vacant(place: Place) -> bool:
    return DEMO_COMMUNITY not in place.path and place.code != DEMO_TOWNSHIP


def _part(kind: Kind, place: Place, rng: Random) -> str:
    if kind.code == "instructor":
        return "part_time"
    if place.level != "grid":
        return "full_time"
    share = PART_TIME_SHARE["urban" if place.urban_rural_class.startswith("11") else "rural"]
    return "part_time" if rng.random() < share else "full_time"
