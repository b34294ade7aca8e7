"""Every write of the protocol: taking in what phones did, settling conflicts, registering and wiping phones."""

from wangge.sync.actions.conflicts import settle_conflict
from wangge.sync.actions.devices import (
    give_key_half,
    give_spare_key,
    mark_lost,
    meet,
    note_brought,
    note_wiped,
    register_device,
    take_back_lost,
)
from wangge.sync.actions.forgetting import forget_gone
from wangge.sync.actions.push import push

__all__ = [
    "forget_gone",
    "give_key_half",
    "give_spare_key",
    "mark_lost",
    "meet",
    "note_brought",
    "note_wiped",
    "push",
    "register_device",
    "settle_conflict",
    "take_back_lost",
]
