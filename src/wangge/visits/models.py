"""Visits and what makes them due, shifts, patrols, places to check. Row policies and the kept sums are in migration 0002."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.base.columns import Ltree, PrivateText
from wangge.households.models.placed import Placed
from wangge.visits.rules import (
    ANSWER_KINDS,
    CHECKED,
    ERRANDS,
    OUTCOMES,
    PLACE_KINDS,
    QUESTION_STATES,
    SEEN,
    SOURCES,
)


class DueRule(models.Model):
    """A rule of this installation: takes the place of the shipped one with its code, or stands beside them."""

    code = models.CharField(max_length=40, primary_key=True)
    need = models.CharField(max_length=40, default="", blank=True)
    every_months = models.SmallIntegerField()
    every_days = models.SmallIntegerField()
    early_days = models.SmallIntegerField()
    retry_days = models.SmallIntegerField()
    law = models.BooleanField()
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=120, default="", blank=True)
    basis_zh = models.CharField(max_length=300)
    basis_en = models.CharField(max_length=300, default="", blank=True)
    ended = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class Visit(Placed):
    """One call at one household. Rows are never changed.

    `said_at` is what the phone's clock said, `at` when it arrived, `happened_at` which of them counts. Of a sheet's or a list's row
    without a time (`time_noted`) only the day is known: `happened_at` then puts it in order at noon, and nobody is told that hour.
    `seen` is all that is kept of where the worker stood.
    """

    id = models.UUIDField(primary_key=True)
    content_hash = models.BinaryField(max_length=32)
    household_id = models.UUIDField()
    day = models.DateField()
    happened_at = models.DateTimeField()
    said_at = models.DateTimeField()
    at = models.DateTimeField()
    time_noted = models.BooleanField(default=True, db_default=True)
    outcome = models.CharField(max_length=12)
    well = models.BooleanField(default=False)
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    seen = models.CharField(max_length=6, default="", blank=True)
    note = PrivateText(null=True)
    visitor_id = models.BigIntegerField(null=True)
    entered_by_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=6, default="app")
    round_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    revision = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="visits_visit_outcome"),
            models.CheckConstraint(condition=Q(seen__in=SEEN), name="visits_visit_seen"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="visits_visit_source"),
            models.CheckConstraint(
                condition=Q(well=False) | Q(outcome="met"), name="visits_visit_well_when_met"
            ),
        ]
        indexes = [
            models.Index(fields=["household_id", "-happened_at"], name="visits_visit_of_household"),
            models.Index(
                fields=["township_id", "community_id", "grid_id", "-happened_at"], name="visits_visit_placed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.day}"


class Errand(models.Model):
    """Something to bring to a door or to ask there: an answer owed, a campaign, a department's question."""

    id = models.UUIDField(primary_key=True)
    household_id = models.UUIDField()
    path = Ltree()
    kind = models.CharField(max_length=12)
    text = models.CharField(max_length=200)
    department = models.CharField(max_length=40, default="", blank=True)
    ref = models.UUIDField(null=True)
    since = models.DateField()
    by = models.DateField()
    law = models.BooleanField(default=False)
    added_by_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_visit = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ERRANDS), name="visits_errand_kind"),
            models.CheckConstraint(
                condition=Q(by__gte=models.F("since")), name="visits_errand_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["household_id", "kind", "ref"],
                condition=Q(ref__isnull=False),
                name="visits_errand_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["household_id"], condition=Q(done_at__isnull=True), name="visits_errand_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since}"


