"""One entry per act, and the number of the last one per area. The chain is made by the database (migration 0002)."""

from django.db import models

from wangge.base.columns import Ltree


class Entry(models.Model):
    """One act. Never changed, never removed; `hash` covers the entry and the one before it in its area."""

    id = models.BigAutoField(primary_key=True)
    area_id = models.CharField(max_length=16)
    path = Ltree()
    seq = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60, default="")
    post = models.CharField(max_length=60, default="")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    command_id = models.UUIDField(null=True)
    source = models.CharField(max_length=20, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(default="")
    confidential = models.BooleanField(default=False)
    prev_hash = models.BinaryField(default=b"")
    hash = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_id", "seq"], name="journal_entry_once_in_its_chain"),
            models.UniqueConstraint(
                fields=["command_id"],
                name="journal_entry_one_per_command",
                condition=models.Q(command_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="journal_entry_of_subject"),
            models.Index(fields=["actor_id", "-at", "-id"], name="journal_entry_by_actor"),
            models.Index(fields=["-at", "-id"], name="journal_entry_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id}#{self.seq} {self.verb} {self.subject}"

    def tells(self, *, verb: str, subject: str) -> bool:
        """Whether it is the entry of this act on this subject."""
        return self.verb == verb and self.subject == subject


class Head(models.Model):
    """How many entries an area's chain has; taken under lock by each new one, so the chain cannot fork."""

    area_id = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.area_id}: {self.seq}"
