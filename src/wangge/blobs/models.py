"""Bytes by their content hash, and who brought them. Who else may see them, the noun that attaches them says."""

from django.db import models


class Blob(models.Model):
    """What was uploaded, named by the digest of those bytes; `media_type`, `size`, `width` and `height` are those of the
    clean copy in storage. A photo's own position and moment are kept here, apart from what is served.
    """

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


class Upload(models.Model):
    """Who brought a blob, and when. Two people may bring the same photo; each sees it by having had it."""

    id = models.BigAutoField(primary_key=True)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uploads")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blob", "by_id"], name="blobs_upload_once")]

    def __str__(self) -> str:
        return f"{self.blob_id[:12]} by {self.by_id}"
