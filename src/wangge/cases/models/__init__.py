"""Cases, what hangs on them, what desks keep beside them. Row policies, the queue tally, the search column and numbers are in the migrations."""

from wangge.cases.models.case import (
    Attachment,
    Case,
    Counter,
    PostHandover,
    Route,
    Summons,
    Tally,
    Task,
)
from wangge.cases.models.desk import Note, TextTemplate, View

__all__ = [
    "Attachment",
    "Case",
    "Counter",
    "Note",
    "PostHandover",
    "Route",
    "Summons",
    "Tally",
    "Task",
    "TextTemplate",
    "View",
]
