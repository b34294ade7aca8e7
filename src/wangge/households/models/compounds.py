"""What stands in an area. The row policies and the words by which compounds are found are in migration 0002."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.base.columns import Ltree


class Compound(models.Model):
    """住宅小区: a named residential estate or natural village, as people say where they live."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=80)
    aliases = ArrayField(models.CharField(max_length=80), default=list)
    address = models.CharField(max_length=200, default="", blank=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="+")
    path = Ltree()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    made_up = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="households_compound_point",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="households_compound_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name
