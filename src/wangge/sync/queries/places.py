"""Which places a phone keeps, and what must be the same for it to go on from where it stood."""

import hashlib
from dataclasses import dataclass

from wangge.access import Seat, Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas

#: Whoever answers for more than a community works at a desk: a township's homes do not belong on a phone.
_LEVELS = ("community", "grid")


@dataclass(frozen=True, slots=True)
class Places:
    """`own` are the paths of the grids and communities that the viewer walks, with all below; `above` those over them."""

    own: tuple[str, ...]
    above: tuple[str, ...]
    stamp: str

    @property
    def all(self) -> list[str]:
        return [*self.own, *self.above]

    @property
    def codes(self) -> list[str]:
        """Of its own places."""
        return [path.rsplit(".", 1)[-1] for path in self.own]


def places_of(viewer: Viewer) -> Places:
    """The places of this viewer's posts on the ground, a department's left out."""
    seats = {seat.path for seat in seats_on_the_ground(viewer)}
    highest = sorted(
        path for path in seats if not any(path != other and lies_in(path, other) for other in seats)
    )
    own = areas.paths_within(highest)
    above = {path.rsplit(".", count)[0] for path in highest for count in range(1, path.count(".") + 1)}
    return Places(tuple(own), tuple(sorted(above)), _stamp(viewer, own))


def seats_on_the_ground(viewer: Viewer) -> tuple[Seat, ...]:
    """With which they work on a phone."""
    return tuple(
        seat
        for seat in viewer.seats
        if seat.level in _LEVELS and not seat.department and Verb.CASE_REPORT in seat.verbs
    )


def _stamp(viewer: Viewer, own: list[str]) -> str:
    """In short who the viewer is, what they may do where, and which places that is: with another, everything is taken anew."""
    told = [str(viewer.account_id), viewer.name, *own]
    for seat in sorted(viewer.seats, key=lambda one: (one.path, one.kind, one.department)):
        told += [seat.path, seat.kind, seat.department, str(seat.confidential), *sorted(seat.verbs)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:20]
