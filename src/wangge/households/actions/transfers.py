"""A file goes to another grid: offered by the one side, and moved when the other takes it."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotFound, OtherContent
from wangge.base.text import clean_line
from wangge.households.actions.keeping import Act, area_to_live_in, household_to_change
from wangge.households.models import Resident, Sought, Transfer
from wangge.households.rules.people import (
    MOST_PEOPLE,
    LivesNowhere,
    OfferedAlready,
    TransferSettled,
    day_of_move,
)


def offer_transfer(
    viewer: Viewer,
    command: Command,
    transfer_id: UUID,
    household_id: UUID,
    to: str,
    *,
    residents: Collection[UUID] = (),
    said: str = "",
    now: datetime,
) -> Transfer:
    """Offers the file of people of a household, by default of all, to the grid `to`. Nothing moves until that takes it."""
    act = Act(viewer, command, "transfer.offered", f"transfer:{transfer_id}", now)
    if act.was_done:
        return _known(transfer_id)
    household = household_to_change(act, household_id)
    if act.was_done:
        return _known(transfer_id)
    area = area_to_live_in(to)
    if area.path == household.path:
        raise Invalid(field="to", expected="≠ " + household.path.rsplit(".", 1)[-1])
    people = list(Resident.objects.filter(household_id=household.id).order_by("name", "id"))
    if residents:
        people = [each for each in people if each.id in set(residents)]
    if len(people) < len(set(residents)):
        raise NotFound
    if not people:
        raise LivesNowhere(left_on="")
    if len(people) > MOST_PEOPLE:
        raise Invalid(field="residents", expected=f"≤ {MOST_PEOPLE}")
    ids = [each.id for each in people]
    if Transfer.objects.filter(state="offered", residents__overlap=ids).exists():
        raise OfferedAlready
    made = Transfer(
        id=transfer_id,
        household=household,
        residents=ids,
        people=[
            {"id": str(each.id), "name": each.name, "birth_year": each.birth_year, "sex": each.sex}
            for each in people
        ],
        from_path=household.path,
        to_path=area.path,
        said=clean_line(said, limit=400, name="said"),
        offered_at=now,
        offered_by_id=viewer.account_id,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise OtherContent from None
    # Who asked for one of them has what they asked for.
    asked = Sought.objects.filter(other_id__in=ids, to_path=area.path, settled_at__isnull=True)
    asked.update(settled_at=now, settled_by_id=viewer.account_id)
    act.tell(household.path, household=str(household.id), to=to, people=len(ids))
    return made


def refuse_sought(viewer: Viewer, command: Command, sought_id: UUID, *, now: datetime) -> None:
    """Who keeps the file that was asked for says that the person lives there still; the list that asked has one line less."""
    found = Sought.objects.filter(id=sought_id).select_related("other").first()
    if found is None:
        raise NotFound
    act = Act(viewer, command, "resident.confirmed", f"resident:{found.other_id}", now)
    act.check_may(Verb.HOUSEHOLD_CHANGE, found.other.path)
    if act.was_done:
        return
    if not Sought.objects.filter(id=sought_id, settled_at__isnull=True).update(
        settled_at=now, settled_by_id=viewer.account_id
    ):
        raise TransferSettled
    act.tell(found.other.path)


def _known(transfer_id: UUID) -> Transfer:
    found = Transfer.objects.filter(id=transfer_id).first()
    if found is None:
        raise NotFound
    return found


def take_transfer(
    viewer: Viewer,
    command: Command,
    transfer_id: UUID,
    into: UUID,
    *,
    on: date | None = None,
    now: datetime,
) -> Transfer:
    """The receiving side takes the file into a household of its own: residents, needs and what was merged into them move; the
    stays at the old grid end and remain there. TransferSettled when nobody is left who was offered.
    """
    act = Act(viewer, command, "transfer.taken", f"transfer:{transfer_id}", now)

    def take(offer: Transfer) -> None:
        household = household_to_change(act, into)
        day = day_of_move(on or act.today, today=act.today)
        with connection.cursor() as cursor:
            cursor.execute("select households_take(%s, %s, %s)", [offer.id, household.id, day])
            moved = [person for (person,) in cursor.fetchall()]
        offer.refresh_from_db()
        if offer.state != "taken":
            raise NotFound
        if not moved:
            raise TransferSettled
        act.tell(household.path, household=str(household.id), people=len(moved), on=day.isoformat())

    return _settle(act, transfer_id, "to_path", take)


def decline_transfer(
    viewer: Viewer, command: Command, transfer_id: UUID, *, reason: str, now: datetime
) -> Transfer:
    """The receiving side does not take it: the file stays where it is, and its keeper reads why."""
    act = Act(viewer, command, "transfer.declined", f"transfer:{transfer_id}", now)
    why = clean_line(reason, limit=400, name="reason")
    if not why:
        raise Invalid(field="reason", expected="1–400")

    def decline(offer: Transfer) -> None:
        offer.state, offer.reason = "declined", why
        act.tell(offer.to_path)

    return _settle(act, transfer_id, "to_path", decline)


def withdraw_transfer(viewer: Viewer, command: Command, transfer_id: UUID, *, now: datetime) -> Transfer:
    """The offering side takes its offer back."""
    act = Act(viewer, command, "transfer.withdrawn", f"transfer:{transfer_id}", now)

    def withdraw(offer: Transfer) -> None:
        offer.state = "withdrawn"
        act.tell(offer.from_path)

    return _settle(act, transfer_id, "from_path", withdraw)


def _settle(act: Act, transfer_id: UUID, side: str, settle: Callable[[Transfer], None]) -> Transfer:
    if act.was_done:
        return _known(transfer_id)
    offer = Transfer.objects.select_for_update(of=("self",)).filter(id=transfer_id).first()
    if offer is None:
        raise NotFound
    act.check_may(Verb.HOUSEHOLD_CHANGE, getattr(offer, side))
    if act.was_done:
        return offer
    if offer.state != "offered":
        raise TransferSettled
    settle(offer)
    offer.settled_at, offer.settled_by_id = act.now, act.viewer.account_id
    offer.save(update_fields=["state", "reason", "settled_at", "settled_by_id"])
    return offer
