"""What is wrong with today's grids, and what comes of it, in the words of the desk."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def said_of_fault(fault: Any, names: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong, and how it is mended. `names` are those of the grids by code."""
    grids = [names.get(code, code) for code in fault.grids]
    facts = {
        "grids": _(" and ").join(grids),
        "first": grids[0] if grids else "",
        "last": grids[-1] if grids else "",
        "to": names.get(fault.to, fault.to),
        "area": f"{fault.area_m2:,.0f}",
        "n": fault.doors,
    }
    what, mended = _SAID[fault.kind](fault.doors)
    return what % facts, mended % facts


def _unreadable(_doors: int) -> tuple[str, str]:
    return (
        _("The outline of %(first)s is no surface, or cannot be read."),
        _("It is left out: its doors stay as they are kept. Draw the outline anew on the page of the area."),
    )


def _broken(_doors: int) -> tuple[str, str]:
    return (
        _("The outline of %(first)s crosses itself."),
        _("What it encloses, %(area)s m², is taken as its area."),
    )


def _overlap(doors: int) -> tuple[str, str]:
    return (
        ngettext(
            "%(grids)s overlap by %(area)s m², with %(n)s building on it.",
            "%(grids)s overlap by %(area)s m², with %(n)s buildings on it.",
            doors,
        ),
        _(
            "It goes to %(to)s, which most of its households name as theirs; where nobody lives, to the smaller one."
        ),
    )


def _hole(doors: int) -> tuple[str, str]:
    return (
        ngettext(
            "%(area)s m² with %(n)s building lie in no grid.",
            "%(area)s m² with %(n)s buildings lie in no grid.",
            doors,
        ),
        _("They go to %(to)s, with which they have the longest border."),
    )


def _no_grid(doors: int) -> tuple[str, str]:
    return (
        ngettext("%(n)s building is in no grid.", "%(n)s buildings are in no grid.", doors),
        _(
            "Each goes to the grid of the ground it stands on, else to that of the nearest building of its community."
        ),
    )


def _two_grids(doors: int) -> tuple[str, str]:
    return (
        ngettext(
            "%(n)s building lies in %(grids)s at once.", "%(n)s buildings lie in %(grids)s at once.", doors
        ),
        _("Each goes to the one that gets the ground."),
    )


def _elsewhere(doors: int) -> tuple[str, str]:
    return (
        ngettext(
            "%(n)s building is kept under %(first)s and lies in %(last)s.",
            "%(n)s buildings are kept under %(first)s and lie in %(last)s.",
            doors,
        ),
        _("They go to %(to)s, where they lie."),
    )


def _two_communities(doors: int) -> tuple[str, str]:
    return (
        ngettext(
            "%(first)s has %(n)s building outside its community.",
            "%(first)s has %(n)s buildings outside its community.",
            doors,
        ),
        _("They go to the nearest grid of their own community; where it has none, they have none."),
    )


_SAID = {
    "unreadable": _unreadable,
    "broken": _broken,
    "overlap": _overlap,
    "hole": _hole,
    "no_grid": _no_grid,
    "two_grids": _two_grids,
    "elsewhere": _elsewhere,
    "two_communities": _two_communities,
}
