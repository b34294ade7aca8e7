"""Work that a grid or community does not take: in one step, with its ground, counted by who asked."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.areas.models import Area, Level
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.catalogue import rules
from wangge.catalogue.models import Refusal
from wangge.catalogue.queries import departments, item_by_code, refusal_by_id
from wangge.journal import actions as journal
from wangge.journal.queries import entry_of_command


def refuse_work(
    viewer: Viewer,
    *,
    area_code: str,
    asked_by: str,
    what: str,
    item: str | None = None,
    ground: str,
    command_id: UUID,
    now: datetime,
) -> tuple[Refusal, bool]:
    """Refuses work that department `asked_by` wants done in a grid or community; True: now, False: by this command before.

    `ground` is `not_admitted`, or `beyond` when the work goes beyond the admitted `item`. NotFound, NotAllowed,
    OnlyGridsAndCommunitiesRefuse, NoSuchDepartment, NoSuchItem, WrongGround; OtherContent for a command used before.
    """
    said = {"area": area_code, "asked_by": asked_by, "what": what, "item": item, "ground": ground}
    if (known := _known(viewer, command_id, said)) is not None:
        return known, False
    area = _area(viewer, area_code)
    if asked_by not in departments():
        raise rules.NoSuchDepartment(field="asked_by", department=asked_by)
    if ground != rules.right_ground(item_by_code(item).state if item else None):
        raise rules.WrongGround(field="ground")
    try:
        with transaction.atomic():
            refusal = Refusal.objects.create(
                area=area,
                path=area.path,
                asked_by_id=asked_by,
                item_id=item,
                ground=ground,
                what=what,
                at=now,
                by_id=viewer.account_id,
            )
            journal.record(
                viewer,
                verb="work.refused",
                subject=f"refusal:{refusal.pk}",
                path=area.path,
                at=now,
                after={**said, "refusal": refusal.pk},
                command_id=command_id,
            )
    except IntegrityError as error:  # the same command came in twice at once, or is another's
        if (known := _known(viewer, command_id, said)) is None:
            raise OtherContent from error
        return known, False
    return refusal, True


def _area(viewer: Viewer, code: str) -> Area:
    area = Area.objects.filter(code=code, valid_to=None).first()
    if area is None:
        raise NotFound
    if not viewer.may(Verb.ITEM_REFUSE, area.path):
        raise NotAllowed
    if area.level not in (Level.GRID, Level.COMMUNITY):
        raise rules.OnlyGridsAndCommunitiesRefuse(field="area")
    return area


def _known(viewer: Viewer, command_id: UUID, said: dict[str, str | None]) -> Refusal | None:
    """The refusal that this command made before; OtherContent when it did something else."""
    entry = entry_of_command(viewer, command_id)
    if entry is None:
        return None
    if entry.verb != "work.refused" or any(entry.after.get(name) != value for name, value in said.items()):
        raise OtherContent
    return refusal_by_id(viewer, entry.after["refusal"])
