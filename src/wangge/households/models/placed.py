"""What lies somewhere in the tree of areas."""

from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import Func

from wangge.base.columns import Ltree


def _tier(place: int) -> models.GeneratedField:
    """The code at one place of `path`, which PostgreSQL itself keeps equal to it; empty where the path is shorter."""
    return models.GeneratedField(
        expression=Func(F("path"), Value(place), function="households_tier"),
        output_field=models.CharField(max_length=16),
        db_persist=True,
    )


class Placed(models.Model):
    """Lies in a grid, or in a community that has none. Queries ask for the codes: an equal text may be looked for in an
    index before the row policy is asked, a path that lies below another may not.
    """

    path = Ltree()
    county_id = _tier(1)
    township_id = _tier(2)
    community_id = _tier(3)
    grid_id = _tier(4)

    class Meta:
        abstract = True
