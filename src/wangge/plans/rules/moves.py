"""What applying a plan would move today: every building of now finds its grid of the plan, also one that came since."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, BuildingRow, Content

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Going:
    """`to`: building → code of its grid. `came`: buildings that the plan did not know; `lost`: those for which none was found."""

    to: dict[str, str]
    came: tuple[str, ...]
    lost: tuple[str, ...]


def going(
    content: Content,
    labels: Sequence[int],
    rows: Sequence[BuildingRow],
    codes: Mapping[int, str],
    *,
    bare: Collection[str] = (),
) -> Going:
    """A building that the plan knows goes where its atom goes; one that came since, where its compound's buildings in its
    community go, else where the nearest building of its community goes. What came into a grid of `bare`, which the plan leaves as it is,
    stays there.
    """
    of = np.array(labels, np.int64)[content.b_atom]

    def goes_with(row: BuildingRow, compound: Ints, community: Ints) -> int:
        return _mostly(of[compound]) if len(compound) else _nearest(content, of, community, row)

    stays = {row.id: code for row in rows if (code := row.path.rsplit(".", 1)[-1]) in bare}
    return _gone(content, of, rows, codes, goes_with, stays)


def as_it_was(content: Content, rows: Sequence[BuildingRow]) -> Going:
    """Where every building lay when the plan was begun, by itself, since a border of then may have cut what the plan takes as one; one
    that came since, with the nearest of its compound, else of its community; where nobody knows its place, with most of these.
    """
    of = content.b_today

    def lay_with(row: BuildingRow, compound: Ints, community: Ints) -> int:
        near = compound if (of[compound] >= 0).any() else community
        label = _nearest(content, of, near, row)
        return label if label != NONE else _mostly(of[near])

    return _gone(content, of, rows, dict(enumerate(content.grids)), lay_with)


def _gone(
    content: Content,
    of: Ints,
    rows: Sequence[BuildingRow],
    codes: Mapping[int, str],
    new: Callable[[BuildingRow, Ints, Ints], int],
    stays: Mapping[str, str] | None = None,
) -> Going:
    """`of`: by building the label where it goes; `new` finds that of one that came since, from the buildings of its compound and of its
    community that were there.
    """
    place_of = {building: place for place, building in enumerate(content.b_ids)}
    community_of = content.community[content.b_atom]
    at = {code: place for place, code in enumerate(content.communities)}
    estates: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.compound and row.id in place_of:
            estates.setdefault((row.compound, row.path.split(".")[3]), []).append(place_of[row.id])
    to: dict[str, str] = {}
    came, lost = [], []
    for row in rows:
        place = place_of.get(row.id)
        if place is None:
            came.append(row.id)
            if stays and row.id in stays:
                to[row.id] = stays[row.id]
                continue
            community = row.path.split(".")[3]
            beside = estates.get((row.compound, community), []) if row.compound else []
            around = np.flatnonzero(community_of == at.get(community, -2))
            label = new(row, np.array(beside, np.int64), around)
        else:
            label = int(of[place])
        if label in codes:
            to[row.id] = codes[label]
        else:
            lost.append(row.id)
    return Going(to, tuple(came), tuple(lost))


def _mostly(labels: Ints) -> int:
    """The label of most that have one; without any as of none."""
    found, times = np.unique(labels[labels >= 0], return_counts=True)
    return int(found[times.argmax()]) if len(found) else NONE


def _nearest(content: Content, of: Ints, among: Ints, row: BuildingRow) -> int:
    members = among[of[among] >= 0]
    if not len(members):
        return NONE
    if row.lon is None or row.lat is None:
        # Nobody knows where it stands: it stays with most of its community's grid of today, if that goes on.
        code = row.path.rsplit(".", 1)[-1]
        same = [
            member
            for member in members.tolist()
            if content.b_today[member] >= 0 and content.grids[content.b_today[member]] == code
        ]
        return _mostly(of[same])
    flat = np.cos(np.radians(row.lat))
    far = ((content.b_lon[members] - row.lon) * flat) ** 2 + (content.b_lat[members] - row.lat) ** 2
    return int(of[members[far.argmin()]])
