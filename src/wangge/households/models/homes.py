"""Buildings, the homes in them, and who keeps house together there."""

from django.db import models
from django.db.models import F, Q

from wangge.base.columns import Ltree
from wangge.households.models.compounds import Compound
from wangge.households.models.placed import Placed


class Building(Placed):
    """楼栋: in a compound, or one that stands alone as a house of a village does."""

    id = models.UUIDField(primary_key=True)
    compound = models.ForeignKey(Compound, models.PROTECT, null=True, related_name="buildings")
    name = models.CharField(max_length=80)
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
                name="households_building_point",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="households_building_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "name"], name="households_building_placed"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Dwelling(Placed):
    """房屋: one home. `door` is what stands at it, empty where the building is the home; `plate` the code on its plate."""

    id = models.UUIDField(primary_key=True)
    # Here, in households, residents and stays a check once a statement takes the place of a foreign key (migration 0009).
    building = models.ForeignKey(Building, models.PROTECT, related_name="dwellings", db_constraint=False)
    door = models.CharField(max_length=40, default="", blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    plate = models.CharField(max_length=16, default="", blank=True)
    revision = models.PositiveIntegerField(default=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plate"], condition=Q(plate__gt=""), name="households_dwelling_plate_once"
            ),
            models.UniqueConstraint(
                fields=["building", "door"],
                condition=Q(valid_to__isnull=True),
                name="households_dwelling_door_once",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="households_dwelling_point",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="households_dwelling_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "building"],
                name="households_dwelling_placed",
            )
        ]

    def __str__(self) -> str:
        return self.door


class Household(Placed):
    """户: the people who live together in one dwelling. `only_by_law`: they wish no more visits than the law asks."""

    id = models.UUIDField(primary_key=True)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="households", db_constraint=False)
    number = models.CharField(max_length=20)
    has_plot = models.BooleanField(default=False)
    only_by_law = models.BooleanField(default=False)
    made_up = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="households_household_number_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="households_household_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "number"],
                name="households_household_placed",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"household:{self.id}"


class NumberCounter(models.Model):
    """The last number that a community gave to a household."""

    id = models.CharField(max_length=16, primary_key=True)
    last = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.id}: {self.last}"


class Tally(models.Model):
    """How many live in one grid, kept by triggers (migration 0004): what those see who may not see who they are."""

    path = Ltree(primary_key=True)
    households = models.IntegerField(default=0)
    registered_present = models.IntegerField(default=0)
    registered_away = models.IntegerField(default=0)
    permanent = models.IntegerField(default=0)
    floating = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.path}: {self.households}"
