"""Areas and their earlier versions. The row policies are in migration 0002."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.base.columns import Box, Ltree


class Level(models.TextChoices):
    """Tiers from the root down. `nation` and `province` carry national imports; a city's own tree begins at `city`."""

    NATION = "nation", _("nation")
    PROVINCE = "province", _("province")
    CITY = "city", _("city")
    COUNTY = "county", _("county")
    TOWNSHIP = "township", _("township")
    COMMUNITY = "community", _("community")
    GRID = "grid", _("grid")


class GridKind(models.TextChoices):
    NONE = "", _("not a grid")
    PUBLIC = "public", _("public grid")
    DEDICATED = "dedicated", _("dedicated grid")


class Area(models.Model):
    """A node of the tree as it is today. `code` is the 12-digit division code, or 16 digits for a grid."""

    code = models.CharField(max_length=16, primary_key=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = Ltree()
    kind = models.CharField(max_length=10, choices=GridKind.choices, default="", blank=True)
    urban_rural_class = models.CharField(max_length=3, default="", blank=True)
    boundary = models.JSONField(null=True)
    boundary_made_up = models.BooleanField(default=False)
    box = Box(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path"], name="areas_area_path_once"),
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="areas_area_level"),
            models.CheckConstraint(condition=models.Q(kind__in=GridKind.values), name="areas_area_kind"),
            models.CheckConstraint(
                condition=models.Q(level="grid", kind__gt="") | (~models.Q(level="grid") & models.Q(kind="")),
                name="areas_area_only_grids_have_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="areas_area_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["level", "code"], name="areas_area_of_level")]

    def __str__(self) -> str:
        return self.name


class AreaVersion(models.Model):
    """How an area was before a change: kept for ever, so that nothing is overwritten without history."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=16)
    path = Ltree()
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent_code = models.CharField(max_length=16, default="")
    kind = models.CharField(max_length=10, choices=GridKind.choices, default="", blank=True)
    urban_rural_class = models.CharField(max_length=3, default="", blank=True)
    boundary = models.JSONField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values), name="areas_areaversion_level"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=GridKind.values), name="areas_areaversion_kind"
            ),
        ]
        indexes = [models.Index(fields=["code", "id"], name="areas_areaversion_of_area")]

    def __str__(self) -> str:
        return f"{self.name} {self.valid_from}–{self.valid_to}"


class BoundaryStamp(models.Model):
    """One row that a trigger counts up when any boundary changes: each process asks it whether to load them again."""

    id = models.SmallIntegerField(primary_key=True)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.version)


class Succession(models.Model):
    """When grids were divided anew: so many households went over from one grid to another at this moment.

    Also to itself, for those that stayed. Undone, it holds no more, and stays.
    """

    id = models.BigAutoField(primary_key=True)
    from_code = models.CharField(max_length=16)
    to_code = models.CharField(max_length=16)
    path = Ltree()
    households = models.IntegerField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["from_code", "at"], name="areas_succession_from"),
            models.Index(fields=["to_code", "at"], name="areas_succession_to"),
        ]

    def __str__(self) -> str:
        return f"{self.from_code} → {self.to_code}: {self.households}"
