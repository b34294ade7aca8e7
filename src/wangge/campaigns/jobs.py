"""Promises kept without anybody asking: a campaign begins that asks many, it ends after its last day, a photo that came late hangs on its case."""

import time
from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.campaigns.actions.campaigns import carry_on_start, end_campaign
from wangge.campaigns.actions.plants import attach_late_photo
from wangge.campaigns.queries.campaigns import over, starting
from wangge.campaigns.queries.plants import suspicions_without_photo
from wangge.staff import queries as staff

#: Other promises wait for this one no longer than that: what is left is done the next minute.
SLICE_SECONDS = 25


def start_campaigns(now: datetime, *, seconds: float = SLICE_SECONDS) -> int:
    """Freezes whom campaigns ask whose start was asked for, each part in a transaction of its own; gives how many parts.

    What was frozen stays when this is killed in the middle; the next run goes on there.
    """
    until, done = time.monotonic() + seconds, 0
    for root in areas.roots():
        while time.monotonic() < until:
            with transaction.atomic():
                viewer = staff.enter_as_system(root.path)
                campaign = starting().first()
                if campaign is None:
                    break
                done += carry_on_start(viewer, campaign.id, now=now)
    return done


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
