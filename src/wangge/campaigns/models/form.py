"""Forms that were made in a spreadsheet (XLSForm), each version as it was loaded. They hold no person."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from wangge.base.columns import Ltree


class Form(models.Model):
    """表单: what is asked at a door. `path` is the area that keeps it; everybody reads it."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)
    path = Ltree()
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """A form as one workbook had it. It never changes: an answer is read by the version that it was given to."""

    id = models.UUIDField(primary_key=True)
    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    said_version = models.CharField(max_length=60, default="", blank=True)
    title = models.CharField(max_length=200)
    languages = ArrayField(models.CharField(max_length=40), default=list)
    file_name = models.CharField(max_length=200)
    source_hash = models.CharField(max_length=64)
    source = models.BinaryField()
    xform = models.TextField()
    outline = models.JSONField()
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="campaigns_formversion_once"),
            models.UniqueConstraint(
                fields=["form", "source_hash"], name="campaigns_formversion_one_of_a_file"
            ),
        ]
        indexes = [models.Index(F("form"), F("number").desc(), name="campaigns_formversion_newest")]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class FormPicture(models.Model):
    """A picture beside a question or a choice. The workbook names its file, the form its digest."""

    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=200)
    picture = models.ForeignKey("blobs.Blob", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="campaigns_formpicture_once")]

    def __str__(self) -> str:
        return self.name
