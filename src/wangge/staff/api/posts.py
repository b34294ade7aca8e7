"""Posts, who holds them, and how well an area is staffed, over HTTP."""

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from ninja import Router, Schema, Status

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, Day
from wangge.staff import actions, queries
from wangge.staff.api.parts import Closed, Code, Cursor, Id, Limit, name_of, today

if TYPE_CHECKING:
    from wangge.staff.models import Assignment, Post

router = Router()


class KindOut(Schema):
    code: str
    name: str
    duties: list[str]
    confidential: bool
    shared: bool


class HeldOut(Schema):
    """Who holds a post; `stands_in_for` names the assignment that a stand-in stands in for."""

    id: int
    account: int
    name: str
    part: str
    from_on: date
    to_on: date | None
    stands_in_for: int | None


class PostOut(Schema):
    id: int
    kind: str
    name: str
    area: str
    area_name: str
    department: str
    closed_on: date | None


class PostWithHoldersOut(PostOut):
    held: list[HeldOut]


class PostPageOut(Schema):
    items: list[PostWithHoldersOut]
    next: str | None


class PostIn(Closed):
    """`department` is the code of the department that a handling post works for; other posts have none."""

    kind: Code
    area: AreaCode
    department: Code | None = None


class CloseIn(Closed):
    on: Day


class AssignIn(Closed):
    account: Id
    from_on: Day
    to_on: Day | None = None
    part: Literal["full_time", "part_time"] = "full_time"


class AssignmentOut(Schema):
    id: int
    post: int
    account: int
    part: str
    from_on: date
    to_on: date | None
    stands_in_for: int | None


class EndIn(Closed):
    to_on: Day


class StandInIn(Closed):
    account: Id
    from_on: Day
    to_on: Day


class StandingOut(Schema):
    """required = filled + vacant; of the filled, `by_stand_in` by a stand-in alone, `away` on leave without one."""

    required: int
    filled: int
    vacant: int
    by_stand_in: int
    away: int
    posts: int
    held: int


class KindStandingOut(StandingOut):
    level: str
    kind: str
    name: str


class AreaStandingOut(StandingOut):
    area: str


class StaffingOut(Schema):
    """`full_time_share` is that of grid workers in urban communities; null where there are none."""

    area: str
    total: StandingOut
    kinds: list[KindStandingOut]
    below: list[AreaStandingOut]
    urban_workers: int
    urban_full_time: int
    full_time_share: float | None


class VacancyOut(Schema):
    area: str
    area_name: str
    level: str
    kind: str
    name: str
    missing: int


class VacancyPageOut(Schema):
    items: list[VacancyOut]
    next: str | None


@router.get("/kinds", response={200: list[KindOut], **problems()})
def list_kinds(request: Asked) -> list[dict[str, Any]]:  # noqa: ARG001 - public to everyone signed in
    """The kinds of post that this city has."""
    return [
        {
            "code": kind.code,
            "name": name_of(kind),
            "duties": kind.duties,
            "confidential": kind.confidential,
            "shared": kind.shared,
        }
        for kind in queries.post_kinds()
    ]


@router.get("/posts", response={200: PostPageOut, **problems(404)})
def list_posts(
    request: Asked, area: AreaCode, cursor: Cursor | None = None, limit: Limit = 50
) -> dict[str, Any]:
    """The open posts at or below an area, as far as one sees, with who holds them today."""
    page = queries.posts(request.viewer, area, today=today(), cursor=cursor, limit=limit)
    items = [_post(post) | {"held": [_held(held) for held in post.today]} for post in page.items]  # type: ignore[attr-defined]
    return {"items": items, "next": page.next}


@router.post("/posts", response={201: PostOut, **problems(403, 404)})
def open_post(request: Asked, given: PostIn) -> Status[dict[str, Any]]:
    opened = actions.open_post(
        request.viewer,
        kind=given.kind,
        area=given.area,
        department=given.department or "",
        now=clock.now(),
    )
    return Status(201, _post(opened))


