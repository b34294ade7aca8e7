"""Every read of the protocol: what changed for a phone, everything at once, its conflicts, and which phones there are."""

from wangge.sync.queries.changes import Change, Gone, Pulled, changes_since
from wangge.sync.queries.conflicts import (
    TwoSided,
    conflict_by_id,
    count_open_conflicts,
    open_conflicts,
    settled_conflicts,
    two_sided,
)
from wangge.sync.queries.devices import (
    device_of,
    devices_of,
    last_words_for,
    last_words_left,
    others_on,
    sent_since_lost,
    wipe_ordered,
)
from wangge.sync.queries.held import accounts_with_held, held_of
from wangge.sync.queries.kinds import KINDS, Kind
from wangge.sync.queries.places import Places, places_of
from wangge.sync.queries.snapshot import snapshot

__all__ = [
    "KINDS",
    "Change",
    "Gone",
    "Kind",
    "Places",
    "Pulled",
    "TwoSided",
    "accounts_with_held",
    "changes_since",
    "conflict_by_id",
    "count_open_conflicts",
    "device_of",
    "devices_of",
    "held_of",
    "last_words_for",
    "last_words_left",
    "open_conflicts",
    "others_on",
    "places_of",
    "sent_since_lost",
    "settled_conflicts",
    "snapshot",
    "two_sided",
    "wipe_ordered",
]
