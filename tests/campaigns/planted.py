"""A poppy check that runs in the town, a household with a plot, the police, and photos: rows for tests of plants."""

import hashlib
import io
from datetime import date
from uuid import UUID

from PIL import Image
from tests import builders

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.campaigns.models import Campaign, Form, FormVersion
from wangge.campaigns.rules.plants_content import PlantChecked
from wangge.households.models import Building, Dwelling, Household

NOW = builders.NOW


def campaign(town, *, way="plants", state="running", at="township"):
    """A campaign of 连云街道 with a form of one question."""
    connection, path = town.owner, town.areas[at].path
    form = builders.insert(connection, Form(id=new_id(), name="踏查", path=path, made_at=NOW))
    version = FormVersion(
        id=new_id(), form=form, number=1, title="踏查", file_name="a.xlsx", source_hash="0" * 64
    )
    version.source, version.xform, version.made_at = b"", "", NOW
    version.outline = {"children": [], "lists": {}}
    builders.insert(connection, version)
    made = Campaign(id=new_id(), name="菜地踏查", path=path, form_version=version, way=way, state=state)
    made.from_on, made.to_on, made.made_at = date(2026, 4, 1), date(2026, 4, 30), NOW
    builders.insert(connection, made)
    connection.commit()
    return made


def household(town, at="grid_a", door="101"):
    connection, path = town.owner, town.areas[at].path
    since = date(2020, 1, 1)
    building = Building(id=new_id(), name="渔村路8号", path=path, lon=119.355, lat=34.745, valid_from=since)
    builders.insert(connection, building)
    home = builders.insert(
        connection, Dwelling(id=new_id(), building=building, door=door, path=path, valid_from=since)
    )
    kept = Household(id=new_id(), dwelling=home, number=f"H-{door}", path=path, has_plot=True)
    kept.valid_from = since
    builders.insert(connection, kept)
    connection.commit()
    return kept


def item(town):
    return town.add(
        builders.item, "S09-06", department="police", confidential=True, zh="疑似罂粟等毒品原植物", proof="witness",
        urgency_levels=["urgent", "normal"],
    )  # fmt: skip


def police(town):
    """Somebody who handles for the county's police, as the account `police`."""
    holder = builders.account(town.owner, "police", town.county, name="禁毒民警")
    seat = builders.post(town.owner, "handler", town.county, department="police")
    builders.assignment(town.owner, seat, holder)
    town.owner.commit()
    town.accounts["police"] = holder


def photo(colour=(60, 120, 60), size=(640, 480)):
    """A photo's bytes and their digest."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue(), hashlib.sha256(out.getvalue()).hexdigest()


def command(id: UUID | None = None):  # noqa: A002
    return Command(id=id or new_id(), at=NOW)


def look(campaign, kept=None, **facts):
    """What is seen; at a household, or with `area` and `spot`."""
    facts = {"plant": new_id(), "number": 1, "decision": "nothing"} | facts
    return PlantChecked(campaign=campaign.id, household=kept.id if kept else None, **facts)
