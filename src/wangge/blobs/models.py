"""Bytes by their content hash. Who may see them is asked of the noun that attaches them."""

from django.db import models


class Blob(models.Model):
    """One upload: its type, its clean copy and thumbnail in storage, and the photo's own position kept apart."""

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=10)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    position_lon = models.FloatField(null=True)
    position_lat = models.FloatField(null=True)
    taken_at = models.DateTimeField(null=True)
    stored_at = models.DateTimeField()
    uploaded_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["photo", "voice", "document"]), name="blobs_blob_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"
