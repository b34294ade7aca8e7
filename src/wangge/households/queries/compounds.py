"""Compounds by name, and those of an area. Everybody signed in reads them: an estate's name is public."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotFound
from wangge.base.text import bigram_query, clean_line
from wangge.households.models import Compound
from wangge.households.rules import name_and_rest

LONGEST = 100
"""Characters of a text that names a compound."""


@dataclass(frozen=True, slots=True)
class CompoundPage:
    """Compounds in the order of their codes; `next` is the cursor of the page after, or None."""

    items: list[Compound]
    next: str | None


def compound_by_code(code: str) -> Compound:
    """The compound, also one that has ended; NotFound without it."""
    found = Compound.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


# In this order: names that begin so, other names that begin so, then names that hold it, then addresses; shorter
# names first, since they say less beside what was typed.
_NAMED = """
select c.code from households_compound c
 where c.valid_to is null and c.path <@ any (%(within)s::ltree[]) and c.search @@ %(words)s::tsquery
 order by case when c.name like %(begins)s then 0
               when exists (select from unnest(c.aliases) other where other like %(begins)s) then 1
               when c.name like %(holds)s then 2
               when exists (select from unnest(c.aliases) other where other like %(holds)s) then 3 else 4 end,
          length(c.name), c.name, c.code
 limit %(limit)s
"""


def compounds_named(
    viewer: Viewer,  # noqa: ARG001 - names of estates are public
    text: str,
    *,
    within: str | Sequence[str] = "",
    limit: int = 10,
) -> list[Compound]:
    """Compounds whose name, other names or address hold the words of `text`, the likeliest first.

    `within` is the path or code of an area, or several. Two characters find. What follows a name from its first number
    on, as a building's, is left out of the search when nothing is called like the whole.
    """
    said = clean_line(text[: LONGEST * 4], limit=LONGEST * 4, name="q")[:LONGEST]
    name, rest = name_and_rest(said)
    found = _named(said, _paths(within), limit)
    return found or (_named(name, _paths(within), limit) if rest else [])


def compounds_of(area: str, *, limit: int = 200) -> list[Compound]:
    """Today's compounds at or below an area, by name. NotFound for an unknown area."""
    return list(_standing(area).order_by("name", "code")[:limit])


def compounds(
    viewer: Viewer,  # noqa: ARG001 - names of estates are public
    *,
    within: str = "",
    cursor: str | None = None,
    limit: int = 200,
) -> CompoundPage:
    """Today's compounds, all or at and below an area, page by page."""
    found = _standing(within).order_by("code")
    if cursor:
        found = found.filter(code__gt=str(decode_cursor(cursor, str)[0]))
    items = list(found[: limit + 1])
    return CompoundPage(
        items[:limit], encode_cursor((items[limit - 1].code,)) if len(items) > limit else None
    )


def _standing(within: str) -> QuerySet[Compound]:
    found = Compound.objects.filter(valid_to__isnull=True).select_related("area").defer("area__boundary")
    if not within:
        return found
    path = areas.area_by_code(within).path
    return found.filter(RawSQL("households_compound.path <@ %s::ltree", [path], BooleanField()))


def _paths(within: str | Sequence[str]) -> list[str]:
    """Paths as they are, a single code by its area; without any, from the roots on."""
    given = [within] if isinstance(within, str) and within else list(within or ())
    if not given:
        return [root.path for root in areas.roots()]
    return [each if "." in each else areas.area_by_code(each).path for each in given]


def _named(text: str, paths: list[str], limit: int) -> list[Compound]:
    words = bigram_query(text)
    if not words:
        return []
    literal = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    asked = {
        "within": paths,
        "words": words,
        "begins": f"{literal}%",
        "holds": f"%{literal}%",
        "limit": limit,
    }
    codes = [each.code for each in Compound.objects.raw(_NAMED, asked)]
    known = Compound.objects.filter(code__in=codes).select_related("area").defer("area__boundary").in_bulk()
    return [known[code] for code in codes]
