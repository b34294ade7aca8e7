"""Ready texts: those that may be used at a place, and those that a viewer keeps."""

from uuid import UUID

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.cases.models import TextTemplate

#: More than this in one area and above it cannot be chosen from any more.
_MOST = 500


def texts_for(viewer: Viewer, path: str, use: str = "") -> list[TextTemplate]:  # noqa: ARG001 - ready texts are read by all
    """Texts of the areas at and above `path`, the nearest area first, then by name; all uses without one."""
    codes = path.split(".")
    above = [".".join(codes[: depth + 1]) for depth in range(len(codes))]
    # Of areas that hold one another the lower one sorts later.
    found = TextTemplate.objects.filter(path__in=above).order_by("-path", "use", "name")
    if use:
        found = found.filter(use=use)
    return list(found[:_MOST])


def texts_of(viewer: Viewer) -> list[TextTemplate]:
    """Texts that hold somewhere in the viewer's areas, by use and from the widest area down."""
    seats = [seat.path for seat in viewer.seats]
    found = TextTemplate.objects.extra(
        where=["(path <@ any (%s::ltree[]) or path @> any (%s::ltree[]))"], params=[seats, seats]
    )
    return list(found.order_by("use", "path", "name")[: 4 * _MOST])


def text_by_id(viewer: Viewer, text_id: UUID) -> TextTemplate:  # noqa: ARG001 - ready texts are read by all
    """NotFound when there is none."""
    found = TextTemplate.objects.filter(id=text_id).first()
    if found is None:
        raise NotFound
    return found
