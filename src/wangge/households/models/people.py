"""Residents, where they lived and when, what care they need; and files that go to another grid or were kept twice.

Nothing here is a score, a tag or a class of persons: a care need says which help, on which ground, until which day.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from wangge.base.columns import Ltree, PrivateLookup, PrivateText
from wangge.households.models.homes import Household
from wangge.households.models.placed import Placed
from wangge.households.rules.people import (
    CAME,
    CONSENTED_BY,
    NEEDS,
    RELATIONS,
    RESIDENCIES,
    SEXES,
    TRANSFER_STATES,
    WENT,
)


class Resident(Placed):
    """居民: a person known to a household; `registered_address` is their 户籍地址, wherever they live. Who moved out or died has none, and stays in the register where they last lived.

    A person found twice has two rows: `merged_into` points from one to the other.
    """

    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="residents", db_constraint=False
    )
    name = models.CharField(max_length=60)
    birth_year = models.PositiveSmallIntegerField(null=True)
    sex = models.CharField(max_length=1, default="", blank=True)
    residency = models.CharField(max_length=18)
    relation = models.CharField(max_length=12, default="", blank=True)
    identity = PrivateText(null=True)
    identity_hash = PrivateLookup(of="identity", kind="identity")
    phone = PrivateText(null=True)
    phone_hash = PrivateLookup(of="phone", kind="phone")
    phone_tail = models.CharField(max_length=4, default="", blank=True)
    registered_address = PrivateText(null=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", db_constraint=False, db_index=False
    )
    left_on = models.DateField(null=True)
    made_up = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)

    #: Not kept with the row: where else somebody was found who was just added. `before`: in this register, which they left;
    #: `elsewhere`: in another, whose keepers were asked for the file.
    also = ""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["", *SEXES]), name="households_resident_sex"),
            models.CheckConstraint(
                condition=Q(residency__in=RESIDENCIES), name="households_resident_residency"
            ),
            models.CheckConstraint(
                condition=Q(relation__in=["", *RELATIONS]), name="households_resident_relation"
            ),
            models.CheckConstraint(
                condition=Q(birth_year__isnull=True) | Q(birth_year__range=(1880, 2200)),
                name="households_resident_birth_year",
            ),
            models.CheckConstraint(
                condition=Q(household__isnull=False, left_on__isnull=True)
                | Q(household__isnull=True, left_on__isnull=False),
                name="households_resident_lives_or_left",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(household__isnull=True),
                name="households_resident_merged_lives_nowhere",
            ),
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "name"], name="households_resident_placed"
            ),
            # Who looks for a whole number knows its tail.
            models.Index(
                fields=["phone_tail", "phone_hash"],
                name="households_resident_of_phone",
                condition=Q(phone_tail__gt=""),
            ),
            models.Index(
                fields=["identity_hash"],
                name="households_resident_of_id",
                condition=Q(identity_hash__isnull=False),
            ),
            models.Index(
                fields=["merged_into"],
                name="households_resident_merged",
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"resident {self.id}"

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"resident:{self.id}"


class Stay(models.Model):
    """居住记录: who lived in which household from when until when, and why it began and ended. `came_from` is where they said that
    they lived before, in words: as private as a registered address.

    `name` is how the person was called when it ended, for whom sees the past of a grid and no longer the person.
    """

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(
        Resident, models.PROTECT, related_name="stays", db_index=False, db_constraint=False
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="stays", db_index=False, db_constraint=False
    )
    path = Ltree()
    from_on = models.DateField()
    came = models.CharField(max_length=10)
    came_from = PrivateText(null=True)
    to_on = models.DateField(null=True)
    went = models.CharField(max_length=10, default="", blank=True)
    name = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(came__in=CAME), name="households_stay_came"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True, went="") | Q(to_on__gte=F("from_on"), went__in=WENT),
                name="households_stay_went",
            ),
            # One stay without an end; those that ended differ by their id. By it a person's stays are found, too.
            models.UniqueConstraint(
                F("resident"),
                Coalesce("to_on", Value(date.max)),
                Case(
                    When(to_on__isnull=True, then=Value(0)),
                    default=F("id"),
                    output_field=models.BigIntegerField(),
                ),
                name="households_stay_one_home_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["household", "from_on"], name="households_stay_of_household"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.to_on or ''}"


class CareNeed(Placed):
    """关爱需求: which help, on which ground, until which day. There is none without an end; some years after it the detail is
    erased, on the day `erased_on`.
    """

    id = models.UUIDField(primary_key=True)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=20)
    basis = models.CharField(max_length=8)
    law = models.CharField(max_length=200, default="", blank=True)
    consent_on = models.DateField(null=True)
    consent_by = models.CharField(max_length=8, default="", blank=True)
    detail = PrivateText(null=True)
    from_on = models.DateField()
    until = models.DateField()
    ended_on = models.DateField(null=True)
    erased_on = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NEEDS), name="households_careneed_kind"),
            models.CheckConstraint(
                condition=(Q(basis="law", consent_on__isnull=True) & ~Q(law=""))
                | Q(basis="consent", consent_on__isnull=False, consent_by__in=CONSENTED_BY),
                name="households_careneed_basis",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("from_on")), name="households_careneed_ends"),
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "until"], name="households_careneed_placed"
            ),
            models.Index(
                fields=["until"], name="households_careneed_detailed", condition=Q(detail__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"need {self.id}"

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"need:{self.id}"


class Earlier(models.Model):
    """How a household or a resident stood before a change: only added, never changed. `told` holds what is not private,
    `sealed` the private texts in JSON. It is seen where it was true, and with the row itself.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    of_id = models.UUIDField()
    path = Ltree()
    revision = models.PositiveIntegerField()
    told = models.JSONField(default=dict)
    sealed = PrivateText(null=True)
    at = models.DateTimeField()
    said_at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("household", "resident", "need")), name="households_earlier_kind"
            ),
            models.UniqueConstraint(
                fields=["of_id", "revision"], name="households_earlier_each_revision_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.of_id} r{self.revision}"


class Transfer(models.Model):
    """档案移交: people of a household whose file goes to another grid when that takes it. `people` names them for the side
    that does not see them yet: id, name, birth year, sex.
    """

    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="transfers")
    residents = ArrayField(models.UUIDField())
    people = models.JSONField(default=list)
    from_path = Ltree()
    to_path = Ltree()
    state = models.CharField(max_length=10, default="offered")
    said = models.CharField(max_length=400, default="", blank=True)
    offered_at = models.DateTimeField()
    offered_by_id = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=400, default="", blank=True)
    taken_into = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="taken_in", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TRANSFER_STATES), name="households_transfer_state"),
            models.CheckConstraint(
                condition=Q(state="taken", taken_into__isnull=False)
                | (~Q(state="taken") & Q(taken_into__isnull=True)),
                name="households_transfer_taken_somewhere",
            ),
        ]
        indexes = [
            models.Index(F("offered_at").desc(), F("id").desc(), name="households_transfer_newest"),
        ]

    def __str__(self) -> str:
        return f"transfer {self.id}"

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"transfer:{self.id}"


class Sought(models.Model):
    """请调档案: somebody came to live in one grid and still stands in the register of another (`other_id`), by the identity number.
    Who keeps that register reads here in which grid the person was written down, and offers the file or says that they
    live there still. Nobody else is told where the other record is.
    """

    id = models.UUIDField(primary_key=True)
    resident_id = models.UUIDField()
    to_path = Ltree()
    other = models.ForeignKey(Resident, models.PROTECT, related_name="sought")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resident_id", "other"], name="households_sought_once"),
        ]

    def __str__(self) -> str:
        return f"sought {self.other_id}"


class Merge(models.Model):
    """合并: one person, kept twice. What `merged` had stays its own; `stay` is the one that ended with the merge and goes on
    when it is undone.
    """

    id = models.UUIDField(primary_key=True)
    kept = models.ForeignKey(Resident, models.PROTECT, related_name="merges_into")
    merged = models.ForeignKey(Resident, models.PROTECT, related_name="merges")
    path = Ltree()
    stay = models.ForeignKey(Stay, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=400, default="", blank=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="households_merge_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="households_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"
