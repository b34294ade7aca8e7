"""Plans and their grids, what was said of them, and what is needed to undo one. The row policies are in migration 0002."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.base.columns import Ltree, PrivateText
from wangge.plans.lifecycle import STATES
from wangge.plans.rules.asking import still_asked

UNITS = ("building", "compound")
#: What is made alike: households alone, or minutes of work, too.
WEIGHED = ("households", "minutes")
PROOF_STATES = ("running", "done", "stopped")
#: Which ways a proof is about.
DISTANCES = ("straight", "walking")
SEARCH_STATES = ("waiting", "running", "done", "failed")
READING_STATES = ("waiting", "reading", "done", "failed")
SIDES = ("residents", "worker", "lead")


class Dividing(models.Model):
    """What is divided, and how: an area by units within bounds, from chance that begins with `seed`."""

    id = models.UUIDField(primary_key=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="+")
    path = Ltree()
    name = models.CharField(max_length=80)
    unit = models.CharField(max_length=10)
    low = models.IntegerField()
    high = models.IntegerField()
    weigh = models.CharField(max_length=10, default="households")
    seed = models.IntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Plan(Dividing):
    """方案: how the area at the end of `path` would be divided into grids. `labels` names each atom's grid (-1: none), `fixed`
    the atoms that somebody put where they are, `bonds` those that must share a grid or may not. `approved_why` is why it was approved. `why` excuses rules that cannot be kept. `stopped` is what a dated applying met.
    `ground_ids`: the streets and barriers that were known when it was begun. `search`: what proposed it, beside others. `comment_until`
    is the last day on which residents may comment at their own door.
    """

    copied_from_id = models.UUIDField(null=True)
    search = models.ForeignKey(
        "plans.Search", models.PROTECT, null=True, related_name="proposals", db_index=False
    )
    ground_ids = ArrayField(models.UUIDField(), default=list)
    labels = ArrayField(models.IntegerField())
    fixed = ArrayField(models.BooleanField())
    bonds = models.JSONField(default=list)
    names = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    figures_today = models.JSONField(default=dict)
    broken = models.JSONField(default=list)
    why = models.CharField(max_length=400, default="", blank=True)
    state = models.CharField(max_length=10, default="draft")
    revision = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)
    changed_by_id = models.BigIntegerField(null=True)
    checked_by_id = models.BigIntegerField(null=True)
    consulted_at = models.DateTimeField(null=True)
    comment_until = models.DateField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_why = models.CharField(max_length=400, default="", blank=True)
    apply_on = models.DateField(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    stopped = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="plans_plan_state"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="plans_plan_unit"),
            models.CheckConstraint(condition=Q(weigh__in=WEIGHED), name="plans_plan_weigh"),
            models.CheckConstraint(condition=Q(low__gte=1, high__gte=F("low")), name="plans_plan_bounds"),
        ]
        indexes = [
            models.Index(fields=["area", "-made_at"], name="plans_plan_of_area"),
            models.Index(
                fields=["apply_on"],
                name="plans_plan_dated",
                condition=Q(state="approved", apply_on__isnull=False),
            ),
            models.Index(fields=["search"], name="plans_plan_proposed", condition=Q(search__isnull=False)),
        ]

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"plan:{self.id}"

    @property
    def approved_early(self) -> bool:
        """Whether it was approved while residents could still say something of it."""
        return self.approved_at is not None and still_asked(self.comment_until, self.approved_at)


class PlanContent(models.Model):
    """What the plan divides, as `rules.content` keeps it; apart, since lists of plans need none of it."""

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="kept_content")
    path = Ltree()
    content = models.JSONField()

    def __str__(self) -> str:
        return str(self.plan_id)


class PlanGrid(models.Model):
    """A grid of the plan; `today` is the code of the grid that goes on as this one, empty where it begins."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="grids", db_index=False)
    path = Ltree()
    label = models.IntegerField()
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=80)
    community = models.CharField(max_length=16)
    today = models.CharField(max_length=16, default="", blank=True)
    households = models.IntegerField()
    atoms = models.IntegerField()
    stay = models.IntegerField()
    figures = models.JSONField(default=dict)
    outline = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "label"], name="plans_plangrid_once")]

    def __str__(self) -> str:
        return self.name


class PlanComment(models.Model):
    """What somebody says of a plan, or of one of its grids: for the residents, as its worker, or as who leads there; without `by_id` a
    resident at their own door. `answer`: what the office says to it.
    """

    id = models.UUIDField(primary_key=True)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="comments", db_index=False)
    grid_code = models.CharField(max_length=16, default="", blank=True)
    grid_name = models.CharField(max_length=80, default="", blank=True)
    side = models.CharField(max_length=10)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    answer = models.CharField(max_length=1000, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=SIDES), name="plans_plancomment_side"),
            models.CheckConstraint(
                condition=Q(by_id__isnull=False) | Q(side="residents"), name="plans_plancomment_by_somebody"
            ),
        ]
        indexes = [models.Index(fields=["plan", "at"], name="plans_plancomment_of_plan")]

    def __str__(self) -> str:
        return f"{self.side} {self.at:%F %R}"


