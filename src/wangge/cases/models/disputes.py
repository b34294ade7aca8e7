"""Mediation of disputes: the file of one, its parties, sessions, agreement, visits after it, and what went elsewhere.

Names, numbers and all words that tell of the dispute are private columns. Who reads a row is in migration 0008: the
mediators of its committee, who it was assigned to, and who oversees the area.
"""

from django.db import models
from django.db.models import F, Q

from wangge.base.columns import Ltree, PrivateLookup, PrivateText
from wangge.cases.models.case import Case
from wangge.cases.rules.mediation import COURT, FORMS, KEPT, KINDS, OPEN, REFERRED_TO, RESULTS, ROLES, STATES


class Mediation(models.Model):
    """调解案卷: one dispute before the mediators of an area, whether or not a case led to it."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24)
    content_hash = models.BinaryField(max_length=32)
    path = Ltree()
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="mediations", db_index=False)
    kind = models.CharField(max_length=12)
    matter = PrivateText()
    mediator_id = models.BigIntegerField()
    state = models.CharField(max_length=12, default="opened")
    result = models.CharField(max_length=12, default="", blank=True)
    rights_told = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    visit_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="cases_mediation_number_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=OPEN, case__isnull=False),
                name="cases_mediation_one_of_a_case",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="cases_mediation_kind"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="cases_mediation_state"),
            models.CheckConstraint(condition=Q(result__in=["", *RESULTS]), name="cases_mediation_result"),
        ]
        indexes = [
            models.Index(F("opened_at").desc(), F("id").desc(), name="cases_mediation_newest"),
            models.Index(
                fields=["visit_on"], name="cases_mediation_visits", condition=Q(visit_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"mediation:{self.id}"


class _Part(models.Model):
    """What every part of a file has. A client makes the id: it is the command's that wrote it."""

    id = models.UUIDField(primary_key=True)
    mediation = models.ForeignKey(Mediation, models.CASCADE)
    written_at = models.DateTimeField()
    written_by_id = models.BigIntegerField()

    class Meta:
        abstract = True


class Party(_Part):
    """当事人: who has the dispute, and who speaks for them."""

    role = models.CharField(max_length=12)
    name = PrivateText()
    phone = PrivateText()
    phone_hash = PrivateLookup(of="phone", kind="phone")
    address = PrivateText()
    represented_by = PrivateText()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(role__in=ROLES), name="cases_party_role")]
        indexes = [
            models.Index(fields=["mediation", "written_at"], name="cases_party_of_mediation"),
            models.Index(fields=["phone_hash"], name="cases_party_of_phone"),
        ]

    def __str__(self) -> str:
        return self.role


class MediationSession(_Part):
    """调解会: when, where, who was there, and the record of what was said."""

    held_at = models.DateTimeField()
    place = PrivateText()
    present = PrivateText()
    record = PrivateText()

    class Meta:
        indexes = [models.Index(fields=["mediation", "held_at"], name="cases_session_of_mediation")]

    def __str__(self) -> str:
        return f"{self.held_at:%F %T}"


class Agreement(_Part):
    """调解协议: what the parties agreed. One that was reached again after reopening takes the place of the one before."""

    form = models.CharField(max_length=8)
    terms = PrivateText()
    signed_on = models.DateField()
    perform_by = models.DateField()
    court = models.CharField(max_length=10, default="", blank=True)
    court_applied_on = models.DateField(null=True)
    replaced = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=FORMS), name="cases_agreement_form"),
            models.CheckConstraint(condition=Q(court__in=["", *COURT]), name="cases_agreement_court"),
            models.UniqueConstraint(
                fields=["mediation"], condition=Q(replaced=False), name="cases_agreement_one_that_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.signed_on}"


class FollowUp(_Part):
    """回访: a visit after an agreement, first due, then done: is it kept?"""

    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    kept = models.CharField(max_length=8, default="", blank=True)
    words = PrivateText(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kept__in=["", *KEPT]), name="cases_followup_kept"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(kept=""), name="cases_followup_done_says_how"
            ),
        ]
        indexes = [models.Index(fields=["mediation", "due_on"], name="cases_followup_of_mediation")]

    def __str__(self) -> str:
        return f"{self.due_on} {self.kept}"


class Referral(_Part):
    """移送: to whom the dispute went, and why."""

    to = models.CharField(max_length=12)
    reason = PrivateText()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(to__in=REFERRED_TO), name="cases_referral_to")]
        indexes = [models.Index(fields=["mediation", "written_at"], name="cases_referral_of_mediation")]

    def __str__(self) -> str:
        return self.to


class Remark(_Part):
    """Why a step was taken, in words: they tell of the dispute, so they stand here and not in the journal."""

    step = models.CharField(max_length=12)
    text = PrivateText()

    class Meta:
        indexes = [models.Index(fields=["mediation", "written_at"], name="cases_remark_of_mediation")]

    def __str__(self) -> str:
        return self.step
