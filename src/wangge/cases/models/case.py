"""Cases and what hangs on them. Row policies, the queue tally, the search column and numbers are in migration 0002,
the `cell` of a place in 0005.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wangge.areas.models import Level
from wangge.base.columns import Ltree
from wangge.cases.lifecycle import OUTCOMES, STATES, URGENCIES, WITNESSES
from wangge.catalogue.models import Business


class Case(models.Model):
    """事件: one thing to be handled. The client makes `id` before the first try, so a report can be sent again."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24)
    content_hash = models.BinaryField(max_length=32)
    # where
    county_id = models.CharField(max_length=16)
    township_id = models.CharField(max_length=16, default="", blank=True)
    community_id = models.CharField(max_length=16, default="", blank=True)
    grid_id = models.CharField(max_length=16, default="", blank=True)
    path = Ltree()
    #: Under which area it lay when it was reported; empty for one that lies there still. Only grids that are drawn anew move a case.
    reported_in = Ltree(null=True)
    border_ids = ArrayField(models.CharField(max_length=16), default=list)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address = models.CharField(max_length=200, default="", blank=True)
    # what
    item = models.ForeignKey("catalogue.WorkItem", models.PROTECT, db_index=False)
    item_version = models.ForeignKey("catalogue.ItemVersion", models.PROTECT, db_index=False)
    business = models.CharField(max_length=12, choices=Business.choices)
    urgency = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    confidential = models.BooleanField(default=False)
    source = models.CharField(max_length=12, default="resident")
    # who
    reported_by_id = models.BigIntegerField(null=True)
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    found_tier = models.CharField(max_length=10)
    holder_path = Ltree()
    holder_level = models.CharField(max_length=10, choices=Level.choices)
    handler_id = models.BigIntegerField(null=True)
    department = models.CharField(max_length=30, default="", blank=True)
    department_keys = ArrayField(models.CharField(max_length=50), default=list)
    # how it stands
    state = models.CharField(max_length=10)
    supervised = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    # the office's clock
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    handle_due_at = models.DateTimeField(null=True)
    next_alarm_at = models.DateTimeField(null=True)
    late = models.CharField(max_length=8, default="", blank=True)
    was_late = models.BooleanField(default=False)
    raised_to = models.CharField(max_length=10, default="", blank=True)
    suspended_from = models.CharField(max_length=10, default="", blank=True)
    suspended_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    suspensions = models.PositiveSmallIntegerField(default=0)
    # how it ended
    accepted_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    handled_by_id = models.BigIntegerField(null=True)
    handled_tier = models.CharField(max_length=10, default="", blank=True)
    verified_by_id = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12, default="", blank=True)
    answer = models.TextField(default="", blank=True)
    whose = models.CharField(max_length=80, default="", blank=True)
    planned_on = models.DateField(null=True)
    ground = models.CharField(max_length=200, default="", blank=True)
    witness = models.CharField(max_length=10, default="", blank=True)
    resolved_tier = models.CharField(max_length=10, default="", blank=True)
    done_alone = models.BooleanField(default=False)
    rating = models.BooleanField(null=True)
    rated_at = models.DateTimeField(null=True)
    noes = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    followers = ArrayField(models.BigIntegerField(), default=list)
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="cases_case_number_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="cases_case_state"),
            models.CheckConstraint(condition=Q(business__in=Business.values), name="cases_case_business"),
            models.CheckConstraint(condition=Q(urgency__in=URGENCIES), name="cases_case_urgency"),
            models.CheckConstraint(
                condition=Q(holder_level__in=Level.values), name="cases_case_holder_level"
            ),
            models.CheckConstraint(condition=Q(late__in=["", "soon", "overdue"]), name="cases_case_late"),
            models.CheckConstraint(condition=Q(outcome__in=["", *OUTCOMES]), name="cases_case_outcome"),
            models.CheckConstraint(condition=Q(witness__in=["", *WITNESSES]), name="cases_case_witness"),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="cases_case_closed_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["reported", "accepted", "dispatched", "handled", "verified", "returned"]
                )
                | Q(due_at__isnull=False),
                name="cases_case_open_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state="suspended") | Q(resume_at__isnull=False),
                name="cases_case_suspended_resumes",
            ),
        ]
        indexes = [
            models.Index(
                F("county_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_county"
            ),
            models.Index(
                F("township_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_township"
            ),
            models.Index(
                F("community_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_community"
            ),
            models.Index(F("grid_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_grid"),
            models.Index(F("reported_at").desc(), F("id").desc(), name="cases_case_newest"),
            models.Index(
                fields=["next_alarm_at"], name="cases_case_alarms", condition=Q(next_alarm_at__isnull=False)
            ),
            models.Index(
                F("reported_by_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_reporter"
            ),
            models.Index(F("item_id"), F("reported_at").desc(), F("id").desc(), name="cases_case_of_item"),
            models.Index(
                fields=["reported_at"], name="cases_case_went", condition=Q(reported_in__isnull=False)
            ),
            models.Index(
                fields=["merged_into"], name="cases_case_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["split_from"], name="cases_case_parts", condition=Q(split_from__isnull=False)
            ),
            models.Index(
                fields=["handler_id"], name="cases_case_of_handler", condition=Q(handler_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """How the journal names this case."""
        return f"case:{self.id}"


class Task(models.Model):
    """One department's part of a case that several handle together; the case is handled when all have answered."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    path = Ltree()
    office_id = models.CharField(max_length=16)
    department = models.ForeignKey("staff.Department", models.PROTECT)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12, default="", blank=True)
    answer = models.TextField(default="", blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *OUTCOMES]), name="cases_task_outcome"),
            models.UniqueConstraint(
                fields=["case", "office_id", "department"],
                condition=Q(answered_at__isnull=True, withdrawn=False),
                name="cases_task_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id}/{self.department_id}"


class Summons(models.Model):
    """吹哨: a department called to a case's place within minutes; who came when is recorded."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="summonses")
    path = Ltree()
    kind = models.CharField(
        max_length=12,
        choices=[
            ("emergency", _("emergency")),
            ("enforcement", _("enforcement")),
            ("nobody", _("nobody's duty covers it")),
        ],
    )
    office_id = models.CharField(max_length=16)
    department = models.ForeignKey("staff.Department", models.PROTECT)
    called_at = models.DateTimeField()
    called_by_id = models.BigIntegerField(null=True)
    within_minutes = models.PositiveIntegerField()
    arrived_at = models.DateTimeField(null=True)
    arrived_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["emergency", "enforcement", "nobody"]), name="cases_summons_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.department_id}"


class Attachment(models.Model):
    """A photo, voice or document on a case, and at which step it came."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    path = Ltree()
    blob = models.ForeignKey("blobs.Blob", models.PROTECT)
    name = models.CharField(max_length=120, default="", blank=True)
    step = models.CharField(max_length=12, default="report")
    added_at = models.DateTimeField()
    added_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "blob"], name="cases_attachment_once")]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Routing as data: for an item or business, in an area, at a time: which tier's desk, which department."""

    id = models.AutoField(primary_key=True)
    area = models.ForeignKey("areas.Area", models.PROTECT)
    path = Ltree()
    item = models.ForeignKey("catalogue.WorkItem", models.PROTECT, null=True)
    business = models.CharField(max_length=12, default="", blank=True)
    hours = models.CharField(
        max_length=8, default="any", choices=[("any", "any"), ("office", "office"), ("off", "off")]
    )
    tier = models.CharField(max_length=10, default="", blank=True)
    department = models.ForeignKey("staff.Department", models.PROTECT, null=True)
    note = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__in=["any", "office", "off"]), name="cases_route_hours"),
            models.CheckConstraint(
                condition=Q(tier__in=["", "grid", "community", "township", "county", "city"]),
                name="cases_route_tier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id or self.business or '*'} in {self.area_id}: {self.tier} {self.department_id or ''}"


class PostHandover(models.Model):
    """岗位交接: what was open, promised and due when a post changed hands, as a list that both can read (row M2)."""

    id = models.BigAutoField(primary_key=True)
    path = Ltree()
    post_id = models.BigIntegerField(null=True)
    from_account_id = models.BigIntegerField()
    to_account_id = models.BigIntegerField(null=True)
    kind = models.CharField(
        max_length=10,
        choices=[("successor", _("successor")), ("stand_in", _("stand-in")), ("desk", _("back to the desk"))],
    )
    at = models.DateTimeField()
    listed = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["successor", "stand_in", "desk"]), name="cases_posthandover_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_account_id} → {self.to_account_id}: {len(self.listed)}"


class Counter(models.Model):
    """The last case number of a county and day; taken under lock as a report's last statement."""

    id = models.CharField(max_length=24, primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.id}: {self.last}"


class Tally(models.Model):
    """How many cases stand where, kept by a trigger: what the queues count without counting."""

    id = models.BigAutoField(primary_key=True)
    county_id = models.CharField(max_length=16)
    township_id = models.CharField(max_length=16, default="")
    community_id = models.CharField(max_length=16, default="")
    path = Ltree()
    confidential = models.BooleanField()
    holder_level = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    late = models.CharField(max_length=8)
    supervised = models.BooleanField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["path", "confidential", "holder_level", "state", "late", "supervised"],
                name="cases_tally_once",
            )
        ]
        indexes = [
            models.Index(fields=["county_id"], name="cases_tally_of_county"),
            models.Index(fields=["township_id"], name="cases_tally_of_township"),
            models.Index(fields=["community_id"], name="cases_tally_of_community"),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.state}: {self.count}"
