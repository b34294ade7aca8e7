"""The kinds of post and which posts each area must have, as data."""

from collections.abc import Iterable
from datetime import datetime

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed
from wangge.journal.actions import record
from wangge.staff.models import PostKind, PostRequirement
from wangge.staff.rules import (
    KindLine,
    RequiredLine,
    post_kinds_in,
    required_posts_in,
    shipped_post_kinds,
    shipped_required_posts,
)


def load_post_kinds(
    viewer: Viewer,
    *,
    kinds: Iterable[str] | None = None,
    required: Iterable[str] | None = None,
    now: datetime,
) -> int:
    """Takes kinds and requirements from the lines of two CSV files; without files, adds what is shipped and missing.

    A file says how it is from now on: its kinds are added or changed, its requirements replace all others. A kind that
    it does not name stays, since posts may be of it. Needs the right to change staff at the root; says how many kinds.
    """
    root = next(
        (path for path in viewer.scope if "." not in path and viewer.may(Verb.STAFF_CHANGE, path)), None
    )
    if root is None:
        raise NotAllowed
    lines = shipped_post_kinds() if kinds is None else post_kinds_in(kinds)
    _write_kinds(lines, anew=kinds is not None)
    codes = set(PostKind.objects.values_list("code", flat=True))
    if required is not None:
        _replace_required(required_posts_in(required, codes))
    elif kinds is None and not PostRequirement.objects.exists():
        _replace_required(shipped_required_posts())
    record(
        viewer,
        verb="staff.kinds-loaded",
        subject="staff:kinds",
        path=root,
        at=now,
        after={line.code: " ".join(line.duties) for line in lines},
    )
    return len(lines)


def _write_kinds(lines: list[KindLine], *, anew: bool) -> None:
    rows = [
        PostKind(
            code=line.code,
            zh=line.zh,
            en=line.en,
            duties=list(line.duties),
            confidential=line.confidential,
            shared=line.shared,
        )
        for line in lines
    ]
    if anew:
        PostKind.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["zh", "en", "duties", "confidential", "shared"],
        )
    else:
        PostKind.objects.bulk_create(rows, ignore_conflicts=True)


def _replace_required(lines: list[RequiredLine]) -> None:
    PostRequirement.objects.all().delete()
    PostRequirement.objects.bulk_create(
        PostRequirement(kind_id=line.kind, level=line.level, grid_kind=line.grid_kind, minimum=line.minimum)
        for line in lines
    )
