"""Residents, by hand: added, changed, moved, revealed. The journal names which fields changed; what they held is kept in
`Earlier`, where it can be sealed.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.commands import Command, Edits
from wangge.base.problems import Invalid, NotFound, OtherContent
from wangge.base.text import clean_line
from wangge.households.actions.keeping import (
    SEALED,
    Act,
    checked_edits,
    household_to_change,
    resident_to_change,
    to_write,
    wanted,
)
from wangge.households.models import CareNeed, Household, Resident, Stay
from wangge.households.queries.homes import place_of
from wangge.households.rules.people import (
    LONGEST_ORIGIN,
    OF_RESIDENT,
    PRIVATE,
    REVEAL_REASONS,
    REVEALED_MINUTES,
    KnownHere,
    LivesNowhere,
    LivesSomewhere,
    OtherGrid,
    ResidentMerged,
    day_of_move,
    resident_facts,
)
from wangge.journal.queries import entry_of_command

#: Why somebody new stands in a register; `known`: they lived there when it was begun.
NEWLY = ("known", "born", "moved_in")
#: Where somebody goes, and how their stay ends.
MOVES = {"out": "moved_out", "died": "died", "within": "within", "in": ""}


def add_resident(
    viewer: Viewer,
    command: Command,
    resident_id: UUID,
    household_id: UUID,
    facts: Mapping[str, Any],
    *,
    came: str = "moved_in",
    came_from: str = "",
    on: date | None = None,
    now: datetime,
) -> Resident:
    """Adds somebody to a household. The same command again answers the resident; `facts` need a name and a residency.

    Who moves in may stand in the register already, by the identity number: KnownHere where the viewer keeps that record, too.
    Where others do, these are asked for the file (`Resident.also`), and the viewer is not told who.
    """
    act = Act(viewer, command, "resident.added", f"resident:{resident_id}", now)
    if act.was_done:
        return _known(resident_id)
    if came not in NEWLY:
        raise Invalid(field="came", expected=", ".join(NEWLY))
    given = resident_facts({"name": "", **facts}, today=act.today)
    if "residency" not in given:
        raise Invalid(field="residency", expected="registered_present, registered_away, permanent, floating")
    household = household_to_change(act, household_id)
    if act.was_done:
        return _known(resident_id)
    day = day_of_move(on or act.today, today=act.today)
    came_from = _origin(came_from)
    before = _known_by_identity(given) if came == "moved_in" else False
    made = Resident(id=resident_id, household=household, path=household.path)
    _write(made, given)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise OtherContent from None
    _begin(made, household, day, came, came_from)
    touch(household)
    if came == "moved_in":
        made.also = "elsewhere" if _ask_elsewhere(made, now) else "before" if before else ""
    told: dict[str, Any] = {"also": made.also} if made.also else {}
    act.tell(household.path, household=str(household.id), came=came, on=day.isoformat(), **told)
    return made


def _origin(said: str) -> str:
    return clean_line(said, limit=LONGEST_ORIGIN, name="came_from")


def _known_by_identity(facts: Mapping[str, Any]) -> bool:
    """Whether somebody of this identity number stood in a register that the viewer keeps; KnownHere for who lives there now."""
    if not facts.get("identity"):
        return False
    hashes = settings.PRIVATE_KEYS.lookups("identity", facts["identity"])
    found = list(Resident.objects.filter(identity_hash__in=hashes, merged_into__isnull=True))
    for one in found:
        if one.household_id:
            lives_in = Household.objects.select_related("dwelling__building__compound").get(
                id=one.household_id
            )
            raise KnownHere(name=one.name, place=place_of(lives_in.dwelling), resident=str(one.id))
    return bool(found)


def _ask_elsewhere(resident: Resident, now: datetime) -> bool:
    """Asks the keepers of other registers in which this person lives for the file; whether there are any."""
    if not resident.identity:
        return False
    hashes = settings.PRIVATE_KEYS.lookups("identity", resident.identity)
    with connection.cursor() as cursor:
        cursor.execute("select households_seek(%s, %s, %s)", [resident.id, hashes, now])
        return bool(cursor.fetchone()[0])


def _known(resident_id: UUID) -> Resident:
    found = Resident.objects.filter(id=resident_id).first()
    if found is None:
        raise NotFound
    return found


def _write(resident: Resident, facts: Mapping[str, Any]) -> list[str]:
    """Sets the fields and what follows from them; which columns are to be saved."""
    columns = list(facts)
    for name, value in facts.items():
        setattr(resident, name, (value or None) if name in SEALED else value)
    if "phone" in facts:
        resident.phone_tail = (facts["phone"] or "")[-4:]
        columns += ["phone_hash", "phone_tail"]
    if "identity" in facts:
        columns += ["identity_hash"]
    return columns


def _begin(resident: Resident, household: Household, day: date, came: str, came_from: str = "") -> None:
    begun = Stay(resident=resident, household=household, path=household.path, from_on=day, came=came)
    begun.save(force_insert=True)
    if came_from:
        # What is private is bound to the key of its row, which the row has now.
        begun.came_from = came_from
        begun.save(update_fields=["came_from"])


def touch(household: Household) -> None:
    """Who lives in it changed: whoever keeps a copy must ask for it anew."""
    household.revision += 1
    household.save(update_fields=["revision"])


def change_resident(
    viewer: Viewer, command: Command, resident_id: UUID, edits: Edits, *, now: datetime
) -> Resident:
    """Changes what is said of a resident. Changed when a field was changed on both sides; nothing is written then. Of private
    fields `was` may be what the writer saw: the mask, or the last four figures of a telephone.
    """
    act = Act(viewer, command, "resident.changed", f"resident:{resident_id}", now)
    if act.was_done:
        return _known(resident_id)
    checked = checked_edits(edits, resident_facts(wanted(edits), today=act.today))
    resident = resident_to_change(act, resident_id)
    if act.was_done:
        return resident
    if resident.merged_into_id:
        raise ResidentMerged(into=str(resident.merged_into_id))
    kept = _kept(resident)
    changes = to_write(checked, kept, revision=resident.revision)
    if changes:
        act.keep_earlier(
            resident,
            {name: value for name, value in kept.items() if name not in SEALED},
            **{name: kept[name] for name in SEALED if name in changes},
        )
        columns = _write(resident, changes)
        resident.revision += 1
        resident.save(update_fields=[*columns, "revision"])
    act.tell(resident.path, fields=sorted(changes))
    return resident


def _kept(resident: Resident) -> dict[str, Any]:
    values = {name: getattr(resident, name) for name in OF_RESIDENT}
    return {name: (value or "") if name in SEALED else value for name, value in values.items()}


def move_resident(
    viewer: Viewer,
    command: Command,
    resident_id: UUID,
    move: str,
    *,
    to: UUID | None = None,
    came_from: str = "",
    on: date | None = None,
    now: datetime,
) -> Resident:
    """Moves somebody `out` (away from the register), `within` (to the household `to` of the same grid), `in` (to the household
    `to`, who lived nowhere), or keeps that they `died`. Their stays keep the history. OtherGrid: offer the file instead.
    """
    act = Act(viewer, command, "resident.moved", f"resident:{resident_id}", now)
    if act.was_done:
        return _known(resident_id)
    if move not in MOVES:
        raise Invalid(field="move", expected=", ".join(MOVES))
    if (to is None) == (move in ("within", "in")):
        raise Invalid(field="to", expected="id" if to is None else "—")
    resident = resident_to_change(act, resident_id)
    if act.was_done:
        return resident
    if resident.merged_into_id:
        raise ResidentMerged(into=str(resident.merged_into_id))
    # Both homes in one order: two who change places at the same moment do not wait for each other for ever.
    both = [each for each in (to, resident.household_id) if each]
    list(Household.objects.select_for_update(of=("self",)).filter(id__in=both).order_by("id"))
    target = household_to_change(act, to) if to else None
    if target and target.path != resident.path:
        raise OtherGrid
    if target and target.id == resident.household_id:
        raise LivesSomewhere
    left = resident.household_id
    day = _leave(act, resident, MOVES[move], on) if move != "in" else _return(act, resident, on)
    resident.household, resident.left_on = target, None if target else day
    resident.revision += 1
    resident.save(update_fields=["household", "left_on", "revision"])
    if target:
        if move == "within":
            _begin(resident, target, day, "within")
        else:
            _begin(resident, target, day, "moved_in", _origin(came_from))
        touch(target)
    touch_by_id(left)
    act.tell(
        resident.path,
        before={"household": str(left) if left else None},
        move=move,
        household=str(target.id) if target else None,
        on=day.isoformat(),
    )
    return resident


def _leave(act: Act, resident: Resident, went: str, on: date | None) -> date:
    """Ends the stay that goes on; the day on which it did."""
    stay = Stay.objects.filter(resident_id=resident.id, to_on__isnull=True).first()
    if stay is None:
        raise LivesNowhere(left_on=str(resident.left_on or ""))
    day = day_of_move(on or act.today, today=act.today, since=stay.from_on)
    stay.to_on, stay.went, stay.name = day, went, resident.name
    stay.save(update_fields=["to_on", "went", "name"])
    return day


def _return(act: Act, resident: Resident, on: date | None) -> date:
    if resident.household_id:
        raise LivesSomewhere
    if Stay.objects.filter(resident_id=resident.id, went="died").exists():
        raise LivesNowhere(left_on=str(resident.left_on or ""))
    return day_of_move(on or act.today, today=act.today, since=resident.left_on)


def touch_by_id(household_id: UUID | None) -> None:
    if household_id and (
        left := Household.objects.select_for_update(of=("self",)).filter(id=household_id).first()
    ):
        touch(left)


def reveal(
    viewer: Viewer, resident_id: UUID, what: Collection[str], *, why: str, command_id: UUID, now: datetime
) -> dict[str, Any]:
    """Shows private particulars (`identity`, `phone`, `address`: the registered one and
    where they lived before, `care`) to the viewer for some minutes; the journal keeps who asked, whose,
    which and why. The same command again shows them within these minutes; after them it is OtherContent.
    """
    asked = sorted(set(what))
    if not asked or not set(asked) <= set(PRIVATE):
        raise Invalid(field="what", expected=", ".join(PRIVATE))
    if why not in REVEAL_REASONS:
        raise Invalid(field="why", expected=", ".join(REVEAL_REASONS))
    act = Act(viewer, Command(command_id, now), "resident.revealed", f"resident:{resident_id}", now)
    resident = _known(resident_id)
    act.check_may(Verb.RESIDENT_REVEAL, resident.path)
    entry = entry_of_command(viewer, command_id)
    if entry is None:
        act.tell(resident.path, what=asked, purpose=why)
    elif (
        not entry.tells(verb=act.verb, subject=act.subject)
        or entry.actor_id != viewer.account_id
        or entry.after.get("what") != asked
        or entry.at <= now - timedelta(minutes=REVEALED_MINUTES)
    ):
        raise OtherContent
    return particulars(resident, asked)


def particulars(resident: Resident, what: Collection[str]) -> dict[str, Any]:
    """The private particulars themselves, opened."""
    shown: dict[str, Any] = {}
    if "identity" in what:
        shown["identity"] = resident.identity or ""
    if "phone" in what:
        shown["phone"] = resident.phone or ""
    if "address" in what:
        shown["address"] = resident.registered_address or ""
    if "care" in what:
        needs = CareNeed.objects.filter(resident_id=resident.id).order_by("until", "id")
        shown["care"] = {str(need.id): need.detail or "" for need in needs}
    return shown
