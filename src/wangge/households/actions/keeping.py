"""What every change of a register does besides: it is carried out once, what stood there is kept, and the journal is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command, Edits, merged
from wangge.base.ids import new_id
from wangge.base.problems import Changed, Invalid, NotAllowed, NotFound
from wangge.households.models import CareNeed, Earlier, Household, Resident
from wangge.households.rules import NoArea
from wangge.households.rules.people import HouseholdEnded, seen_as
from wangge.journal.actions import record_once
from wangge.journal.queries import carried_out

#: A lock that is shared by whoever adds a home, and held alone by whoever moves homes to other grids.
REHOMING = "households rehoming"
#: Columns that are sealed, which stand in no journal.
SEALED = ("identity", "phone", "registered_address")


@dataclass(frozen=True, slots=True)
class Act:
    """One command while it is carried out."""

    viewer: Viewer
    command: Command
    verb: str
    subject: str
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    @property
    def was_done(self) -> bool:
        """Asked before anything is locked, and once more when it is: the same command may come twice at once."""
        return carried_out(self.viewer, self.command.id, verb=self.verb, subject=self.subject)

    def check_may(self, verb: Verb, path: str) -> None:
        if not self.viewer.may(verb, path):
            raise NotAllowed

    def tell(self, path: str, *, before: Mapping[str, Any] | None = None, **after: Any) -> None:
        """The entry of this act; `said_at` is told where the writer's clock said another minute."""
        told = dict(after)
        if abs((self.now - self.command.at).total_seconds()) >= 60:
            told["said_at"] = self.command.at.astimezone(UTC).isoformat()
        record_once(
            self.viewer, verb=self.verb, subject=self.subject, path=path, at=self.now,
            before=dict(before or {}), after=told, command_id=self.command.id,
        )  # fmt: skip

    def keep_earlier(
        self, row: Household | Resident | CareNeed, told: Mapping[str, Any], **sealed: str
    ) -> None:
        """Keeps how the row stood at its revision, before it gets the next."""
        Earlier(
            id=new_id(),
            kind=row.subject.partition(":")[0],
            of_id=row.id,
            path=row.path,
            revision=row.revision,
            told=dict(told),
            sealed=orjson.dumps(sealed).decode() if sealed else None,
            at=self.now,
            said_at=self.command.at,
            by_id=self.viewer.account_id,
        ).save(force_insert=True)


def household_to_change(act: Act, household_id: UUID, *, standing: bool = True) -> Household:
    """The household under lock; NotFound, NotAllowed or HouseholdEnded when it cannot be changed by this viewer now."""
    found = Household.objects.select_for_update(of=("self",)).filter(id=household_id).first()
    if found is None:
        raise NotFound
    act.check_may(Verb.HOUSEHOLD_CHANGE, found.path)
    if standing and found.valid_to is not None:
        raise HouseholdEnded(ended=found.valid_to.isoformat())
    return found


def resident_to_change(act: Act, resident_id: UUID) -> Resident:
    """The resident under lock; NotFound or NotAllowed when they cannot be changed by this viewer."""
    found = Resident.objects.select_for_update(of=("self",)).filter(id=resident_id).first()
    if found is None:
        raise NotFound
    act.check_may(Verb.HOUSEHOLD_CHANGE, found.path)
    return found


def area_to_live_in(code: str) -> Area:
    """A public grid of today, or a community without grids; NoArea for any other."""
    area = areas.area_by_code(code)
    grid = area.level == "grid" and area.kind == "public"
    if area.valid_to is not None or not (grid or (area.level == "community" and not _has_grids(area.code))):
        raise NoArea
    return area


def _has_grids(code: str) -> bool:
    return any(each.kind == "public" and each.valid_to is None for each in areas.children(code))


def to_write(edits: Edits, kept: Mapping[str, Any], *, revision: int) -> dict[str, Any]:
    """As `base.commands.merged`, where who wrote the command may have seen private fields only in part: their `was` may be the
    mask or the last figures, and what is kept now is told them so too.
    """
    opened = {
        name: {**edit, "was": kept[name]}
        if name in SEALED and (edit["was"] or "") in seen_as(name, kept[name])
        else edit
        for name, edit in edits.items()
    }
    try:
        return merged(opened, kept, revision=revision)  # type: ignore[arg-type]  # the same keys as before
    except Changed as problem:
        fields = problem.facts["fields"]
        shown = {
            name: seen_as(name, value)[-1] if name in SEALED else value for name, value in fields.items()
        }
        raise Changed(revision, shown) from None


def checked_edits(edits: Edits, facts: Mapping[str, Any]) -> Edits:
    """The edits with what they make of each field as it was cleaned."""
    return {name: {"was": edit["was"], "is": facts[name]} for name, edit in edits.items()}


def wanted(edits: Mapping[str, Any]) -> dict[str, Any]:
    """What the edits make of each field; Invalid where one is not of the form `{"was": …, "is": …}`."""
    for name, edit in edits.items():
        if not isinstance(edit, Mapping) or edit.keys() != {"was", "is"}:
            raise Invalid(field=name, expected='{"was": …, "is": …}')
    return {name: edit["is"] for name, edit in edits.items()}