class Question(models.Model):
    """What a department asks at the doors of an area. Once its office has accepted it, it is an errand at each of them.

    `all_asked`: every door has its errand; until then a timer goes on after the township `asked_to`. `withheld_for` is an earlier
    question of the department: what is said to both would tell of fewer than ten households, and so of this one nothing is told.
    """

    id = models.UUIDField(primary_key=True)
    path = Ltree()
    department = models.CharField(max_length=40)
    department_key = models.CharField(max_length=60)
    text = models.CharField(max_length=200)
    answer = models.CharField(max_length=8)
    words = ArrayField(models.CharField(max_length=20), default=list)
    basis = models.CharField(max_length=300)
    law = models.BooleanField(default=False)
    plot = models.BooleanField(default=False)
    from_on = models.DateField()
    to_on = models.DateField()
    state = models.CharField(max_length=8, default="waiting")
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    homes = models.IntegerField(default=0)
    asked_to = Ltree(null=True)
    all_asked = models.BooleanField(default=False)
    withheld_for = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=ANSWER_KINDS), name="visits_question_answer"),
            models.CheckConstraint(condition=Q(state__in=QUESTION_STATES), name="visits_question_state"),
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="visits_question_ends_after_it_begins"
            ),
        ]
        indexes = [
            models.Index(fields=["department_key", "-asked_at"], name="visits_question_of_department"),
            models.Index(fields=["state", "to_on"], name="visits_question_in_state"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"question:{self.id}"


class Reply(models.Model):
    """What a household said to a question, at a visit. Rows are never changed: the newest of a household counts.

    `choice` is the place of the word among those to choose from. `declined`: they would not answer.
    """

    id = models.UUIDField(primary_key=True)
    question = models.ForeignKey(Question, models.PROTECT, related_name="replies")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="replies")
    household_id = models.UUIDField()
    path = Ltree()
    choice = models.SmallIntegerField(null=True)
    number = models.DecimalField(max_digits=11, decimal_places=2, null=True)
    line = PrivateText(null=True)
    declined = models.BooleanField(default=False)
    happened_at = models.DateTimeField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "visit"], name="visits_reply_once"),
            models.CheckConstraint(
                condition=Q(declined=True, choice__isnull=True, number__isnull=True, line__isnull=True)
                | Q(declined=False, choice__isnull=False, number__isnull=True, line__isnull=True)
                | Q(declined=False, choice__isnull=True, number__isnull=False, line__isnull=True)
                | Q(declined=False, choice__isnull=True, number__isnull=True, line__isnull=False),
                name="visits_reply_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_at:%F %R}"


class DueVisit(Placed):
    """What is due at one door: computed by the rules, kept so that lists and sums need not compute it. One row a household.

    `reasons`: `{"why", "fell", "since", "by", "law", "id"}` each, in the order in which they end.
    """

    household_id = models.UUIDField(primary_key=True)
    since = models.DateField()
    by = models.DateField()
    reasons = models.JSONField(default=list)
    known_on = models.DateField()
    revision = models.IntegerField(default=1)
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["township_id", "community_id", "grid_id", "by"], name="visits_due_placed")
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.by}"


class Stale(models.Model):
    """Households whose register changed since what is due was computed; triggers write it, a job empties it."""

    household_id = models.UUIDField(primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.household_id)


class Round(Placed):
    """The doors of one worker for a day, in walking order, as they were printed: whoever types the sheet in has the same rows.

    `begins`: about when each call begins, in minutes after midnight; empty where nobody planned it. For `left_over` the day is too
    short.
    """

    id = models.UUIDField(primary_key=True)
    day = models.DateField()
    account_id = models.BigIntegerField()
    number = models.SmallIntegerField()
    households = ArrayField(models.UUIDField())
    begins = ArrayField(models.SmallIntegerField(), default=list, db_default=[])
    left_over = ArrayField(models.UUIDField(), default=list, db_default=[])
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "day", "number"], name="visits_round_number_once")
        ]
        indexes = [
            models.Index(
                fields=["township_id", "community_id", "grid_id", "-day"], name="visits_round_placed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.number}"


class Shift(models.Model):
    """From when until when somebody works; `stands_in_for` when it is in another's place."""

    id = models.UUIDField(primary_key=True)
    path = Ltree()
    account_id = models.BigIntegerField()
    stands_in_for_id = models.BigIntegerField(null=True)
    said_started_at = models.DateTimeField()
    started_at = models.DateTimeField()
    said_ended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    revision = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="visits_shift_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(ended_at__isnull=True), name="visits_shift_one_open"
            ),
        ]
        indexes = [models.Index(fields=["account_id", "-started_at"], name="visits_shift_of_account")]

    def __str__(self) -> str:
        return f"{self.started_at:%F %R}"


