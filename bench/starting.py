"""Starting a campaign that asks a whole city: `campaign_start`. Some 210,000 made-up homes, fifty in each grid.

Told is how long the request takes that asks for the start, against counting the very same homes alone; how many homes a second the timer
freezes afterwards, each township in a transaction of its own, with their sums and what is due at each door; and the longest of
these transactions.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from bench.ground import asked, say
from bench.growing import CITY
from bench.homing import make_homes

TENS = 5
MOST_SECONDS = 2
"""Of the request."""


def run(tens: int) -> dict[str, Any]:
    """In a process of its own on the data folder."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection, transaction

    from wangge.base import clock
    from wangge.base.calendar import SHANGHAI
    from wangge.campaigns.actions.campaigns import carry_on_start, start_campaign
    from wangge.campaigns.models import Campaign, Form, FormVersion
    from wangge.project.cluster import Cluster
    from wangge.project.files import system_over_all

    with psycopg.connect(Cluster(Path(settings.ENVIRONMENT.data)).dsn("wangge_owner")) as owner:
        grids = [
            code
            for (code,) in owner.execute(
                "select code from areas_area where level = 'grid' and kind = 'public' order by code"
            )
        ]
        make_homes(owner, grids, tens=tens)
        owner.execute("truncate visits_errand, campaigns_target, campaigns_tally")
        owner.execute("update campaigns_campaign set state = 'ended' where state <> 'ended'")
        owner.commit()
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    with transaction.atomic():
        system_over_all()
        form = Form.objects.create(id=uuid4(), path=CITY, name="量一量", made_at=now)
        version = FormVersion.objects.create(
            id=uuid4(), form=form, number=1, title="量一量", file_name="", source=b"", source_hash="", xform="", outline={}, made_at=now
        )  # fmt: skip
        campaign = Campaign.objects.create(
            id=uuid4(), name="量一量", path=CITY, form_version=version, from_on=today, to_on=today + timedelta(days=9), made_at=now
        )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        system_over_all()
        began = time.perf_counter()
        cursor.execute("select count(*) from households_household where valid_to is null")
        counted = time.perf_counter() - began
    with transaction.atomic():
        viewer = system_over_all()
        began = time.perf_counter()
        asking = start_campaign(viewer, campaign.id, now=now)
        request = time.perf_counter() - began
    parts, more = [], True
    while more:
        began = time.perf_counter()
        with transaction.atomic():
            more = carry_on_start(system_over_all(), campaign.id, now=now)
        parts.append(time.perf_counter() - began)
    return {"request": request, "counted": counted, "asking": asking, "parts": parts}


def measure(data: Path) -> None:
    found = asked(data, "bench.starting", str(TENS))
    line = {
        "name": "campaign_start",
        "value": round(found["request"], 2),
        "unit": "s of the request",
        "floor": round(found["counted"], 3),
        "ratio": round(found["request"] / found["counted"], 2),
        "limit": f"<= {MOST_SECONDS} s",
        "kept": found["request"] <= MOST_SECONDS,
        "households": found["asking"],
        "frozen_a_second": round(found["asking"] / sum(found["parts"])),
        "longest_part_s": round(max(found["parts"][:-1]), 2),
        "last_step_s": round(found["parts"][-1], 2),
    }
    say(line)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
