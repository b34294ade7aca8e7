"""Areas by the words of a person who looks for one."""

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.models import Area

#: From so many the best are chosen: who types “社区” wants any of them shown, soon.
_LOOKED_AT = 50


def areas_named(viewer: Viewer, text: str, *, limit: int = 10) -> list[Area]:
    """Today's areas by name or code, without their boundaries: at first the viewer's own whose name holds the text, then
    any whose name or code begins with it; of these, names that begin with the text and higher tiers go before. Empty
    for an empty text.
    """
    if not text:
        return []
    standing = Area.objects.filter(valid_to__isnull=True).defer("boundary")
    begins = {"code__startswith": text} if text.isascii() and text.isdigit() else {"name__startswith": text}
    found: dict[str, Area] = {}
    if viewer.scope and "name__startswith" in begins:
        # A city has some thousands of areas, which are read; only the beginning of a name is indexed for a nation.
        own = RawSQL("path <@ any (%s::ltree[])", [list(viewer.scope)], BooleanField())
        found = {area.code: area for area in standing.filter(own, name__icontains=text)[:_LOOKED_AT]}
    mine = set(found)
    if len(found) < limit:
        found |= {area.code: area for area in standing.filter(**begins)[:_LOOKED_AT]}
    best = sorted(
        found.values(),
        key=lambda area: (area.code not in mine, not area.name.startswith(text), len(area.path), area.code),
    )
    return best[:limit]
