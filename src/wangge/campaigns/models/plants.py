"""Plants that somebody looked at. The row policies are in migration 0003."""

from django.db import models
from django.db.models import Q

from wangge.base.columns import Ltree
from wangge.campaigns.models.campaign import Campaign
from wangge.campaigns.rules.plants import DECISIONS, SUSPECTED


class PlantCheck(models.Model):
    """植物识别核查: one plant looked at, what the identifiers said, and what the person decided. It never changes: who looks
    again writes another. Either at a household, or at a place that is said in words.

    `photo` may name bytes that are still on the phone. `answers` are traits of the key, `said` what each identifier answered
    (`rules.plants.Opinion`). A suspicion names the confidential case that it made or was added to.
    """

    id = models.UUIDField(primary_key=True)
    revision = models.PositiveIntegerField(default=1)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="plants", db_index=False)
    household_id = models.UUIDField(null=True)
    spot = models.CharField(max_length=200, default="", blank=True)
    path = Ltree()
    number = models.PositiveSmallIntegerField()
    photo = models.CharField(max_length=64, default="", blank=True)
    answers = models.JSONField(default=dict)
    said = models.JSONField(default=list)
    decision = models.CharField(max_length=10)
    case_id = models.UUIDField(null=True)
    said_at = models.DateTimeField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=DECISIONS), name="campaigns_plantcheck_decision"),
            models.CheckConstraint(
                condition=Q(household_id__isnull=False) | ~Q(spot=""),
                name="campaigns_plantcheck_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(decision=SUSPECTED, case_id__isnull=False)
                | (~Q(decision=SUSPECTED) & Q(case_id__isnull=True)),
                name="campaigns_plantcheck_suspicion_has_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "at", "id"], name="campaigns_plants_of_campaign"),
            models.Index(fields=["household_id", "at"], name="campaigns_plants_of_household"),
            models.Index(fields=["photo"], name="campaigns_plants_photo", condition=~Q(photo="")),
            models.Index(
                fields=["case_id"], name="campaigns_plants_case", condition=Q(case_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.decision}"

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"plant:{self.id}"