@router.post("/posts/{int:post_id}/close", response={200: PostOut, **problems(403, 404, 409)})
def close_post(request: Asked, post_id: int, given: CloseIn) -> dict[str, Any]:
    """Closes a post after a day; nobody may hold it beyond."""
    return _post(actions.close_post(request.viewer, post_id, on=given.on, now=clock.now()))


@router.post("/posts/{int:post_id}/assign", response={201: AssignmentOut, **problems(403, 404, 409)})
def assign(request: Asked, post_id: int, given: AssignIn) -> Status[dict[str, Any]]:
    """Gives a post to an account from a day on."""
    made = actions.assign(
        request.viewer,
        post_id,
        given.account,
        from_on=given.from_on,
        to_on=given.to_on,
        part=given.part,
        now=clock.now(),
    )
    return Status(201, assignment_shown(made))


@router.post(
    "/assignments/{int:assignment_id}/stand-in", response={201: AssignmentOut, **problems(403, 404, 409)}
)
def name_stand_in(request: Asked, assignment_id: int, given: StandInIn) -> Status[dict[str, Any]]:
    """Somebody holds a post for its holder on these days."""
    made = actions.name_stand_in(
        request.viewer,
        assignment_id,
        given.account,
        from_on=given.from_on,
        to_on=given.to_on,
        now=clock.now(),
    )
    return Status(201, assignment_shown(made))


@router.get("/staffing", response={200: StaffingOut, **problems(403, 404)})
def staffing(request: Asked, area: AreaCode) -> dict[str, Any]:
    """Posts required, filled and vacant in an area and all below it, today."""
    figures = queries.staffing(request.viewer, area, today=today())
    names = {kind.code: name_of(kind) for kind in queries.post_kinds()}
    return {
        "area": figures.area,
        "total": _standing(figures.total),
        "kinds": [
            _standing(standing) | {"level": level, "kind": kind, "name": names[kind]}
            for (level, kind), standing in sorted(figures.kinds.items())
        ],
        "below": [_standing(standing) | {"area": code} for code, standing in sorted(figures.below.items())],
        "urban_workers": figures.urban_workers,
        "urban_full_time": figures.urban_full_time,
        "full_time_share": figures.full_time_share,
    }


@router.get("/vacancies", response={200: VacancyPageOut, **problems(403, 404)})
def vacancies(
    request: Asked, area: AreaCode, cursor: Cursor | None = None, limit: Limit = 50
) -> dict[str, Any]:
    """Which posts are missing where, by name of post and area, from the area down."""
    page = queries.vacancies(request.viewer, area, today=today(), cursor=cursor, limit=limit)
    names = {kind.code: name_of(kind) for kind in queries.post_kinds()}
    items = [
        {
            "area": vacancy.area,
            "area_name": vacancy.area_name,
            "level": vacancy.level,
            "kind": vacancy.kind,
            "name": names[vacancy.kind],
            "missing": vacancy.missing,
        }
        for vacancy in page.items
    ]
    return {"items": items, "next": page.next}


def _post(post: "Post") -> dict[str, Any]:
    return {
        "id": post.id,
        "kind": post.kind_id,
        "name": name_of(post.kind),
        "area": post.area_id,
        "area_name": post.area.name,
        "department": post.department_id or "",
        "closed_on": post.closed_on,
    }


def _held(held: "Assignment") -> dict[str, Any]:
    return assignment_shown(held) | {"name": held.account.name}


def assignment_shown(held: "Assignment") -> dict[str, Any]:
    return {
        "id": held.id,
        "post": held.post_id,
        "account": held.account_id,
        "part": held.part,
        "from_on": held.from_on,
        "to_on": held.to_on,
        "stands_in_for": held.stands_in_for_id,
    }


def _standing(standing: queries.Standing) -> dict[str, int]:
    return {name: getattr(standing, name) for name in StandingOut.model_fields}
