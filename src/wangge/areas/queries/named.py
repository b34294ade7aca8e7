"""Areas by the words of a person who looks for one."""

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.models import Area

#: From so many the best are chosen: who types “社区” wants any of them shown, soon.
_LOOKED_AT = 50


def areas_named(viewer: Viewer, text: str, *, limit: int = 10) -> list[Area]:
    """Today's areas whose name holds the text or whose code begins with it, without their boundaries: the viewer's own
    first, then names that begin with the text, then the higher tier. Empty for an empty text.
    """
    if not text:
        return []
    named = Area.objects.filter(valid_to__isnull=True).defer("boundary")
    if text.isascii() and text.isdigit():
        named = named.filter(code__startswith=text)
    else:
        named = named.filter(name__icontains=text)
    own = RawSQL("path <@ any (%s::ltree[])", [list(viewer.scope)], BooleanField())
    found = {area.code: area for area in named.filter(own)[:_LOOKED_AT]} if viewer.scope else {}
    mine = set(found)
    if len(found) < limit:
        found |= {area.code: area for area in named[:_LOOKED_AT]}
    best = sorted(
        found.values(),
        key=lambda area: (area.code not in mine, not area.name.startswith(text), len(area.path), area.code),
    )
    return best[:limit]
