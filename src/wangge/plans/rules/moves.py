"""What applying a plan would move today: every building of now finds its grid of the plan, also one that came since."""

from collections.abc import Mapping, Sequence
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
    content: Content, labels: Sequence[int], rows: Sequence[BuildingRow], codes: Mapping[int, str]
) -> Going:
    """A building that the plan knows goes where its atom goes; one that came since, where its compound's buildings in its
    community go, else where the nearest building of its community goes.
    """
    of = np.array(labels, np.int64)[content.b_atom]
    known = {building: int(label) for building, label in zip(content.b_ids, of, strict=True)}
    community_of = content.community[content.b_atom]
    at = {code: place for place, code in enumerate(content.communities)}
    estates: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.compound and row.id in known:
            estates.setdefault((row.compound, row.path.split(".")[3]), []).append(known[row.id])
    to: dict[str, str] = {}
    came, lost = [], []
    for row in rows:
        label = known.get(row.id, NONE)
        if row.id not in known:
            came.append(row.id)
            community = row.path.split(".")[3]
            beside = estates.get((row.compound, community)) if row.compound else None
            label = (
                _mostly(beside)
                if beside
                else _nearest(content, of, community_of == at.get(community, -2), row)
            )
        if label in codes:
            to[row.id] = codes[label]
        else:
            lost.append(row.id)
    return Going(to, tuple(came), tuple(lost))


def _mostly(labels: Sequence[int]) -> int:
    found, times = np.unique(np.array(labels), return_counts=True)
    return int(found[times.argmax()])


def _nearest(content: Content, of: Ints, which: NDArray[np.bool_], row: BuildingRow) -> int:
    members = np.flatnonzero(which & (of >= 0))
    if not len(members):
        return NONE
    if row.lon is None or row.lat is None:
        # Nobody knows where it stands: it stays with most of its community's grid of today, if that goes on.
        same = members[
            [
                content.grids[at] == row.path.rsplit(".", 1)[-1] if at >= 0 else False
                for at in content.b_today[members]
            ]
        ]
        return _mostly(of[same].tolist()) if len(same) else NONE
    flat = np.cos(np.radians(row.lat))
    far = ((content.b_lon[members] - row.lon) * flat) ** 2 + (content.b_lat[members] - row.lat) ** 2
    return int(of[members[far.argmin()]])
