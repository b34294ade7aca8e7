"""Commands that a phone or a desk wrote down before they were carried out, and how their fields meet those kept. No Django.

A command may come late, twice, or after somebody else changed the same thing. Each field of it says what its writer saw and
what they made of it, so that what was changed on one side only is merged, and what was changed on both is shown to a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from wangge.base.problems import Changed, Invalid


@dataclass(frozen=True, slots=True)
class Command:
    """`id` is made where the command is written. `at` is the writer's clock, which may be days wrong: it is kept as what was
    said and decides nothing. `based_on` is the revision that the writer saw, None when they saw none. `moved`: by how much `at`
    was put right; other moments in the same command are by the same clock. `came`: when it arrived, where it had to wait here since.
    """

    id: UUID
    at: datetime
    based_on: int | None = None
    moved: timedelta = timedelta(0)
    came: datetime | None = None


#: One field of a command, `{"was": …, "is": …}`: what its writer saw, and what they made of it.
Edit = TypedDict("Edit", {"was": Any, "is": Any})

Edits = Mapping[str, Edit]


def merged(edits: Edits, kept: Mapping[str, Any], *, revision: int) -> dict[str, Any]:
    """What of `edits` is still to be written over `kept`; Changed when a field was changed on both sides, to different values.

    A field that already stands as the writer wanted it, or that they left as it was, is not written. `kept` holds every field
    that may be changed, as values of JSON; Invalid for another.
    """
    if unknown := sorted(edits.keys() - kept.keys()):
        raise Invalid(field=unknown[0], expected=", ".join(sorted(kept)))
    wanted = {name: edit for name, edit in edits.items() if edit["is"] not in (edit["was"], kept[name])}
    if apart := {name: kept[name] for name, edit in wanted.items() if edit["was"] != kept[name]}:
        raise Changed(revision, apart)
    return {name: edit["is"] for name, edit in wanted.items()}
