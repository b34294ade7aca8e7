"""Decisions of the protocol on plain values: what a command is, what its answer means, where a cursor stands."""

from wangge.sync.rules.clocks import put_right
from wangge.sync.rules.commands import (
    MOST_COMMANDS,
    Asked,
    Done,
    Read,
    Result,
    digest_of,
    read_commands,
)
from wangge.sync.rules.conflicts import Side, edits_of, settled, sides_of
from wangge.sync.rules.cursors import LASTS, Cursor, cursor_in
from wangge.sync.rules.last_words import LastWords
from wangge.sync.rules.problems import (
    AlreadySettled,
    Crowded,
    FromLostPhone,
    NotHereYet,
    NotNow,
    OtherDevice,
    UnknownKind,
    WipeOrdered,
)

__all__ = [
    "LASTS",
    "MOST_COMMANDS",
    "AlreadySettled",
    "Asked",
    "Crowded",
    "Cursor",
    "Done",
    "FromLostPhone",
    "LastWords",
    "NotHereYet",
    "NotNow",
    "OtherDevice",
    "Read",
    "Result",
    "Side",
    "UnknownKind",
    "WipeOrdered",
    "cursor_in",
    "digest_of",
    "edits_of",
    "put_right",
    "read_commands",
    "settled",
    "sides_of",
]
