"""Campaigns, the households that they ask, what was answered, and the kept sums.

A household's id is not a foreign key: a city's campaign is frozen with 1.6 million of them, and the register never
removes a household. The row policies and the triggers that keep the sums are in migration 0002.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.base.columns import Ltree, PrivateText
from wangge.campaigns.lifecycle import DRAFT, STANDINGS, STATES, WAITING
from wangge.campaigns.models.form import FormVersion

#: What counts as done: a whole answer, or that somebody was met.
COUNTS = ("answered", "met")
#: What a person did at the door, as visits have it.
OUTCOMES = ("met", "nobody_home", "refused", "moved", "not_found", "empty")
#: What became of an answer: see rules/standing.py.
ENDS = ("counted", "tried", "faulty", "again", "late", "left", "not_asked")


class Campaign(models.Model):
    """专项行动: a question that an area asks many households within some days. `chosen` says whom; see rules/choosing.py."""

    id = models.UUIDField(primary_key=True)
    revision = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    purpose = models.TextField(default="", blank=True)
    path = Ltree()
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="campaigns")
    #: `plants` for a check plant by plant; empty: the form is all.
    way = models.CharField(max_length=20, default="", blank=True)
    state = models.CharField(max_length=10, default=DRAFT)
    chosen = models.JSONField(default=dict)
    from_on = models.DateField()
    to_on = models.DateField()
    counts = models.CharField(max_length=10, default="answered")
    times = models.PositiveSmallIntegerField(default=1)
    every_days = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)
    #: Its start was asked for: how many it will ask, and up to which part of its area they are frozen.
    asked_to_start_at = models.DateTimeField(null=True)
    asking = models.PositiveIntegerField(null=True)
    frozen_to = Ltree(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="campaigns_campaign_state"),
            models.CheckConstraint(condition=Q(counts__in=COUNTS), name="campaigns_campaign_counts"),
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")), name="campaigns_campaign_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(times__gte=1), name="campaigns_campaign_at_least_once"),
        ]
        indexes = [models.Index(fields=["state", "to_on"], name="campaigns_campaign_running")]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"campaign:{self.id}"

    @property
    def is_starting(self) -> bool:
        """Its start was asked for, and not all of its households are frozen yet."""
        return self.state == DRAFT and self.asked_to_start_at is not None


class Material(models.Model):
    """What is shown or read out at the door: a text, or a picture."""

    id = models.UUIDField(primary_key=True)
    revision = models.PositiveIntegerField(default=1)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="materials")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField(default="", blank=True)
    picture = models.ForeignKey("blobs.Blob", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(picture__isnull=False), name="campaigns_material_shows_something"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Target(models.Model):
    """A household that a running campaign asks, where it lay when the campaign started, and how far it is there."""

    pk = models.CompositePrimaryKey("campaign_id", "household_id")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets", db_index=False)
    household_id = models.UUIDField()
    path = Ltree()
    county_id = models.CharField(max_length=16)
    township_id = models.CharField(max_length=16)
    community_id = models.CharField(max_length=16)
    grid_id = models.CharField(max_length=16)
    standing = models.CharField(max_length=12, default=WAITING)
    answered = models.PositiveSmallIntegerField(default=0)
    tried = models.PositiveSmallIntegerField(default=0)
    #: Not before this day; null: nothing more is to be done.
    due_on = models.DateField(null=True)
    changed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=STANDINGS), name="campaigns_target_standing")
        ]
        indexes = [
            models.Index(fields=["household_id"], name="campaigns_target_of_household"),
            models.Index(fields=["campaign", "grid_id", "household_id"], name="campaigns_target_of_grid"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.standing}"


class Tally(models.Model):
    """How many households of a campaign stand how, by grid. Written by triggers on Target alone.

    One row a grid, so that two who work there wait for each other once, and whoever works in two grids takes them in order.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    path = Ltree()
    county_id = models.CharField(max_length=16)
    township_id = models.CharField(max_length=16)
    community_id = models.CharField(max_length=16)
    grid_id = models.CharField(max_length=16)
    households = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    nobody_home = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    not_found = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    faulty = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "path"], name="campaigns_tally_of_grid")]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.done}/{self.households}"


class DayTally(models.Model):
    """How many answers counted in a grid on a day: the pace. Written by the same triggers."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    path = Ltree()
    done = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day", "path"], name="campaigns_daytally_of_grid")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.done}"


class Answer(models.Model):
    """What was answered at one door: sealed whole, since a form may ask anything. It never changes.

    `faults` name questions and what is wrong, never what was answered. An answer that does not count is kept too.
    """

    id = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="answers", db_index=False)
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", db_index=False)
    household_id = models.UUIDField()
    visit_id = models.UUIDField(null=True)
    path = Ltree()
    outcome = models.CharField(max_length=12)
    answers = PrivateText(null=True)
    faults = models.JSONField(default=list)
    not_checked = ArrayField(models.CharField(max_length=200), default=list)
    end = models.CharField(max_length=10)
    said_at = models.DateTimeField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="campaigns_answer_outcome"),
            models.CheckConstraint(condition=Q(end__in=ENDS), name="campaigns_answer_end"),
        ]
        indexes = [
            models.Index(fields=["campaign", "at", "id"], name="campaigns_answer_of_campaign"),
            models.Index(fields=["household_id", "at"], name="campaigns_answer_of_household"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.end}"


class AnswerPhoto(models.Model):
    """A photo that an answer names. Its bytes may arrive after it: a digest, no reference."""

    id = models.BigAutoField(primary_key=True)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="photos")
    digest = models.CharField(max_length=64)
    question = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "digest", "question"], name="campaigns_answerphoto_once"
            )
        ]
        indexes = [models.Index(fields=["digest"], name="campaigns_answerphoto_blob")]

    def __str__(self) -> str:
        return self.digest