class Patrol(models.Model):
    """A walk through the grid during a shift. Where it went is in the track, which only the worker reads."""

    id = models.UUIDField(primary_key=True)
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="patrols")
    path = Ltree()
    account_id = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    note = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=models.F("started_at")), name="visits_patrol_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["account_id", "-started_at"], name="visits_patrol_of_account")]

    def __str__(self) -> str:
        return f"{self.started_at:%F %R}"


class Track(models.Model):
    """Where a patrol went: [lon, lat, seconds since its start] each. Its worker's alone, and gone after thirty days."""

    patrol = models.OneToOneField(Patrol, models.CASCADE, primary_key=True, related_name="+")
    account_id = models.BigIntegerField()
    began_at = models.DateTimeField()
    points = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["began_at"], name="visits_track_by_age")]

    def __str__(self) -> str:
        return f"{self.began_at:%F %R}"


class Place(Placed):
    """Something in the grid that is looked at every so often: a hydrant, a lift, a construction site."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, default="", blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    every_days = models.SmallIntegerField()
    basis = models.CharField(max_length=300, default="", blank=True)
    due_on = models.DateField()
    checked_on = models.DateField(null=True)
    found = models.CharField(max_length=12, default="", blank=True)
    made_up = models.BooleanField(default=False)
    closed_on = models.DateField(null=True)
    revision = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PLACE_KINDS), name="visits_place_kind"),
            models.CheckConstraint(condition=Q(every_days__range=(1, 1100)), name="visits_place_interval"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="visits_place_point",
            ),
        ]
        indexes = [
            models.Index(
                fields=["path", "due_on"], condition=Q(closed_on__isnull=True), name="visits_place_due"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Check(models.Model):
    """What a look at a place found."""

    id = models.UUIDField(primary_key=True)
    content_hash = models.BinaryField(max_length=32)
    place = models.ForeignKey(Place, models.PROTECT, related_name="checks")
    path = Ltree()
    found = models.CharField(max_length=12)
    note = models.CharField(max_length=500, default="", blank=True)
    case_id = models.UUIDField(null=True)
    seen = models.CharField(max_length=6, default="", blank=True)
    said_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(found__in=CHECKED), name="visits_check_found"),
            models.CheckConstraint(condition=Q(seen__in=SEEN), name="visits_check_seen"),
        ]
        indexes = [models.Index(fields=["place", "-happened_at"], name="visits_check_of_place")]

    def __str__(self) -> str:
        return f"{self.found} {self.happened_at:%F}"


class Sum(Placed):
    """Kept by triggers: visits of a grid and a day by outcome; under `households` the households met, each once a day."""

    day = models.DateField()
    what = models.CharField(max_length=12)
    count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "day", "what"], name="visits_sum_once")]
        indexes = [
            models.Index(
                fields=["county_id", "township_id", "community_id", "grid_id", "day"],
                name="visits_sum_placed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.count}"


class MetDay(models.Model):
    """Kept by triggers: a household was met on this day. Two visits of a day, in whatever order they arrive, count it once."""

    household_id = models.UUIDField()
    day = models.DateField()
    path = Ltree()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["household_id", "day"], name="visits_metday_once")]

    def __str__(self) -> str:
        return str(self.day)


class DueSum(Placed):
    """Kept by triggers: doors of a grid that are due from one day until another."""

    since = models.DateField()
    by = models.DateField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "since", "by"], name="visits_duesum_once")]
        indexes = [
            models.Index(
                fields=["county_id", "township_id", "community_id", "grid_id", "by"],
                name="visits_duesum_placed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.by} {self.count}"
