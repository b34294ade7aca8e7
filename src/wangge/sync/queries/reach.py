"""To whom cases of the phone's places can be given. Posts, leaves and stand-ins change it from day to day, also where nothing is
written: it is asked at each pull, and told when it is other than it was.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from wangge.access import Viewer
from wangge.cases.queries.reach import reach_of
from wangge.catalogue import queries as catalogue
from wangge.sync.queries.places import Places
from wangge.visits.rules import day_of

#: The kind under which it lies on a phone: one record a place, by its code.
REACH = "reach"
Reach = Mapping[str, dict[str, Any]]


def reach_now(viewer: Viewer, places: Places, now: datetime) -> tuple[Reach, str]:
    """By place whom the viewer could give a case there today, and this in short."""
    found = reach_of(viewer, places.own, today=day_of(now))
    return found, hashlib.sha256(orjson.dumps(found)).hexdigest()[:16]


def told(found: Reach) -> Reach:
    """The same, with the departments' names."""
    known = catalogue.departments() if any(each["departments"] for each in found.values()) else {}
    return {
        place: {
            **each,
            "departments": [
                {"code": code, "zh": known[code].zh, "en": known[code].en} for code in each["departments"]
            ],
        }
        for place, each in found.items()
    }
