"""Whom a campaign asks, as it is kept: `{"areas": [codes], "plot": bool, "needs": [kinds], "households": [ids]}`.

All that is named must hold; nothing named: every household of the campaign's area. A list of households stands for itself.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wangge.base.problems import Invalid

MOST_LISTED = 20_000
MOST_AREAS = 500


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def chosen_of(
    *,
    areas: Sequence[str] = (),
    plot: bool = False,
    needs: Sequence[str] = (),
    households: Sequence[str] = (),
) -> dict[str, Any]:
    """The choice, made sure of; Invalid with the field."""
    if len(areas) > MOST_AREAS:
        raise Invalid(field="areas", expected=_("at most 500 areas"))
    try:
        ids = sorted({str(UUID(each)) for each in households})
    except ValueError as error:
        raise Invalid(field="households", expected=_("ids of households, one a line")) from error
    if ids and needs:
        # Else a number would tell of one home which needs it has.
        raise Invalid(field="needs", expected=_("either needs, or a list of households"))
    if len(ids) > MOST_LISTED:
        raise Invalid(field="households", expected=_("at most 20,000 households in a list"))
    kept: dict[str, Any] = {
        "areas": sorted(set(areas)),
        "plot": plot,
        "needs": sorted(set(needs)),
        "households": ids,
    }
    return {name: value for name, value in kept.items() if value}