class PlanReceipt(models.Model):
    """What belongs to a comment that a resident wrote at their own door: the digest of the code that reads its answer, and a telephone
    number where they left one, until the system erases it on `phone_erased_on`. Only who leads or administers there sees it.
    """

    comment = models.OneToOneField(PlanComment, models.CASCADE, primary_key=True, related_name="kept_receipt")
    path = Ltree()
    digest = models.CharField(max_length=64, unique=True)
    phone = PrivateText(null=True)
    phone_erased_on = models.DateField(null=True)

    def __str__(self) -> str:
        return str(self.comment_id)


class PlanApplied(models.Model):
    """What an applied plan moved, and all that is needed to give it back: numbers of records, no person's facts."""

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="kept_applied")
    path = Ltree()
    at = models.DateTimeField()
    told = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.at:%F %R}"


class Ground(models.Model):
    """街路图: streets, barriers, crossings and shops of an area, as a file told them. Never changed: another file takes its place, and
    plans begun before keep this one. Each of the four is a collection of shapes in WGS 84, as WKB; `barrier_kinds` says of each barrier what it is,
    nothing where the map does not.
    """

    id = models.UUIDField(primary_key=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="+", db_index=False)
    path = Ltree()
    barriers = models.BinaryField()
    crossings = models.BinaryField()
    streets = models.BinaryField()
    shops = models.BinaryField()
    barrier_kinds = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    added_at = models.DateTimeField()
    added_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area"], condition=Q(ended_at__isnull=True), name="plans_ground_one_of_area"
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.added_at:%F}"

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"ground:{self.id}"


class Reading(models.Model):
    """读图: a file with streets and barriers of an area that was sent, until it is read. What is kept of it is the ground of the same
    number; `problem` says why nothing is. The file itself is gone once it was read.
    """

    id = models.UUIDField(primary_key=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="+")
    path = Ltree()
    file = models.BinaryField(default=b"")
    state = models.CharField(max_length=10, default="waiting")
    tries = models.SmallIntegerField(default=0)
    problem = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=READING_STATES), name="plans_reading_state")
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], name="plans_reading_open", condition=Q(state__in=("waiting", "reading"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.asked_at:%F %R}"

    @property
    def subject(self) -> str:
        """How the journal names it: as the ground that it becomes."""
        return f"ground:{self.id}"


class Search(Dividing):
    """比选: several proposals looked for in the background, from today's grids or from those of another plan. What it found are
    drafts. `progress` is a share; `heard_at` the last sign of life of whoever works on it.
    """

    curve = models.SmallIntegerField()
    seconds = models.IntegerField()
    from_plan_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default="waiting")
    progress = models.FloatField(default=0)
    stop_asked = models.BooleanField(default=False)
    ended_early = models.BooleanField(default=False)
    tries = models.SmallIntegerField(default=0)
    problem = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField(null=True)
    began_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SEARCH_STATES), name="plans_search_state"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="plans_search_unit"),
            models.CheckConstraint(condition=Q(weigh__in=WEIGHED), name="plans_search_weigh"),
            models.CheckConstraint(condition=Q(low__gte=1, high__gte=F("low")), name="plans_search_bounds"),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], name="plans_search_open", condition=Q(state__in=("waiting", "running"))
            )
        ]

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"search:{self.id}"


class PlanProof(models.Model):
    """How good a plan's division is, as far as it is proven. `division` is the digest of the one it is of, `distance` which ways it is
    about; `parts` by community what is reached there, `minutes` how long each may take. `proven_at` is when the bound rose last.
    """

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="kept_proof")
    path = Ltree()
    division = models.CharField(max_length=64)
    distance = models.CharField(max_length=10, default="straight", db_default="straight")
    state = models.CharField(max_length=10, default="running")
    minutes = models.SmallIntegerField()
    parts = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField(null=True)
    heard_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PROOF_STATES), name="plans_planproof_state"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="plans_planproof_minutes"),
            models.CheckConstraint(condition=Q(distance__in=DISTANCES), name="plans_planproof_distance"),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="plans_planproof_running", condition=Q(state="running"))
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.state}"


class PlanPosts(models.Model):
    """Who would work in which grid of a plan, as `rules.posting` proposes it: `rows` of kind, grid and account, those that somebody put
    by hand with their price; `left` (kind, account) those without a grid. `division`: as of a proof.
    """

    plan = models.OneToOneField(Plan, models.CASCADE, primary_key=True, related_name="kept_posts")
    path = Ltree()
    division = models.CharField(max_length=64)
    rows = models.JSONField(default=list)
    left = models.JSONField(default=list)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.at:%F %R}"
