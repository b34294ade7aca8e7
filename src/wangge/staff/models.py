"""Accounts, posts and who holds them. The row policies and `staff_enter` are in migration 0002."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wangge.areas.models import Level
from wangge.base.columns import Ltree


class Department(models.Model):
    """职能部门: an office that handles cases."""

    code = models.CharField(max_length=30, primary_key=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.zh


class PostKind(models.Model):
    """A kind of post and the duties that it carries: data that a city may change, not code.

    A post has one holder at a time unless its kind is `shared`.
    """

    code = models.CharField(max_length=40, primary_key=True)
    zh = models.CharField(max_length=40)
    en = models.CharField(max_length=60)
    duties = ArrayField(models.CharField(max_length=20))
    confidential = models.BooleanField(default=False)
    shared = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.zh


class PostRequirement(models.Model):
    """How many posts of a kind each area of a level must have filled (rows M1, M2)."""

    id = models.AutoField(primary_key=True)
    kind = models.ForeignKey(PostKind, models.CASCADE)
    level = models.CharField(max_length=10, choices=Level.choices)
    grid_kind = models.CharField(max_length=10, default="", blank=True)
    minimum = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "level", "grid_kind"], name="staff_postrequirement_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="staff_postrequirement_level"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.kind_id} ≥ {self.minimum}"


class Account(models.Model):
    """A person who signs in. `home_path` is the area whose people administer the account."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    password = models.CharField(max_length=160, default="!")
    home_path = Ltree()
    language = models.CharField(max_length=10, default="", blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A position of an area; a department's post names the department it works for."""

    id = models.BigAutoField(primary_key=True)
    kind = models.ForeignKey(PostKind, models.PROTECT)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="posts")
    path = Ltree()
    department = models.ForeignKey(Department, models.PROTECT, null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["area", "kind"], name="staff_post_of_area")]

    def __str__(self) -> str:
        return f"{self.kind_id}@{self.area_id}"


class Part(models.TextChoices):
    FULL = "full_time", _("full time")
    PART = "part_time", _("part time")


class Assignment(models.Model):
    """Who holds a post, from when to when, both days included; a stand-in's names the assignment that it stands in for.

    One withdrawn before it began ends on the day before it would have: it holds on no day.
    """

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.PROTECT, related_name="assignments")
    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments")
    path = Ltree()
    part = models.CharField(max_length=10, choices=Part.choices, default=Part.FULL)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    stands_in_for = models.ForeignKey("self", models.PROTECT, null=True, related_name="stand_ins")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(part__in=Part.values), name="staff_assignment_part"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on") - timedelta(days=1)),
                name="staff_assignment_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], name="staff_assignment_of_account"),
            models.Index(fields=["post"], name="staff_assignment_of_post"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.post_id}"


class Leave(models.Model):
    """When somebody is away: they keep their posts, but nobody may wait for them."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="leaves")
    home_path = Ltree()
    from_on = models.DateField()
    to_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")), name="staff_leave_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["account", "to_on"], name="staff_leave_of_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.from_on}–{self.to_on}"


class SignIn(models.Model):
    """One open sign-in, a browser's or a program's; only the digest of its secret is kept.

    `sends_only`: that of a lost phone, which may send what it holds and read nothing.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sign_ins")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    agent = models.CharField(max_length=120, default="", blank=True)
    sends_only = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.account_id} until {self.expires_at:%F %T}"


class Preference(models.Model):
    """How a person likes the pages: columns, layout, what they have seen. Theirs alone, and nothing else depends on it."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="preferences")
    name = models.CharField(max_length=40)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="staff_preference_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.name}"


class Attempts(models.Model):
    """Sign-in attempts counted by source and minute, for the throttle; keyed by a digest, not by the address itself."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "minute"], name="staff_attempts_once_a_minute")
        ]

    def __str__(self) -> str:
        return f"{self.minute:%T}: {self.count}"
