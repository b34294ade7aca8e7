"""What the headings of an area's lists mean, as somebody said when a list was taken in."""

from django.db import models

from wangge.base.columns import Ltree


class ColumnMapping(models.Model):
    """`columns`: heading → column, as `rules.headings` names them; headings only, never a cell."""

    path = Ltree()
    kind = models.CharField(max_length=12)
    columns = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "kind"], name="households_columnmapping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"
