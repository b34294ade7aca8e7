"""What a desk keeps beside its cases: notes and answers, ready texts, views of the lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wangge.base.columns import Ltree
from wangge.cases.models.case import Case


class Audience(models.TextChoices):
    STAFF = "staff", _("staff")
    REPORTER = "reporter", _("the reporter")


class Note(models.Model):
    """A word beside the steps: for staff alone, or an answer that the reporter reads before the case is closed."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    path = Ltree()
    audience = models.CharField(max_length=10, choices=Audience.choices)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by_id = models.BigIntegerField(null=True)
    written_by = models.CharField(max_length=60, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="cases_note_audience")
        ]
        indexes = [models.Index(fields=["case", "written_at"], name="cases_note_of_case")]

    def __str__(self) -> str:
        return f"{self.audience} {self.written_at:%F %T}"


class TextTemplate(models.Model):
    """A ready text with fields such as {number}, for one kind of writing, used in an area and all below it."""

    id = models.UUIDField(primary_key=True)
    path = Ltree()
    name = models.CharField(max_length=60)
    use = models.CharField(max_length=12)
    text = models.TextField()
    changed_at = models.DateTimeField()
    changed_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path", "use", "name"], name="cases_texttemplate_name_once"),
            models.CheckConstraint(
                condition=Q(use__in=["answer", "reason", "note", "reporter"]), name="cases_texttemplate_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class View(models.Model):
    """A list of cases as somebody likes it: its filters as they stand in the address, and its columns.

    A shared one is offered to everybody with a post at or below its area, and to those above it.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    path = Ltree()
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, default="", blank=True)
    columns = ArrayField(models.CharField(max_length=20), default=list)
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "name"], name="cases_view_name_once")]

    def __str__(self) -> str:
        return self.name
