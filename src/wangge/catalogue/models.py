"""Work items, their versions and refusals. Items have no place; refusals do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wangge.areas.models import Level
from wangge.base.columns import Ltree


class Business(models.TextChoices):
    SAFETY = "safety", _("public safety")
    MANAGEMENT = "management", _("public management")
    SERVICE = "service", _("public service")


class Admission(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    REVIEWED = "reviewed", _("reviewed")
    ADMITTED = "admitted", _("admitted")
    DECLINED = "declined", _("declined")
    RETIRED = "retired", _("retired")


class Proof(models.TextChoices):
    NONE = "none", _("none")
    PHOTO = "photo", _("photo of the place")
    WITNESS = "witness", _("confirmed by the reporter or a verifier")


class WorkItem(models.Model):
    """网格事项: a kind of work that may enter the grid; `version` is the one that new cases take."""

    code = models.CharField(max_length=20, primary_key=True)
    state = models.CharField(max_length=10, choices=Admission.choices, default=Admission.PROPOSED)
    version = models.ForeignKey("ItemVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Admission.values), name="catalogue_workitem_state")
        ]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """What an item says from a day on. Running cases keep the version that they began with."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    business = models.CharField(max_length=12, choices=Business.choices)
    group = models.CharField(max_length=10)
    group_zh = models.CharField(max_length=40)
    group_en = models.CharField(max_length=60)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=90)
    keywords = ArrayField(models.CharField(max_length=20), default=list)
    department = models.ForeignKey("staff.Department", models.PROTECT)
    first_tier = models.CharField(max_length=10, choices=Level.choices)
    urgency_levels = ArrayField(models.CharField(max_length=10))
    accept_minutes = models.PositiveIntegerField()
    handle_minutes = models.PositiveIntegerField()
    verify_minutes = models.PositiveIntegerField()
    urgent_percent = models.PositiveSmallIntegerField()
    emergency_percent = models.PositiveSmallIntegerField()
    proof = models.CharField(max_length=10, choices=Proof.choices)
    confidential = models.BooleanField(default=False)
    summons = models.CharField(max_length=12, default="", blank=True)
    retention_years = models.PositiveSmallIntegerField()
    legal_basis = models.TextField()
    data_collected = models.TextField()
    minutes_per_case = models.PositiveSmallIntegerField()
    minutes_per_week = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="catalogue_itemversion_once"),
            models.CheckConstraint(
                condition=Q(business__in=Business.values), name="catalogue_itemversion_business"
            ),
            models.CheckConstraint(condition=Q(proof__in=Proof.values), name="catalogue_itemversion_proof"),
            models.CheckConstraint(
                condition=Q(first_tier__in=Level.values), name="catalogue_itemversion_first_tier"
            ),
            models.CheckConstraint(
                condition=Q(summons__in=["", "emergency", "enforcement", "nobody"]),
                name="catalogue_itemversion_summons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} v{self.number} {self.zh}"


class Paper(models.Model):
    """A document of an item's admission: the law, the request, the department's list of what it wants to know."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="papers")
    blob = models.ForeignKey("blobs.Blob", models.PROTECT)
    name = models.CharField(max_length=120)
    added_at = models.DateTimeField()
    added_by_id = models.BigIntegerField(null=True)
    added_by = models.CharField(max_length=60, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "blob"], name="catalogue_paper_once")]

    def __str__(self) -> str:
        return self.name


class Refusal(models.Model):
    """Work that a grid or community did not take: not admitted, or beyond its item. Counted by who asked."""

    id = models.BigAutoField(primary_key=True)
    area = models.ForeignKey("areas.Area", models.PROTECT)
    path = Ltree()
    asked_by = models.ForeignKey("staff.Department", models.PROTECT)
    item = models.ForeignKey(WorkItem, models.PROTECT, null=True)
    ground = models.CharField(
        max_length=12, choices=[("not_admitted", _("not admitted")), ("beyond", _("beyond its item"))]
    )
    what = models.CharField(max_length=200)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=["not_admitted", "beyond"]), name="catalogue_refusal_ground"
            )
        ]

    def __str__(self) -> str:
        return self.what
