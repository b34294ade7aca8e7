"""Posts of an area with who holds them, and the lists that forms offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Prefetch, Q
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.queries import area_by_code
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.staff.models import Department, Post, PostKind
from wangge.staff.queries.people import holding_on


@dataclass(frozen=True, slots=True)
class PostPage:
    """Open posts in the order in which they were opened; each has today's assignments as `today`."""

    items: Sequence[Post]
    next: str | None


def posts(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    area: str,
    *,
    today: date,
    cursor: str | None = None,
    limit: int = 50,
) -> PostPage:
    """The open posts at or below an area that the viewer sees, with who holds them today."""
    held = holding_on(today).select_related("account").order_by("stands_in_for", "id")
    found = (
        Post.objects.filter(
            Q(closed_on__isnull=True) | Q(closed_on__gte=today),
            RawSQL("staff_post.path <@ %s::ltree", [area_by_code(area).path], BooleanField()),
        )
        .select_related("kind", "department")
        .prefetch_related("area", Prefetch("assignments", held, to_attr="today"))
    )
    if cursor:
        found = found.filter(id__gt=decode_cursor(cursor, int)[0])
    items = list(found.order_by("id")[: limit + 1])
    following = encode_cursor((items[limit - 1].id,)) if len(items) > limit else None
    return PostPage(items[:limit], following)


def posts_by_id(ids: Sequence[int]) -> list[tuple[str, str]]:
    """Of these posts the kind and the code of the area, by both."""
    found = Post.objects.filter(id__in=list(ids)).order_by("area_id", "kind_id")
    return list(found.values_list("kind_id", "area_id"))


def post_kinds() -> list[PostKind]:
    """Every kind of post, by code."""
    return list(PostKind.objects.order_by("code"))


def departments() -> list[Department]:
    """Every department, by code."""
    return list(Department.objects.order_by("code"))
