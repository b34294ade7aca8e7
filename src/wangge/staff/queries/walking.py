"""Who walks which public grid of an area, by the posts that carry it."""

from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True, slots=True)
class Walks:
    """A post of `kind` in a grid, and whose it is; who stands in for somebody is not told."""

    account: int
    kind: str
    grid: str
    part: str


def walkers_within(path: str, *, today: date) -> list[Walks]:
    """Who holds such a post today, at or below a path in the viewer's scope; by kind, grid and account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.account_id, k.code, a.code, s.part"
            "  from staff_assignment s join staff_post p on p.id = s.post_id join staff_postkind k on k.code = p.kind_id"
            "  join areas_area a on a.code = p.area_id join staff_account c on c.id = s.account_id"
            " where s.path <@ %s::ltree and a.level = 'grid' and a.kind = 'public' and 'walk' = any (k.duties)"
            "   and p.department_id is null and s.stands_in_for_id is null and c.ended_at is null"
            "   and s.from_on <= %s and (s.to_on is null or s.to_on >= %s) and (p.closed_on is null or p.closed_on >= %s)"
            " order by k.code, a.code, s.account_id",
            [path, today, today, today],
        )
        return [Walks(*row) for row in cursor.fetchall()]
