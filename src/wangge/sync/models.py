"""Phones, the commands that they sent, what both sides changed, and what was touched since when (migrations 0002, 0003)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wangge.base.columns import Ltree, PrivateText, TransactionId


class Status(models.TextChoices):
    DONE = "done", _("done")
    CONFLICT = "conflict", _("conflict")
    REFUSED = "refused", _("refused")


class Device(models.Model):
    """A phone on which somebody works, under an id that it made itself. `home_path` is where its account is administered.

    `key_half` is the server's half of the key under which the phone keeps its data, and behind a blank the spare key.
    `sign_in` is the digest of the sign-in that it came with last. Lost: the next contact is answered with the order to wipe.
    `phone_id` is the same for all accounts on one phone, which made it by chance. `brought` counts the photos that it sent
    since it was lost.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    home_path = Ltree()
    name = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    phone_id = models.UUIDField(null=True)
    key_half = PrivateText(null=True)
    sign_in = models.BinaryField(max_length=32, null=True)
    registered_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    waiting = models.PositiveIntegerField(null=True)
    lost_at = models.DateTimeField(null=True)
    lost_by_id = models.BigIntegerField(null=True)
    wiped_at = models.DateTimeField(null=True)
    brought = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["account_id", "-seen_at"], name="sync_device_of_account")]

    def __str__(self) -> str:
        return self.name


class SyncCommand(models.Model):
    """What a phone asked once, and what it was answered: the same id answers the same, whatever was lost on the way.

    `answer` holds no private value: both sides of a conflict are with the conflict. What was refused changed nothing, and
    is decided anew when it comes again.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    device_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    digest = models.BinaryField(max_length=32)
    status = models.CharField(max_length=10, choices=Status.choices)
    answer = models.JSONField(default=dict)
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="sync_synccommand_status")
        ]
        indexes = [models.Index(fields=["account_id", "-received_at"], name="sync_synccommand_of_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class HeldCommand(models.Model):
    """A command that no phone sends again, and that could not be taken in yet: of a phone that was reported lost and wipes itself, or
    of a file in which a queue was carried away. It is tried again each hour until it is taken in, or refused for good (`ended_at`);
    then its owner reads why, and lets it go.

    `content` is the command as it came; a month after its end, or with the tracks of its time, it goes, and kind and code stay.
    `behind_ms`: by how much the phone's clock was behind. `lost_at`: when its phone was lost.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    device_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    content = PrivateText(null=True)
    behind_ms = models.BigIntegerField(null=True)
    lost_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=40)
    held_at = models.DateTimeField()
    tried_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=False) | Q(ended_at__isnull=False),
                name="sync_held_waits_with_content",
            )
        ]
        indexes = [models.Index(fields=["account_id", "held_at"], name="sync_held_of_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Conflict(models.Model):
    """Fields that were changed on a phone and elsewhere since the phone last saw them; a person picks, both values stay.

    Its id is that of the command. `content` is the command as it came, `fields` what each field was, is said to be and is
    kept as, `choice` what was picked; all sealed, since they may tell of people.
    """

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    path = Ltree()
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    content = PrivateText()
    fields = PrivateText()
    choice = PrivateText(null=True)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account_id"], name="sync_conflict_open", condition=Q(settled_at__isnull=True)
            ),
            models.Index(fields=["account_id", "settled_at"], name="sync_conflict_of_account"),
            models.Index(fields=["subject"], name="sync_conflict_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Touched(models.Model):
    """That a record changed in a place, by which transaction: one row for each record and place, kept by triggers alone.

    `row_id` "*" says: so many of this kind here that phones of this place take everything anew.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    row_id = models.CharField(max_length=40)
    path = Ltree()
    gone = models.BooleanField(default=False)
    changed = TransactionId()
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "row_id", "path"], name="sync_touched_once_in_a_place")
        ]
        indexes = [models.Index(fields=["path", "changed"], name="sync_touched_since")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
