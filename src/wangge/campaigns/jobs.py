"""Promises kept without anybody asking: a campaign ends after its last day, a photo that came late hangs on its case."""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.campaigns.actions.campaigns import end_campaign
from wangge.campaigns.actions.plants import attach_late_photo
from wangge.campaigns.queries.campaigns import over
from wangge.campaigns.queries.plants import suspicions_without_photo
from wangge.staff import queries as staff


def end_campaigns(now: datetime) -> int:
    """Ends those whose last day is over; gives how many."""
    ended = 0
    today = now.astimezone(SHANGHAI).date()
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            for campaign in over(today):
                end_campaign(viewer, campaign.id, now=now)
                ended += 1
    return ended


def attach_late_photos(now: datetime) -> int:
    """Photos of suspicions whose bytes were still on the phone when the suspicion came; gives how many were hung up."""
    hung = 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            for case_id, digest in suspicions_without_photo(viewer):
                hung += attach_late_photo(viewer, case_id, digest, now=now)
    return hung
