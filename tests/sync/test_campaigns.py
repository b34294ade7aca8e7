"""A new campaign reaches phones that were synced before it by their next pull, with all that its doors need."""

from django.db import transaction
from tests.builders import NOW
from tests.campaigns.test_answers import started
from tests.visits.homes import household

from wangge.campaigns.actions import campaigns as runs
from wangge.sync import queries
from wangge.visits.actions import renew_due


def test_a_campaign_that_was_started_since_comes_with_the_next_pull(town, open_db):
    home = household(town, town.grid_a, "1", name="李秀英")
    with transaction.atomic():
        *records, cursor = queries.snapshot(town.as_viewer("worker"), now=NOW)
    assert not {"campaign", "form", "material"} & {one.kind for one in records}
    with transaction.atomic():
        campaign, version = started(town)
        text = runs.add_material(
            town.as_viewer("township"), campaign.id, title="宣读", text="种罂粟违法", now=NOW
        )
    with transaction.atomic():
        renew_due(town.as_viewer("worker"), [home.pk], now=NOW)
    with transaction.atomic():
        pulled = queries.changes_since(town.as_viewer("worker"), cursor, limit=500, now=NOW)
    came = {kind: {one.id: one.fields for one in pulled.changes if one.kind == kind} for kind in ("campaign", "form", "material", "due")}  # fmt: skip
    assert came["campaign"].keys() == {str(campaign.id)}
    assert came["form"].keys() == {str(version.id)}
    assert came["material"].keys() == {str(text.id)}
    ((_door, due),) = came["due"].items()
    assert (due["household"], "campaign" in str(due["reasons"])) == (str(home.pk), True)
    assert not pulled.fresh
    # In another county nobody hears of it.
    with transaction.atomic():
        *_records, elsewhere = queries.snapshot(town.as_viewer("far_worker"), now=NOW)
    with transaction.atomic():
        runs.end_campaign(town.as_viewer("township"), campaign.id, reason="雨停了", now=NOW)
    with transaction.atomic():
        far = queries.changes_since(town.as_viewer("far_worker"), elsewhere, limit=500, now=NOW)
    assert not [one for one in (*far.changes, *far.gone) if one.kind in came]
