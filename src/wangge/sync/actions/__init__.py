"""Every write of the protocol: taking in what phones did, settling conflicts, registering and wiping phones."""

from wangge.sync.actions.carrying import Came, ReadIn, give_file_key, read_in
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
from wangge.sync.actions.forgetting import forget_gone, forget_held
from wangge.sync.actions.held import let_go
from wangge.sync.actions.push import push
from wangge.sync.actions.retrying import try_again

__all__ = [
    "Came",
    "ReadIn",
    "forget_gone",
    "forget_held",
    "give_file_key",
    "give_key_half",
    "give_spare_key",
    "let_go",
    "mark_lost",
    "meet",
    "note_brought",
    "note_wiped",
    "push",
    "read_in",
    "register_device",
    "settle_conflict",
    "take_back_lost",
    "try_again",
]
